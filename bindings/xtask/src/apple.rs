//! The Swift package that apps add: an XCFramework for Apple's systems, and the package around it.

mod check;
mod framework;
mod link;
mod macho;
mod property_list;
mod rehearsal;
mod slice;
mod stand_in;
mod verify;

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use check::check;
pub(crate) use framework::module_map;
pub(crate) use rehearsal::{rehearse, rehearse_for_flutter};
pub(crate) use slice::{SLICES, Slice};

use crate::bindgen::{self, Generated};
use crate::face::Face;
use crate::files::{copy, copy_folder, remove, text, write};
use crate::notices;
use crate::process::{cargo_command, output, run_aloud};
use crate::rustflags::{self, OUR_SOURCE};
use crate::swift::{PACKAGE, source};
use crate::zip::pack;
use crate::{VERSION, workspace};
use link::Tools;

const XCFRAMEWORK: &str = "CognitoSignOutFFI.xcframework";
const UNSTAMPED: &str = "let release: Release? = nil";

/// Puts the package together in `target/apple`. The XCFramework needs a Mac with Xcode.
pub(crate) fn package(url: Option<&str>) -> Result<(), String> {
    // First: the builds take minutes.
    if !cfg!(target_os = "macos") {
        return Err(
            "only a Mac with Xcode can build the XCFramework. On Debian, `cargo xtask apple --stand-in` rehearses it"
                .into(),
        );
    }
    let slices = there()?.told();
    let target = bindgen::folders()?.1.join("apple");
    let folder = target.join("CognitoSignOut");
    remove(&target)?;
    let generated = sources(&folder)?;
    let release = match url {
        None => {
            build(&generated, Face::UniFfi, &slices, &folder.join(XCFRAMEWORK), by_xcode)?;
            Release::Beside
        }
        Some(url) => {
            let zip = zip(&generated, &slices, &target)?;
            println!("put this at {url}: {}", zip.display());
            let checksum = checksum(&zip)?;
            Release::At {
                url: url.to_owned(),
                checksum,
            }
        }
    };
    release.stamp(&folder)?;
    println!("package: {}", folder.display());
    Ok(())
}

/// Puts all of the package that is text into an empty folder, but for the manifest.
pub(crate) fn sources(folder: &Path) -> Result<Generated, String> {
    let generated = bindgen::generate()?;
    source(&generated, "CognitoSignOutCore", &folder.join("Generated"))?;
    copy_folder(&workspace().join(PACKAGE).join("Sources"), &folder.join("Sources"))?;
    for file in ["LICENSE", "CHANGELOG.md"] {
        copy(&workspace().join(file), &folder.join(file))?;
    }
    copy(&workspace().join(PACKAGE).join("README.md"), &folder.join("README.md"))?;
    notices::write_all()?;
    let of_others = generated.target.join("notices/mobile.txt");
    copy(&of_others, &folder.join("THIRD-PARTY-NOTICES.txt"))?;
    Ok(generated)
}

