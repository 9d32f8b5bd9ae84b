//! The command line as programs to download: one file that needs nothing else on its system, with what belongs beside it.

mod check;
mod compile;

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Built, Part, Plan, commit};
use crate::bindgen::{self, utf8};
use crate::files::{copy, copy_folder, make_executable, remove, text, write};
use crate::process::{output, run};
use crate::{REPOSITORY, VERSION, notices, workspace, zigbuild, zip};

pub(crate) const PART: Part = Part {
    name: "programs",
    build,
    consume: Some(check::consume),
};

/// A program for one kind of machine.
#[derive(Debug)]
struct Program {
    /// As Rust names the machine.
    target: &'static str,
    file: &'static str,
    /// Windows opens a zip, other systems a tar.gz.
    extension: &'static str,
    purpose: &'static str,
}

/// The first one runs on the machine that makes all of them.
const PROGRAMS: &[Program] = &[
    Program {
        target: "x86_64-unknown-linux-musl",
        file: "cognito-signout",
        extension: "tar.gz",
        purpose: "the command line for Linux on x86-64",
    },
    Program {
        target: "aarch64-unknown-linux-musl",
        file: "cognito-signout",
        extension: "tar.gz",
        purpose: "the command line for Linux on arm64",
    },
    Program {
        target: "x86_64-pc-windows-gnu",
        file: "cognito-signout.exe",
        extension: "zip",
        purpose: "the command line for Windows on x86-64",
    },
];

/// What no program is made for.
const NOT_OFFERED: (&str, &str) = (
    "the command line for macOS",
    "Apple allows its SDK on a Mac only; `cargo install cognito-signout-cli` builds it there",
);

/// Each shell, and where its users put the file.
const COMPLETIONS: &[(&str, &str)] = &[
    ("bash", "cognito-signout.bash"),
    ("fish", "cognito-signout.fish"),
    ("powershell", "cognito-signout.ps1"),
    ("zsh", "_cognito-signout"),
];

impl Program {
    /// The archive has one folder, which has the same name.
    fn name(&self) -> String {
        format!("cognito-signout-{VERSION}-{}", self.target)
    }

    fn archive(&self, folder: &Path) -> PathBuf {
        folder.join(format!("{}.{}", self.name(), self.extension))
    }
}

fn build(plan: &Plan) -> Result<Built, String> {
    zigbuild::require()?;
    notices::write_all()?;
    let folder = bindgen::folders()?.1.join("programs");
    remove(&folder)?;
    let beside = folder.join("beside");
    let mut built = Built {
        not_offered: vec![NOT_OFFERED],
        ..Built::default()
    };
    for program in PROGRAMS {
        let compiled = compile::compile(program)?;
        if built.files.is_empty() {
            write_beside(&beside, &compiled)?;
        }
        let contents = folder.join(program.name());
        copy_folder(&beside, &contents)?;
        copy(&compiled, &contents.join(program.file))?;
        let archive = program.archive(&plan.folder);
        pack(program, &contents, &archive)?;
        built.files.push((archive, program.purpose));
    }
    Ok(built)
}

/// What each archive has beside the program. The program itself prints a part of it.
fn write_beside(folder: &Path, program: &Path) -> Result<(), String> {
    copy(&workspace().join("LICENSE"), &folder.join("LICENSE"))?;
    let guide = text(&workspace().join("docs/command-line.md"))?;
    write(&folder.join("README.md"), with_whole_links(&guide).as_bytes())?;
    let of_others = bindgen::folders()?.1.join("notices/command-line.txt");
    copy(&of_others, &folder.join("THIRD-PARTY-NOTICES.txt"))?;
    for (shell, file) in COMPLETIONS {
        let script = output(Command::new(program).args(["completions", shell]))?;
        write(&folder.join("completions").join(file), format!("{script}\n").as_bytes())?;
    }
    run(Command::new(program).arg("man").arg(folder.join("man")))
}

/// The archive has only this guide. So links to the others lead to the repository.
fn with_whole_links(guide: &str) -> String {
    let lines = guide.lines().map(|line| match line.split_once("]: ") {
        Some((name, page)) if name.starts_with('[') && !page.starts_with("https:") => {
            format!("{name}]: {REPOSITORY}/blob/v{VERSION}/docs/{page}\n")
        }
        _ => format!("{line}\n"),
    });
    lines.collect()
}

/// The same files give the same bytes: order, times, owners and permissions are fixed.
fn pack(program: &Program, contents: &Path, archive: &Path) -> Result<(), String> {
    if program.extension == "zip" {
        return zip::pack(contents, archive);
    }
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
    make_executable(&contents.join(program.file))?;
    run(tar.arg(utf8(contents)?.rsplit('/').next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;
    use crate::files::read;

    #[test]
    fn links_in_the_guide_lead_out_of_the_archive() {
        let guide = text(&workspace().join("docs/command-line.md")).unwrap();
        assert!(!guide.contains("]("), "this link is not made whole");
        let readme = with_whole_links(&guide);
        let links: Vec<_> = readme.lines().filter_map(|line| line.split_once("]: ")).collect();
        assert!(links.contains(&("[results", &format!("{REPOSITORY}/blob/v{VERSION}/docs/results.md"))));
        assert!(links.iter().all(|(_, page)| page.starts_with("https:")), "{links:?}");
    }

    /// GNU tar's options. On a Mac and on Windows it is another tar.
    #[cfg(target_os = "linux")]
    #[test]
    fn the_same_files_give_the_same_archive_whenever_they_were_made() {
        let folder = env::temp_dir().join(format!("xtask-programs-{}", std::process::id()));
        let pack_at = |time: &str| {
            let contents = folder.join(time).join(PROGRAMS[0].name());
            for file in ["man/one.1", "cognito-signout", "LICENSE"] {
                write(&contents.join(file), file.as_bytes()).unwrap();
                run(Command::new("touch").args(["-d", time]).arg(contents.join(file))).unwrap();
            }
            let archive = folder.join(time).join("packed.tar.gz");
            pack(&PROGRAMS[0], &contents, &archive).unwrap();
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
