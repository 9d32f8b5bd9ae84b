//! The Swift package: put together for this machine, and what `swift` is asked to do with it.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::{fs, io};

use crate::bindgen::{self, Generated, cargo, utf8};
use crate::files::copy;
use crate::ministack::Ministack;
use crate::toolbox::{Toolbox, succeeds_quietly};
use crate::tools::SWIFT;
use crate::workspace;

/// Where the packages lie that `swift` can be asked to work on, below the workspace.
pub(crate) const PACKAGE: &str = "bindings/swift";
/// The example that runs here.
const EXAMPLE: &str = "examples/swift-cli";
/// The package's sources and the example for iOS, with fakes of Apple's modules, for a system that has none.
const ON_APPLE: &str = "bindings/swift/OnApple";

/// Builds the library for this machine, generates its Swift, and puts both where the package looks for them; and the other
/// library, for its tests.
pub(crate) fn package() -> Result<Generated, String> {
    let generated = bindgen::generate()?;
    put_together(&generated, "CognitoSignOutFFI", "CognitoSignOutCore")?;
    put_together(&bindgen::generate_second("swift")?, "SecondLibraryFFI", "SecondLibrary")?;
    Ok(generated)
}

/// The package, and then `swift` with these arguments, in it or in one of the others.
pub(crate) fn run(arguments: &[String], tools: &mut Toolbox) -> Result<(), String> {
    let generated = package()?;
    if let [docs] = arguments
        && docs == "docs"
    {
        return document(tools);
    }
    let (folder, scratch, arguments) = match arguments {
        [example, rest @ ..] if example == "example" => (workspace().join(EXAMPLE), "swift-cli", rest),
        [fakes, rest @ ..] if fakes == "on-apple" => (workspace().join(ON_APPLE), "swift-on-apple", rest),
        all => (workspace().join(PACKAGE), "swift", all),
    };
    let Some((command, rest)) = arguments.split_first() else {
        println!("{generated}\npackage:  {}", folder.display());
        return Ok(());
    };
    tools.provide(&SWIFT)?;
    // What the tests and the example talk to, as a process of its own.
    cargo(&["build", "--example", "fake_cognito"], &[])?;
    let mut swift = program("swift", &folder, tools)?;
    let ministack = (scratch == "swift" && command == "test")
        .then(|| Ministack::start(tools))
        .transpose()?;
    swift
        .envs(ministack.as_ref().map(|server| ("MINISTACK", server.url())))
        .arg(command)
        .args(["--scratch-path", utf8(&bindgen::folders()?.1.join(scratch))?])
        .args(rest);
    println!("$ swift {}", arguments.join(" "));
    ended("swift", swift.status())
}

/// Compiles the documentation, that of the code for Apple's systems included: every link must lead somewhere.
fn document(tools: &mut Toolbox) -> Result<(), String> {
    tools.provide(&SWIFT)?;
    let target = bindgen::folders()?.1;
    let (package, folder) = (workspace().join(ON_APPLE), target.join("swift-docs"));
    let scratch = target.join("swift-on-apple");
    let mut dump = program("swift", &package, tools)?;
    dump.args(["package", "--scratch-path", utf8(&scratch)?, "dump-symbol-graph"]);
    dump.args(["--minimum-access-level", "public"]);
    println!("$ swift package dump-symbol-graph");
    ended("swift", dump.status())?;
    // Without the fakes', which are in the same folder.
    let symbols = "CognitoSignOut.symbols.json";
    copy(
        &scratch.join("debug/../symbolgraph").join(symbols),
        &folder.join("symbols").join(symbols),
    )?;
    let mut docc = program("docc", &package, tools)?;
    docc.args([
        "convert",
        "Sources/CognitoSignOut/CognitoSignOut.docc",
        "--warnings-as-errors",
    ]);
    docc.args(["--fallback-display-name", "CognitoSignOut"]);
    docc.args(["--fallback-bundle-identifier", "dev.cognitosignout"]);
    docc.args(["--additional-symbol-graph-dir", utf8(&folder.join("symbols"))?]);
    docc.args(["--output-path", utf8(&folder.join("CognitoSignOut.doccarchive"))?]);
    println!("$ docc convert");
    ended("docc", docc.status())
}

fn ended(name: &str, status: io::Result<ExitStatus>) -> Result<(), String> {
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{name} failed ({status})")),
        Err(error) => Err(format!("{name} could not be started ({error})")),
    }
}

/// The C module in a folder of its own, since a module map has one name only and an app may have several.
pub(crate) fn module(generated: &Generated, name: &str, folder: &Path) -> Result<(), String> {
    let (header, map) = (format!("{name}.h"), format!("{name}.modulemap"));
    copy(&generated.swift(&header), &folder.join(name).join(header))?;
    copy(&generated.swift(&map), &folder.join(name).join("module.modulemap"))
}

/// The Swift around it.
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

/// A program of the system's Swift, or of Debian's, unpacked, with this workspace at the path that it has outside.
fn program(name: &str, folder: &Path, tools: &Toolbox) -> Result<Command, String> {
    let (profile, target) = bindgen::folders()?;
    let workspace = canonical(&workspace())?;
    let folder = canonical(folder)?;
    let mut command = if succeeds_quietly(&["swift", "--version"]) {
        let mut command = Command::new(name);
        command.current_dir(&folder);
        command
    } else {
        let root = tools.folder(&SWIFT);
        let mut command = Command::new("bwrap");
        command.arg("--bind").arg(&root).arg("/");
        command.args(["--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"]);
        for shared in [&workspace, &target] {
            fs::create_dir_all(shared).map_err(|error| format!("{}: {error}", shared.display()))?;
            command.arg("--bind").arg(shared).arg(shared);
        }
        command.args([
            "--setenv",
            "PATH",
            "/usr/libexec/swift/bin:/usr/bin:/bin",
            "--setenv",
            "HOME",
            "/tmp",
        ]);
        command.arg("--chdir").arg(&folder).arg(name);
        command
    };
    command
        .stdin(Stdio::null())
        .env("FAKE_COGNITO", profile.join("examples/fake_cognito"))
        .env("SHARED_SCENARIOS", workspace.join("bindings/scenarios.json"));
    Ok(command)
}

fn canonical(path: &Path) -> Result<PathBuf, String> {
    path.canonicalize()
        .map_err(|error| format!("{}: {error}", path.display()))
}
