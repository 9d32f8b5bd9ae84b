//! Links the framework into an app for iOS where there is no Xcode, with Debian's compiler and LLVM's linker. What stands
//! for Apple's system libraries is made from what is undefined. So this does not show that Apple's systems have it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::framework::{self, Linked, NAME, install_name};
use super::link::{self, Tools};
use super::macho::facts;
use super::rehearsal::archive;
use super::slice::{SLICES, Slice};
use super::stand_in::{LLVM, system_libraries};
use super::verify::verify;
use crate::bindgen::{self, FEATURES};
use crate::face::Face;
use crate::files::{contains, copy_folder, read, remove};
use crate::process::run;
use crate::rustflags::{OUR_SOURCE, names_no_folder};
use crate::swift::program;
use crate::tools::{CROSS_RUST, SWIFT};
use crate::workspace;
use crate::zip::pack;

/// The code of the app, and of a small library.
const SOURCES: &str = "bindings/xtask/app-for-check";
/// iOS, on a device.
const SLICE: &Slice = &SLICES[0];
const PROCESSOR: &str = "arm64";
/// What the app calls in each Rust library.
const OURS: &str = "_ffi_cognito_signout_uniffi_contract_version";
const OTHERS: &str = "_ffi_second_library_uniffi_contract_version";
/// Rust gives this name to a function in every program.
const IN_BOTH: &str = "rust_eh_personality";

/// Builds the framework, checks it, and links an app with it, with a second Rust library, Objective-C and C++. Fails too if
/// two static Rust libraries can be linked: then this check is blind.
pub(crate) fn check() -> Result<(), String> {
    CROSS_RUST.require()?;
    SWIFT.require()?;
    let header = bindgen::generate()?.swift("CognitoSignOutFFI.h");
    let folder = bindgen::folders()?.1.join("apple-check");
    remove(&folder)?;
    let triple = SLICE.processors[0].1;
    let ours = archive("cognito-signout", FEATURES, "0", SLICE, triple)?;
    // Optimized otherwise, as another vendor has another compiler: most of Rust's own functions then have other names. Two
    // libraries by one compiler in one way share them, and hide the problem.
    let second = archive("second-library", &[], "1", SLICE, triple)?;

    let system = folder.join("system");
    let tools = Tools::Llvm { system: system.clone() };
    system_libraries(&system, SLICE, &[&ours])?;
    let ios = twice(&folder.join("ios"), &header, |folder| {
        let linked = link::link(&tools, Face::UniFfi, SLICE, &[(PROCESSOR, ours.clone())], folder)?;
        verify(Face::UniFfi, &linked, &header, OUR_SOURCE)?;
        Ok(vec![linked])
    })?;
    names_no_folder(&ios)?;
    check_all_slices(&folder.join("all"))?;

    let app = App {
        tools: &tools,
        folder: folder.join("app"),
        frameworks: ios.join(SLICE.name()),
    };
    let mut objects = app.compile()?;
    objects.push(second);
    let mut inputs: Vec<&Path> = objects.iter().map(PathBuf::as_path).collect();
    inputs.push(&ours);
    system_libraries(&system, SLICE, &inputs)?;
    app.links(&objects)?;
    app.does_not_link_statically(&objects, &ours)?;
    println!("linked for iOS: {}", app.folder.display());
    Ok(())
}

/// Links and packs in two folders. The bytes must be the same: they say nothing of when or where. Returns an XCFramework.
fn twice(folder: &Path, header: &Path, link: impl Fn(&Path) -> Result<Vec<Linked>, String>) -> Result<PathBuf, String> {
    let mut made = Vec::new();
    for name in ["one", "other"] {
        let folder = folder.join(name);
        let xcframework = folder.join(format!("{NAME}.xcframework"));
        framework::assemble(&xcframework, header, &link(&folder.join("linked"))?)?;
        let zip = folder.join("packed.zip");
        pack(&xcframework, &zip)?;
        made.push((xcframework, read(&zip)?));
    }
    match made.swap_remove(0) {
        (xcframework, zip) if zip == made[0].1 => Ok(xcframework),
        _ => Err(format!("the two zips in {} differ", folder.display())),
    }
}

/// Every slice, with a small library in place of the Rust code. It shows that clang and the linker know the system, what
/// they make of it, and that SwiftPM reads the result.
fn check_all_slices(folder: &Path) -> Result<(), String> {
    let sources = workspace().join(SOURCES);
    let header = sources.join("library.h");
    let xcframework = twice(folder, &header, |folder| {
        SLICES.iter().map(|slice| link_small_library(slice, folder)).collect()
    })?;
    let package = xcframework.parent().unwrap_or(folder);
    // Only a link has this text: no file has it in its path.
    if !contains(&read(&package.join("packed.zip"))?, b"Versions/Current/Headers") {
        return Err("the zip has no links".into());
    }
    copy_folder(&sources.join("package"), package)?;
    println!("$ swift build");
    run(program("swift", package)?.args(["build", "--scratch-path", ".build"]))
}

