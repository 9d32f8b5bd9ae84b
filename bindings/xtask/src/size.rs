//! What the library adds to an app, its budget, and the table in docs/android.md.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use object::Object;

use crate::aar::{ABIS, LIBRARY};
use crate::bindgen;
use crate::by_name::unknown;
use crate::face::Face;
use crate::files::{read, text};
use crate::workspace;

/// The processor whose libraries have a budget.
const LIMITED: &str = "arm64-v8a";

/// The largest allowed library for it, stripped and gzipped, in bytes.
fn budget(face: Face) -> (u64, u64) {
    match face {
        Face::UniFfi => (1_300_000, 660_000),
        // A panic is caught there.
        Face::C => (1_700_000, 890_000),
    }
}

/// All the code of the example for Android that R8 has not removed.
pub(crate) const CODE_OF_THE_EXAMPLE: &str = "example-android/app/classes.dex";

/// How far a figure in docs/android.md may be from what is measured.
const TOLERANCE_PERCENT: u64 = 5;

#[derive(Debug, PartialEq, Eq)]
struct Size {
    what: String,
    bytes: u64,
    gzipped: u64,
}

/// Measures the libraries named as `ABI=LIBRARY`, or all that `cargo xtask android` has built. They have rustup's standard library,
/// which is larger than one that is built with them (docs/decisions/0004-size-and-panics.md): so the guide has no figures of theirs.
pub(crate) fn measure(named: &[String]) -> Result<(), String> {
    within_budget(&measured(Face::UniFfi, &libraries(named)?)?, 110)
}

/// Measures libraries, each with its processor, and prints their lines of the table in docs/android.md. A library over its budget is
/// an error, and so is a line of the guide with other figures.
pub(crate) fn measure_libraries<Abi: AsRef<str>>(face: Face, libraries: &[(Abi, PathBuf)]) -> Result<(), String> {
    let sizes = measured(face, libraries)?;
    within_budget(&sizes, 100)?;
    as_documented(&sizes)
}

/// The sizes, which it also prints as lines of a table.
fn measured<Abi: AsRef<str>>(face: Face, libraries: &[(Abi, PathBuf)]) -> Result<Vec<Size>, String> {
    let mut sizes = Vec::new();
    for (abi, library) in libraries {
        let content = read(library)?;
        let is_stripped = is_stripped(&content)
            .map_err(|error| format!("{} is no library ({error}): say ABI=LIBRARY", library.display()))?;
        if !is_stripped {
            return Err(format!("{} is not stripped", library.display()));
        }
        sizes.push(size(of_library(face, abi.as_ref()), content)?);
    }
    println!("{}", table(&sizes));
    Ok(sizes)
}

/// The same for what else an app carries, in the folder where the tests of the bindings for Kotlin have built the example: JNA's
/// own library, and all the code of the example that R8 has not removed.
pub(crate) fn measure_app(folder: &Path) -> Result<(), String> {
    let parts = [
        (
            "JNA's `libjnidispatch.so`, arm64-v8a",
            "jna.unpacked/jni/arm64-v8a/libjnidispatch.so",
        ),
        ("`classes.dex` of examples/android", CODE_OF_THE_EXAMPLE),
    ];
    let sizes = parts.map(|(what, file)| size(what.to_owned(), read(&folder.join(file))?));
    let sizes: Vec<_> = sizes.into_iter().collect::<Result<_, _>>()?;
    println!("{}", table(&sizes));
    as_documented(&sizes)
}

fn of_library(face: Face, abi: &str) -> String {
    let whose = match face {
        Face::UniFfi => "",
        Face::C => " of the Flutter plugin",
    };
    format!("`{LIBRARY}`{whose}, {abi}")
}

fn libraries(named: &[String]) -> Result<Vec<(String, PathBuf)>, String> {
    if !named.is_empty() {
        return named.iter().map(|name| library(name)).collect();
    }
    let (_, target) = bindgen::folders()?;
    let built = ABIS.iter().map(|(abi, triple)| {
        let library = target.join(triple).join(Face::UniFfi.android_profile()).join(LIBRARY);
        ((*abi).to_owned(), library)
    });
    let built: Vec<_> = built.filter(|(_, library)| library.exists()).collect();
    if built.is_empty() {
        return Err("nothing to measure: run `cargo xtask android` first, or name a library: arm64-v8a=PATH".into());
    }
    Ok(built)
}

/// Of `ABI=LIBRARY`.
fn library(named: &str) -> Result<(String, PathBuf), String> {
    let known = || ABIS.iter().map(|(abi, _)| (*abi).to_owned());
    let pair = named.split_once('=');
    let (abi, library) = pair.ok_or_else(|| {
        let known: Vec<_> = known().collect();
        format!("{named}: say ABI=LIBRARY. ABIs: {}", known.join(", "))
    })?;
    match known().find(|known| known == abi) {
        Some(abi) => Ok((abi, PathBuf::from(library))),
        None => Err(unknown("ABI", abi, known())),
    }
}

