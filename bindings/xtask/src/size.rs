//! The size of the library in an app, and its budget.

use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use object::Object;

use crate::aar::{ABIS, LIBRARY};
use crate::bindgen;

/// The largest allowed library for arm64, stripped and gzipped, in bytes.
const BUDGET: (&str, u64, u64) = ("arm64-v8a", 1_800_000, 900_000);

#[derive(Debug, PartialEq, Eq)]
struct Size {
    abi: String,
    stripped: u64,
    gzipped: u64,
}

/// Measures the libraries named as `ABI=LIBRARY`, or all that `cargo xtask android` has built, and prints the table that
/// docs/android.md has. A library over its budget is an error.
pub(crate) fn measure(named: &[String]) -> Result<(), String> {
    let sizes = libraries(named)?
        .into_iter()
        .map(|(abi, library)| size(abi, &library))
        .collect::<Result<Vec<_>, _>>()?;
    println!("{}", table(&sizes));
    within_budget(&sizes)
}

fn libraries(named: &[String]) -> Result<Vec<(String, PathBuf)>, String> {
    if !named.is_empty() {
        let pairs = named.iter().map(|name| name.split_once('='));
        let pairs = pairs.map(|pair| pair.map(|(abi, library)| (abi.to_owned(), PathBuf::from(library))));
        return pairs.collect::<Option<_>>().ok_or_else(|| "say ABI=LIBRARY".into());
    }
    let (_, target) = bindgen::folders()?;
    let built = ABIS.iter().map(|(abi, triple)| {
        let library = target.join(triple).join("mobile").join(LIBRARY);
        ((*abi).to_owned(), library)
    });
    let built: Vec<_> = built.filter(|(_, library)| library.exists()).collect();
    if built.is_empty() {
        return Err("nothing to measure: run `cargo xtask android` first, or name a library: arm64-v8a=PATH".into());
    }
    Ok(built)
}

fn size(abi: String, library: &Path) -> Result<Size, String> {
    let content = fs::read(library).map_err(|error| format!("{}: {error}", library.display()))?;
    if !is_stripped(&content).map_err(|error| format!("{}: {error}", library.display()))? {
        return Err(format!("{} is not stripped", library.display()));
    }
    let stripped = content.len() as u64;
    let gzipped = gzip(content).map_err(|error| format!("gzip: {error}"))?;
    Ok(Size { abi, stripped, gzipped })
}

/// Whether the symbols that only a debugger uses are gone.
fn is_stripped(library: &[u8]) -> object::Result<bool> {
    Ok(object::File::parse(library)?.symbol_table().is_none())
}

/// The size after `gzip -9`.
fn gzip(content: Vec<u8>) -> std::io::Result<u64> {
    let mut command = Command::new("gzip");
    let mut gzip = command
        .args(["-9", "--no-name", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let input = gzip.stdin.take();
    // In a thread of its own, because neither pipe holds all of it.
    let writing = thread::spawn(move || input.map_or(Ok(()), |mut input| input.write_all(&content)));
    let mut packed = Vec::new();
    if let Some(mut output) = gzip.stdout.take() {
        output.read_to_end(&mut packed)?;
    }
    writing.join().unwrap_or(Ok(()))?;
    if gzip.wait()?.success() {
        Ok(packed.len() as u64)
    } else {
        Err(std::io::Error::other("it failed"))
    }
}

fn table(sizes: &[Size]) -> String {
    let mut table = String::from("| Android | stripped | gzipped |\n|---|---:|---:|\n");
    for size in sizes {
        let (stripped, gzipped) = (megabytes(size.stripped), megabytes(size.gzipped));
        table.push_str(&format!("| {} | {stripped} | {gzipped} |\n", size.abi));
    }
    table
}

/// Rounded up: rounding down could hide that a library is over its budget.
fn megabytes(bytes: u64) -> String {
    let hundredths = bytes.div_ceil(10_000);
    format!("{}.{:02} MB", hundredths / 100, hundredths % 100)
}

fn within_budget(sizes: &[Size]) -> Result<(), String> {
    let (abi, stripped, gzipped) = BUDGET;
    match sizes.iter().find(|size| size.abi == abi) {
        Some(size) if size.stripped > stripped || size.gzipped > gzipped => Err(format!(
            "{abi} is over its budget of {} stripped, {} gzipped",
            megabytes(stripped),
            megabytes(gzipped)
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm64(stripped: u64, gzipped: u64) -> Size {
        Size {
            abi: "arm64-v8a".into(),
            stripped,
            gzipped,
        }
    }

    #[test]
    fn the_table_rounds_up() {
        let table = table(&[arm64(1_490_001, 700_000)]);
        assert!(table.ends_with("| arm64-v8a | 1.50 MB | 0.70 MB |\n"), "{table}");
    }

    #[test]
    fn a_byte_over_the_budget_is_over() {
        assert!(within_budget(&[arm64(1_800_000, 900_000)]).is_ok());
        assert!(within_budget(&[arm64(1_800_001, 900_000)]).is_err());
        assert!(within_budget(&[arm64(1_800_000, 900_001)]).is_err());
    }

    #[test]
    fn the_gzipped_size_is_that_of_gzip() {
        let packed = gzip(vec![0; 1_000_000]).unwrap_or_default();
        assert!((20..2_000).contains(&packed), "{packed}");
    }

    /// The test's own program, which the dev profile does not strip.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_program_with_symbols_is_not_stripped() {
        let program = std::env::current_exe().and_then(fs::read).unwrap_or_default();
        assert_eq!(is_stripped(&program).ok(), Some(false));
        assert!(is_stripped(b"PK\x03\x04").is_err());
    }

    #[test]
    fn a_library_is_named_with_its_processor() {
        assert!(libraries(&["library.so".into()]).is_err());
        let named = libraries(&["x86_64=a/library.so".into()]);
        assert_eq!(named, Ok(vec![("x86_64".into(), PathBuf::from("a/library.so"))]));
    }
}
