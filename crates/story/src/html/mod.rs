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
                "Each instance has a lane, in its color. A dot is a request, and a thin line follows the visitor. "
                "The text in a dot is the count that the visitor saw, or else the value or the status. "
                "The line breaks where another visitor comes."
            }
            ul .marks {
                @for (mark, words) in picture::marks() { li { (mark) " " (words) } }
            }
        }
    }
}
