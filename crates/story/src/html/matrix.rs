//! The matrix as a table. Each cell leads to the scene that explains it.

use maud::{Markup, html};

use crate::{
    Story,
    matrix::{Incident, LEGEND, Place},
};

/// The scene that measures all cells.
const MATRIX: &str = "matrix";

pub(super) fn section(story: &Story) -> Markup {
    let Some(matrix) = &story.matrix else {
        return html! { p { "This is a part of the story. The scene “matrix” measures the matrix." } };
    };
    html! {
        section {
            h2 { "What became of the session" }
            p { "A row is a place where a session lives, and a column is what happened to it. Each word links to a scene that shows it." }
            // The browser lets a keyboard scroll only what has the focus.
            div .scroll role="region" aria-label="The matrix" tabindex="0" {
                table .matrix {
                    thead {
                        tr {
                            th scope="col" { "place" }
                            @for incident in Incident::ALL { th scope="col" { (incident.name()) } }
                        }
                    }
                    tbody {
                        @for place in Place::ALL {
                            tr {
                                th scope="row" { (place.name()) }
                                @for incident in Incident::ALL {
                                    td {
                                        a href=(format!("#{}", scene(story, place, incident))) {
                                            (matrix.cell(place, incident).unwrap_or("—"))
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
            ul .words {
                @for words in LEGEND.split(['\n']).flat_map(|line| line.split("  ")) {
                    @if !words.trim().is_empty() { li { (words.trim()) } }
                }
            }
        }
    }
}

/// Returns the scene of `story` that explains the cell best.
fn scene(story: &Story, place: Place, incident: Incident) -> &'static str {
    let mut scenes = story.scenes.iter().map(|report| report.scene);
    let best = scenes.find(|scene| scene.shows.contains(&(place, incident)));
    best.map_or(MATRIX, |scene| scene.name)
}
