//! The package for Android: a library for each processor, built by cargo-ndk, and the AAR around them.

use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::aar::{self, ABIS, LIBRARY};
use crate::bindgen::{self, FEATURES};
use crate::kotlin::{self, Goal};
use crate::process::{cargo, output, succeeds_quietly};

/// LLVM moves a piece of code that occurs often into a function of its own if that saves this many bytes. Each function
/// costs about thirty bytes for unwinding, which LLVM does not count. The threshold makes the library 3 % smaller.
const OUTLINED: &[&str] = &["--", "-C", "llvm-args=-outliner-benefit-threshold=48"];

/// Builds a library for each processor, which takes minutes, and then the AAR.
pub(crate) fn package() -> Result<(), String> {
    ndk()?;
    let (_, target) = bindgen::folders()?;
    let mut natives = Vec::new();
    for (abi, triple) in ABIS {
        // minSdk is 24.
        let ndk = ["ndk", "--target", abi, "--platform", "24", "--"];
        let build = ["rustc", "--lib", "--crate-type", "cdylib", "--profile", "mobile"];
        cargo(&[&ndk[..], &build].concat(), &[FEATURES, OUTLINED].concat())?;
        natives.push((*abi, target.join(triple).join("mobile").join(LIBRARY)));
    }
    kotlin::build(Goal::Package)?;
    let packages = kotlin::packages(&target);
    kotlin::compile(&target, "core,android", packages.documented)?;
    let aar = packages.publish_aar(&natives)?;
    natives
        .iter()
        .try_for_each(|(_, library)| aar::check_alignment(library))?;
    aar::check_jna(&packages.built.join("jna.aar"))?;
    println!("AAR: {}\nrepository: {}", aar.display(), packages.repository.display());
    Ok(())
}

/// An error that lists all that is missing on this machine.
fn ndk() -> Result<(), String> {
    let mut missing = Vec::new();
    if !["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT", "ANDROID_HOME"]
        .iter()
        .any(|name| env::var_os(name).is_some())
    {
        missing.push("the Android NDK, with ANDROID_NDK_HOME set (by Android Studio: SDK Manager, NDK)".to_owned());
    }
    if !succeeds_quietly(Command::new("cargo").args(["ndk", "--version"])) {
        missing.push("cargo-ndk: cargo install cargo-ndk".to_owned());
    }
    let sysroot = PathBuf::from(output(Command::new("rustc").args(["--print", "sysroot"]))?);
    let targets = ABIS.iter().map(|(_, triple)| *triple);
    let absent: Vec<_> = targets
        .filter(|triple| !sysroot.join("lib/rustlib").join(triple).exists())
        .collect();
    if !absent.is_empty() {
        missing.push(format!("Rust for Android: rustup target add {}", absent.join(" ")));
    }
    if missing.is_empty() {
        return Ok(());
    }
    Err(format!(
        "cannot build for Android on this machine. It needs\n- {}\nWithout the NDK, `cargo xtask kotlin --test` checks the \
         AAR's parts and how they are put together.",
        missing.join("\n- ")
    ))
}
