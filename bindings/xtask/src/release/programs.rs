//! The command line as a program to download: one file that needs nothing else on its system, with what belongs beside it.

mod check;
mod compile;

use std::path::Path;
use std::process::Command;

use super::{Built, Part, Plan, commit};
use crate::bindgen::{self, utf8};
use crate::files::{copy, make_executable, remove, write};
use crate::process::{output, run};
use crate::{VERSION, notices, workspace};

pub(crate) const PART: Part = Part {
    name: "programs",
    build,
    consume: Some(check::consume),
};

const PROGRAM: &str = "cognito-signout";

/// As Rust names the machine that the program is for.
const TARGET: &str = "x86_64-unknown-linux-musl";

/// What no program is made for yet. A release goes without.
const MISSING: &[(&str, &str)] = &[
    (
        "the command line for Linux on arm64",
        "nobody has built and tried it yet; `cargo install` builds it there",
    ),
    (
        "the command line for Windows",
        "nobody has built and tried it yet; `cargo install` builds it there",
    ),
    (
        "the command line for macOS",
        "Apple allows its SDK on a Mac only; `cargo install` builds it there",
    ),
];

/// Each shell, and where its users put the file.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "cognito-signout.bash"),
    ("fish", "cognito-signout.fish"),
    ("powershell", "cognito-signout.ps1"),
    ("zsh", "_cognito-signout"),
];

/// The archive has one folder, which has the same name.
fn name() -> String {
    format!("cognito-signout-{VERSION}-{TARGET}")
}

fn build(plan: &Plan) -> Result<Built, String> {
    compile::require()?;
    notices::write_all()?;
    let program = compile::compile()?;
    let contents = bindgen::folders()?.1.join("programs").join(name());
    remove(&contents)?;
    write_beside(&contents, &program)?;
    copy(&program, &contents.join(PROGRAM))?;
    let archive = plan.folder.join(format!("{}.tar.gz", name()));
    pack(&contents, &archive)?;
    let mut built = Built {
        files: vec![(archive, "the command line for Linux on x86-64")],
        ..Built::default()
    };
    if plan.dry_run {
        let missing = MISSING.iter().map(|(what, why)| (*what, (*why).to_owned()));
        built.missing.extend(missing);
    }
    Ok(built)
}

/// What the archive has beside the program. The program itself prints a part of it.
fn write_beside(folder: &Path, program: &Path) -> Result<(), String> {
    copy(&workspace().join("LICENSE"), &folder.join("LICENSE"))?;
    copy(&workspace().join("docs/command-line.md"), &folder.join("README.md"))?;
    let of_others = bindgen::folders()?.1.join("notices/command-line.txt");
    copy(&of_others, &folder.join("THIRD-PARTY-NOTICES.txt"))?;
    for (shell, file) in COMPLETIONS {
        let script = output(Command::new(program).args(["completions", shell]))?;
        write(&folder.join("completions").join(file), format!("{script}\n").as_bytes())?;
    }
    run(Command::new(program).arg("man").arg(folder.join("man")))
}

/// The same files give the same bytes: order, times, owners and permissions are fixed.
fn pack(contents: &Path, archive: &Path) -> Result<(), String> {
    let mut tar = Command::new("tar");
    tar.args(["--create", "--sort=name", "--format=ustar"])
        .args(["--owner=0", "--group=0", "--numeric-owner", "--mode=u=rwX,go=rX"])
        .arg(format!("--mtime=@{}", commit::here()?.time))
        // Without the name and the time of a file that does not exist.
        .args(["--use-compress-program", "gzip -9 --no-name"])
        .arg("--file")
        .arg(archive)
        .arg("--directory")
        .arg(contents.parent().unwrap_or(contents));
    make_executable(&contents.join(PROGRAM))?;
    run(tar.arg(utf8(contents)?.rsplit('/').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;
    use crate::files::read;

    /// GNU tar's options. On a Mac and on Windows it is another tar.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_same_files_give_the_same_archive_whenever_they_were_made() {
        let folder = env::temp_dir().join(format!("xtask-programs-{}", std::process::id()));
        let pack_at = |time: &str| {
            let contents = folder.join(time).join(name());
            for file in ["man/one.1", "cognito-signout", "LICENSE"] {
                write(&contents.join(file), file.as_bytes()).unwrap();
                run(Command::new("touch").args(["-d", time]).arg(contents.join(file))).unwrap();
            }
            let archive = folder.join(time).join("packed.tar.gz");
            pack(&contents, &archive).unwrap();
            read(&archive).unwrap()
        };
        let (one, two) = (pack_at("2001-01-01"), pack_at("2002-02-02"));
        let list = output(
            Command::new("tar")
                .arg("-tvzf")
                .arg(folder.join("2001-01-01/packed.tar.gz")),
        )
        .unwrap();
        remove(&folder).unwrap();
        assert_eq!(one, two);
        let lines: Vec<_> = list.lines().filter(|line| line.starts_with('-')).collect();
        assert_eq!(lines.len(), 3, "{list}");
        assert!(lines[1].starts_with("-rwxr-xr-x 0/0 "), "{list}");
    }
}
