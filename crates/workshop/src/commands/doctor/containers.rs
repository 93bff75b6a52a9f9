//! Docker.

use super::Matter;

/// How Docker stands; one exercise and the story in containers need it.
pub(super) async fn matter() -> Matter {
    match testkit::Compose::available().await {
        Ok(()) => Matter::ok("Docker and Compose v2"),
        Err(error) => Matter::careful(
            "no Docker: only exercise 12 and `docker compose` need it",
            error.to_string(),
        ),
    }
}
