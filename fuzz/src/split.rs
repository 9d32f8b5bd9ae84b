//! A record in several entries of a keychain, and what else can be in these entries.

use std::sync::Arc;

use cognito_signout::fuzzing::vault_with_entry_limit;
use cognito_signout::vault::{Vault, VaultError, VaultKey};
use keyring_core::{CredentialStore, Entry, Error, mock};
use sha2::{Digest, Sha256};

use crate::app::{CLIENT, POOL};
use crate::text::assert_silent;

/// Bytes of one entry. The head has 39 of them for itself.
const LIMIT: usize = 64;
/// How many parts there can be in each of the two sets.
const PARTS: usize = 16;
/// Where the digest is in the head.
const DIGEST: std::ops::Range<usize> = 7..39;

/// Input: entries, each in a line. `head FORMAT SET PARTS LENGTH FIRST` is the first one, with the digest of the `record` in a line of
/// its own, and `raw` is the same as bytes; `a0` to `b15` are parts.
///
/// What is read is a record that has the head's length and digest, or nothing if there is no head, or a typed error. It can be replaced
/// and deleted, and nothing of it is left then.
pub fn split(data: &[u8]) {
    let store = store_with(data);
    let head = get(&store, "");
    let vault = vault_with_entry_limit(Arc::clone(&store), LIMIT);
    match vault.read(&key()) {
        Ok(None) => assert_eq!(head, None),
        Ok(Some(record)) => {
            let head = head.expect("a record has a head");
            assert_eq!(Sha256::digest(&record).as_slice(), &head[DIGEST]);
            assert_eq!(head[3..7], u32::try_from(record.len()).expect("short").to_le_bytes());
        }
        Err(error) => {
            assert!(matches!(error, VaultError::Corrupt(_)), "{error:?}");
            assert_silent(&error);
        }
    }
    for new in [&[b'x'; 300][..], b"short", &[b'y'; 200]] {
        assert_eq!(vault.write(&key(), new), Ok(()));
        assert_eq!(
            vault
                .read(&key())
                .expect("it was written")
                .expect("it is there")
                .as_slice(),
            new
        );
        let entries = suffixes().filter(|suffix| get(&store, suffix).is_some()).count();
        let in_parts = (DIGEST.end + new.len()).saturating_sub(LIMIT);
        assert_eq!(entries, in_parts.div_ceil(LIMIT), "parts of {} bytes", new.len());
    }
    assert_eq!(vault.delete(&key()), Ok(()));
    assert!(
        suffixes()
            .chain([String::new()])
            .all(|suffix| get(&store, &suffix).is_none())
    );
}

fn store_with(data: &[u8]) -> Arc<CredentialStore> {
    let store: Arc<CredentialStore> = mock::Store::new().expect("a store in memory");
    let text = String::from_utf8_lossy(data);
    let lines = || text.lines().filter_map(|line| line.split_once(' '));
    let record = lines()
        .find(|(name, _)| *name == "record")
        .map_or("", |(_, record)| record);
    for (name, value) in lines() {
        match name {
            "head" => set(&store, "", &head(value, record)),
            "raw" => set(&store, "", value.as_bytes()),
            part => {
                if let Some(suffix) = suffixes().find(|suffix| suffix.strip_prefix('#') == Some(part)) {
                    set(&store, &suffix, value.as_bytes());
                }
            }
        }
    }
    store
}

/// The first entry, with these fields. What is no number counts as 0.
fn head(fields: &str, record: &str) -> Vec<u8> {
    let mut fields = fields.splitn(5, ' ');
    let [format, set, parts, length, first] = [(); 5].map(|()| fields.next().unwrap_or_default());
    let mut head = vec![format.parse().unwrap_or_default()];
    head.push(set.bytes().next().unwrap_or_default());
    head.push(parts.parse().unwrap_or_default());
    head.extend(length.parse().unwrap_or(0_u32).to_le_bytes());
    head.extend(Sha256::digest(record));
    head.extend(first.bytes());
    head
}

/// What follows the name of the record in the name of each part.
fn suffixes() -> impl Iterator<Item = String> {
    ["a", "b"]
        .into_iter()
        .flat_map(|set| (0..PARTS).map(move |part| format!("#{set}{part}")))
}

fn key() -> VaultKey {
    VaultKey {
        user_pool_id: POOL.into(),
        client_id: CLIENT.into(),
    }
}

fn entry(store: &Arc<CredentialStore>, suffix: &str) -> Entry {
    let service = format!("cognito-signout.{POOL}");
    store
        .build(&service, &format!("{CLIENT}{suffix}"), None)
        .expect("an entry")
}

fn set(store: &Arc<CredentialStore>, suffix: &str, bytes: &[u8]) {
    entry(store, suffix).set_secret(bytes).expect("memory takes everything");
}

fn get(store: &Arc<CredentialStore>, suffix: &str) -> Option<Vec<u8>> {
    match entry(store, suffix).get_secret() {
        Ok(bytes) => Some(bytes),
        Err(Error::NoEntry) => None,
        Err(error) => panic!("{error}"),
    }
}

/// So the corpus has a whole record.
#[test]
fn the_seed_with_three_entries_is_a_record() {
    let store = store_with(include_bytes!("../corpus/split/three-entries"));
    let record = vault_with_entry_limit(store, LIMIT).read(&key());
    let record = record.expect("the parts fit together").expect("there is a head");
    assert_eq!(
        record.as_slice(),
        b"hunter2 in the head, hunter2 in a part, and the last one"
    );
}