fn size(what: String, content: Vec<u8>) -> Result<Size, String> {
    let bytes = content.len() as u64;
    let gzipped = gzip(content).map_err(|error| format!("gzip: {error}"))?;
    Ok(Size { what, bytes, gzipped })
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
    let lines = sizes.iter().map(|size| {
        let (bytes, gzipped) = (megabytes(size.bytes), megabytes(size.gzipped));
        format!("| {} | {bytes} | {gzipped} |", size.what)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Rounded up: rounding down could hide that a library is over its budget.
fn megabytes(bytes: u64) -> String {
    let hundredths = bytes.div_ceil(10_000);
    format!("{}.{:02} MB", hundredths / 100, hundredths % 100)
}

/// `percent`: how much of its budget a library may have.
fn within_budget(sizes: &[Size], percent: u64) -> Result<(), String> {
    for face in [Face::UniFfi, Face::C] {
        let what = of_library(face, LIMITED);
        let (bytes, gzipped) = budget(face);
        let (bytes, gzipped) = (bytes * percent / 100, gzipped * percent / 100);
        let is_over = |size: &Size| size.what == what && (size.bytes > bytes || size.gzipped > gzipped);
        if sizes.iter().any(is_over) {
            let (bytes, gzipped) = (megabytes(bytes), megabytes(gzipped));
            return Err(format!(
                "{what} is over its budget of {bytes} stripped, {gzipped} gzipped"
            ));
        }
    }
    Ok(())
}

/// Not every library has a line in the guide.
fn as_documented(sizes: &[Size]) -> Result<(), String> {
    let guide = text(&workspace().join("docs/android.md"))?;
    let wrong: Vec<_> = sizes.iter().filter(|size| !is_near(size, &guide)).collect();
    match wrong.first() {
        None => Ok(()),
        Some(size) => Err(format!("docs/android.md has other figures for {}", size.what)),
    }
}

fn is_near(size: &Size, guide: &str) -> bool {
    let start = format!("| {} |", size.what);
    let Some(line) = guide.lines().find_map(|line| line.strip_prefix(&start)) else {
        return true;
    };
    let figures = line.split('|').filter_map(|cell| cell.trim().strip_suffix(" MB"));
    let documented: Vec<f64> = figures.filter_map(|figure| figure.parse().ok()).collect();
    let measured = [size.bytes, size.gzipped];
    documented.len() == measured.len()
        && documented.iter().zip(measured).all(|(documented, measured)| {
            let allowed = (measured * TOLERANCE_PERCENT / 100).max(10_000);
            (documented * 1e6).round() as u64 <= measured + allowed
                && (documented * 1e6).round() as u64 + allowed >= measured
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm64(bytes: u64, gzipped: u64) -> Size {
        arm64_of(Face::UniFfi, bytes, gzipped)
    }

    fn arm64_of(face: Face, bytes: u64, gzipped: u64) -> Size {
        Size {
            what: of_library(face, LIMITED),
            bytes,
            gzipped,
        }
    }

    #[test]
    fn the_table_rounds_up() {
        let table = table(&[arm64(1_490_001, 700_000)]);
        assert_eq!(table, "| `libcognito_signout.so`, arm64-v8a | 1.50 MB | 0.70 MB |");
    }

    #[test]
    fn a_byte_over_the_budget_is_over() {
        for face in [Face::UniFfi, Face::C] {
            let (bytes, gzipped) = budget(face);
            assert!(within_budget(&[arm64_of(face, bytes, gzipped)], 100).is_ok());
            assert!(within_budget(&[arm64_of(face, bytes + 1, gzipped)], 100).is_err());
            assert!(within_budget(&[arm64_of(face, bytes, gzipped + 1)], 100).is_err());
            assert!(within_budget(&[arm64_of(face, bytes + 1, gzipped)], 110).is_ok());
        }
    }

    #[test]
    fn the_guide_must_say_what_is_measured() {
        let guide = "| `libcognito_signout.so`, arm64-v8a | 1.50 MB | 0.70 MB | `a command` |";
        assert!(is_near(&arm64(1_500_000, 700_000), guide));
        assert!(is_near(&arm64(1_560_000, 690_000), guide), "within 5 %");
        assert!(!is_near(&arm64(1_590_000, 700_000), guide));
        assert!(!is_near(&arm64(1_500_000, 660_000), guide));
        assert!(!is_near(&arm64(1_500_000, 700_000), &guide.replace("0.70 MB", "?")));
        assert!(is_near(&arm64(1, 1), ""), "not in the guide");
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
        let program = std::env::current_exe().and_then(std::fs::read).unwrap_or_default();
        assert_eq!(is_stripped(&program).ok(), Some(false));
        assert!(is_stripped(b"PK\x03\x04").is_err());
    }

    #[test]
    fn a_file_that_is_no_library_is_not_measured() {
        let error = measure_libraries(Face::UniFfi, &[("x86_64", workspace().join("Cargo.toml"))]).unwrap_err();
        assert!(error.contains("Cargo.toml is no library ("), "{error}");
    }

    #[test]
    fn a_library_is_named_with_its_processor() {
        let error = libraries(&["library.so".into()]).unwrap_err();
        assert!(
            error.starts_with("library.so: say ABI=LIBRARY. ABIs: arm64-v8a, "),
            "{error}"
        );
        let error = libraries(&["mips=a/library.so".into()]).unwrap_err();
        assert!(error.starts_with("unknown ABI mips. ABIs: arm64-v8a, "), "{error}");
        let named = libraries(&["x86_64=a/library.so".into()]);
        assert_eq!(named, Ok(vec![("x86_64".into(), PathBuf::from("a/library.so"))]));
    }
}
