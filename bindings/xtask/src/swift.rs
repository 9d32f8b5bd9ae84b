//! The Swift package for this machine, and the runs of `swift` in it.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::apple::module_map;
use crate::bindgen::{self, Generated, utf8};
use crate::files::{copy, text, write};
use crate::process::{run, succeeds_quietly};
use crate::tools::SWIFT;
use crate::{REPOSITORY, golden, swift_api, workspace};

/// A package that `swift` can work on, below the workspace: the one that apps add.
pub(crate) const PACKAGE: &str = "bindings/swift";
/// The example that runs on this machine.
const EXAMPLE: &str = "examples/swift-cli";
/// The package's sources and the example for iOS, over fakes of Apple's modules for a system without them.
const ON_APPLE: &str = "bindings/swift/OnApple";

/// Builds the library for this machine, generates its Swift, and puts both where the package looks for them. The other
/// UniFFI library is for the package's tests.
fn package() -> Result<Generated, String> {
    let generated = bindgen::generate()?;
    put_together(&generated, "CognitoSignOutFFI", "CognitoSignOutCore")?;
    put_together(&bindgen::generate_second("swift")?, "SecondLibraryFFI", "SecondLibrary")?;
    Ok(generated)
}

/// Puts the package together. Then runs `swift` with these arguments in it, or in one of the other packages.
pub(crate) fn run_in(arguments: &[String]) -> Result<(), String> {
    if !arguments.is_empty() {
        SWIFT.require()?;
    }
    if let [docs] = arguments
        && docs == "docs"
    {
        return document().map(drop);
    }
    let generated = package()?;
    let (folder, scratch, arguments) = match arguments {
        [example, rest @ ..] if example == "example" => (workspace().join(EXAMPLE), "swift-cli", rest),
        [fakes, rest @ ..] if fakes == "on-apple" => (workspace().join(ON_APPLE), "swift-on-apple", rest),
        all => (workspace().join(PACKAGE), "swift", all),
    };
    let Some((command, rest)) = arguments.split_first() else {
        println!("{generated}\npackage:  {}", folder.display());
        return Ok(());
    };
    bindgen::build_programs_for_tests()?;
    println!("$ swift {}", arguments.join(" "));
    run(program("swift", &folder)?
        .arg(command)
        .args(["--scratch-path", utf8(&bindgen::folders()?.1.join(scratch))?])
        .args(rest))
}

/// Compares the public API with the one on record, and compiles the documentation. Both include the code for Apple's
/// systems. A link in the documentation that leads nowhere is an error. Returns the folder with the documentation, for a web server
/// that has it in the folder `swift` of the repository's pages.
pub(crate) fn document() -> Result<PathBuf, String> {
    package()?;
    let target = bindgen::folders()?.1;
    let (package, folder) = (workspace().join(ON_APPLE), target.join("swift-docs"));
    let scratch = target.join("swift-on-apple");
    println!("$ swift package dump-symbol-graph");
    run(program("swift", &package)?
        .args(["package", "--scratch-path", utf8(&scratch)?, "dump-symbol-graph"])
        .args(["--minimum-access-level", "public"]))?;
    // Without the fakes' graphs, which are in the same folder.
    let symbols = "CognitoSignOut.symbols.json";
    let graph = folder.join("symbols").join(symbols);
    copy(&scratch.join("debug/../symbolgraph").join(symbols), &graph)?;
    println!("$ docc convert");
    let documentation = folder.join("CognitoSignOut.doccarchive");
    let base = format!("{}/swift", REPOSITORY.rsplit('/').next().unwrap_or_default());
    run(program("docc", &package)?
        .args([
            "convert",
            "Sources/CognitoSignOut/CognitoSignOut.docc",
            "--warnings-as-errors",
        ])
        .args(["--fallback-display-name", "CognitoSignOut"])
        .args(["--fallback-bundle-identifier", "dev.cognitosignout"])
        .args(["--additional-symbol-graph-dir", utf8(&folder.join("symbols"))?])
        .args(["--transform-for-static-hosting", "--hosting-base-path", &base])
        .args(["--output-path", utf8(&documentation)?]))?;
    compare_api(&swift_api::summary(&text(&graph)?)?, "swift")?;
    // Without a catalogue of its own: the article "Testing an app" has it. What it adds to the package's types is apart.
    let mut testing = String::new();
    for part in ["CognitoSignOutTesting", "CognitoSignOutTesting@CognitoSignOut"] {
        let graph = scratch.join(format!("debug/../symbolgraph/{part}.symbols.json"));
        testing += &swift_api::summary(&text(&graph)?)?;
    }
    compare_api(&testing, "swift-testing")?;
    Ok(documentation)
}

