//! Which files have another text than before.

use std::{collections::HashMap, fs};

use crate::exercise::Exercise;

/// The texts of the exercises' files, as far as they were looked at.
pub(super) struct Saves<'a> {
    exercises: &'a [Exercise],
    texts: HashMap<&'a str, Vec<u8>>,
}

impl<'a> Saves<'a> {
    /// The files of `exercises`, as they are.
    pub(super) fn of(exercises: &'a [Exercise]) -> Self {
        let mut saves = Self {
            exercises,
            texts: HashMap::new(),
        };
        saves.take();
        saves
    }

    /// The exercises whose files have another text than when they were last looked at. A file that isn't there or is empty
    /// has none: between two steps of an editor that is so for a moment.
    pub(super) fn take(&mut self) -> Vec<&'a Exercise> {
        let texts = &mut self.texts;
        let saved = self.exercises.iter().filter(|exercise| {
            let text = fs::read(exercise.file()).unwrap_or_default();
            if text.is_empty() {
                return false;
            }
            let before = texts.insert(&exercise.name, text.clone());
            before != Some(text)
        });
        saved.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::{path::Path, slice};

    use super::*;
    use crate::scratch;

    #[test]
    fn only_another_text_is_a_save() {
        let folder = tempfile::tempdir().unwrap();
        let tree = scratch::lay(testkit::root(), folder.path()).unwrap();
        let exercises = Exercise::all(&tree).unwrap();
        let exercise = &exercises[0];
        let mut saves = Saves::of(slice::from_ref(exercise));
        let new = |saves: &mut Saves<'_>| saves.take().len();
        let starter = exercise.starter().unwrap();
        fs::write(exercise.file(), &starter).unwrap();
        assert_eq!(new(&mut saves), 0, "the same text");
        fs::write(exercise.file(), "other").unwrap();
        assert_eq!(
            (new(&mut saves), new(&mut saves)),
            (1, 0),
            "another text, once"
        );
        fs::remove_file(exercise.file()).unwrap();
        assert_eq!(new(&mut saves), 0, "gone");
        fs::write(exercise.file(), "").unwrap();
        assert_eq!(new(&mut saves), 0, "not written yet");
        rename(&tree, "other", exercise);
        assert_eq!(new(&mut saves), 0, "back as it was");
        rename(&tree, "a third", exercise);
        assert_eq!(new(&mut saves), 1, "another file in its place");
    }

    /// Saves `text` as many editors do: another file takes the place of the one before.
    fn rename(tree: &Path, text: &str, exercise: &Exercise) {
        fs::write(tree.join("new"), text).unwrap();
        fs::rename(tree.join("new"), exercise.file()).unwrap();
    }
}
