//! Puts the AAR together and checks it: the classes of the jar, those that only Android has, the manifest, the rules for
//! shrinking, and a library for each processor.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use object::{Object, ObjectSegment};

use crate::files::{read, remove, text, write};
use crate::process::{output, run};
use crate::{VERSION, workspace};

/// Android's name of each processor, and Rust's.
pub(crate) const ABIS: &[(&str, &str)] = &[
    ("arm64-v8a", "aarch64-linux-android"),
    ("armeabi-v7a", "armv7-linux-androideabi"),
    ("x86_64", "x86_64-linux-android"),
];

pub(crate) const LIBRARY: &str = "libcognito_signout.so";

/// What an app needs to build with the AAR. Android's Gradle plugin reads it.
const METADATA: &str = "META-INF/com/android/build/gradle/aar-metadata.properties";

/// The AAR's parts that are files in this repository.
const PARTS: &[&str] = &[
    "AndroidManifest.xml",
    "R.txt",
    "proguard.txt",
    "res/xml/cognito_sign_out_data_extraction.xml",
    "res/xml/cognito_sign_out_full_backup.xml",
];

/// Google Play asks for libraries that load where pages have this size.
const PAGE: u64 = 16 * 1024;

/// A library, and the folder of its processor.
pub(crate) type Native<'a> = (&'a str, PathBuf);

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

/// Checks the content of an AAR: all of its parts, and nothing that belongs on a desktop.
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
        return Err(format!("the AAR contains {files:?}, not {expected:?}"));
    }
    let content = unpack(aar)?;
    let classes = list(&content.join("classes.jar"))?;
    // Otherwise it would be published with the AAR.
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
        return Err(format!("the AAR's classes.jar must not contain {stray}"));
    }
    Ok(())
}

/// JNA's own libraries, which an app carries beside ours: each must be aligned, on every processor.
pub(crate) fn check_jna(aar: &Path) -> Result<(), String> {
    let unpacked = unpack(aar)?;
    for (abi, _) in ABIS {
        check_alignment(&unpacked.join("jni").join(abi).join("libjnidispatch.so"))?;
    }
    Ok(())
}

/// Checks that a library loads where pages have 16 KB: every segment that is loaded must be aligned for them.
pub(crate) fn check_alignment(library: &Path) -> Result<(), String> {
    let alignments = alignments(&read(library)?).map_err(|error| format!("{}: {error}", library.display()))?;
    if are_aligned(&alignments) {
        return Ok(());
    }
    let library = library.display();
    Err(format!("{library} is not aligned for pages of 16 KB: {alignments:?}"))
}

fn are_aligned(alignments: &[u64]) -> bool {
    !alignments.is_empty() && alignments.iter().all(|alignment| alignment % PAGE == 0)
}

fn alignments(library: &[u8]) -> object::Result<Vec<u64>> {
    // Those of an ELF file that are loaded.
    let segments = object::File::parse(library)?;
    Ok(segments.segments().map(|segment| segment.align()).collect())
}

/// The versions in Maven's `<properties>`, by name.
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
    let names = output(Command::new("jar").args(["--list", "--file"]).arg(archive))?;
    let files = names.lines().filter(|name| !name.ends_with('/'));
    Ok(files.map(Into::into).collect())
}

/// Unpacks an archive into a folder beside it.
pub(crate) fn unpack(archive: &Path) -> Result<PathBuf, String> {
    let folder = archive.with_extension("unpacked");
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    run(Command::new("jar")
        .args(["--extract", "--file"])
        .arg(archive)
        .current_dir(&folder))?;
    Ok(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_is_aligned_if_each_of_its_segments_is() {
        assert!(are_aligned(&[16_384, 65_536]));
        assert!(!are_aligned(&[16_384, 4_096]));
        assert!(!are_aligned(&[]), "nothing was read");
    }

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
