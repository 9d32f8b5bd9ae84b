//! Copies of a token in the memory of another process, on Linux: every byte that the process can write is searched.
//!
//! The token is searched for as it is, as UTF-16, and as base64. JSON and forms escape no character of a token, so there it is as it
//! is. A copy need not be whole: each piece of 24 bytes is found.

use std::collections::HashMap;
use std::fs::File;
use std::os::unix::fs::FileExt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

const WORD: usize = size_of::<u64>();
const ZEROS: [u8; 4096] = [0; 4096];

/// A run of bytes that are the token's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copy {
    pub(crate) bytes: usize,
    /// But for a few bytes at its ends.
    pub(crate) is_whole: bool,
    spelling: &'static str,
    /// The mapping that has it: `[heap]`, `[stack]`, a library, or nothing for memory of its own; and its size.
    mapping: String,
}

/// The token in its spellings. Only what this token alone has is searched for: of a JWT the signature, of an encrypted token what
/// follows its header.
pub(crate) struct Wanted {
    /// Everything that eight bytes of a copy can be. A copy has any alignment.
    words: HashMap<u64, Spelling>,
    /// Whether a word of these begins with these two bytes. Nearly all memory is ruled out by this.
    begins: Vec<bool>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Spelling {
    name: &'static str,
    /// Of a whole copy.
    bytes: usize,
}

impl Wanted {
    pub(crate) fn new(token: &str) -> Self {
        let parts: Vec<&str> = token.split('.').collect();
        let own = if parts.len() == 3 {
            parts[2].to_owned()
        } else {
            parts[1..].join(".")
        };
        let mut wanted = Self {
            words: HashMap::new(),
            begins: vec![false; 1 << 16],
        };
        wanted.add("as it is", own.as_bytes());
        let utf16: Vec<u8> = own.encode_utf16().flat_map(u16::to_le_bytes).collect();
        wanted.add("UTF-16", &utf16);
        for skipped in 0..3 {
            let rest = &own.as_bytes()[skipped..];
            wanted.add("base64", STANDARD_NO_PAD.encode(rest).as_bytes());
            wanted.add("base64", URL_SAFE_NO_PAD.encode(rest).as_bytes());
        }
        wanted
    }

    fn add(&mut self, name: &'static str, text: &[u8]) {
        let bytes = text.len();
        for word in text.windows(WORD) {
            let word = u64::from_le_bytes(word.try_into().unwrap());
            self.begins[(word & 0xffff) as usize] = true;
            self.words.insert(word, Spelling { name, bytes });
        }
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
            copies.extend(self.runs(&bytes).into_iter().map(|(spelling, bytes)| Copy {
                bytes,
                is_whole: bytes + 4 * WORD > spelling.bytes,
                spelling: spelling.name,
                mapping: format!("{name} {} kB", (end - start) / 1024),
            }));
        }
        copies
    }

    /// The runs of at least two words of one spelling, and their bytes.
    fn runs(&self, bytes: &[u8]) -> Vec<(Spelling, usize)> {
        let mut runs: Vec<(Spelling, usize)> = Vec::new();
        let mut run: Option<(Spelling, usize)> = None;
        // Pages of zeros are most of a JVM's memory.
        let pages = bytes.chunks(ZEROS.len()).filter(|page| **page != ZEROS[..page.len()]);
        for word in pages.flat_map(|page| page.chunks_exact(WORD)) {
            let word = u64::from_le_bytes(word.try_into().unwrap());
            let begins = self.begins[(word & 0xffff) as usize];
            let found = begins.then(|| self.words.get(&word)).flatten();
            run = match (found, run) {
                (Some(found), Some((spelling, bytes))) if found.name == spelling.name => Some((spelling, bytes + WORD)),
                (found, ended) => {
                    runs.extend(ended.filter(|(_, bytes)| *bytes > WORD));
                    found.map(|found| (*found, WORD))
                }
            };
        }
        runs.extend(run.filter(|(_, bytes)| *bytes > WORD));
        runs
    }
}
