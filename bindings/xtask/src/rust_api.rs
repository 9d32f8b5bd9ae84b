//! The crate's public API in one file, so that a review shows each change of it.

use std::process::Command;

use crate::process::{cargo_command, output, run};
use crate::tools::CARGO_PUBLIC_API;
use crate::{bindgen, golden, workspace};

/// As in `[package.metadata.docs.rs]`: without `ffi`, which has no promise, and which adds UniFFI's traits to every type.
const FEATURES: &str = "admin,adopt,test-util";

/// Compares the API with the one on record. Rustdoc's JSON has a format for each version of Rust: cargo-public-api reads that of
/// CI's Rust.
pub(crate) fn compare() -> Result<(), String> {
    CARGO_PUBLIC_API.require()?;
    println!("$ RUSTDOC=…/rustdoc-with-json.sh cargo rustdoc --lib --features {FEATURES}");
    run(cargo_command()
        .args(["rustdoc", "--lib", "--features", FEATURES])
        .args(["--", "-Zunstable-options", "--output-format=json"])
        .env("RUSTDOC", workspace().join("bindings/xtask/rustdoc-with-json.sh")))?;
    let json = bindgen::folders()?.1.join("doc/cognito_signout.json");
    let api = output(
        Command::new(CARGO_PUBLIC_API.folder().join("bin/cargo-public-api"))
            .args(["--omit", "blanket-impls,auto-trait-impls,auto-derived-impls"])
            .arg("--rustdoc-json")
            .arg(json),
    )?;
    // The guides are modules for the documentation alone.
    let api: String = api
        .lines()
        .filter(|line| !line.starts_with("pub mod cognito_signout::guides"))
        .map(|line| format!("{line}\n"))
        .collect();
    golden::compare("bindings/api/rust.txt", &api, "cargo xtask rust-api")
}
