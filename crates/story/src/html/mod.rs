//! The report of a story: one page that needs no other file and no network.
//!
//! - `matrix`: the table of all places and incidents
//! - `scene`: the picture, the steps and the lesson of a scene

mod matrix;
mod scene;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{Story, picture};

impl Story {
    /// Returns the report as an HTML page.
    pub fn html(&self) -> String {
        let title = "Where should the session live?";
        html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    // Without an icon, a browser would look for one.
                    link rel="icon" href="data:,";
                    title { (title) }
                    style { (PreEscaped(include_str!("style.css"))) (PreEscaped(picture::style())) }
                }
                body {
                    header {
                        h1 { (title) }
                        p { "A visitor finds out, with real servers. Scenes: " (self.summary()) "." }
                    }
                    main {
                        (matrix::section(self))
                        (legend())
                        (self.acts())
                        (self.missing_scenes())
                    }
                }
            }
        }
        .into_string()
    }

    fn acts(&self) -> Markup {
        let acts = self
            .scenes
            .chunk_by(|one, next| one.scene.act == next.scene.act);
        html! {
            @for reports in acts {
                @let act = reports[0].scene.act;
                section {
                    h2 { (act) ". " (act.title()) }
                    p { (act.question()) }
                    @for report in reports { (scene::article(report)) }
                }
            }
        }
    }

    fn missing_scenes(&self) -> Markup {
        html! {
            @if !self.left_out.is_empty() {
                section {
                    h2 { "Left out" }
                    ul {
                        @for scene in &self.left_out { li { (scene.name) ": " (scene.reason) } }
                    }
                }
            }
        }
    }
}

/// Explains the pictures.
fn legend() -> Markup {
    html! {
        section {
            h2 { "How to read a picture" }
            p {
                "Each instance has a lane, in its colour. A dot is a request, and a thin line follows the visitor. "
                "The text in a dot is the count that the visitor saw, or else the value or the status. "
                "The line breaks where another visitor comes. A lane ends where its instance is killed."
            }
            ul .marks {
                @for (mark, words) in picture::marks() { li { (mark) " " (words) } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use regex_lite::Regex;

    use crate::{Matrix, scene::Report, scenes::SCENES};

    use super::*;

    /// Returns a story in which the scene `name` failed and the others passed, all without steps.
    fn story(name: &str) -> Story {
        let reports = (1..).zip(SCENES).map(|(number, scene)| Report {
            number,
            scene,
            passed: scene.name != name,
            failure: (scene.name == name).then(|| "<b>a log</b>".to_owned()),
            steps: Vec::new(),
            millis: 1234,
            matrix: None,
        });
        Story {
            scenes: reports.collect(),
            left_out: Vec::new(),
            millis: 65_432,
            matrix: Some(Matrix::default()),
        }
    }

    #[test]
    fn each_cell_of_the_matrix_leads_to_a_scene() {
        let page = story("file-two").html();
        let links: Vec<_> = Regex::new("href=\"#([^\"]*)\"")
            .unwrap()
            .captures_iter(&page)
            .map(|found| found[1].to_owned())
            .collect();
        assert_eq!(links.len(), 6 * 8);
        assert_eq!(links[0], "memory-restart");
        for link in links {
            assert!(page.contains(&format!("<article id=\"{link}\">")), "{link}");
        }
    }

    #[test]
    fn failed_scene_shows_its_failure_and_the_summary_counts_it() {
        let page = story("file-two").html();
        assert_eq!(page.matches("<strong>Failed.</strong>").count(), 1);
        assert!(page.contains("&lt;b&gt;a log&lt;/b&gt;"), "{page}");
        let passed = SCENES.len() - 1;
        let summary = format!("Scenes: {passed} passed, 1 failed, in 65.4 s.");
        assert!(page.contains(&summary), "{page}");
    }

    #[test]
    fn cell_leads_to_the_matrix_if_its_scene_was_not_played() {
        let mut story = story("");
        story.scenes.retain(|report| report.scene.name == "matrix");
        let page = story.html();
        assert_eq!(page.matches("href=\"#matrix\"").count(), 6 * 8);
    }

    #[test]
    fn part_of_the_story_has_no_matrix() {
        let mut story = story("");
        story.matrix = None;
        assert!(!story.html().contains("<table"));
    }
}
