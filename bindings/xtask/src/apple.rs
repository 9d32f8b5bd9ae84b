//! The Swift package that apps add: an XCFramework for devices, simulators and macOS, and the package around it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bindgen::{self, FEATURES};
use crate::cross::{self, Library};
use crate::files::{copy, remove, text, write};
use crate::process::{cargo_command, output, run_aloud};
use crate::swift::{PACKAGE, module, source};
use crate::tools::CROSS_RUST;
use crate::{VERSION, workspace};

/// The XCFramework has a library for each of these. One library can hold several targets.
const PLATFORMS: &[(&str, &[&str])] = &[
    ("ios", &["aarch64-apple-ios"]),
    ("ios-simulator", &["aarch64-apple-ios-sim", "x86_64-apple-ios"]),
    ("macos", &["aarch64-apple-darwin", "x86_64-apple-darwin"]),
];

/// The oldest systems that `Package.swift` names.
const DEPLOYMENT: &[(&str, &str)] = &[
    ("IPHONEOS_DEPLOYMENT_TARGET", "15.0"),
    ("MACOSX_DEPLOYMENT_TARGET", "12.0"),
];

const UNSTAMPED: &str = "let release: Release? = nil";

/// Puts the package together in `target/apple`. The XCFramework comes last, because only Xcode can build it, on a Mac.
pub(crate) fn package(url: Option<&str>) -> Result<(), String> {
    let generated = bindgen::generate()?;
    let target = bindgen::folders()?.1;
    let (folder, headers) = (target.join("apple/CognitoSignOut"), target.join("apple/headers"));
    // In a folder of its own, because Xcode copies the headers of all frameworks into one.
    module(&generated, "CognitoSignOutFFI", &headers)?;
    source(&generated, "CognitoSignOutCore", &folder.join("Generated"))?;
    let sources = folder.join("Sources");
    // Otherwise a file that was deleted from the repository would still be released.
    remove(&sources)?;
    copy_folder(&workspace().join(PACKAGE).join("Sources"), &sources)?;
    if !cfg!(target_os = "macos") {
        return Err(format!(
            "the sources of the package are in {}, but only a Mac with Xcode can build its XCFramework",
            folder.display()
        ));
    }

    let framework = folder.join("CognitoSignOutFFI.xcframework");
    build_framework(&target, &headers, &framework)?;
    let release = match url {
        None => "Release.beside(path: \"CognitoSignOutFFI.xcframework\")".to_owned(),
        Some(url) => {
            let zip = target.join(format!("apple/CognitoSignOutFFI-{VERSION}.xcframework.zip"));
            run_aloud(
                Command::new("ditto")
                    .args(["-c", "-k", "--keepParent"])
                    .arg(&framework)
                    .arg(&zip),
            )?;
            let checksum = output(Command::new("swift").args(["package", "compute-checksum"]).arg(&zip))?;
            println!("put this at {url}: {}", zip.display());
            format!("Release.at(url: \"{url}\", checksum: \"{checksum}\")")
        }
    };
    let manifest = text(&workspace().join(PACKAGE).join("Package.swift"))?;
    write(&folder.join("Package.swift"), stamp(&manifest, &release)?.as_bytes())?;
    println!("package: {}", folder.display());
    Ok(())
}

/// Builds the library for iOS where there is no Xcode.
pub(crate) fn check() -> Result<(), String> {
    CROSS_RUST.require()?;
    let library = cross::build(&Library {
        package: "cognito-signout",
        features: FEATURES,
        kind: "staticlib",
        target: "aarch64-apple-ios",
        profile: "dev",
        env: DEPLOYMENT,
    })?;
    println!("built: {}", library.display());
    Ok(())
}

fn build_framework(target: &Path, headers: &Path, framework: &Path) -> Result<(), String> {
    let mut create = Command::new("xcodebuild");
    create.arg("-create-xcframework");
    for (platform, targets) in PLATFORMS {
        let mut libraries = Vec::new();
        for triple in *targets {
            libraries.push(build(target, triple)?);
        }
        let library = target.join("apple").join(platform).join("libcognito_signout.a");
        fs::create_dir_all(library.parent().unwrap_or(target)).map_err(|error| error.to_string())?;
        run_aloud(
            Command::new("lipo")
                .arg("-create")
                .args(&libraries)
                .arg("-output")
                .arg(&library),
        )?;
        create.arg("-library").arg(library).arg("-headers").arg(headers);
    }
    // Xcode does not overwrite one.
    remove(framework)?;
    run_aloud(create.arg("-output").arg(framework))
}

fn build(target: &Path, triple: &str) -> Result<PathBuf, String> {
    run_aloud(
        cargo_command()
            .args(["rustc", "--lib", "--crate-type", "staticlib", "--profile", "mobile"])
            .args(["--target", triple])
            .args(FEATURES)
            .envs(DEPLOYMENT.iter().copied()),
    )?;
    Ok(target.join(triple).join("mobile/libcognito_signout.a"))
}

/// The manifest of a release.
fn stamp(manifest: &str, release: &str) -> Result<String, String> {
    if manifest.matches(UNSTAMPED).count() == 1 {
        Ok(manifest.replace(UNSTAMPED, &format!("let release: Release? = {release}")))
    } else {
        Err(format!("Package.swift must have the line `{UNSTAMPED}` once"))
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    for entry in fs::read_dir(from).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let to = to.join(path.file_name().unwrap_or_default());
        if path.is_dir() {
            copy_folder(&path, &to)?;
        } else {
            copy(&path, &to)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    #[test]
    fn the_manifest_of_the_repository_can_be_stamped_once() {
        let manifest = fs::read_to_string(workspace().join(PACKAGE).join("Package.swift")).unwrap_or_default();
        let release = "Release.at(url: \"https://example.com/a.zip\", checksum: \"abc\")";
        let stamped = stamp(&manifest, release).unwrap_or_default();
        assert!(stamped.contains(&format!("let release: Release? = {release}\n")));
        assert!(stamp(&stamped, release).is_err());
    }

    #[test]
    fn a_release_has_the_resources_that_its_manifest_names() {
        let package = workspace().join(PACKAGE);
        let manifest = fs::read_to_string(package.join("Package.swift")).unwrap_or_default();
        let sources = env::temp_dir().join(format!("xtask-apple-{}", std::process::id()));
        assert_eq!(copy_folder(&package.join("Sources"), &sources), Ok(()));
        let resources: Vec<_> = manifest.split(".copy(\"").skip(1).collect();
        let lost: Vec<_> = resources
            .iter()
            .filter_map(|rest| rest.split('"').next())
            .filter(|name| !sources.join("CognitoSignOut").join(name).is_file())
            .collect();
        let _ = fs::remove_dir_all(&sources);
        assert!(!resources.is_empty());
        assert!(lost.is_empty(), "{lost:?}");
    }
}
