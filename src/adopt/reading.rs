//! One reading of a store, which notes what it reads: that is what `names_to_forget` names.

use std::cell::RefCell;

use super::StoredItems;
use crate::secret::Secret;

/// The items, and the names of those that have been read, in that order.
pub(super) struct Reading<'a> {
    items: &'a StoredItems,
    read: RefCell<Vec<&'a str>>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(items: &'a StoredItems) -> Self {
        Self {
            items,
            read: RefCell::default(),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&'a Secret> {
        let (name, value) = self.items.get(name)?;
        let mut read = self.read.borrow_mut();
        if !read.contains(&name) {
            read.push(name);
        }
        Some(value)
    }

    pub(super) fn text(&self, name: &str) -> Option<&'a str> {
        self.get(name).map(Secret::reveal)
    }

    /// Notes items that belong to the session, though nothing here needs them. So nothing of it stays behind.
    pub(super) fn note(&self, prefix: &str, names: &[&str]) {
        for name in names {
            self.get(&format!("{prefix}{name}"));
        }
    }

    /// Whether an item's name begins and ends so. That reads nothing.
    pub(super) fn has_like(&self, start: &str, end: &str) -> bool {
        self.like(start, end).next().is_some()
    }

    /// The name of the only item that begins and ends so.
    pub(super) fn only_like(&self, start: &str, end: &str) -> Option<&'a str> {
        let mut like = self.like(start, end);
        like.next().filter(|_| like.next().is_none())
    }

    fn like(&self, start: &str, end: &str) -> impl Iterator<Item = &'a str> {
        let names = self.items.iter().map(|(name, _)| name);
        names.filter(move |name| name.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)))
    }

    pub(super) fn all(&self) -> &'a StoredItems {
        self.items
    }

    pub(super) fn names(self) -> Vec<&'a str> {
        self.read.into_inner()
    }
}
