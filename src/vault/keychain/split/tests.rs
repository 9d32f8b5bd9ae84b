use std::collections::BTreeMap;

use super::*;
use crate::vault::keychain::open_store::OpenStore;
use crate::vault::keychain::tests::faulty_store::{Fault, FaultyStore};

/// Windows' limit.
const LIMIT: usize = 2560;
/// The longest record that the head holds alone.
const IN_HEAD: usize = LIMIT - HEADER_BYTES;

/// A record of this length. Records with different seeds differ.
fn record(seed: u8, length: usize) -> Vec<u8> {
    (0..length).map(|i| seed ^ (i % 251) as u8).collect()
}

/// Runs `act` on the items of one record in `store`.
fn on<T>(store: &FaultyStore, act: impl FnOnce(&Items<'_>) -> T) -> T {
    let open = OpenStore::plain(store.shared());
    act(&Items {
        open: &open,
        service: "service",
        user: "client",
    })
}

fn read_from(store: &FaultyStore) -> Result<Option<Vec<u8>>, VaultError> {
    on(store, read).map(|found| found.map(|record| record.to_vec()))
}

fn write_to(store: &FaultyStore, record: &[u8]) -> Result<(), VaultError> {
    on(store, |items| write(items, LIMIT, record))
}

fn store_with(record: Option<&[u8]>) -> FaultyStore {
    let store = FaultyStore::with_limit(LIMIT);
    if let Some(record) = record {
        write_to(&store, record).unwrap();
    }
    store.take_changes();
    store
}

/// How many entries a record of this length takes, computed without the code under test.
fn entries_for(length: usize) -> usize {
    1 + length.saturating_sub(IN_HEAD).div_ceil(LIMIT)
}

#[test]
fn the_longest_record_that_fits_is_one_entry_and_one_byte_more_makes_two() {
    for (length, entries) in [(0, 1), (IN_HEAD, 1), (IN_HEAD + 1, 2), (6000, 3)] {
        let store = store_with(Some(&record(1, length)));
        assert_eq!(read_from(&store), Ok(Some(record(1, length))), "{length} bytes");
        assert_eq!(store.len(), entries, "{length} bytes");
    }
}

#[test]
fn a_record_beyond_all_parts_is_refused_and_the_old_one_stays() {
    let longest = IN_HEAD + MAX_PARTS * LIMIT;
    let store = store_with(Some(&record(1, longest)));
    assert!(matches!(
        write_to(&store, &record(2, longest + 1)),
        Err(VaultError::Other(_))
    ));
    assert_eq!(read_from(&store), Ok(Some(record(1, longest))));
}

/// Every pair of lengths, every step of the write, every way to fail there.
#[test]
fn a_write_torn_at_any_step_leaves_the_old_record_or_the_new_one_and_the_next_write_cleans_up() {
    let lengths = [None, Some(IN_HEAD), Some(IN_HEAD + 1), Some(6000)];
    let mut torn = 0;
    for old in lengths {
        for new in lengths.into_iter().flatten() {
            let (old, new) = (old.map(|length| record(1, length)), record(2, new));
            let steps = {
                let store = store_with(old.as_deref());
                write_to(&store, &new).unwrap();
                store.take_changes()
            };
            for step in 0..steps {
                for fault in [Fault::Refused, Fault::DoneButReportedFailed, Fault::PowerCut] {
                    let case = format!("{:?} -> {}, {fault:?} at {step}", old.as_ref().map(Vec::len), new.len());
                    let store = store_with(old.as_deref());
                    store.fail_at(step, fault);
                    let answer = write_to(&store, &new);
                    store.heal();

                    let found = read_from(&store).unwrap_or_else(|error| panic!("{case}: {error}"));
                    assert!(found == old || found.as_ref() == Some(&new), "{case}");
                    if answer.is_ok() {
                        assert_eq!(found, Some(new.clone()), "{case}: it was reported as written");
                    }

                    let third = record(3, 3000);
                    write_to(&store, &third).unwrap();
                    assert_eq!(read_from(&store), Ok(Some(third.clone())), "{case}");
                    assert_eq!(store.len(), entries_for(third.len()), "{case}: leftovers");
                    torn += 1;
                }
            }
        }
    }
    assert!(torn > 1000, "only {torn} torn writes were tried");
}

#[test]
fn a_delete_torn_at_any_step_leaves_the_record_or_none_and_deleting_again_leaves_nothing() {
    let old = record(1, 9000);
    let steps = {
        let store = store_with(Some(&old));
        on(&store, delete).unwrap();
        store.take_changes()
    };
    for step in 0..steps {
        for fault in [Fault::Refused, Fault::DoneButReportedFailed, Fault::PowerCut] {
            let store = store_with(Some(&old));
            store.fail_at(step, fault);
            assert!(on(&store, delete).is_err(), "{fault:?} at {step} is reported");
            store.heal();

            let found = read_from(&store).unwrap();
            assert!(found.is_none() || found.as_ref() == Some(&old), "{fault:?} at {step}");

            on(&store, delete).unwrap();
            assert_eq!(store.len(), 0, "{fault:?} at {step}");
        }
    }
}

#[test]
fn a_damaged_record_is_corrupt_and_can_be_replaced_and_deleted() {
    for damaged in ["client", "client#a0", "client#a1"] {
        let store = store_with(Some(&record(1, 6000)));
        store.garble("service", damaged);
        assert!(matches!(read_from(&store), Err(VaultError::Corrupt(_))), "{damaged}");

        write_to(&store, &record(2, 6000)).unwrap();
        assert_eq!(read_from(&store), Ok(Some(record(2, 6000))), "{damaged}");
        assert_eq!(store.len(), entries_for(6000), "{damaged}");
    }
}

#[test]
fn a_damaged_record_is_deleted_without_being_read() {
    let store = store_with(Some(&record(1, 6000)));
    store.garble("service", "client");
    store.after_next_reading(|| panic!("a delete must not read"));
    on(&store, delete).unwrap();
    assert_eq!(store.len(), 0);
}

#[test]
fn a_missing_part_is_corrupt_and_not_an_absent_record() {
    let store = store_with(Some(&record(1, 6000)));
    on(&store, |items| items.delete("#a1")).unwrap();
    assert!(matches!(read_from(&store), Err(VaultError::Corrupt(_))));
}

#[test]
fn a_head_of_another_format_is_corrupt() {
    let store = store_with(None);
    on(&store, |items| items.set(HEAD, b"{\"version\":1}")).unwrap();
    assert!(matches!(read_from(&store), Err(VaultError::Corrupt(_))));
}

#[test]
fn a_record_that_is_replaced_while_it_is_read_reads_as_the_new_one() {
    let store = store_with(Some(&record(1, 6000)));
    let elsewhere = store.clone();
    store.after_next_reading(move || write_to(&elsewhere, &record(2, 9000)).unwrap());
    assert_eq!(read_from(&store), Ok(Some(record(2, 9000))));
}

#[test]
fn a_record_that_is_deleted_while_it_is_read_reads_as_none() {
    let store = store_with(Some(&record(1, 6000)));
    let elsewhere = store.clone();
    store.after_next_reading(move || on(&elsewhere, delete).unwrap());
    assert_eq!(read_from(&store), Ok(None));
}

#[test]
fn a_store_that_accepts_a_write_and_keeps_nothing_is_noticed_by_reading_back() {
    let store = store_with(Some(&record(1, 6000)));
    store.make_forgetful();
    write_to(&store, &record(2, 6000)).unwrap();
    assert_eq!(read_from(&store), Ok(Some(record(1, 6000))));
}

/// The golden record of version 1 in entries of at most 400 bytes, in hexadecimal. A program of another language has made it from
/// the format above. Do not change it: installed apps have entries of this form.
const GOLDEN: &str = include_str!("version_1.json");

#[test]
fn entries_of_version_1_are_read_and_written_as_they_always_were() {
    let golden: BTreeMap<String, String> = serde_json::from_str(GOLDEN).unwrap();
    let record = include_bytes!("../../../record/version_1/full.json");
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
            .collect()
    };
    let store = FaultyStore::with_limit(400);
    for (suffix, hex) in &golden {
        on(&store, |items| items.set(suffix, &bytes(hex))).unwrap();
    }
    assert_eq!(read_from(&store), Ok(Some(record.to_vec())));

    let store = FaultyStore::with_limit(400);
    on(&store, |items| write(items, 400, record)).unwrap();
    assert_eq!(store.len(), golden.len());
    for (suffix, hex) in &golden {
        let written = on(&store, |items| items.get(suffix)).unwrap();
        assert_eq!(written.as_deref(), Some(&bytes(hex)), "{suffix}");
    }
}
