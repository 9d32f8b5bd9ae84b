//! The package for Android: a library for each processor, built by cargo-ndk, and the AAR around them.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::Object;

use crate::aar::{self, ABIS, LIBRARY};
use crate::bindgen::{self, FEATURES};
use crate::files::{read, write};
use crate::kotlin::{self, Goal};
use crate::natives::Natives;
use crate::process::{cargo_command, output, run_aloud, succeeds_quietly};
use crate::rustflags;

/// LLVM moves a piece of code that occurs often into a function of its own if that saves this many bytes. Each function
/// costs about thirty bytes for unwinding, which LLVM does not count. The threshold makes the library 3 % smaller.
const OUTLINED: &[&str] = &["--", "-C", "llvm-args=-outliner-benefit-threshold=48"];

/// What the compiler gets for every crate of a library in an app.
///
/// Every function of Android's code can have an entry in the table by which a crash prints its callers. Without the first flag
/// each one has; with it only those that a panic can pass, which need it to be caught.
pub(crate) fn for_each_crate() -> Result<Vec<String>, String> {
    let mut flags = vec!["-Cforce-unwind-tables=no".to_owned()];
    flags.extend(rustflags::names_for_folders()?);
    Ok(flags)
}

/// What the compiler gets for our own crate, after cargo's own arguments.
///
/// The library describes itself to UniFFI's generator, which reads the library for this machine. In an app nobody reads it: the
/// linker drops what is not exported. Of two lists of exports, the linker takes a name's place from the one that calls it local.
pub(crate) fn for_apps() -> Result<Vec<String>, String> {
    let generated = bindgen::generate()?;
    let list = generated.target.join("bindings/not-for-apps.map");
    let names = descriptions(&read(&generated.library)?)
        .map_err(|error| format!("{}: {error}", generated.library.display()))?;
    write(&list, format!("{{ local: {} }};\n", names.join(" ")).as_bytes())?;
    let linker = format!("link-arg=-Wl,--version-script={}", bindgen::utf8(&list)?);
    let arguments = OUTLINED.iter().copied().map(String::from);
    Ok(arguments.chain(["-C".into(), linker]).collect())
}

/// Checks that a library for apps does not describe itself.
pub(crate) fn check_exports(library: &Path) -> Result<(), String> {
    match descriptions(&read(library)?) {
        Ok(names) if names.is_empty() => Ok(()),
        Ok(names) => Err(format!("{} still has {}", library.display(), names[0])),
        Err(error) => Err(format!("{}: {error}", library.display())),
    }
}

fn descriptions(library: &[u8]) -> object::Result<Vec<String>> {
    let exports = object::File::parse(library)?.exports()?;
    let names = exports
        .iter()
        .map(|export| String::from_utf8_lossy(export.name()).into_owned());
    // On a Mac, a name begins with another underscore.
    let names = names.filter_map(|name| Some(format!("{};", &name[name.find("UNIFFI_META_")?..])));
    Ok(names.collect())
}

/// Builds a library for each processor, which takes minutes, and then the AAR.
pub(crate) fn package() -> Result<(), String> {
    ndk()?;
    let (_, target) = bindgen::folders()?;
    let for_apps = for_apps()?;
    let for_apps: Vec<_> = for_apps.iter().map(String::as_str).collect();
    let for_each_crate = for_each_crate()?;
    let mut natives = Vec::new();
    for (abi, triple) in ABIS {
        // minSdk is 24.
        let ndk = ["ndk", "--target", abi, "--platform", "24", "--"];
        let build = ["rustc", "--lib", "--crate-type", "cdylib", "--profile", "mobile"];
        let arguments = [&ndk[..], &build, FEATURES, &for_apps].concat();
        run_aloud(
            cargo_command()
                .args(arguments)
                .envs([rustflags::variable(&for_each_crate)]),
        )?;
        let library = target.join(triple).join("mobile").join(LIBRARY);
        Natives::Android.keep(abi, &library)?;
        natives.push((*abi, library));
    }
    kotlin::build(Goal::Package)?;
    let packages = kotlin::packages(&target);
    kotlin::compile(&target, "core,android", packages.documented)?;
    let aar = packages.publish_aar(&natives)?;
    natives
        .iter()
        .try_for_each(|(_, library)| aar::check_alignment(library).and_then(|()| check_exports(library)))?;
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The test's own program exports nothing.
    #[test]
    fn only_a_library_describes_itself() {
        let program = env::current_exe().and_then(std::fs::read).unwrap_or_default();
        assert_eq!(descriptions(&program).ok(), Some(Vec::new()));
        assert!(descriptions(b"PK\x03\x04").is_err());
    }
}
