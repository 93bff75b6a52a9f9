//! A scene in the report.

use maud::{Markup, html};

use crate::{
    picture::{self, Picture, colour_class},
    scene::Report,
    step::{Kind, Step},
    story::seconds,
};

pub(super) fn article(report: &Report) -> Markup {
    let scene = report.scene;
    let picture = Picture::new(&report.steps);
    html! {
        article id=(scene.name) {
            h3 { (report.number) ". " (scene.title) }
            p .note { (scene.name) ", " (seconds(report.millis)) }
            @if let Some(drawing) = picture::inline(&picture, scene.name, scene.title) {
                // The browser lets a keyboard scroll only what has the focus.
                div .scroll role="region" aria-label={ "Picture of " (scene.name) } tabindex="0" { (drawing) }
            }
            ol .steps {
                @for step in &report.steps { (line(step, &picture)) }
            }
            @if let Some(failure) = &report.failure {
                p .failed { strong { "Failed." } " It would prove: " (scene.proves) }
                pre .scroll tabindex="0" { (failure) }
            } @else {
                p .proves { (scene.proves) }
            }
        }
    }
}

fn line(step: &Step, picture: &Picture) -> Markup {
    match step.kind {
        Kind::Narration => html! { li .narration { (step.step) } },
        Kind::Action => html! { li .action { (step.step) } },
        Kind::Incident => html! { li .action { strong { (step.step) } } },
        Kind::Measurement => html! { li .action { (step.step) ": " (step.observed) } },
        Kind::Request => {
            let response = step.response.as_ref().unwrap_or(&step.observed);
            let session = step.session.as_deref().unwrap_or("no session");
            html! {
                li .request {
                    code { (step.step) }
                    span { (response) }
                    span .instance.(colour_class(picture.colour_of(step))) {
                        (step.instance.as_deref().unwrap_or("no response"))
                    }
                    code .session { (session) }
                }
            }
        }
    }
}
