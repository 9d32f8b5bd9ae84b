//! The package for Android: a library for each processor, built by cargo-ndk, and the AAR around them.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::Object;

use crate::aar::{self, ABIS, Abi, LIBRARY, Native};
use crate::bindgen;
use crate::face::{AAR, Face};
use crate::files::{read, write};
use crate::kotlin::{self, Goal};
use crate::natives::Natives;
use crate::packages::Packages;
use crate::process::{forget_this_package, output, run, succeeds_quietly};
use crate::{by_name, ndk_stand_in, notices, rustflags, size, workspace};

/// LLVM moves a piece of code that occurs often into a function of its own if that saves this many bytes. A library that unwinds is
/// 3 % smaller with this threshold: each function costs it thirty bytes more, which LLVM does not count. One that does not unwind is
/// 3 % larger, and 1.5 % smaller when gzipped, as it is downloaded.
const OUTLINED: &[&str] = &["--", "-C", "llvm-args=-outliner-benefit-threshold=48"];

/// What the compiler gets for every crate of a library in an app.
///
/// Every function of Android's code can have an entry in the table by which a crash prints its callers. Without the first flag
/// each one has; with it only those that a panic can pass, which need it to be caught. In the AAR these are none.
pub(crate) fn for_each_crate() -> Result<Vec<String>, String> {
    let mut flags = vec!["-Cforce-unwind-tables=no".to_owned()];
    flags.extend(rustflags::names_for_folders()?);
    Ok(flags)
}

/// What the compiler gets for our own crate, after cargo's own arguments.
///
/// The linker drops what is not exported. So it gets a list of what an app does not call: the other face's functions, and how the
/// library describes itself to UniFFI's generator, which reads the library for this machine. Of two lists of exports, the linker
/// takes a name's place from the one that calls it local.
fn for_apps(face: Face, all: &[String]) -> Result<Vec<String>, String> {
    let list = bindgen::folders()?.1.join(format!("not-for-apps-{face:?}.map"));
    let names: Vec<_> = hidden(face, all).map(|name| format!("{name};")).collect();
    write(&list, format!("{{ local: {} }};\n", names.join(" ")).as_bytes())?;
    let mut linker = vec![format!("--version-script={}", bindgen::utf8(&list)?)];
    if face.android_profile() == AAR && env::var(PANIC).as_deref() != Ok("unwind") {
        let script = bindgen::folders()?.1.join("without-tables.ld");
        write(&script, WITHOUT_TABLES.as_bytes())?;
        linker.extend([
            "--no-eh-frame-hdr".into(),
            format!("--script={}", bindgen::utf8(&script)?),
        ]);
    }
    let arguments = OUTLINED.iter().copied().map(String::from);
    let linker = linker
        .into_iter()
        .flat_map(|argument| ["-C".into(), format!("link-arg=-Wl,{argument}")]);
    Ok(arguments.chain(linker).collect())
}

/// A library that does not unwind needs no tables for it. Rustup's standard library brings its own, and with them the compiler makes an
/// entry for each function of ours: a quarter of the library.
const WITHOUT_TABLES: &str = "SECTIONS { /DISCARD/ : { *(.eh_frame) *(.gcc_except_table*) } } INSERT AFTER .text;\n";

/// Who wants panics to be caught sets it to `unwind`: docs/android.md.
const PANIC: &str = "CARGO_PROFILE_AAR_PANIC";

/// What gives the keychain the app's context. Java finds it by its name.
const CONTEXT: &str = "Java_dev_cognitosignout_android_AppContext_give";

/// The same of the crate `android-native-keyring-store`. Only the libraries for Android have it.
const CONTEXT_OF_THE_STORE: &str = "Java_io_crates_keyring_Keyring_00024Companion_initializeNdkContext";

fn is_for_apps(face: Face, export: &str) -> bool {
    face.has(export) || export == CONTEXT
}

/// What the linker hides. A name that the library does not have is an error of the linker.
fn hidden(face: Face, all: &[String]) -> impl Iterator<Item = &str> {
    let names = all.iter().map(String::as_str);
    names
        .filter(move |name| face.is_compiled_with(name) && !is_for_apps(face, name))
        .chain([CONTEXT_OF_THE_STORE])
}

/// Checks that a library for apps has its face's functions of all those, and nothing else.
fn check_exports(face: Face, library: &Path, all: &[String]) -> Result<(), String> {
    let there = exports(library)?;
    let of_face = all.iter().map(String::as_str).filter(|name| face.has(name));
    let expected: Vec<_> = of_face.chain([CONTEXT]).collect();
    let lost = expected.iter().find(|name| !there.iter().any(|there| there == *name));
    let stray = there.iter().find(|name| !expected.contains(&name.as_str()));
    match (lost, stray) {
        (None, None) => Ok(()),
        (Some(lost), _) => Err(format!("{} lacks {lost}", library.display())),
        (_, Some(stray)) => Err(format!("{} still has {stray}", library.display())),
    }
}

fn exports(library: &Path) -> Result<Vec<String>, String> {
    names(&read(library)?).map_err(|error| format!("{}: {error}", library.display()))
}

fn names(library: &[u8]) -> object::Result<Vec<String>> {
    let library = object::File::parse(library)?;
    // On a Mac, a name begins with another underscore.
    let before = if library.format() == object::BinaryFormat::MachO {
        "_"
    } else {
        ""
    };
    let exports = library.exports()?;
    let names = exports.iter().map(|export| String::from_utf8_lossy(export.name()));
    Ok(names
        .map(|name| name.strip_prefix(before).unwrap_or(&name).to_owned())
        .collect())
}

