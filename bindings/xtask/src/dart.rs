//! The tests of the Dart package: on this machine's Dart, or on the only one that a package registry has. That one is a VM for
//! 32-bit x86 (of a program that npm has), and so it needs the library and a C library for that processor.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::bindgen::{self, DESKTOP_FEATURES, folders, utf8};
use crate::cross::{self, Library};
use crate::files::write;
use crate::process::{run, succeeds_quietly};
use crate::rustflags;
use crate::tools::DART;
use crate::workspace;

/// A package that programs import, and its folder in this workspace.
type Package = (&'static str, &'static str);

/// The package itself.
pub(crate) const PACKAGE: Package = ("cognito_signout", "bindings/dart");

/// Runs the programs in bindings/dart/test. Each in a process of its own: one counts what is left in memory.
pub(crate) fn test() -> Result<(), String> {
    run_programs(
        &[PACKAGE],
        &["bindings/dart/test/main.dart", "bindings/dart/test/leaks.dart"],
    )
}

/// Runs programs of this workspace, with the library and the server for tests in their environment.
pub(crate) fn run_programs(packages: &[Package], programs: &[&str]) -> Result<(), String> {
    DART.require()?;
    let (dart, library) = if succeeds_quietly(Command::new("dart").arg("--version")) {
        (Command::new("dart"), bindgen::build_desktop_library()?)
    } else {
        let folder = DART.folder();
        (vm(&folder), for_the_vm(&folder)?)
    };
    bindgen::build_programs_for_tests()?;
    run_each(dart, &library, packages, programs)
}

/// Debian's loader for 32-bit programs starts the VM: this system need not know them.
fn vm(folder: &Path) -> Command {
    let libraries = folder.join("usr/lib");
    let mut command = Command::new(libraries.join("ld-linux.so.2"));
    command.arg("--library-path").arg(libraries.join("i386-linux-gnu"));
    command.arg(folder.join("bin/dart"));
    command
}

/// Five minutes of CPU the first time: the standard library is built, too.
fn for_the_vm(folder: &Path) -> Result<PathBuf, String> {
    let flags = [
        "--target=i686-linux-gnu",
        &format!("--sysroot={}", utf8(folder)?),
        "-fuse-ld=/usr/lib/llvm-19/bin/ld.lld",
    ]
    .map(|flag| format!("-Clink-arg={flag}"));
    let (variable, flags) = rustflags::variable(&flags);
    cross::build(&Library {
        package: "cognito-signout",
        features: DESKTOP_FEATURES,
        kind: "cdylib",
        target: "i686-unknown-linux-gnu",
        profile: "dev",
        env: &[
            (
                "CARGO_TARGET_I686_UNKNOWN_LINUX_GNU_LINKER",
                "/usr/lib/llvm-19/bin/clang",
            ),
            (variable, &flags),
        ],
    })
}

fn run_each(mut dart: Command, library: &Path, packages: &[Package], programs: &[&str]) -> Result<(), String> {
    let (profile, target) = folders()?;
    let workspace = workspace().canonicalize().map_err(|error| error.to_string())?;
    // What `dart pub get` would write. There is nothing to get.
    let config = target.join("dart/package_config.json");
    let mut described = Vec::new();
    for (name, folder) in packages {
        described.push(json!({
            "name": name,
            "rootUri": format!("file://{}", utf8(&workspace.join(folder))?),
            "packageUri": "lib/",
            "languageVersion": "3.7",
        }));
    }
    let names = json!({ "configVersion": 2, "packages": described });
    write(&config, names.to_string().as_bytes())?;
    dart.arg(format!("--packages={}", utf8(&config)?))
        .env("COGNITO_SIGNOUT_LIBRARY", library)
        .env("FAKE_COGNITO", profile.join("examples/fake_cognito"))
        .env("SHARED_SCENARIOS", workspace.join("bindings/scenarios.json"))
        .env("AMPLIFY_FILES", workspace.join("tests/files"));
    for program in programs {
        println!("$ dart {program}");
        let mut command = Command::new(dart.get_program());
        command.args(dart.get_args()).arg(workspace.join(program));
        command.envs(
            dart.get_envs()
                .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))),
        );
        run(&mut command)?;
    }
    Ok(())
}
