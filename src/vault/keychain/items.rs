//! The keychain's entries that belong to one record. The differences between the stores end here.

use std::collections::HashMap;

use keyring_core::{Entry, Error};
use zeroize::Zeroizing;

use super::error::vault_error;
use super::open_store::OpenStore;
use crate::vault::VaultError;

/// The entries of one record. They have one service name; what follows the user name tells them apart.
pub(super) struct Items<'a> {
    pub(super) open: &'a OpenStore,
    pub(super) service: &'a str,
    pub(super) user: &'a str,
}

impl Items<'_> {
    fn entry(&self, suffix: &str) -> Result<Entry, VaultError> {
        let modifiers: HashMap<_, _> = self.open.modifiers.iter().copied().collect();
        let modifiers = (!modifiers.is_empty()).then_some(&modifiers);
        let user = format!("{}{suffix}", self.user);
        self.open
            .store
            .build(self.service, &user, modifiers)
            .map_err(vault_error)
    }

    /// The entry's bytes; `None` if there is no such entry.
    ///
    /// An entry is called corrupt only if that is certain. If the store has a key that can be tried, the entry is read a second
    /// time, and then the key is tried.
    pub(super) fn get(&self, suffix: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match (self.get_once(suffix), &self.open.trial) {
            (Err(_), Some(trial)) => self.get_once(suffix).or_else(|error| {
                trial().map_err(vault_error)?;
                Err(error)
            }),
            (found, _) => found,
        }
    }

    fn get_once(&self, suffix: &str) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        let entry = self.entry(suffix)?;
        match secret_of(&entry)? {
            // Another process may have written it after the first reading, so it is read again.
            None if self.open.hides_unreadable && exists(&entry)? => match secret_of(&entry)? {
                None => Err(VaultError::Corrupt(
                    "the keychain has an entry that it cannot decode".into(),
                )),
                found => Ok(found),
            },
            found => Ok(found),
        }
    }

    /// Writes the entry, and replaces the one that is there.
    pub(super) fn set(&self, suffix: &str, bytes: &[u8]) -> Result<(), VaultError> {
        self.change(suffix, false, |entry| {
            let written = entry.set_secret(bytes).map_err(vault_error);
            match (&written, &self.open.trial) {
                // The trial says more about what is wrong than the store does.
                (Err(_), Some(trial)) => trial().map_err(vault_error).and(written),
                _ => written,
            }
        })
    }

    /// Deletes the entry, even if it cannot be read, and every other entry of the same name.
    pub(super) fn delete(&self, suffix: &str) -> Result<(), VaultError> {
        self.change(suffix, true, delete)
    }

    /// Makes the change. If the change did not reach the disk, it is undone: what is read from now on is what the next start of
    /// the app finds.
    ///
    /// If the old bytes cannot be read now, they could not be put back, so the change is not made. With `gives_up_old` it is made
    /// all the same: the key may be lost for good.
    fn change(
        &self,
        suffix: &str,
        gives_up_old: bool,
        make: impl FnOnce(&Entry) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let entry = self.entry(suffix)?;
        let Some(flush) = &self.open.flush else {
            return make(&entry);
        };
        let old = match self.get(suffix) {
            Ok(old) => old,
            Err(error) if !gives_up_old && !matches!(error, VaultError::Corrupt(_)) => return Err(error),
            Err(_) => None,
        };
        let made = make(&entry);
        let Err(lost) = flush() else {
            return made;
        };
        // In memory this succeeds even if the disk is full.
        let _ = match old {
            Some(old) => entry.set_secret(&old).map_err(vault_error),
            // Old bytes that cannot be read cannot be put back. But the new bytes must not look as if they were written.
            None => delete(&entry),
        };
        made.and(Err(vault_error(lost)))
    }
}

fn delete(entry: &Entry) -> Result<(), VaultError> {
    match entry.delete_credential() {
        Err(Error::Ambiguous(entries)) => entries.iter().try_for_each(|entry| gone(entry.delete_credential())),
        answer => gone(answer),
    }
}

fn secret_of(entry: &Entry) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    match entry.get_secret() {
        Ok(bytes) => Ok(Some(Zeroizing::new(bytes))),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(vault_error(error)),
    }
}

fn exists(entry: &Entry) -> Result<bool, VaultError> {
    match entry.get_credential() {
        Ok(_) => Ok(true),
        Err(Error::NoEntry) => Ok(false),
        Err(error) => Err(vault_error(error)),
    }
}

