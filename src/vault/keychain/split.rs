//! One record in several entries, for a keychain that limits the size of an entry, as Windows does (2,560 bytes).
//!
//! The record's head item holds the length and the digest of the record and says which parts follow. It also holds the record's
//! first bytes, so that a short record is one entry. There are two sets of parts. A write uses the set that the current head
//! does not name:
//!
//! 1. Write the new parts. Nothing refers to them yet: the old record is still valid.
//! 2. Write the head. From now on the new record is valid.
//! 3. Delete every part that the head does not name: the parts of the old record, and what an interrupted write left.
//!
//! So a write that is interrupted at any point leaves the whole old record or the whole new one. A delete removes the head
//! first.

use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::items::Items;
use crate::vault::VaultError;

/// The head's entry has the record's own name.
const HEAD: &str = "";
const FORMAT: u8 = 1;
const DIGEST_BYTES: usize = 32;
const HEADER_BYTES: usize = 3 + size_of::<u32>() + DIGEST_BYTES;
/// Limits what a delete, which reads nothing, has to try. With Windows' limit this is 40 kB, several times the largest token
/// set.
const MAX_PARTS: usize = 16;
/// How often a record is read again because another process has replaced it meanwhile.
const READINGS: usize = 5;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum PartSet {
    A,
    B,
}

impl PartSet {
    const BOTH: [Self; 2] = [Self::A, Self::B];

    fn other(self) -> Self {
        match self {
            Self::A => Self::B,
            Self::B => Self::A,
        }
    }

    fn letter(self) -> u8 {
        match self {
            Self::A => b'a',
            Self::B => b'b',
        }
    }

    /// What follows the record's name in the name of this part.
    fn suffix(self, part: usize) -> String {
        format!("#{}{part}", char::from(self.letter()))
    }
}

/// The fields of the head item.
struct Head<'a> {
    set: PartSet,
    parts: usize,
    length: usize,
    digest: &'a [u8],
    first: &'a [u8],
}

impl<'a> Head<'a> {
    fn parse(item: &'a [u8]) -> Option<Self> {
        let (header, first) = item.split_at_checked(HEADER_BYTES)?;
        let &[FORMAT, letter, parts, ref rest @ ..] = header else {
            return None;
        };
        let (length, digest) = rest.split_first_chunk()?;
        Some(Self {
            set: PartSet::BOTH.into_iter().find(|set| set.letter() == letter)?,
            parts: usize::from(parts),
            length: usize::try_from(u32::from_le_bytes(*length)).ok()?,
            digest,
            first,
        })
    }

    /// The head item for a record whose first bytes are `first`.
    fn item(set: PartSet, parts: usize, record: &[u8], first: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut item = Zeroizing::new(Vec::with_capacity(HEADER_BYTES + first.len()));
        item.extend([FORMAT, set.letter(), u8::try_from(parts).ok()?]);
        item.extend(u32::try_from(record.len()).ok()?.to_le_bytes());
        item.extend(Sha256::digest(record));
        item.extend(first);
        Some(item)
    }
}

/// Reads the record; `None` if no record exists.
pub(super) fn read(items: &Items<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let Some(mut item) = items.get(HEAD)? else {
        return Ok(None);
    };
    for _ in 0..READINGS {
        if let Some(record) = assemble(items, &item)? {
            return Ok(Some(record));
        }
        // Either the record is damaged, or another process has replaced it meanwhile. In that case the head has changed.
        match items.get(HEAD)? {
            None => return Ok(None),
            Some(same) if same == item => return Err(VaultError::Corrupt("its parts do not fit together".into())),
            Some(newer) => item = newer,
        }
    }
    Err(VaultError::Locked("another process keeps writing the record".into()))
}

/// The record that this head names; `None` if a part is missing or the parts do not fit together.
fn assemble(items: &Items<'_>, item: &[u8]) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let Some(head) = Head::parse(item) else {
        return Ok(None);
    };
    let mut parts = Vec::new();
    for part in 0..head.parts {
        match items.get(&head.set.suffix(part))? {
            Some(part) => parts.push(part),
            None => return Ok(None),
        }
    }
    // One allocation for all of it: a vector that grows leaves copies of its content in freed memory.
    let length = parts.iter().fold(head.first.len(), |sum, part| sum + part.len());
    let mut record = Zeroizing::new(Vec::with_capacity(length));
    record.extend(head.first);
    parts.iter().for_each(|part| record.extend(part.iter()));
    let whole = length == head.length && Sha256::digest(&record).as_slice() == head.digest;
    Ok(whole.then_some(record))
}

/// Writes the record into entries of at most `limit` bytes.
pub(super) fn write(items: &Items<'_>, limit: usize, record: &[u8]) -> Result<(), VaultError> {
    let too_long = || VaultError::Other(format!("a record of {} bytes is too long", record.len()));
    let in_head = limit.saturating_sub(HEADER_BYTES).min(record.len());
    let (first, rest) = record.split_at(in_head);
    let parts = rest.len().div_ceil(limit);
    if parts > MAX_PARTS {
        return Err(too_long());
    }
    let set = free_set(items)?;
    let head = Head::item(set, parts, record, first).ok_or_else(too_long)?;

    for (part, bytes) in rest.chunks(limit).enumerate() {
        items.set(&set.suffix(part), bytes)?;
    }
    items.set(HEAD, &head)?;
    // The new record is valid, even if the rest fails: the next write or delete tries again to remove the old parts.
    if let Err(error) = sweep(items, Some((set, parts))) {
        tracing::debug!(%error, "parts of the previous record stay in the keychain until the next write");
    }
    Ok(())
}

/// The set that no head refers to.
fn free_set(items: &Items<'_>) -> Result<PartSet, VaultError> {
    match items.get(HEAD) {
        Ok(item) => {
            let head = item.as_deref().and_then(|item| Head::parse(item));
            Ok(head.map_or(PartSet::A, |head| head.set.other()))
        }
        Err(VaultError::Corrupt(_)) => Ok(PartSet::A),
        Err(error) => Err(error),
    }
}

/// Deletes the record and every part that may be left, without reading anything.
pub(super) fn delete(items: &Items<'_>) -> Result<(), VaultError> {
    items.delete(HEAD)?;
    sweep(items, None)
}

/// Deletes all parts except the first `parts` of the set to `keep`. Tries all of them, and reports the first failure.
fn sweep(items: &Items<'_>, keep: Option<(PartSet, usize)>) -> Result<(), VaultError> {
    let mut outcome = Ok(());
    for set in PartSet::BOTH {
        let kept = keep.filter(|(kept, _)| *kept == set).map_or(0, |(_, parts)| parts);
        for part in kept..MAX_PARTS {
            outcome = outcome.and(items.delete(&set.suffix(part)));
        }
    }
    outcome
}

#[cfg(test)]
mod tests;
