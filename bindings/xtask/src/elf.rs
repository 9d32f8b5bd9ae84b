//! What is to be known of a shared library for Android: read from its headers, as the ELF specification lays them out.

/// Facts about a library.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Elf {
    /// The alignments of the segments that are loaded: at least 16 KB each, for devices with pages of that size.
    pub(crate) alignments: Vec<u64>,
    /// Whether the symbols that only a debugger wants are gone.
    pub(crate) stripped: bool,
}

/// What Google Play asks for.
pub(crate) const PAGE: u64 = 16 * 1024;

const PT_LOAD: u64 = 1;
const SHT_SYMTAB: u64 = 2;

impl Elf {
    /// None, if it is no little-endian ELF file.
    pub(crate) fn read(file: &[u8]) -> Option<Self> {
        let wide = match file.get(..6)? {
            [0x7f, b'E', b'L', b'F', 1, 1] => false,
            [0x7f, b'E', b'L', b'F', 2, 1] => true,
            _ => return None,
        };
        let word = if wide { 8 } else { 4 };
        // Where the two tables are, how large an entry of each is, and how many there are; then, within an entry, where
        // a segment's alignment is.
        let (programs, sections, counts, alignment) = if wide {
            (0x20, 0x28, 0x36, 0x30)
        } else {
            (0x1c, 0x20, 0x2a, 0x1c)
        };
        let entries = |table: usize, size: usize| -> Option<Vec<usize>> {
            let (at, size, count) = (
                usize::try_from(number(file, table, word)?).ok()?,
                usize::try_from(number(file, size, 2)?).ok()?,
                usize::try_from(number(file, size + 2, 2)?).ok()?,
            );
            (0..count).map(|index| at.checked_add(index * size)).collect()
        };
        let mut alignments = Vec::new();
        for at in entries(programs, counts)? {
            if number(file, at, 4)? == PT_LOAD {
                alignments.push(number(file, at + alignment, word)?);
            }
        }
        let mut stripped = true;
        for at in entries(sections, counts + 4)? {
            stripped &= number(file, at + 4, 4)? != SHT_SYMTAB;
        }
        Some(Self { alignments, stripped })
    }

    /// Whether it can be loaded where pages are of 16 KB.
    pub(crate) fn is_aligned(&self) -> bool {
        !self.alignments.is_empty() && self.alignments.iter().all(|alignment| alignment % PAGE == 0)
    }
}

fn number(file: &[u8], at: usize, size: usize) -> Option<u64> {
    let bytes = file.get(at..at.checked_add(size)?)?;
    Some(
        bytes
            .iter()
            .rev()
            .fold(0, |number, byte| number << 8 | u64::from(*byte)),
    )
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::*;

    #[test]
    fn what_is_no_library_has_no_facts() {
        assert_eq!(Elf::read(b"PK\x03\x04"), None);
        assert_eq!(Elf::read(b"\x7fELF\x02\x01"), None);
        assert_eq!(Elf::read(b""), None);
    }

    #[test]
    fn one_page_too_small_is_not_aligned() {
        let elf = |alignments: &[u64]| Elf {
            alignments: alignments.to_vec(),
            stripped: true,
        };
        assert!(elf(&[PAGE, 4 * PAGE]).is_aligned());
        assert!(!elf(&[PAGE, 4096]).is_aligned());
        assert!(!elf(&[]).is_aligned());
    }

    /// Of this test itself, which the dev profile does not strip.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_of_this_machine_has_segments_and_symbols() {
        let program = fs::read(env::current_exe().unwrap_or_default()).unwrap_or_default();
        let elf = Elf::read(&program);
        assert!(elf.is_some_and(|elf| !elf.stripped && elf.alignments.iter().all(|alignment| *alignment >= 4096)));
    }
}
