//! Builds the XCFramework and the package where there is no Xcode: with Debian's compiler, and LLVM's tools in place of Apple's. All
//! of our code is compiled for each system, but not optimized: to the linker it is all the same.

use std::path::{Path, PathBuf};

use super::link::Tools;
use super::slice::{SLICES, Slice};
use super::stand_in::system_libraries;
use super::{Compiled, Release, XCFRAMEWORK, build, compiler, sources};
use crate::bindgen::{self, Generated};
use crate::cross::{self, Library};
use crate::face::Face;
use crate::files::{copy_folder, remove};
use crate::process::{output, run};
use crate::swift::program;
use crate::tools::{CROSS_RUST, SWIFT};
use crate::{by_name, workspace};

/// A package that has nothing but the XCFramework. SwiftPM builds it on Linux, too.
const CONSUMER: &str = "bindings/xtask/app-for-check/package";

/// Makes the package where no app looks, with the slices named or all, and lets SwiftPM read it.
pub(crate) fn rehearse(named: &[String]) -> Result<(), String> {
    let slices = by_name::choose("slice", SLICES, Slice::name, named)?;
    CROSS_RUST.require()?;
    SWIFT.require()?;
    let target = bindgen::folders()?.1.join("apple-without-xcode");
    let package = target.join("CognitoSignOut");
    remove(&target)?;
    let generated = sources(&package)?;
    let xcframework = package.join(XCFRAMEWORK);
    build(&generated, Face::UniFfi, &slices, &xcframework, by_llvm)?;
    Release::Beside.stamp(&package)?;
    let described = output(program("swift", &package)?.args(["package", "describe"]))?;
    if !described.contains(XCFRAMEWORK) {
        return Err(format!(
            "SwiftPM does not find {XCFRAMEWORK} in the package:\n{described}"
        ));
    }
    consume(&xcframework, &target.join("consumer"))?;
    println!("package: {}", package.display());
    Ok(())
}

/// Makes the XCFramework of the Flutter plugin, with these slices.
pub(crate) fn rehearse_for_flutter(slices: &[&'static Slice], xcframework: &Path) -> Result<(), String> {
    CROSS_RUST.require()?;
    SWIFT.require()?;
    let generated = bindgen::generate()?;
    build(&generated, Face::C, slices, xcframework, by_llvm)?;
    let consumer = generated.target.join("flutter-check/consumer");
    remove(&consumer)?;
    consume(xcframework, &consumer)
}

/// Lets SwiftPM build a package with the XCFramework, in a folder that does not exist.
fn consume(xcframework: &Path, consumer: &Path) -> Result<(), String> {
    copy_folder(&workspace().join(CONSUMER), consumer)?;
    copy_folder(xcframework, &consumer.join(XCFRAMEWORK))?;
    println!("$ swift build");
    run(program("swift", consumer)?.args(["build", "--scratch-path", ".build"]))
}

fn by_llvm(generated: &Generated, face: Face, slice: &Slice) -> Result<Compiled, String> {
    let mut archives = Vec::new();
    for (processor, triple) in slice.processors {
        archives.push((
            *processor,
            archive("cognito-signout", face.features(), "0", slice, triple)?,
        ));
    }
    let files: Vec<&Path> = archives.iter().map(|(_, archive)| archive.as_path()).collect();
    let system = generated.target.join("apple-stand-in").join(slice.name());
    system_libraries(&system, slice, &files)?;
    Ok(Compiled {
        archives,
        tools: Tools::Llvm { system },
    })
}

/// A library as an archive of Rust's compiler.
pub(super) fn archive(
    package: &str,
    features: &[&str],
    level: &str,
    slice: &Slice,
    triple: &str,
) -> Result<PathBuf, String> {
    let compiler = compiler(slice)?;
    let mut env: Vec<_> = compiler.iter().map(|(name, value)| (*name, value.as_str())).collect();
    env.push(("CARGO_PROFILE_DEV_DEBUG", "line-tables-only"));
    env.push(("CARGO_PROFILE_DEV_OPT_LEVEL", level));
    cross::build(&Library {
        package,
        features,
        kind: "staticlib",
        target: triple,
        profile: "dev",
        env: &env,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_slice_is_an_error_before_anything_is_built() {
        let error = rehearse(&["macos-arm64_x86_64".into(), "tvos-arm64".into()]).unwrap_err();
        assert!(
            error.starts_with("unknown slice tvos-arm64. Slices: ios-arm64, "),
            "{error}"
        );
    }
}