fn link_small_library(slice: &'static Slice, folder: &Path) -> Result<Linked, String> {
    let sources = workspace().join(SOURCES);
    let objects = folder.join(slice.name()).join("objects");
    fs::create_dir_all(&objects).map_err(|error| format!("{}: {error}", objects.display()))?;
    let system = objects.join("system");
    system_libraries(&system, slice, &[])?;
    let tools = Tools::Llvm { system };
    let mut archives = Vec::new();
    for (processor, _) in slice.processors {
        let [object, archive] = ["o", "a"].map(|extension| objects.join(format!("{processor}.{extension}")));
        let mut clang = tools.compiler(slice, processor);
        run(clang
            .args(["-g", "-c"])
            .arg(sources.join("library.c"))
            .arg("-o")
            .arg(&object))?;
        run(Command::new(Path::new(LLVM).join("llvm-ar"))
            .arg("rcs")
            .arg(&archive)
            .arg(&object))?;
        archives.push((*processor, archive));
    }
    let link = |face: Face, folder: &Path| {
        let linked = link::link(&tools, face, slice, &archives, folder)?;
        verify(face, &linked, &sources.join("library.h"), "library.c")?;
        Ok(linked)
    };
    // The framework of the Flutter plugin: from the same code, with other functions.
    link(Face::C, &folder.join("flutter"))?;
    link(Face::UniFfi, folder)
}

/// An app that uses the framework.
struct App<'a> {
    tools: &'a Tools,
    folder: PathBuf,
    /// Where the framework is.
    frameworks: PathBuf,
}

impl App<'_> {
    /// Its own code, which finds the header by the framework's module map.
    fn compile(&self) -> Result<Vec<PathBuf>, String> {
        fs::create_dir_all(&self.folder).map_err(|error| format!("{}: {error}", self.folder.display()))?;
        let sources = workspace().join(SOURCES);
        let compile = |name: &str| {
            let object = self.folder.join(name).with_extension("o");
            let mut clang = self.tools.compiler(SLICE, PROCESSOR);
            clang.args(["-c", "-Werror", "-fmodules", "-fno-autolink"]);
            // Only the compiler's own C headers: this machine has none of Apple's.
            clang.arg("-ffreestanding").arg("-F").arg(&self.frameworks);
            clang.arg(format!(
                "-fmodules-cache-path={}",
                self.folder.join("modules").display()
            ));
            run(clang.arg(sources.join(name)).arg("-o").arg(&object))?;
            Ok(object)
        };
        ["main.m", "objective-c.m", "cpp.cpp"]
            .map(compile)
            .into_iter()
            .collect()
    }

    /// With the framework: one Rust library in the app itself, and ours beside it.
    fn links(&self, objects: &[PathBuf]) -> Result<(), String> {
        let program = self.folder.join("App");
        run(self
            .link(objects, &program)
            .arg("-F")
            .arg(&self.frameworks)
            .args(["-framework", NAME]))?;
        let program = facts(&read(&program)?)?;
        let from_ours = (OURS.to_owned(), install_name(SLICE));
        match &program[..] {
            [app] if app.imported.contains(&from_ours) && !app.imported.iter().any(|(name, _)| name == OTHERS) => {
                Ok(())
            }
            other => Err(format!(
                "the app does not get {OURS} alone from the framework: {other:?}"
            )),
        }
    }

    /// With both libraries in the app itself.
    fn does_not_link_statically(&self, objects: &[PathBuf], ours: &Path) -> Result<(), String> {
        let mut link = self.link(objects, &self.folder.join("AppOfTwoArchives"));
        link.arg(ours)
            .args(["-framework", "Security", "-framework", "CoreFoundation"]);
        let attempt = link
            .output()
            .map_err(|error| format!("{link:?} could not be started ({error})"))?;
        let errors = String::from_utf8_lossy(&attempt.stderr);
        let expected = format!("duplicate symbol: {IN_BOTH}");
        if !attempt.status.success() && errors.contains(&expected) {
            println!("as expected, two static Rust libraries are refused: {expected}");
            return Ok(());
        }
        Err(format!(
            "two static Rust libraries were not refused by \"{expected}\":\n{errors}"
        ))
    }

    fn link(&self, objects: &[PathBuf], program: &Path) -> Command {
        let mut clang = self.tools.linker(SLICE, PROCESSOR);
        clang.args(["-Wl,-dead_strip", "-rpath", "@executable_path/Frameworks"]);
        clang.arg("-o").arg(program).args(objects);
        clang
    }
}