/// Builds the XCFramework, and puts its zip into the folder.
pub(crate) fn zip(generated: &Generated, slices: &[&'static Slice], folder: &Path) -> Result<PathBuf, String> {
    // Not beside the zip: only the zip is published.
    let xcframework = generated.target.join("apple-linked").join(XCFRAMEWORK);
    build(generated, Face::UniFfi, slices, &xcframework, by_xcode)?;
    let zip = folder.join(zip_name());
    pack(&xcframework, &zip)?;
    Ok(zip)
}

/// The version is in the name, so that a download says what it is.
pub(crate) fn zip_name() -> String {
    format!("CognitoSignOutFFI-{VERSION}.xcframework.zip")
}

/// Builds the XCFramework of the Flutter plugin.
pub(crate) fn for_flutter(xcframework: &Path) -> Result<(), String> {
    let mut slices = there()?.told();
    slices.retain(|slice| slice.is_for_flutter());
    build(&bindgen::generate()?, Face::C, &slices, xcframework, by_xcode)
}

/// As SwiftPM compares it.
pub(crate) fn checksum(zip: &Path) -> Result<String, String> {
    output(Command::new("swift").args(["package", "compute-checksum"]).arg(zip))
}

/// Where the package's manifest says that the library is.
#[derive(Debug)]
pub(crate) enum Release {
    Beside,
    At {
        url: String,
        checksum: String,
    },
    /// For a consumer on this machine, which has no XCFramework.
    Installed,
}

impl Release {
    /// Writes the manifest into the package's folder.
    pub(crate) fn stamp(&self, folder: &Path) -> Result<(), String> {
        let manifest = text(&workspace().join(PACKAGE).join("Package.swift"))?;
        write(&folder.join("Package.swift"), self.stamped(&manifest)?.as_bytes())
    }

    fn stamped(&self, manifest: &str) -> Result<String, String> {
        if manifest.matches(UNSTAMPED).count() != 1 {
            return Err(format!("Package.swift must have the line `{UNSTAMPED}` once"));
        }
        let release = match self {
            Self::Beside => format!("Release.beside(path: \"{XCFRAMEWORK}\")"),
            Self::At { url, checksum } => format!("Release.at(url: \"{url}\", checksum: \"{checksum}\")"),
            Self::Installed => "Release.installed".to_owned(),
        };
        Ok(manifest.replace(UNSTAMPED, &format!("let release: Release? = {release}")))
    }
}

/// What Rust's compiler has made for a slice, and what links it.
struct Compiled {
    /// One for each processor, with the processor's name.
    archives: Vec<(&'static str, PathBuf)>,
    tools: Tools,
}

/// Compiles each slice, links it, and puts the XCFramework together.
fn build(
    generated: &Generated,
    face: Face,
    slices: &[&'static Slice],
    xcframework: &Path,
    compile: impl Fn(&Generated, Face, &Slice) -> Result<Compiled, String>,
) -> Result<(), String> {
    let folder = generated.target.join("apple-linked");
    let header = face.header(generated);
    let mut linked = Vec::new();
    for slice in slices {
        let compiled = compile(generated, face, slice)?;
        let library = link::link(&compiled.tools, face, slice, &compiled.archives, &folder)?;
        verify::verify(face, &library, &header, OUR_SOURCE)?;
        linked.push(library);
    }
    framework::assemble(xcframework, &header, &linked)
}

fn by_xcode(generated: &Generated, face: Face, slice: &Slice) -> Result<Compiled, String> {
    let mut archives = Vec::new();
    for (processor, triple) in slice.processors {
        run_aloud(
            cargo_command()
                .args(["rustc", "--lib", "--crate-type", "staticlib", "--profile", "mobile"])
                .args(["--target", triple])
                .args(face.features())
                .envs(compiler(slice)?)
                .env("CARGO_PROFILE_MOBILE_DEBUG", "line-tables-only"),
        )?;
        let archive = generated.target.join(triple).join("mobile/libcognito_signout.a");
        archives.push((*processor, archive));
    }
    Ok(Compiled {
        archives,
        tools: Tools::Xcode,
    })
}

/// What Rust's compiler is told: the oldest system, and names in place of this machine's folders.
fn compiler(slice: &Slice) -> Result<[(&'static str, String); 2], String> {
    Ok([
        (slice.oldest.variable, slice.oldest.version.to_owned()),
        rustflags::variable(&rustflags::names_for_folders()?),
    ])
}

/// The slices that this machine's Rust can build, and those that it cannot.
pub(crate) fn there() -> Result<Choice, String> {
    let sysroot = PathBuf::from(output(Command::new("rustc").args(["--print", "sysroot"]))?);
    choose(|triple| sysroot.join("lib/rustlib").join(triple).exists())
}

pub(crate) struct Choice {
    pub(crate) there: Vec<&'static Slice>,
    /// The names of the other slices, each with the Rust targets that are missing.
    pub(crate) left_out: Vec<(String, String)>,
}

impl Choice {
    /// The slices that are there. Says which ones are not.
    fn told(self) -> Vec<&'static Slice> {
        for (slice, triples) in self.left_out {
            println!("not in the XCFramework: {slice}. This Rust has no standard library for {triples}");
        }
        self.there
    }
}

/// The slices for which everything is installed. An error if one is not that must not be left out.
fn choose(is_installed: impl Fn(&str) -> bool) -> Result<Choice, String> {
    let missing = |slice: &Slice| {
        let triples = slice.processors.iter().map(|(_, triple)| *triple);
        triples
            .filter(|triple| !is_installed(triple))
            .collect::<Vec<_>>()
            .join(" ")
    };
    let (there, lost): (Vec<_>, Vec<_>) = SLICES.iter().partition(|slice| missing(slice).is_empty());
    let required = lost.iter().filter(|slice| slice.is_required);
    let needed: Vec<_> = required.map(|slice| missing(slice)).collect();
    if !needed.is_empty() {
        return Err(format!(
            "needs Rust for Apple's systems: rustup target add {}",
            needed.join(" ")
        ));
    }
    let left_out = lost.iter().map(|slice| (slice.name(), missing(slice))).collect();
    Ok(Choice { there, left_out })
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;

    use super::*;

    #[test]
    fn the_manifest_of_the_repository_can_be_stamped_once() {
        let manifest = fs::read_to_string(workspace().join(PACKAGE).join("Package.swift")).unwrap_or_default();
        let release = Release::At {
            url: "https://example.com/a.zip".into(),
            checksum: "abc".into(),
        };
        let stamped = release.stamped(&manifest).unwrap_or_default();
        let line = "let release: Release? = Release.at(url: \"https://example.com/a.zip\", checksum: \"abc\")\n";
        assert!(stamped.contains(line));
        assert!(release.stamped(&stamped).is_err());
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

    #[cfg(not(target_os = "macos"))]
    #[test]
    fn without_a_mac_nothing_is_built() {
        let before = fs::metadata(bindgen::folders().unwrap().1.join("apple")).ok();
        let error = package(None).unwrap_err();
        assert!(error.starts_with("only a Mac with Xcode"), "{error}");
        let after = fs::metadata(bindgen::folders().unwrap().1.join("apple")).ok();
        let made = |folder: Option<fs::Metadata>| folder.and_then(|folder| folder.modified().ok());
        assert_eq!(made(before), made(after));
    }

    #[test]
    fn a_slice_that_rust_cannot_build_is_left_out_and_named() {
        let all = choose(|_| true).unwrap();
        assert_eq!((all.there.len(), all.left_out.len()), (SLICES.len(), 0));
        let missing = [
            "x86_64-apple-ios-macabi",
            "aarch64-apple-visionos",
            "aarch64-apple-visionos-sim",
        ];
        let choice = choose(|triple| !missing.contains(&triple)).unwrap();
        assert!(choice.there.iter().all(|slice| slice.is_required));
        let lost = choice.left_out.iter();
        let lost: Vec<_> = lost
            .map(|(slice, triples)| (slice.as_str(), triples.as_str()))
            .collect();
        assert_eq!(
            lost,
            [
                ("ios-arm64_x86_64-maccatalyst", "x86_64-apple-ios-macabi"),
                ("xros-arm64", "aarch64-apple-visionos"),
                ("xros-arm64-simulator", "aarch64-apple-visionos-sim"),
            ]
        );
    }

    #[test]
    fn without_iphones_and_macs_there_is_no_xcframework() {
        let error = choose(|triple| triple != "aarch64-apple-ios-sim" && triple != "x86_64-apple-ios")
            .err()
            .unwrap();
        assert!(
            error.ends_with("rustup target add aarch64-apple-ios-sim x86_64-apple-ios"),
            "{error}"
        );
    }

    #[test]
    fn the_compiler_is_told_names_in_place_of_folders() {
        let [(_, oldest), (_, flags)] = compiler(&SLICES[0]).unwrap();
        assert_eq!(oldest, "15.0");
        let names = ["=/cognito-signout\u{1f}", "=/cargo\u{1f}", "=/crates"];
        assert!(names.iter().all(|name| flags.contains(name)), "{flags}");
        assert!(
            flags
                .split('\u{1f}')
                .all(|flag| flag.starts_with("--remap-path-prefix=/")),
            "{flags}"
        );
    }
}
