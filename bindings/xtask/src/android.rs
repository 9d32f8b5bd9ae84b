//! The AAR: the classes of the jar and Android's own, the manifest, the rules for shrinking, and a library for each processor.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bindgen::{self, FEATURES};
use crate::elf::Elf;
use crate::files::{read, remove, text, write};
use crate::kotlin::{self, Goal};
use crate::toolbox::{Toolbox, run, succeeds_quietly};
use crate::{VERSION, workspace};

/// Android's name of each processor, and Rust's.
pub(crate) const ABIS: &[(&str, &str)] = &[
    ("arm64-v8a", "aarch64-linux-android"),
    ("armeabi-v7a", "armv7-linux-androideabi"),
    ("x86_64", "x86_64-linux-android"),
];

/// What an app must have to build with the AAR: Android's Gradle plugin looks.
const METADATA: &str = "META-INF/com/android/build/gradle/aar-metadata.properties";

/// What of the AAR's is a file, and not built.
const PARTS: &[&str] = &[
    "AndroidManifest.xml",
    "R.txt",
    "proguard.txt",
    "res/xml/cognito_sign_out_data_extraction.xml",
    "res/xml/cognito_sign_out_full_backup.xml",
];

const LIBRARY: &str = "libcognito_signout.so";

/// A piece of code that occurs often becomes a function if that saves as many bytes: each costs some thirty for unwinding, which
/// LLVM does not reckon. It makes the library 3 % smaller.
const OUTLINED: &[&str] = &["--", "-C", "llvm-args=-outliner-benefit-threshold=48"];

/// A library, and the folder that is its processor's.
pub(crate) type Native<'a> = (&'a str, PathBuf);

/// Builds a library for each processor, which takes minutes, and then the AAR.
pub(crate) fn package(tools: &mut Toolbox) -> Result<(), String> {
    ndk()?;
    let (_, target) = bindgen::folders()?;
    let mut natives = Vec::new();
    for (abi, triple) in ABIS {
        // minSdk is 24.
        let ndk = ["ndk", "--target", abi, "--platform", "24", "--"];
        let build = ["rustc", "--lib", "--crate-type", "cdylib", "--profile", "mobile"];
        bindgen::cargo(&[&ndk[..], &build].concat(), &[FEATURES, OUTLINED].concat())?;
        natives.push((*abi, target.join(triple).join("mobile").join(LIBRARY)));
    }
    kotlin::build(Goal::Package, tools)?;
    kotlin::android_classes(&target)?;
    let folder = target.join("kotlin");
    let repository = folder.join("maven");
    let aar = assemble(&folder, &natives, &repository)?;
    check(&aar, &natives)?;
    natives.iter().try_for_each(|(_, library)| check_alignment(library))?;
    check_jna(&folder.join("jna.aar"))?;
    println!("AAR: {}\nrepository: {}", aar.display(), repository.display());
    Ok(())
}

/// What is missing on this machine, all at once.
fn ndk() -> Result<(), String> {
    let mut missing = Vec::new();
    if !["ANDROID_NDK_HOME", "ANDROID_NDK_ROOT", "ANDROID_HOME"]
        .iter()
        .any(|name| env::var_os(name).is_some())
    {
        missing.push("the Android NDK, with ANDROID_NDK_HOME set (by Android Studio: SDK Manager, NDK)".to_owned());
    }
    if !succeeds_quietly(&["cargo", "ndk", "--version"]) {
        missing.push("cargo-ndk: cargo install cargo-ndk".to_owned());
    }
    let installed = Command::new("rustc").args(["--print", "sysroot"]).output();
    let sysroot = installed.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    let sysroot = PathBuf::from(sysroot.unwrap_or_default());
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
        "cannot build for Android on this machine. It needs\n- {}\nWhat needs no NDK, the AAR's parts and how they are \
         put together, is checked by `cargo xtask kotlin --test`.",
        missing.join("\n- ")
    ))
}

