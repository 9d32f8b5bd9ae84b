//! Puts the AAR together and checks it: the classes that only Android has, the manifest, the resources, the rules for
//! shrinking, and a library for each processor.

use std::path::{Path, PathBuf};

use object::{Object, ObjectSegment};

use crate::archive;
use crate::files::{copy, read, remove};
use crate::packages::{LICENCE, OF_OTHERS};
use crate::workspace;

/// Android's name of a processor, and Rust's.
pub(crate) type Abi = (&'static str, &'static str);

pub(crate) const ABIS: &[Abi] = &[
    ("arm64-v8a", "aarch64-linux-android"),
    ("armeabi-v7a", "armv7-linux-androideabi"),
    ("x86_64", "x86_64-linux-android"),
];

pub(crate) const LIBRARY: &str = "libcognito_signout.so";

/// What an app needs to build with the AAR. Android's Gradle plugin reads it.
const METADATA: &str = "META-INF/com/android/build/gradle/aar-metadata.properties";

/// The AAR's parts that are files in this repository: these, and all resources.
const PARTS: &[&str] = &["AndroidManifest.xml", "R.txt", "proguard.txt"];

/// Google Play asks for libraries that load where pages have this size.
const PAGE: u64 = 16 * 1024;

/// A library, and the folder of an archive that it goes into.
pub(crate) type Native<'a> = (&'a str, PathBuf);

/// Puts the AAR together, in a folder of what Maven has built.
pub(crate) fn assemble(built: &Path, licences: &Path, natives: &[Native<'_>]) -> Result<PathBuf, String> {
    let parts = workspace().join("bindings/kotlin/android/src/main/aar");
    let content = built.join("aar");
    remove(&content)?;
    for part in parts_of(&parts)? {
        copy(&parts.join(&part), &content.join(&part))?;
    }
    copy(&parts.join("aar-metadata.properties"), &content.join(METADATA))?;
    for (abi, library) in natives {
        copy(library, &content.join("jni").join(abi).join(LIBRARY))?;
    }
    let classes = built.join("cognito-signout-android-classes/classes");
    archive::pack(&content.join("classes.jar"), None, &[&classes])?;
    let aar = built.join("cognito-signout.aar");
    // Beside the classes, not in their jar: what is in there, each app would carry, and two libraries' files would clash.
    archive::pack(&aar, None, &[&content, licences])?;
    Ok(aar)
}

fn parts_of(folder: &Path) -> Result<Vec<String>, String> {
    let resources = archive::files(&folder.join("res"))?;
    let resources = resources.into_iter().map(|file| format!("res/{file}"));
    Ok(PARTS.iter().map(|part| (*part).to_owned()).chain(resources).collect())
}

/// What the native library finds by its name.
const APP_CONTEXT: &str = "dev/cognitosignout/android/AppContext.class";

/// Checks the code of an app that R8 has shrunk and renamed: the library must still find its class.
pub(crate) fn check_shrunk(dex: &[u8]) -> Result<(), String> {
    let name = APP_CONTEXT.trim_end_matches(".class");
    let type_name = format!("L{name};");
    if dex.windows(type_name.len()).any(|there| there == type_name.as_bytes()) {
        return Ok(());
    }
    Err(format!("R8 has renamed {name}: see the rules in proguard.txt"))
}

/// Checks the content of an AAR: all of its parts, and nothing that belongs on a desktop or into the jar of shared classes.
pub(crate) fn check(aar: &Path, natives: &[Native<'_>]) -> Result<(), String> {
    let mut files = archive::list(aar)?;
    files.sort();
    let mut expected = parts_of(&workspace().join("bindings/kotlin/android/src/main/aar"))?;
    expected.extend([METADATA, "classes.jar", LICENCE, OF_OTHERS].map(String::from));
    expected.extend(natives.iter().map(|(abi, _)| format!("jni/{abi}/{LIBRARY}")));
    expected.sort();
    if files != expected {
        return Err(format!("the AAR contains {files:?}, not {expected:?}"));
    }
    let classes = archive::list(&archive::unpack(aar)?.join("classes.jar"))?;
    for part in [
        "dev/cognitosignout/android/RedirectActivity.class",
        "dev/cognitosignout/android/SignOutActivity.class",
        APP_CONTEXT,
        // Where the Kotlin compiler looks for top-level functions, by package.
        "META-INF/cognito-signout-android-classes.kotlin_module",
    ] {
        if !classes.iter().any(|there| there == part) {
            return Err(format!("the AAR's classes.jar lacks {part}"));
        }
    }
    let belongs = |name: &String| {
        ["META-INF/", "dev/cognitosignout/android/"]
            .iter()
            .any(|start| name.starts_with(start))
    };
    match classes.iter().find(|name| !belongs(name)) {
        Some(stray) => Err(format!("the AAR's classes.jar must not contain {stray}")),
        None => Ok(()),
    }
}

/// JNA's own libraries, which an app carries beside ours: each must be aligned, on every processor.
pub(crate) fn check_jna(aar: &Path) -> Result<(), String> {
    let unpacked = archive::unpack(aar)?;
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
    fn a_shrunk_app_must_have_the_class_that_the_library_finds_by_its_name() {
        assert!(check_shrunk(b"..Ldev/cognitosignout/android/AppContext;..").is_ok());
        assert!(check_shrunk(b"..La/b;..").is_err());
    }
}
