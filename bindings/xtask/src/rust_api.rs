//! The crate's public API in one file, so that a review shows each change of it.

use std::process::Command;

use crate::process::output;
use crate::tools::{CARGO_PUBLIC_API, CARGO_SEMVER_CHECKS};
use crate::{golden, semver, workspace};

/// As in `[package.metadata.docs.rs]`: without `ffi`, which has no promise, and which adds UniFFI's traits to every type.
pub(crate) const FEATURES: &str = "admin,adopt,test-util";

/// Compares the API with the one on record, and with the baseline. Rustdoc's JSON has a format for each version of Rust: both
/// tools read that of CI's Rust.
pub(crate) fn compare() -> Result<(), String> {
    CARGO_PUBLIC_API.require()?;
    CARGO_SEMVER_CHECKS.require()?;
    let json = semver::document(&workspace(), FEATURES)?;
    let api = output(
        Command::new(CARGO_PUBLIC_API.folder().join("bin/cargo-public-api"))
            .args(["--omit", "blanket-impls,auto-trait-impls,auto-derived-impls"])
            .arg("--rustdoc-json")
            .arg(&json),
    )?;
    // The guides are modules for the documentation alone.
    let api: String = api
        .lines()
        .filter(|line| !line.starts_with("pub mod cognito_signout::guides"))
        .map(|line| format!("{line}\n"))
        .collect();
    let compared = golden::compare("bindings/api/rust.txt", &api, "cargo xtask rust-api");
    // Both, so that one run says all.
    semver::compare(&json, FEATURES).and(compared)
}
