//! The viewer's own list of the sessions in Redis: no data, and the newest first.

use std::collections::HashSet;

use uuid::Uuid;

use crate::{listed::Listed, moment::Moment, place::Place, search::Search};

/// The most ended sessions that the list remembers. It keeps the latest.
pub(crate) const MAX_ENDED: usize = 1000;

/// A session that was listed and is no longer in Redis.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    pub(crate) session: Listed,
    /// When the viewer noticed, in milliseconds since 1970.
    pub(crate) noticed: i64,
}

/// The sessions that one walk through Redis has found.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// The newest first.
    pub(crate) sessions: Vec<Listed>,
    /// The names of keys with the sessions' prefix that are not sessions.
    pub(crate) others: Vec<Vec<u8>>,
    /// The latest last.
    pub(crate) ended: Vec<Ended>,
    /// When the walk began. `None` before the first.
    pub(crate) begun: Option<Moment>,
}

impl List {
    /// Returns the list after a walk that began at `begun` and found `sessions` and `others`.
    pub(crate) fn after_walk(
        &self,
        begun: Moment,
        mut sessions: Vec<Listed>,
        others: Vec<Vec<u8>>,
    ) -> Self {
        // A session that ended during the walk may have been found before.
        let ended_meanwhile: HashSet<_> = self
            .ended
            .iter()
            .rev()
            .take_while(|ended| ended.noticed >= begun.millis)
            .map(|ended| ended.session.id)
            .collect();
        sessions.retain(|session| !ended_meanwhile.contains(&session.id));
        sessions.sort_unstable_by_key(Listed::order);
        // SCAN may return a key twice.
        sessions.dedup_by_key(|session| session.id);

        let found: HashSet<_> = sessions.iter().map(|session| session.id).collect();
        let mut ended = self.ended.clone();
        let missing = self.sessions.iter().filter(|it| !found.contains(&it.id));
        ended.extend(missing.map(|session| Ended {
            session: session.clone(),
            noticed: begun.millis,
        }));
        ended.sort_by_key(|it| it.noticed);
        ended.drain(..ended.len().saturating_sub(MAX_ENDED));
        Self {
            sessions,
            others,
            ended,
            begun: Some(begun),
        }
    }

    /// Returns the list without the session `id`, which has just ended.
    pub(crate) fn without(&self, id: Uuid) -> Self {
        let mut list = self.clone();
        if let Some(index) = list.sessions.iter().position(|session| session.id == id) {
            list.ended.push(Ended {
                session: list.sessions.remove(index),
                noticed: Moment::now().millis,
            });
        }
        list
    }

    /// Returns the sessions that `search` finds.
    pub(crate) fn find(&self, search: &Search) -> Vec<&Listed> {
        let sessions = self.sessions.iter();
        if search.is_empty() {
            return sessions.collect();
        }
        sessions.filter(|it| search.finds(it)).collect()
    }

    /// Returns how many of the sessions began after `since`, in milliseconds since 1970.
    pub(crate) fn count_new(&self, since: i64) -> usize {
        self.sessions.partition_point(|it| it.created > since)
    }

    /// Returns the sessions whose end was noticed after `since`, the latest first.
    pub(crate) fn ended_after(&self, since: i64) -> Vec<&Ended> {
        let ended = self.ended.iter().rev();
        ended.take_while(|it| it.noticed > since).collect()
    }
}

/// Returns the index of the first of the sorted `sessions` at `place` or after it.
pub(crate) fn index_of(sessions: &[&Listed], place: Place) -> usize {
    sessions.partition_point(|session| Place::of(session) < place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn session(id: u128, created: i64) -> Listed {
        Listed {
            id: Uuid::from_u128(id),
            created,
            user: None,
        }
    }

    fn ids(list: &List) -> Vec<u128> {
        let sessions = list.sessions.iter();
        sessions.map(|it| it.id.as_u128()).collect()
    }

    fn ended(list: &List) -> Vec<u128> {
        let ended = list.ended.iter();
        ended.map(|it| it.session.id.as_u128()).collect()
    }

    #[test]
    fn a_walk_sorts_drops_copies_and_notices_ends() {
        let found = vec![
            session(1, 10),
            session(3, 20),
            session(2, 20),
            session(1, 10),
        ];
        let first = List::default().after_walk(Moment::now(), found, Vec::new());
        assert_eq!(ids(&first), [2, 3, 1]);
        assert_eq!(first.count_new(10), 2);
        assert!(first.ended.is_empty());

        let begun = Moment::now();
        let second = first.after_walk(begun, vec![session(3, 20)], Vec::new());
        assert_eq!((ids(&second), ended(&second)), (vec![3], vec![2, 1]));
        assert_eq!(second.ended_after(begun.millis - 1).len(), 2);
        assert!(second.ended_after(begun.millis).is_empty());
    }

    #[test]
    fn a_session_that_ends_during_a_walk_stays_away() {
        let both = || vec![session(1, 10), session(2, 20)];
        let list = List::default().after_walk(Moment::now(), both(), Vec::new());
        let begun = Moment::now();
        let list = list.without(Uuid::from_u128(1));
        assert_eq!((ids(&list), ended(&list)), (vec![2], vec![1]));

        let list = list.after_walk(begun, both(), Vec::new());
        assert_eq!((ids(&list), ended(&list)), (vec![2], vec![1]));
    }

    #[test]
    fn the_list_forgets_the_ends_of_long_ago() {
        let many = (0..=MAX_ENDED as u128).map(|id| session(id, 0)).collect();
        let full = List::default().after_walk(Moment::now(), many, Vec::new());
        let empty = full.after_walk(Moment::now(), Vec::new(), Vec::new());
        assert_eq!(empty.ended.len(), MAX_ENDED);
    }
}
