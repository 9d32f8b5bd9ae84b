//! Checksums, as text in files beside the file that they are of.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};

type Checksum = fn(&[u8]) -> String;

/// By the ending of the file: Maven Central asks for the first two. Gradle prefers the others.
pub(crate) const ALL: [(&str, Checksum); 4] = [
    ("md5", of::<Md5>),
    ("sha1", of::<Sha1>),
    ("sha256", of::<Sha256>),
    ("sha512", of::<Sha512>),
];

/// In hexadecimal digits.
pub(crate) fn of<D: Digest>(content: &[u8]) -> String {
    let bytes = D::digest(content);
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From RFC 1321 and from FIPS 180-4.
    #[test]
    fn the_checksums_are_those_of_the_standards() {
        let starts = ["900150983cd2", "a9993e364706", "ba7816bf8f01", "ddaf35a19361"];
        for ((extension, checksum), start) in ALL.iter().zip(starts) {
            assert!(checksum(b"abc").starts_with(start), "{extension}");
        }
    }
}
