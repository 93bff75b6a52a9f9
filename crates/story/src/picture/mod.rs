//! The picture of a scene: a lane for each instance, and a dot or a column for each request.
//!
//! - `model`: reads the picture from the steps of a scene; `words`: describes it
//! - `terminal`: draws it with characters
//! - `svg`: draws it for browsers; `layout`: finds the place of each part
//! - `document`: makes it a file that explains itself

mod document;
mod layout;
mod model;
#[cfg(test)]
mod sample;
mod svg;
mod terminal;
mod words;

pub(crate) use document::Document;
pub(crate) use model::Picture;
pub(crate) use svg::{colour_class, inline, marks, style};
pub(crate) use terminal::{LEGEND, draw};
