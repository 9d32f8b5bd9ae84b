//! What is known of an entry for as long as its record is locked for other processes.
//!
//! The first search of a turn finds the item, and the next operations of the turn use it. Outside a turn each operation searches:
//! after an item has been deleted, a service may give its path to an item of another program.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::zvariant::OwnedObjectPath;

use crate::lock::lock;

/// The service name and the user name of an entry.
pub(super) type Name = (String, String);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Known {
    Nothing,
    Item(OwnedObjectPath),
    /// There is no item, and the collection was not locked when that was seen.
    Absent,
}

/// The turns that are under way.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<Name, Known>>);

impl Turns {
    /// Begins a turn. It ends when the result is dropped.
    pub(super) fn begin(self: &Arc<Self>, service: &str, user: &str) -> Turn {
        let name = (service.to_owned(), user.to_owned());
        lock(&self.0).insert(name.clone(), Known::Nothing);
        Turn(Arc::clone(self), name)
    }

    pub(super) fn known(&self, name: &Name) -> Known {
        lock(&self.0).get(name).cloned().unwrap_or(Known::Nothing)
    }

    /// Remembers this until the turn ends. Without a turn it is forgotten at once.
    pub(super) fn note(&self, name: &Name, known: Known) {
        if let Some(noted) = lock(&self.0).get_mut(name) {
            *noted = known;
        }
    }
}

pub(super) struct Turn(Arc<Turns>, Name);

impl Drop for Turn {
    fn drop(&mut self) {
        lock(&self.0.0).remove(&self.1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_noted_is_known_until_the_turn_ends_and_never_outside_one() {
        let (turns, name) = (Arc::new(Turns::default()), ("service".to_owned(), "user".to_owned()));
        turns.note(&name, Known::Absent);
        assert_eq!(turns.known(&name), Known::Nothing);
        let turn = turns.begin(&name.0, &name.1);
        turns.note(&name, Known::Absent);
        assert_eq!(turns.known(&name), Known::Absent);
        assert_eq!(turns.known(&("service".into(), "another".into())), Known::Nothing);
        drop(turn);
        assert_eq!(turns.known(&name), Known::Nothing);
    }
}