fn compare_api(summary: &str, name: &str) -> Result<(), String> {
    golden::compare(&format!("bindings/api/{name}.txt"), summary, "cargo xtask swift docs")
}

/// Puts the C module into a folder of its own: a module map always has the same name, and an app may have several.
pub(crate) fn module(generated: &Generated, name: &str, folder: &Path) -> Result<(), String> {
    let header = format!("{name}.h");
    copy(&generated.swift(&header), &folder.join(name).join(header))?;
    let map = module_map("", name);
    write(&folder.join(name).join("module.modulemap"), map.as_bytes())
}

/// Puts the Swift around that module into the folder.
pub(crate) fn source(generated: &Generated, name: &str, folder: &Path) -> Result<(), String> {
    let file = format!("{name}.swift");
    copy(&generated.swift(&file), &folder.join(name).join(file))
}

fn put_together(generated: &Generated, c: &str, swift: &str) -> Result<(), String> {
    let folder = workspace().join(PACKAGE).join("Generated");
    module(generated, c, &folder)?;
    source(generated, swift, &folder)?;
    let name = generated.library.file_name().ok_or("the library has no name")?;
    copy(&generated.library, &folder.join("lib").join(name))
}

/// A program of the system's Swift, or of Debian's in the cache. That one runs in a file system of its own, which has this
/// workspace and the folder at the same paths.
pub(crate) fn program(name: &str, folder: &Path) -> Result<Command, String> {
    let (profile, target) = bindgen::folders()?;
    let workspace = canonical(&workspace())?;
    let folder = canonical(folder)?;
    // Debian's package installs most of its programs there.
    let path = format!("{}:/usr/libexec/swift/bin", env::var("PATH").unwrap_or_default());
    let mut command = if succeeds_quietly(Command::new("sh").args(["-c", "swift --version"]).env("PATH", &path)) {
        let mut command = Command::new("env");
        command.arg(format!("PATH={path}")).arg(name).current_dir(&folder);
        command
    } else {
        let root = SWIFT.folder();
        let mut command = Command::new("bwrap");
        command.arg("--bind").arg(&root).arg("/");
        command.args(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]);
        for shared in [&workspace, &target, &folder] {
            fs::create_dir_all(shared).map_err(|error| format!("{}: {error}", shared.display()))?;
            command.arg("--bind").arg(shared).arg(shared);
        }
        command.args(["--setenv", "PATH", "/usr/libexec/swift/bin:/usr/bin:/bin"]);
        command.args(["--setenv", "HOME", "/tmp"]);
        command.arg("--chdir").arg(&folder).arg(name);
        command
    };
    command
        .stdin(Stdio::null())
        // If a test crashes the process, say where.
        .env("SWIFT_BACKTRACE", "enable=yes,color=no,registers=none,images=none")
        .env("FAKE_COGNITO", profile.join("examples/fake_cognito"))
        .env("SHARED_SCENARIOS", workspace.join("bindings/scenarios.json"));
    Ok(command)
}

fn canonical(path: &Path) -> Result<PathBuf, String> {
    path.canonicalize()
        .map_err(|error| format!("{}: {error}", path.display()))
}
