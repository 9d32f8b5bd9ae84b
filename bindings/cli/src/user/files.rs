//! Reads a file with tokens in it.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;

/// A file, or standard input for `-`: its name for errors, and its content.
pub(crate) fn read(path: &Path) -> Result<(String, Zeroizing<Vec<u8>>), String> {
    let (name, text) = if path == Path::new("-") {
        let mut text = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut text);
        ("standard input".to_owned(), read.map(|_| text))
    } else {
        (path.display().to_string(), fs::read(path))
    };
    match text {
        Ok(text) => Ok((name, Zeroizing::new(text))),
        Err(error) => Err(format!("{name}: {error}")),
    }
}
