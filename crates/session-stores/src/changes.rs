//! The changes that a request makes to a session.

use std::collections::BTreeMap;

use serde_json::value::RawValue;

use crate::Data;

/// The entries that a request has set or removed.
///
/// They are applied to whatever the store holds when they are written. So an entry that the request did not touch keeps
/// the value that another request has given it meanwhile.
///
/// ```
/// use session_stores::{Changes, Data};
/// # use serde_json::value::RawValue;
///
/// let mut data: Data = serde_json::from_str(r#"{"theme":"dark","visits":3}"#)?;
/// let mut changes = Changes::default();
/// changes.insert("visits", RawValue::from_string("4".to_owned())?);
/// changes.remove("theme");
/// assert_eq!(changes.get("visits", Some(&data)).map(RawValue::get), Some("4"));
///
/// changes.of("visits").apply(&mut data);
/// assert_eq!(serde_json::to_string(&data)?, r#"{"theme":"dark","visits":4}"#);
/// changes.apply(&mut data);
/// assert_eq!(serde_json::to_string(&data)?, r#"{"visits":4}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Changes {
    cleared: bool,
    entries: BTreeMap<String, Option<Box<RawValue>>>,
}

impl Changes {
    /// Returns whether nothing changes.
    pub fn is_empty(&self) -> bool {
        !self.cleared && self.entries.is_empty()
    }

    /// Sets an entry.
    pub fn insert(&mut self, name: impl Into<String>, value: Box<RawValue>) {
        self.entries.insert(name.into(), Some(value));
    }

    /// Removes an entry.
    pub fn remove(&mut self, name: impl Into<String>) {
        self.entries.insert(name.into(), None);
    }

    /// Returns what these changes do to the entry called `name` alone.
    #[must_use]
    pub fn of(&self, name: &str) -> Self {
        let removed = self.cleared.then_some(None);
        let change = self.entries.get(name).cloned().or(removed);
        Self {
            cleared: false,
            entries: change.map(|it| (name.to_owned(), it)).into_iter().collect(),
        }
    }

    /// Drops the change of the entry called `name`. Call this when the entry has been written, with its `value`, which
    /// these changes must not clear later.
    pub fn forget(&mut self, name: &str, value: Box<RawValue>) {
        self.entries.remove(name);
        if self.cleared {
            self.insert(name, value);
        }
    }

    /// Removes all entries, including those that other requests add meanwhile.
    pub fn clear(&mut self) {
        self.cleared = true;
        self.entries.clear();
    }

    /// Returns the value that the entry called `name` would have if these changes were applied to `data`.
    pub fn get<'a>(&'a self, name: &str, data: Option<&'a Data>) -> Option<&'a RawValue> {
        match self.entries.get(name) {
            Some(changed) => changed.as_deref(),
            None if self.cleared => None,
            None => data?.get(name).map(AsRef::as_ref),
        }
    }

    /// Changes `data`.
    pub fn apply(&self, data: &mut Data) {
        if self.cleared {
            data.clear();
        }
        for (name, value) in &self.entries {
            match (value, data.get_mut(name)) {
                (Some(value), Some(old)) => old.clone_from(value),
                (Some(value), None) => drop(data.insert(name.clone(), value.clone())),
                (None, _) => drop(data.remove(name)),
            }
        }
    }
}
