//! The notices of third parties: each crate that is linked into what an app or a user gets, with the text of its licence. The
//! licences ask for that.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::bindgen::{self, DESKTOP_FEATURES, FEATURES};
use crate::files::{text, write};
use crate::process::{cargo_command, output};
use crate::workspace;

/// What is given away with libraries of others in it.
pub(crate) struct Artefact {
    pub(crate) name: &'static str,
    pub(crate) package: &'static str,
    features: &'static [&'static str],
    pub(crate) targets: &'static [&'static str],
}

const DESKTOPS: &[&str] = &[
    "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
    "x86_64-unknown-linux-gnu",
];

pub(crate) const ARTEFACTS: &[Artefact] = &[
    // The Swift package and the AAR.
    Artefact {
        name: "mobile",
        package: "cognito-signout",
        features: FEATURES,
        targets: &["aarch64-apple-darwin", "aarch64-apple-ios", "aarch64-linux-android"],
    },
    // The jar for the JVM.
    Artefact {
        name: "desktop",
        package: "cognito-signout",
        features: DESKTOP_FEATURES,
        targets: DESKTOPS,
    },
    Artefact {
        name: "command-line",
        package: "cognito-signout-cli",
        features: &[],
        targets: DESKTOPS,
    },
];

/// A crate of others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Crate {
    /// An SPDX expression.
    pub(crate) licence: String,
    authors: String,
    folder: PathBuf,
}

/// Writes a file for each artefact, into `target/notices`. A crate without a text of its licence is an error.
pub(crate) fn write_all() -> Result<(), String> {
    let crates = crates()?;
    let folder = bindgen::folders()?.1.join("notices");
    for artefact in ARTEFACTS {
        let linked = linked(artefact)?;
        let of_others = linked.iter().filter_map(|name| Some((name, crates.get(name)?)));
        let file = folder.join(artefact.name).with_extension("txt");
        write(&file, notices(of_others)?.as_bytes())?;
        println!("{}", file.display());
    }
    Ok(())
}

/// All crates of others in `Cargo.lock`, by name and version as in `serde v1.0.228`.
pub(crate) fn crates() -> Result<BTreeMap<String, Crate>, String> {
    let metadata = output(cargo_command().args(["metadata", "--format-version=1", "--locked", "--all-features"]))?;
    let metadata: Value = serde_json::from_str(&metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let of_others = packages.filter(|package| !package["source"].is_null());
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(of_others
        .map(|package| {
            let authors: Vec<_> = package["authors"].as_array().into_iter().flatten().map(word).collect();
            let found = Crate {
                licence: word(&package["license"]),
                authors: authors.join(", "),
                folder: PathBuf::from(word(&package["manifest_path"]))
                    .parent()
                    .map(Path::to_owned)
                    .unwrap_or_default(),
            };
            (
                format!("{} v{}", word(&package["name"]), word(&package["version"])),
                found,
            )
        })
        .collect())
}

/// The crates in an artefact, without those that only the build runs.
pub(crate) fn linked(artefact: &Artefact) -> Result<BTreeSet<String>, String> {
    let mut command = cargo_command();
    command
        .args(["tree", "--locked", "--package", artefact.package])
        .args(["--edges", "normal,no-proc-macro", "--prefix", "none", "--format", "{p}"])
        .args(artefact.features);
    for target in artefact.targets {
        command.args(["--target", target]);
    }
    let tree = output(&mut command)?;
    Ok(tree
        .lines()
        .map(|line| line.splitn(3, ' ').take(2).collect::<Vec<_>>().join(" "))
        .collect())
}

/// Each text once, after the crates that it is for. The text for most crates comes first.
fn notices<'a>(crates: impl Iterator<Item = (&'a String, &'a Crate)>) -> Result<String, String> {
    let mut by_text: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut missing = Vec::new();
    // No crate in Cargo.lock, and part of everything.
    by_text.insert(standard("Apache-2.0")?, vec!["Rust's standard library"]);
    for (name, of_others) in crates {
        match licence(of_others)? {
            Some(text) => by_text.entry(text).or_default().push(name),
            None => missing.push(format!("{name} ({})", of_others.licence)),
        }
    }
    if !missing.is_empty() {
        return Err(format!(
            "no text of a licence for {}. A text for all crates under a licence goes into bindings/licences",
            missing.join(", ")
        ));
    }
    let mut groups: Vec<_> = by_text.into_iter().collect();
    groups.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    let mut notices = "This contains software of others, under these licences.\n".to_owned();
    for (text, names) in groups {
        notices += &format!("\n{}\n\n{}:\n\n{text}\n", "=".repeat(80), names.join(", "));
    }
    Ok(notices)
}

