//! The two crates, as crates.io gets them: the library and the command line.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Built, Part, Plan, readme};
use crate::files::{copy, create, text, write};
use crate::process::{cargo, cargo_command, run};
use crate::tools::GNOME_KEYRING;
use crate::{VERSION, archive, bindgen, workspace};

pub(crate) const PART: Part = Part {
    name: "crate",
    build,
    consume: Some(consume),
};

/// In the order of upload: the second depends on the first.
const CRATES: &[(&str, &str)] = &[
    ("cognito-signout", "the Rust library, for crates.io"),
    ("cognito-signout-cli", "the command line, for crates.io"),
];

/// The package of the consumer.
const CONSUMER: &str = "bindings/xtask/consumers/rust";

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

/// Builds the library from what was packed, and runs the README's quick start as a program that depends on it: in a keychain of its
/// own, and without a network.
fn consume(crates: &Path, outside: &Path) -> Result<(), String> {
    GNOME_KEYRING.require()?;
    let (library, _) = CRATES[0];
    let unpacked = unpack(crates, library, outside)?;
    has_what_it_includes(&unpacked)?;
    // As an app that brings its own keychain, browser and transport has it.
    cargo_in(&unpacked, &["check", "--locked", "--lib", "--no-default-features"])?;
    let app = app(outside)?;
    cargo_in(&app, &["build"])?;
    in_keychain(&bindgen::folders()?.0.join("app"), outside)
}

/// A build reads none of the files that only tests and the documentation include. docs.rs does.
fn has_what_it_includes(unpacked: &Path) -> Result<(), String> {
    let sources = unpacked.join("src");
    for file in archive::files(&sources)? {
        let file = sources.join(file);
        let content = text(&file)?;
        for rest in content.split("include_str!(\"").skip(1) {
            let included = rest.split('"').next().unwrap_or_default();
            if !file.with_file_name(included).exists() {
                return Err(format!(
                    "{} includes {included}, which is not in the package",
                    file.display()
                ));
            }
        }
    }
    Ok(())
}

/// With the workspace's target folder: most of what the crate depends on lies there.
fn cargo_in(folder: &Path, arguments: &[&str]) -> Result<(), String> {
    println!("$ cargo {}, in {}", arguments.join(" "), folder.display());
    let mut cargo = cargo_command();
    cargo.args(arguments).arg("--target-dir").arg(bindgen::folders()?.1);
    run(cargo.current_dir(folder))
}

/// A program around the README's quick start.
fn app(outside: &Path) -> Result<PathBuf, String> {
    let (sources, app) = (workspace().join(CONSUMER), outside.join("app"));
    let manifest = text(&sources.join("Cargo.toml"))?.replace("VERSION", VERSION);
    // The workspace's profiles, because a library that is built in another way is built again.
    let ours = text(&workspace().join("Cargo.toml"))?;
    let profiles: Vec<_> = ours
        .split("\n[")
        .filter(|table| table.starts_with("profile."))
        .collect();
    let manifest = format!("{manifest}\n[{}", profiles.join("\n["));
    write(&app.join("Cargo.toml"), manifest.as_bytes())?;
    copy(&sources.join("src/main.rs"), &app.join("src/main.rs"))?;
    write(&app.join("src/quick_start.rs"), readme::snippet("rust")?.as_bytes())?;
    // The versions that the workspace is tested with.
    copy(&workspace().join("Cargo.lock"), &app.join("Cargo.lock"))?;
    Ok(app)
}

fn in_keychain(program: &Path, outside: &Path) -> Result<(), String> {
    let home = outside.join("home");
    create(&home)?;
    let mut command = Command::new("dbus-run-session");
    command
        .arg("--")
        .arg(workspace().join(CONSUMER).join("in-keychain.sh"))
        .arg(program);
    for folder in [
        "HOME",
        "XDG_RUNTIME_DIR",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "XDG_CONFIG_HOME",
    ] {
        command.env(folder, &home);
    }
    // Nothing listens there.
    run(command.env("HTTPS_PROXY", "http://127.0.0.1:9"))
}

/// By tar, as cargo does it. Returns the folder of the crate's sources.
fn unpack(crates: &Path, name: &str, into: &Path) -> Result<PathBuf, String> {
    let folder = format!("{name}-{VERSION}");
    let archive = crates.join(format!("{folder}.crate"));
    run(Command::new("tar").arg("-xzf").arg(archive).arg("-C").arg(into))?;
    Ok(into.join(folder))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;
    use crate::files::remove;

    #[test]
    fn a_file_that_the_documentation_includes_must_be_in_the_package() {
        let folder = env::temp_dir().join(format!("xtask-includes-{}", std::process::id()));
        write(
            &folder.join("src/vault/mod.rs"),
            br#"#[doc = include_str!("../../docs/limits.md")]"#,
        )
        .unwrap();
        let missing = has_what_it_includes(&folder);
        write(&folder.join("docs/limits.md"), b"# Limits").unwrap();
        let there = has_what_it_includes(&folder);
        remove(&folder).unwrap();
        assert!(missing.unwrap_err().contains("includes ../../docs/limits.md"));
        assert_eq!(there, Ok(()));
    }
}
