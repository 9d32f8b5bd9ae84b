//! The two crates, as crates.io gets them: the library and the command line.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Built, Part, Plan};
use crate::files::copy;
use crate::process::{cargo, cargo_command, run, run_aloud};
use crate::{VERSION, bindgen};

pub(crate) const PART: Part = Part {
    name: "crate",
    build,
    consume,
};

/// In the order of upload: the second depends on the first.
const CRATES: &[(&str, &str)] = &[
    ("cognito-signout", "the Rust library, for crates.io"),
    ("cognito-signout-cli", "the command line, for crates.io"),
];

fn build(plan: &Plan) -> Result<Built, String> {
    let mut arguments = Vec::new();
    for (name, _) in CRATES {
        arguments.extend(["--package", name]);
    }
    if plan.dry_run {
        arguments.push("--allow-dirty");
    }
    // `consume` builds each from its package: in the shared target folder, where most of what it depends on lies.
    cargo(&["package", "--locked", "--no-verify"], &arguments)?;
    let mut built = Built::default();
    for (name, purpose) in CRATES {
        let file = format!("{name}-{VERSION}.crate");
        let to = plan.folder.join(&file);
        copy(&bindgen::folders()?.1.join("package").join(file), &to)?;
        built.files.push((to, purpose));
    }
    Ok(built)
}

/// Builds the library from what was packed. The target folder is shared, so that what it depends on is there.
fn consume(crates: &Path, outside: &Path) -> Result<(), String> {
    let (library, _) = CRATES[0];
    let unpacked = unpack(crates, library, outside)?;
    let target = bindgen::folders()?.1;
    let mut check = cargo_command();
    check.args(["check", "--locked", "--lib", "--no-default-features"]);
    run_aloud(check.arg("--target-dir").arg(target).current_dir(unpacked))
}

/// By tar, as cargo does it. Returns the folder of the crate's sources.
fn unpack(crates: &Path, name: &str, into: &Path) -> Result<PathBuf, String> {
    let folder = format!("{name}-{VERSION}");
    let archive = crates.join(format!("{folder}.crate"));
    run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(into))?;
    Ok(into.join(folder))
}