/// Puts the AAR and its POM into a Maven repository, and returns the AAR.
pub(crate) fn assemble(built: &Path, natives: &[Native<'_>], repository: &Path) -> Result<PathBuf, String> {
    let parts = workspace().join("bindings/kotlin/android/src/main/aar");
    let name = "cognito-signout-android";
    let folder = repository.join("dev/cognitosignout").join(name).join(VERSION);
    let content = built.join("aar");
    remove(&content)?;
    for part in PARTS {
        write(&content.join(part), &read(&parts.join(part))?)?;
    }
    write(&content.join(METADATA), &read(&parts.join("aar-metadata.properties"))?)?;
    for (abi, library) in natives {
        write(&content.join("jni").join(abi).join(LIBRARY), &read(library)?)?;
    }
    // The jar's own folder also holds the libraries for desktops.
    let (jvm, android) = (
        built.join("cognito-signout/classes"),
        built.join("cognito-signout-android-classes/classes"),
    );
    let classes = content.join("classes.jar");
    jar(
        &classes,
        &[
            (&jvm, "dev"),
            (&jvm, "META-INF"),
            (&android, "dev"),
            (&android, "META-INF"),
            (&android, "io"),
        ],
    )?;

    let aar = folder.join(format!("{name}-{VERSION}.aar"));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    jar(&aar, &[(&content, ".")])?;
    let pom = text(&parts.join("pom.xml"))?;
    let pom = versions()?
        .into_iter()
        .fold(pom.replace("${revision}", VERSION), |pom, (name, version)| {
            pom.replace(&format!("${{{name}}}"), &version)
        });
    if pom.contains("${") {
        return Err(format!("a placeholder is left in the AAR's POM:\n{pom}"));
    }
    write(&folder.join(format!("{name}-{VERSION}.pom")), pom.as_bytes())?;
    Ok(aar)
}

/// Looks into an AAR that was put together: all of its parts, and nothing that belongs on a desktop.
pub(crate) fn check(aar: &Path, natives: &[Native<'_>]) -> Result<(), String> {
    let mut files = list(aar)?;
    files.sort();
    let mut expected: Vec<_> = [PARTS, &[METADATA, "classes.jar"]]
        .concat()
        .into_iter()
        .map(String::from)
        .collect();
    expected.extend(natives.iter().map(|(abi, _)| format!("jni/{abi}/{LIBRARY}")));
    expected.sort();
    if files != expected {
        return Err(format!("the AAR holds {files:?} in place of {expected:?}"));
    }
    let content = aar_content(aar)?;
    let classes = list(&content.join("classes.jar"))?;
    // It would be published with the AAR.
    remove(&content)?;
    for part in [
        "dev/cognitosignout/Auth.class",
        "dev/cognitosignout/android/RedirectActivity.class",
        "dev/cognitosignout/android/SignOutActivity.class",
        "dev/cognitosignout/ffi/UniffiLib.class",
        "io/crates/keyring/Keyring$Companion.class",
        // Where the Kotlin compiler looks for top-level functions, by package.
        "META-INF/cognito-signout.kotlin_module",
        "META-INF/cognito-signout-android-classes.kotlin_module",
    ] {
        if !classes.iter().any(|there| there == part) {
            return Err(format!("the AAR's classes.jar lacks {part}"));
        }
    }
    if let Some(stray) = classes
        .iter()
        .find(|name| name.ends_with(".so") || name.starts_with("android/"))
    {
        return Err(format!("the AAR's classes.jar has {stray}, which is not for it"));
    }
    Ok(())
}

/// JNA's own libraries, which an app carries beside ours: aligned for pages of 16 KB on every processor?
pub(crate) fn check_jna(aar: &Path) -> Result<(), String> {
    let unpacked = aar_content(aar)?;
    for (abi, _) in ABIS {
        let library = unpacked.join("jni").join(abi).join("libjnidispatch.so");
        check_alignment(&library)?;
    }
    Ok(())
}

pub(crate) fn check_alignment(library: &Path) -> Result<(), String> {
    match Elf::read(&read(library)?) {
        Some(elf) if elf.is_aligned() => Ok(()),
        other => Err(format!(
            "{} is not aligned for pages of 16 KB: {other:?}",
            library.display()
        )),
    }
}

/// The versions that Maven is told in `<properties>`, by name.
fn versions() -> Result<Vec<(String, String)>, String> {
    let pom = text(&workspace().join("bindings/kotlin/pom.xml"))?;
    let found = pom.lines().filter_map(|line| {
        let (name, rest) = line.trim().strip_prefix('<')?.split_once('>')?;
        let version = rest.strip_suffix(&format!("</{name}>"))?;
        name.ends_with(".version")
            .then(|| (name.to_owned(), version.to_owned()))
    });
    Ok(found.collect())
}

/// The same files give the same archive.
const DATE: &str = "--date=1980-02-01T00:00:00Z";

fn jar(archive: &Path, content: &[(&Path, &str)]) -> Result<(), String> {
    let mut command = Command::new("jar");
    command.args(["--create", "--no-manifest", DATE, "--file"]).arg(archive);
    for (folder, what) in content {
        command.arg("-C").arg(folder).arg(what);
    }
    run(&mut command)
}

/// The files in an archive.
fn list(archive: &Path) -> Result<Vec<String>, String> {
    let listed = Command::new("jar").args(["--list", "--file"]).arg(archive).output();
    let listed = listed.map_err(|error| format!("jar could not be started ({error})"))?;
    if !listed.status.success() {
        return Err(format!("{} cannot be read", archive.display()));
    }
    let names = String::from_utf8_lossy(&listed.stdout).into_owned();
    Ok(names
        .lines()
        .filter(|name| !name.ends_with('/'))
        .map(Into::into)
        .collect())
}

/// The archive, unpacked beside itself.
pub(crate) fn aar_content(aar: &Path) -> Result<PathBuf, String> {
    let folder = aar.with_extension("unpacked");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    run(Command::new("jar")
        .args(["--extract", "--file"])
        .arg(aar)
        .current_dir(&folder))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_aars_pom_takes_its_versions_from_mavens() {
        let versions = versions().unwrap_or_default();
        for name in ["kotlin.version", "coroutines.version", "jna.version"] {
            assert!(
                versions
                    .iter()
                    .any(|(found, version)| found == name && !version.is_empty()),
                "{name}"
            );
        }
    }
}