/// The licence that we use a crate under, with what the crate asks to be told. Of several to choose from it is Apache-2.0, whose
/// text is the same for all. Otherwise it is what the crate contains, or the text that all crates under that licence have.
fn licence(of_others: &Crate) -> Result<Option<String>, String> {
    let names = fs::read_dir(&of_others.folder).map_err(|error| format!("{}: {error}", of_others.folder.display()))?;
    let mut files: Vec<_> = names
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_file())
        .collect();
    files.sort();
    let texts = |starts: &[&str]| -> Result<Vec<String>, String> {
        let named = files.iter().filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
            starts.iter().any(|start| name.starts_with(start))
        });
        named.map(|path| Ok(text(path)?.trim_end().to_owned())).collect()
    };
    let choices: Vec<_> = of_others
        .licence
        .split(" OR ")
        .flat_map(|part| part.split('/'))
        .map(str::trim)
        .collect();
    let mut parts = if choices.contains(&"Apache-2.0") {
        vec![standard("Apache-2.0")?]
    } else {
        texts(&["licen", "copying", "unlicense"])?
    };
    if parts.is_empty() {
        let found = choices.iter().find_map(|choice| standard(choice).ok());
        let authors = Some(of_others.authors.as_str()).filter(|authors| !authors.is_empty());
        parts.extend(found.map(|text| text.replace("<the authors>", authors.unwrap_or("the authors"))));
    }
    if parts.is_empty() {
        return Ok(None);
    }
    parts.extend(texts(&["notice", "copyright"])?);
    Ok(Some(parts.join("\n\n")))
}

/// The text of a licence that does not come with the crate.
fn standard(id: &str) -> Result<String, String> {
    let file = match id {
        "Apache-2.0" => "LICENSE".to_owned(),
        id => format!("bindings/licences/{id}.txt"),
    };
    Ok(text(&workspace().join(file))?.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    /// A crate in a folder of its own, with these files.
    fn of_others(test: &str, licence: &str, files: &[(&str, &str)]) -> Crate {
        let folder = env::temp_dir().join(format!("xtask-notices-{}-{test}", std::process::id()));
        for (name, content) in files {
            write(&folder.join(name), content.as_bytes()).unwrap();
        }
        fs::create_dir_all(&folder).unwrap();
        Crate {
            licence: licence.into(),
            authors: "Ana <ana@example.com>".into(),
            folder,
        }
    }

    fn text_of(test: &str, licence_: &str, files: &[(&str, &str)]) -> Option<String> {
        let of_others = of_others(test, licence_, files);
        let found = licence(&of_others);
        fs::remove_dir_all(&of_others.folder).unwrap();
        found.unwrap()
    }

    #[test]
    fn of_several_licences_apache_is_chosen_and_its_notice_comes_along() {
        let files = [("LICENSE-MIT", "MIT"), ("NOTICE", "Say this.")];
        for choice in [
            "MIT OR Apache-2.0",
            "MIT/Apache-2.0",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0 OR MIT",
        ] {
            let text = text_of("apache", choice, &files).unwrap();
            assert!(
                text.contains("Version 2.0, January 2004") && text.ends_with("Say this."),
                "{choice}"
            );
        }
    }

    #[test]
    fn where_both_of_two_licences_hold_all_texts_of_the_crate_come_along() {
        let files = [("LICENSE-A", "one"), ("LICENSE-B", "two")];
        for both in ["Apache-2.0 AND ISC", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert_eq!(text_of("both", both, &files).as_deref(), Some("one\n\ntwo"));
        }
    }

    #[test]
    fn a_crate_without_a_text_gets_the_licences_own_with_the_authors() {
        let text = text_of("mit", "MIT", &[]).unwrap();
        assert!(text.contains("Copyright (c) Ana <ana@example.com>"), "{text}");
        assert_eq!(text_of("unknown", "Unknown-1.0", &[]), None);
    }

    #[test]
    fn each_text_is_printed_once_and_a_crate_without_one_is_an_error() {
        let (one, two) = ("one v1".to_owned(), "two v2".to_owned());
        let known = of_others("printed", "ISC", &[("LICENSE", "Do as you like.")]);
        let notices = notices([(&one, &known), (&two, &known)].into_iter()).unwrap();
        assert!(notices.contains("\none v1, two v2:\n\nDo as you like.\n"), "{notices}");
        let unknown = of_others("printed-unknown", "Unknown-1.0", &[]);
        let refused = super::notices([(&one, &known), (&two, &unknown)].into_iter());
        assert!(refused.is_err_and(|error| error.contains("two v2 (Unknown-1.0)")));
        for folder in [known.folder, unknown.folder] {
            fs::remove_dir_all(folder).unwrap();
        }
    }
}
