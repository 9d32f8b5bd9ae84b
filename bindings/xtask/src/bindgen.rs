//! Generates the Swift and the Kotlin inside the packages.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::process::cargo;

/// The library on phones: without TLS, because apps use their platform's.
pub(crate) const FEATURES: &[&str] = &["--no-default-features", "--features", "ffi,keychain"];

/// The library on desktops: it can open a browser. With the C ABI, so that one build serves all.
pub(crate) const DESKTOP_FEATURES: &[&str] = &["--no-default-features", "--features", "ffi,keychain,browser,c-abi"];

/// Makes the library ten times smaller, because it is copied and packed a few times. The symbols stay: UniFFI's generator
/// reads them.
pub(crate) const STRIPPED: &[&str] = &["--", "-C", "strip=debuginfo"];

/// Where the library and the generated files are.
#[derive(Debug)]
pub(crate) struct Generated {
    pub(crate) library: PathBuf,
    bindings: PathBuf,
    pub(crate) target: PathBuf,
}

impl Generated {
    /// One of the generated files for Swift.
    pub(crate) fn swift(&self, file: &str) -> PathBuf {
        self.bindings.join("swift").join(file)
    }

    /// One of the generated files for Kotlin, by its package's path.
    pub(crate) fn kotlin(&self, file: &str) -> PathBuf {
        self.bindings.join("kotlin").join(file)
    }
}

impl fmt::Display for Generated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "library:  {}", self.library.display())?;
        write!(f, "bindings: {}/{{swift,kotlin}}", self.bindings.display())
    }
}

/// Builds the library and UniFFI's generator for this machine, and runs the generator.
pub(crate) fn generate() -> Result<Generated, String> {
    bindings_of("cognito-signout", DESKTOP_FEATURES, &["swift", "kotlin"])
}

/// The same for the other UniFFI library, which the bindings' tests load together with this one.
pub(crate) fn generate_second(language: &str) -> Result<Generated, String> {
    bindings_of("second-library", &[], &[language])
}

fn bindings_of(package: &str, features: &[&str], languages: &[&str]) -> Result<Generated, String> {
    let (_, target) = folders()?;
    let library = build_library(package, features)?;
    let bindings = target.join("bindings");
    for language in languages {
        let (library, folder) = (utf8(&library)?, bindings.join(language));
        let generate = ["generate", "--no-format", "--language", language, "--out-dir"];
        // A dev build: a release build takes minutes and generates the same.
        cargo(
            &["run", "--package", "bindgen", "--"],
            &[&generate[..], &[utf8(&folder)?, library]].concat(),
        )?;
    }
    Ok(Generated {
        library,
        bindings,
        target,
    })
}

/// Builds the library that the tests of all bindings use.
pub(crate) fn build_desktop_library() -> Result<PathBuf, String> {
    build_library("cognito-signout", DESKTOP_FEATURES)
}

/// Builds the library that desktops get, as small as it gets. Takes minutes.
pub(crate) fn build_small_desktop_library() -> Result<PathBuf, String> {
    let mobile = ["rustc", "--lib", "--crate-type", "cdylib", "--profile", "mobile"];
    cargo(&mobile, DESKTOP_FEATURES)?;
    Ok(folders()?.1.join("mobile").join(our_file()))
}

fn build_library(package: &str, features: &[&str]) -> Result<PathBuf, String> {
    // The static one is for C. By itself it would be compiled once more.
    cargo(
        &[
            "rustc",
            "--package",
            package,
            "--lib",
            "--crate-type",
            "cdylib,staticlib",
        ],
        &[features, STRIPPED].concat(),
    )?;
    let (profile, _) = folders()?;
    Ok(profile.join(file_name(&package.replace('-', "_"))))
}

/// The library's file name on this machine.
pub(crate) fn our_file() -> String {
    file_name("cognito_signout")
}

fn file_name(library: &str) -> String {
    format!("{}{library}{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX)
}

/// Builds the server that the tests and the examples of the bindings start, and the search of memory. With the features of `cargo xtask test`: with
/// others, every dependency would be built again.
pub(crate) fn build_programs_for_tests() -> Result<(), String> {
    let programs = ["--example", "fake_cognito", "--example", "memory_of_app"];
    cargo(&[&["build"], &programs[..], &["--features", "ffi,admin"]].concat(), &[])
}

/// The folder of the dev profile, and the target folder. This program lies there itself.
pub(crate) fn folders() -> Result<(PathBuf, PathBuf), String> {
    let program = env::current_exe().map_err(|error| format!("the path of this program is unknown: {error}"))?;
    let mut above = program.ancestors().skip(1).map(Path::to_owned);
    match (above.next(), above.next()) {
        (Some(profile), Some(target)) => Ok((profile, target)),
        _ => Err(format!("{} is not in a target folder", program.display())),
    }
}

pub(crate) fn utf8(path: &Path) -> Result<&str, String> {
    path.to_str().ok_or_else(|| format!("{} is not UTF-8", path.display()))
}
