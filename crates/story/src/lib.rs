//! Where should the session live? The story, scene by scene.
//!
//! - `scenes`: each scene, written once
//! - `telling`: what a scene does to be narrated and asserted; `expect`: what a visitor should see
//! - `play`: a scene from its stage to its report; `matrix`: what all of them measured
//! - `stay`: the stage that stays up afterwards; `port`: who else is on its port
//!
//! A scene knows nothing of where it is told: the terminal, a test, or nowhere but in the report.

mod expect;
mod matrix;
mod play;
pub mod port;
pub mod scenes;
pub mod stay;
mod telling;

pub use expect::Expect;
pub use matrix::{Event, Matrix};
pub use play::{Missing, Report, missing, play};
pub use telling::{Place, Steady, Step, Telling};
