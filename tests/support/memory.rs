//! Copies of a token in the memory of another process, on Linux: every byte that the process can write is searched.
//!
//! The token is searched for as it is, as UTF-16, and as base64. JSON and forms escape no character of a token, so there it is as it
//! is. A copy need not be whole: each piece of 24 bytes is found.

use std::collections::HashSet;
use std::fs::File;
use std::os::unix::fs::FileExt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

const WORD: usize = size_of::<u64>();

/// A run of bytes that are the token's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copy {
    pub(crate) bytes: usize,
    spelling: &'static str,
    /// The mapping that has it: `[heap]`, `[stack]`, a library, or nothing for memory of its own.
    mapping: String,
}

/// The token in its spellings. Only what this token alone has is searched for: of a JWT the signature, of an encrypted token what
/// follows its header.
pub(crate) struct Wanted(Vec<(&'static str, HashSet<u64>)>);

impl Wanted {
    pub(crate) fn new(token: &str) -> Self {
        let parts: Vec<&str> = token.split('.').collect();
        let own = if parts.len() == 3 {
            parts[2].to_owned()
        } else {
            parts[1..].join(".")
        };
        let utf16 = own.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let base64 = (0..3).flat_map(|skipped| {
            let rest = &own.as_bytes()[skipped..];
            // The last characters of each depend on what follows.
            [STANDARD_NO_PAD.encode(rest), URL_SAFE_NO_PAD.encode(rest)].map(|text| ("base64", text.into_bytes()))
        });
        let spellings = [("as it is", own.clone().into_bytes()), ("UTF-16", utf16)];
        let words = |text: Vec<u8>| {
            text.windows(WORD)
                .map(|word| u64::from_le_bytes(word.try_into().unwrap()))
                .collect()
        };
        Self(
            spellings
                .into_iter()
                .chain(base64)
                .map(|(name, text)| (name, words(text)))
                .collect(),
        )
    }

    /// The copies in the memory of this process, which must stand still meanwhile.
    pub(crate) fn copies_in(&self, process: u32) -> Vec<Copy> {
        let memory = File::open(format!("/proc/{process}/mem")).unwrap();
        let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
        let mut copies = Vec::new();
        for mapping in maps.lines() {
            let mut fields = mapping.split_whitespace();
            let (range, rights) = (fields.next().unwrap(), fields.next().unwrap());
            // `[vvar]` and its like cannot be read.
            let name = fields.nth(3).unwrap_or_default();
            if !rights.starts_with("rw") || name.starts_with("[v") {
                continue;
            }
            let (start, end) = range.split_once('-').unwrap();
            let [start, end] = [start, end].map(|address| u64::from_str_radix(address, 16).unwrap());
            let mut bytes = vec![0; usize::try_from(end - start).unwrap()];
            memory.read_exact_at(&mut bytes, start).unwrap();
            for (spelling, words) in &self.0 {
                let found = runs(&bytes, words).into_iter();
                copies.extend(found.map(|bytes| Copy {
                    bytes,
                    spelling,
                    mapping: name.to_owned(),
                }));
            }
        }
        copies
    }
}

/// The lengths of the runs of at least two of these words. A copy has any alignment, so all windows of the token are words.
fn runs(bytes: &[u8], words: &HashSet<u64>) -> Vec<usize> {
    let mut begins = vec![false; 1 << 16];
    words.iter().for_each(|word| begins[(word & 0xffff) as usize] = true);
    let mut runs = Vec::new();
    let mut run = 0;
    for word in bytes.chunks_exact(WORD) {
        let word = u64::from_le_bytes(word.try_into().unwrap());
        if begins[(word & 0xffff) as usize] && words.contains(&word) {
            run += 1;
            continue;
        }
        if run > 1 {
            runs.push(run * WORD);
        }
        run = 0;
    }
    runs
}
