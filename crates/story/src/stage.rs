//! The narration of scenes that run side by side, printed in the order of the story.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    io::{self, Write},
};

/// Prints the narration of one scene while the scene runs. Keeps what the later ones write until it is their turn.
pub(crate) struct Stage<'a> {
    out: &'a mut dyn Write,
    /// The position of the scene whose turn it is.
    turn: usize,
    /// The narration of later scenes, by position.
    kept: BTreeMap<usize, Vec<u8>>,
    /// The later scenes that have ended.
    ended: BTreeSet<usize>,
}

impl<'a> Stage<'a> {
    /// Creates the stage of a story whose first scene has the position 0.
    pub(crate) fn new(out: &'a mut dyn Write) -> Self {
        Self {
            out,
            turn: 0,
            kept: BTreeMap::new(),
            ended: BTreeSet::new(),
        }
    }

    fn write(&mut self, position: usize, text: &[u8]) -> io::Result<()> {
        if position == self.turn {
            self.out.write_all(text)
        } else {
            self.kept.entry(position).or_default().extend(text);
            Ok(())
        }
    }

    /// Ends the scene at `position`. If it was its turn, prints the kept narration up to the next scene that runs.
    pub(crate) fn end(&mut self, position: usize) -> io::Result<()> {
        self.ended.insert(position);
        while self.ended.remove(&self.turn) {
            self.turn += 1;
            let kept = self.kept.remove(&self.turn).unwrap_or_default();
            self.out.write_all(&kept)?;
        }
        self.out.flush()
    }
}

/// The part of one scene on a stage.
pub(crate) struct Part<'s, 'a> {
    pub(crate) stage: &'s RefCell<Stage<'a>>,
    pub(crate) position: usize,
}

impl Write for Part<'_, '_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.stage.borrow_mut().write(self.position, text)?;
        Ok(text.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stage.borrow_mut().out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narration_is_printed_in_order_and_at_once() {
        let mut out = Vec::new();
        let stage = RefCell::new(Stage::new(&mut out));
        let [mut first, mut second, mut third] = [0, 1, 2].map(|position| Part {
            stage: &stage,
            position,
        });
        second.write_all(b"second ").unwrap();
        third.write_all(b"third ").unwrap();
        first.write_all(b"first ").unwrap();
        stage.borrow_mut().end(1).unwrap();
        stage.borrow_mut().end(0).unwrap();
        third.write_all(b"goes on").unwrap();
        drop(stage);
        assert_eq!(out, b"first second third goes on");
    }
}