fn gone(answer: keyring_core::Result<()>) -> Result<(), VaultError> {
    match answer {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(vault_error(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::keychain::tests::faulty_store::FaultyStore;

    fn items_in(open: &OpenStore) -> Items<'_> {
        Items {
            open,
            service: "service",
            user: "user",
        }
    }

    #[test]
    fn an_absent_entry_reads_as_none_and_is_deleted_successfully() {
        let open = OpenStore::plain(FaultyStore::default().shared());
        let items = items_in(&open);
        assert_eq!(items.get(""), Ok(None));
        assert_eq!(items.delete(""), Ok(()));
    }

    #[test]
    fn entries_with_different_suffixes_are_different() {
        let open = OpenStore::plain(FaultyStore::default().shared());
        let items = items_in(&open);
        items.set("", b"head").unwrap();
        items.set("#1", b"part").unwrap();
        items.delete("").unwrap();
        assert_eq!(items.get("#1").unwrap().unwrap().as_slice(), b"part");
    }

    #[test]
    fn an_entry_that_the_store_hides_because_it_cannot_decode_it_is_corrupt_and_can_be_deleted() {
        let store = FaultyStore::default();
        let open = OpenStore {
            hides_unreadable: true,
            ..OpenStore::plain(store.shared())
        };
        let items = items_in(&open);
        items.set("", b"bytes").unwrap();
        store.make_unreadable();
        assert!(matches!(items.get(""), Err(VaultError::Corrupt(_))));
        items.delete("").unwrap();
        assert_eq!(items.get(""), Ok(None));
    }

    #[test]
    fn several_entries_of_one_name_are_corrupt_and_are_all_deleted() {
        let store = FaultyStore::default();
        let open = OpenStore::plain(store.shared());
        let items = items_in(&open);
        items.set("", b"one").unwrap();
        store.duplicate("service", "user");
        assert!(matches!(items.get(""), Err(VaultError::Corrupt(_))));
        items.delete("").unwrap();
        assert_eq!(store.len(), 0);
    }

    /// On a full disk: `act` fails, and the entry is as before, now and after the next start.
    #[track_caller]
    fn fails_and_leaves(before: Option<&[u8]>, act: impl FnOnce(&Items<'_>) -> Result<(), VaultError>) {
        let store = FaultyStore::default();
        let open = store.as_androids();
        let items = items_in(&open);
        if let Some(before) = before {
            items.set("", before).unwrap();
        }
        store.set_disk_full(true);
        assert_eq!(act(&items), Err(VaultError::Other("the disk is full".into())));
        let entry = |items: &Items<'_>| items.get("").unwrap().map(|bytes| bytes.to_vec());
        assert_eq!(entry(&items).as_deref(), before, "in this process");
        store.restart();
        assert_eq!(entry(&items).as_deref(), before, "in the next");
    }

    #[test]
    fn a_change_that_did_not_reach_the_disk_is_an_error_and_is_undone() {
        fails_and_leaves(None, |items| items.set("", b"new"));
        fails_and_leaves(Some(b"old"), |items| items.set("", b"new"));
        fails_and_leaves(Some(b"old"), |items| items.delete(""));
    }

    #[test]
    fn once_there_is_room_on_the_disk_a_change_is_kept() {
        let store = FaultyStore::default();
        let open = store.as_androids();
        let items = items_in(&open);
        items.set("", b"old").unwrap();
        store.set_disk_full(true);
        items.set("", b"new").unwrap_err();
        store.set_disk_full(false);
        items.set("", b"newer").unwrap();
        store.restart();
        assert_eq!(items.get("").unwrap().unwrap().as_slice(), b"newer");
    }

    #[test]
    fn deleting_an_entry_that_cannot_be_read_fails_until_it_is_gone_from_the_disk() {
        let store = FaultyStore::default();
        let open = OpenStore {
            hides_unreadable: true,
            ..store.as_androids()
        };
        let items = items_in(&open);
        items.set("", b"bytes").unwrap();
        store.make_unreadable();
        store.set_disk_full(true);
        for _ in 0..2 {
            items.delete("").unwrap_err();
        }
        store.restart();
        assert!(matches!(items.get(""), Err(VaultError::Corrupt(_))));
        store.set_disk_full(false);
        items.delete("").unwrap();
        assert_eq!(store.len(), 0);
    }

    #[test]
    fn an_entry_that_cannot_be_read_for_now_is_not_overwritten_and_can_be_deleted() {
        let store = FaultyStore::default();
        let open = store.as_androids();
        let items = items_in(&open);
        items.set("", b"record").unwrap();
        store.set_disk_full(true);
        store.set_key_lost(true);
        store.make_undecryptable(2);
        assert_eq!(
            items.set("", b"new"),
            Err(VaultError::Other("the Keystore is unwell".into()))
        );
        assert_eq!(items.get("").unwrap().unwrap().as_slice(), b"record");
        store.set_disk_full(false);
        store.make_undecryptable(2);
        items.delete("").unwrap();
        assert_eq!(items.get(""), Ok(None));
    }

    #[test]
    fn an_entry_that_cannot_be_decrypted_for_a_moment_is_read_again() {
        let store = FaultyStore::default();
        let open = store.as_androids();
        let items = items_in(&open);
        items.set("", b"record").unwrap();
        store.make_undecryptable(1);
        assert_eq!(items.get("").unwrap().unwrap().as_slice(), b"record");
    }

    #[test]
    fn an_entry_is_called_corrupt_only_if_the_key_works() {
        let store = FaultyStore::default();
        let open = store.as_androids();
        let items = items_in(&open);
        items.set("", b"record").unwrap();
        store.make_undecryptable(4);
        store.set_key_lost(true);
        assert_eq!(items.get(""), Err(VaultError::Other("the Keystore is unwell".into())));
        store.set_key_lost(false);
        assert!(matches!(items.get(""), Err(VaultError::Corrupt(_))));
        assert_eq!(items.get("").unwrap().unwrap().as_slice(), b"record");
    }
}
