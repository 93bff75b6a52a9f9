//! Finds the exercises whose files were saved with another text.

use std::{collections::HashMap, fs};

use crate::exercise::Exercise;

/// Remembers the texts of the exercises' files.
pub(super) struct Saves<'a> {
    exercises: &'a [Exercise],
    texts: HashMap<&'a str, Vec<u8>>,
}

impl<'a> Saves<'a> {
    /// Remembers the current texts of `exercises`.
    pub(super) fn new(exercises: &'a [Exercise]) -> Self {
        let texts = HashMap::new();
        let mut saves = Self { exercises, texts };
        saves.take();
        saves
    }

    /// Returns the exercises whose texts have changed since the last call. Ignores missing and
    /// empty files, because an editor may leave one for a moment while it saves.
    pub(super) fn take(&mut self) -> Vec<&'a Exercise> {
        let mut saved = Vec::new();
        for exercise in self.exercises {
            let text = fs::read(exercise.file()).unwrap_or_default();
            if text.is_empty() || self.texts.get(exercise.name.as_str()) == Some(&text) {
                continue;
            }
            self.texts.insert(&exercise.name, text);
            saved.push(exercise);
        }
        saved
    }
}

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;
    use crate::scratch_tree;

    #[test]
    fn only_another_text_is_a_save() {
        let folder = tempfile::tempdir().unwrap();
        let tree = scratch_tree::create(testkit::root(), folder.path()).unwrap();
        let exercise = &Exercise::all(&tree).unwrap()[0];
        let (file, new) = (exercise.file(), tree.join("new"));
        let mut saves = Saves::new(slice::from_ref(exercise));
        let mut count = || saves.take().len();
        // Many editors save like this: a new file replaces the old one.
        let replace = |text: &str| {
            fs::write(&new, text).unwrap();
            fs::rename(&new, &file).unwrap();
        };

        fs::write(&file, exercise.starter().unwrap()).unwrap();
        assert_eq!(count(), 0, "the same text");
        fs::write(&file, "other").unwrap();
        assert_eq!((count(), count()), (1, 0), "another text counts once");
        fs::remove_file(&file).unwrap();
        assert_eq!(count(), 0, "the file is deleted");
        fs::write(&file, "").unwrap();
        assert_eq!(count(), 0, "the file is empty");
        replace("other");
        assert_eq!(count(), 0, "the earlier text is back");
        replace("a third");
        assert_eq!(count(), 1, "a new file has another text");
    }
}
