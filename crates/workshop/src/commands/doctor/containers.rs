//! Examines Docker, which one exercise and the story in containers need.

use super::diagnosis::Diagnosis;

pub(super) async fn examine() -> Diagnosis {
    match testkit::Compose::available().await {
        Ok(()) => Diagnosis::ok("Docker and Compose v2"),
        Err(error) => Diagnosis::warning(
            "no Docker: only exercise 12 and `docker compose` need it",
            error.to_string(),
        ),
    }
}