/// What builds for Android's processors.
pub(crate) struct Ndk {
    /// A program whose first argument is `ndk`: cargo, or cargo-ndk itself.
    pub(crate) cargo: PathBuf,
    pub(crate) env: Vec<(&'static str, OsString)>,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    /// Where the libraries are kept.
    pub(crate) natives: Natives,
}

/// Builds a library for each processor, which takes minutes, and then the AAR, into the repository for apps.
pub(crate) fn package() -> Result<(), String> {
    let natives = build_for_aar(&installed()?, ABIS)?;
    kotlin::build(Goal::Package)?;
    publish(&kotlin::packages(&bindgen::folders()?.1), &natives)
}

/// The same where there is no NDK, with the processors named: measures the libraries, and puts the AAR where no app looks.
pub(crate) fn rehearse(named: &[String]) -> Result<(), String> {
    let chosen = by_name::choose("ABI", ABIS, |(abi, _)| (*abi).to_owned(), named)?;
    let abis: Vec<_> = chosen.into_iter().copied().collect();
    let natives = build_for_aar(&ndk_stand_in::make(&abis)?, &abis)?;
    size::measure_libraries(Face::UniFfi, &natives)?;
    let target = kotlin::generate()?.target;
    notices::write_all()?;
    publish(&kotlin::undocumented(&target, "android-without-ndk"), &natives)
}

/// Builds the libraries of the AAR, and keeps them.
pub(crate) fn build_for_aar(ndk: &Ndk, abis: &[Abi]) -> Result<Vec<Native<'static>>, String> {
    let natives = build(ndk, Face::UniFfi, abis)?;
    natives
        .iter()
        .try_for_each(|(abi, library)| ndk.natives.keep(abi, library))?;
    Ok(natives)
}

/// Builds the libraries, and checks them.
pub(crate) fn build(ndk: &Ndk, face: Face, abis: &[Abi]) -> Result<Vec<Native<'static>>, String> {
    // The library for this machine has all faces.
    let all = exports(&bindgen::build_desktop_library()?)?;
    let for_apps = for_apps(face, &all)?;
    let for_each_crate = for_each_crate()?;
    let mut natives = Vec::new();
    for (abi, triple) in abis {
        let mut build = Command::new(&ndk.cargo);
        build
            .current_dir(workspace())
            // minSdk is 24.
            .args(["ndk", "--target", abi, "--platform", "24", "--"])
            .args(["rustc", "--locked", "--lib", "--crate-type", "cdylib"])
            .args(["--profile", face.android_profile()])
            .args(face.features())
            .args(&for_apps)
            .envs(ndk.env.iter().cloned())
            .envs([rustflags::variable(&for_each_crate)]);
        forget_this_package(&mut build);
        println!("$ cargo ndk --target {abi} …");
        run(&mut build)?;
        let library = ndk.target.join(triple).join(face.android_profile()).join(LIBRARY);
        aar::check_alignment(&library)?;
        check_exports(face, &library, &all)?;
        natives.push((*abi, library));
    }
    Ok(natives)
}

fn publish(packages: &Packages, natives: &[Native<'_>]) -> Result<(), String> {
    kotlin::compile(&bindgen::folders()?.1, "core,android", packages.documented)?;
    let aar = packages.publish_aar(natives)?;
    aar::check_jna(&packages.built.join("jna.aar"))?;
    println!("AAR: {}\nrepository: {}", aar.display(), packages.repository.display());
    Ok(())
}

/// The NDK. Or an error that lists all that is missing on this machine.
pub(crate) fn installed() -> Result<Ndk, String> {
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
        return Ok(Ndk {
            cargo: "cargo".into(),
            env: Vec::new(),
            target: bindgen::folders()?.1,
            natives: Natives::Android,
        });
    }
    Err(format!(
        "cannot build for Android on this machine. It needs\n- {}\nWithout the NDK, `cargo xtask android --stand-in` \
         rehearses it on Debian.",
        missing.join("\n- ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_processor_is_an_error_before_anything_is_built() {
        let error = rehearse(&["x86_64".into(), "mips".into()]).unwrap_err();
        assert!(error.starts_with("unknown ABI mips. ABIs: arm64-v8a, "), "{error}");
    }

    #[test]
    fn a_library_for_apps_has_the_functions_of_its_face_and_the_one_for_the_context() {
        let exports = ["uniffi_a", "ffi_b", "UNIFFI_META_A", "cs_abi_version", CONTEXT];
        let of = |face| exports.map(|export| is_for_apps(face, export));
        assert_eq!(of(Face::UniFfi), [true, true, false, false, true]);
        assert_eq!(of(Face::C), [false, false, false, true, true]);
    }

    #[test]
    fn the_linker_hides_no_name_that_the_library_does_not_have() {
        let all = ["uniffi_a", "ffi_b", "UNIFFI_META_A", "cs_abi_version", CONTEXT].map(str::to_owned);
        let of = |face| hidden(face, &all).collect::<Vec<_>>();
        assert_eq!(of(Face::UniFfi), ["UNIFFI_META_A", CONTEXT_OF_THE_STORE]);
        assert_eq!(
            of(Face::C),
            ["uniffi_a", "ffi_b", "UNIFFI_META_A", CONTEXT_OF_THE_STORE]
        );
    }

    /// The test's own program exports nothing.
    #[test]
    fn the_exports_of_a_program_are_none() {
        let program = env::current_exe().and_then(std::fs::read).unwrap_or_default();
        assert_eq!(names(&program).ok(), Some(Vec::new()));
        assert!(names(b"PK\x03\x04").is_err());
    }
}
