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

/// The plugin, below the workspace. It lies in the Dart package's folder, as it does where an app adds it.
const PLUGIN: &str = "bindings/dart/flutter";

/// The plugin's name, and the folder that it is put into. Flutter's tool can give the plugin's Swift package the name of that folder, and
/// then Xcode finds it only if both names are the same (flutter/flutter, issue 186881).
const NAME: &str = "cognito_signout_flutter";

/// What brings a library of its own, as the command line names it.
const SYSTEMS: &[&str] = &["android", "apple", "linux", "windows"];

/// Puts the plugin together where an app adds it, with the libraries that this machine can build, or those for the systems named.
pub(crate) fn package(named: &[String]) -> Result<(), String> {
    let systems = by_name::choose("system", SYSTEMS, |system| (*system).to_owned(), named)?;
    let (cannot, can): (Vec<_>, Vec<_>) = systems
        .into_iter()
        .map(|system| (*system, why_not(system)))
        .partition(|(_, why)| why.is_some());
    if let (false, Some((system, Some(why)))) = (named.is_empty(), cannot.first()) {
        return Err(format!("{system}: {why}"));
    }
    let plugin = put_together("flutter")?;
    for (system, _) in can {
        match system {
            "android" => android(&plugin, &android::installed()?, ABIS)?,
            "apple" => apple::for_flutter(&plugin.join(FRAMEWORK))?,
            _ => copy(&bindgen::build_small_desktop_library()?, &plugin.join(place(system)))?,
        }
        println!("{system}: built");
    }
    for (system, why) in cannot {
        let kept = if plugin.join(place(system)).exists() {
            "NOT BUILT. The plugin has what was there before"
        } else {
            "NOT IN THE PLUGIN"
        };
        println!("{system}: {kept}. {}", why.unwrap_or_default());
    }
    println!("plugin: {}", plugin.display());
    Ok(())
}

/// Why this machine cannot build for the system.
fn why_not(system: &str) -> Option<String> {
    match system {
        "android" => android::installed().err(),
        "apple" if !cfg!(target_os = "macos") => Some("only a Mac with Xcode can build for iOS and macOS".into()),
        "linux" if !cfg!(target_os = "linux") => Some("its library is built on Linux".into()),
        "windows" if !cfg!(windows) => Some("its library is built on Windows".into()),
        _ => None,
    }
}

/// Where the plugin has the library or the libraries for the system.
fn place(system: &str) -> &'static str {
    match system {
        "android" => "android/src/main/jniLibs",
        "apple" => FRAMEWORK,
        "linux" => "linux/libcognito_signout.so",
        _ => "windows/cognito_signout.dll",
    }
}

/// The same over stand-ins for the NDK and for Xcode, with the processors and systems named or all: where no app looks.
pub(crate) fn rehearse(named: &[String]) -> Result<(), String> {
    let (abis, slices) = choose(named)?;
    // Nothing of an earlier rehearsal is taken for something of this one.
    remove(&folders()?.1.join("flutter-over-stand-ins"))?;
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
    plugin.join(place("android")).join(abi).join(LIBRARY)
}

/// All that is text, into a folder of the target folder. Returns the plugin in it.
fn put_together(name: &str) -> Result<PathBuf, String> {
    let target = folders()?.1;
    let plugin = copy_sources(&target.join(name).join("cognito_signout"))?;
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

/// The Dart package's files, into this folder, and the plugin's, into one in it. The libraries that other machines have built stay
/// there, and so do the folders that `flutter create` has made.
fn copy_sources(package: &Path) -> Result<PathBuf, String> {
    let sources = workspace().join("bindings/dart");
    let plugin = package.join(NAME);
    for folder in ["lib", "test", "example"] {
        remove(&package.join(folder))?;
        copy_folder(&sources.join(folder), &package.join(folder))?;
    }
    for file in [
        "pubspec.yaml",
        "analysis_options.yaml",
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
    ] {
        copy(&sources.join(file), &package.join(file))?;
    }
    // A file that this version no longer has would still be compiled.
    let classes = format!("darwin/{NAME}/Sources");
    for folder in ["lib", "test", "example/lib", "android/src/main/java", &classes] {
        remove(&plugin.join(folder))?;
    }
    copy_folder(&sources.join("flutter"), &plugin)?;
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
    #[cfg(not(target_os = "macos"))]
    fn a_system_that_is_named_and_cannot_be_built_here_is_an_error_before_anything_is_built() {
        let error = package(&["apple".into()]).unwrap_err();
        assert_eq!(error, "apple: only a Mac with Xcode can build for iOS and macOS");
        let error = package(&["ios".into()]).unwrap_err();
        assert_eq!(error, "unknown system ios. Systems: android, apple, linux, windows");
    }

    #[test]
    fn what_other_machines_and_flutter_create_have_put_into_the_plugin_stays_and_old_code_goes() {
        let package = std::env::temp_dir().join(format!("xtask-flutter-{}", std::process::id()));
        let plugin = copy_sources(&package).unwrap();
        let others: Vec<_> = SYSTEMS.iter().map(|system| place(system)).collect();
        let others = others.into_iter().chain(["example/android/build.gradle.kts"]);
        let (stay, goes) = (others.map(|file| plugin.join(file)), plugin.join("lib/old.dart"));
        let stay: Vec<_> = stay.collect();
        for file in stay.iter().chain([&goes]) {
            crate::files::write(file, b"x").unwrap();
        }
        copy_sources(&package).unwrap();
        let lost: Vec<_> = stay.iter().filter(|file| !file.exists()).collect();
        assert_eq!((lost, goes.exists()), (Vec::new(), false));
        assert!(plugin.join("pubspec.yaml").exists() && !package.join("flutter").exists());
        remove(&package).unwrap();
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
