//! The Flutter plugin: the Dart package, the plugin in it, and the native libraries in the plugin.

mod check;
#[cfg(test)]
mod manifests;

use std::path::{Path, PathBuf};

use crate::aar::{ABIS, Abi, LIBRARY, Native};
use crate::android::Ndk;
use crate::apple::{self, Slice};
use crate::bindgen::{self, folders};
use crate::face::Face;
use crate::files::{copy, copy_folder, remove};
use crate::{android, by_name, ndk_stand_in, notices, size, workspace};

pub(crate) use check::test;

/// The plugin, below the workspace. Its folder lies in the Dart package's, and so the package's path is the same wherever both are.
const PLUGIN: &str = "bindings/dart/flutter";

/// Builds the libraries that this machine can build, and puts the plugin together where an app adds it.
pub(crate) fn package() -> Result<(), String> {
    let plugin = put_together("flutter")?;
    let mut left_out = Vec::new();
    match android::installed() {
        Ok(ndk) => android(&plugin, &ndk, ABIS)?,
        Err(why) => left_out.push(format!("Android: {why}")),
    }
    if cfg!(target_os = "macos") {
        apple::for_flutter(&plugin.join(FRAMEWORK))?;
    } else {
        left_out.push("iOS and macOS: only a Mac with Xcode can build for them".into());
        let library = bindgen::build_small_desktop_library()?;
        let system = if cfg!(windows) { "windows" } else { "linux" };
        copy(
            &library,
            &plugin.join(system).join(library.file_name().unwrap_or_default()),
        )?;
    }
    for part in left_out {
        println!("not in the plugin: {part}");
    }
    println!("plugin: {}", plugin.display());
    Ok(())
}

/// The same over stand-ins for the NDK and for Xcode, with the processors and systems named or all: where no app looks.
pub(crate) fn rehearse(named: &[String]) -> Result<(), String> {
    let (abis, slices) = choose(named)?;
    let plugin = put_together("flutter-over-stand-ins")?;
    if !abis.is_empty() {
        android(&plugin, &ndk_stand_in::make(&abis)?, &abis)?;
    }
    if abis.contains(&ABIS[0]) {
        check::emulate(&library(&plugin, ABIS[0].0))?;
    }
    if !slices.is_empty() {
        apple::rehearse_for_flutter(&slices, &plugin.join(FRAMEWORK))?;
        check::swift_manifest(&plugin)?;
    }
    println!("plugin: {}", plugin.display());
    Ok(())
}

/// Where the plugin has its XCFramework.
const FRAMEWORK: &str = "darwin/cognito_signout_flutter/CognitoSignOutFFI.xcframework";

/// Where Gradle takes a library from.
fn library(plugin: &Path, abi: &str) -> PathBuf {
    plugin.join("android/src/main/jniLibs").join(abi).join(LIBRARY)
}

/// All that is text, into a folder of the target folder. Returns the plugin in it.
fn put_together(name: &str) -> Result<PathBuf, String> {
    let target = folders()?.1;
    let package = target.join(name).join("cognito_signout");
    remove(&package)?;
    copy_folder(&workspace().join("bindings/dart"), &package)?;
    let plugin = package.join("flutter");
    // The rules for backups, as in the AAR.
    let resources = workspace().join("bindings/kotlin/android/src/main/aar/res");
    copy_folder(&resources, &plugin.join("android/src/main/res"))?;
    notices::write_all()?;
    copy(
        &target.join("notices/mobile.txt"),
        &plugin.join("THIRD-PARTY-NOTICES.txt"),
    )?;
    Ok(plugin)
}

fn android(plugin: &Path, ndk: &Ndk, abis: &[Abi]) -> Result<(), String> {
    let natives: Vec<Native<'_>> = android::build(ndk, Face::C, abis)?;
    size::measure_libraries(Face::C, &natives)?;
    natives
        .iter()
        .try_for_each(|(abi, built)| copy(built, &library(plugin, abi)))
}

/// The processors of Android and the slices of Apple's systems with these names. Both have everything if nothing is named.
fn choose(named: &[String]) -> Result<(Vec<Abi>, Vec<&'static Slice>), String> {
    enum Part {
        Abi(Abi),
        Slice(&'static Slice),
    }
    let abis = ABIS.iter().map(|abi| Part::Abi(*abi));
    let slices = apple::SLICES.iter().filter(|slice| slice.is_for_flutter());
    let all: Vec<_> = abis.chain(slices.map(Part::Slice)).collect();
    let name = |part: &Part| match part {
        Part::Abi((abi, _)) => (*abi).to_owned(),
        Part::Slice(slice) => slice.name(),
    };
    let (mut abis, mut slices) = (Vec::new(), Vec::new());
    for part in by_name::choose("part", &all, name, named)? {
        match part {
            Part::Abi(abi) => abis.push(*abi),
            Part::Slice(slice) => slices.push(*slice),
        }
    }
    Ok((abis, slices))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(names: &[&str]) -> Result<(usize, Vec<String>), String> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let (abis, slices) = choose(&names)?;
        Ok((abis.len(), slices.into_iter().map(Slice::name).collect()))
    }

    #[test]
    fn processors_and_systems_are_chosen_by_name() {
        let phone = (1, vec!["ios-arm64".to_owned()]);
        assert_eq!(chosen(&["arm64-v8a", "ios-arm64"]), Ok(phone));
        let all = ["ios-arm64", "ios-arm64_x86_64-simulator", "macos-arm64_x86_64"];
        assert_eq!(chosen(&[]), Ok((3, all.map(str::to_owned).into())));
    }

    #[test]
    fn a_system_that_flutter_has_not_is_an_error_before_anything_is_built() {
        let error = rehearse(&["xros-arm64".into()]).unwrap_err();
        assert!(
            error.starts_with("unknown part xros-arm64. Parts: arm64-v8a, "),
            "{error}"
        );
    }
}
