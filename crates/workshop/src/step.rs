//! A step of workshop.md. The page alone has its texts.

use std::{fs, path::Path};

use anyhow::{Context, Result};

#[derive(Debug)]
pub struct Step {
    /// The number and the title, as in `1. One server`.
    pub title: String,
    /// The sentence to take home.
    pub take_home: String,
    /// The folders of its exercises, such as `01-count`, in the order of the page.
    pub exercises: Vec<String>,
}

impl Step {
    /// Returns all steps on the page of the tree at `root`, in order.
    pub fn all(root: &Path) -> Result<Vec<Self>> {
        let path = root.join("workshop.md");
        let page =
            fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let parts = page.split("\n### ").skip(1);
        Ok(parts.filter_map(Self::read).collect())
    }

    /// Reads a step, which begins with its number. Other parts of the page don't.
    fn read(part: &str) -> Option<Self> {
        // The chapter may end with it.
        let part = part.split("\n## ").next()?;
        let (heading, text) = part.split_once('\n')?;
        let (title, _) = heading.rsplit_once(" (")?;
        title
            .starts_with(|c: char| c.is_ascii_digit())
            .then_some(())?;
        let (_, take_home) = text.split_once("**Take home.**")?;
        let take_home = take_home.split("\n\n").next()?.split_whitespace();
        let links = text.split("](exercises/").skip(1);
        Some(Self {
            title: title.to_owned(),
            take_home: take_home.collect::<Vec<_>>().join(" "),
            exercises: links
                .filter_map(|link| Some(link.split_once('/')?.0.to_owned()))
                .collect(),
        })
    }
}
