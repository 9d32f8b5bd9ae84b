//! What lies in `target/release-artifacts`, with checksums; and what does not, with the reason.

use std::fmt;
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Built;
use super::commit::Commit;
use crate::files::{read, text, write};
use crate::{VERSION, archive};

/// Fills itself part by part.
#[derive(Debug, Default)]
pub(crate) struct Manifest {
    commit: Commit,
    parts: Vec<&'static str>,
    files: Vec<File>,
    /// Lines of the table: a folder has one.
    lines: Vec<String>,
    missing: Vec<Absent>,
    not_offered: Vec<Absent>,
}

#[derive(Debug)]
struct File {
    /// Below `target/release-artifacts`.
    path: String,
    bytes: usize,
    sha256: String,
    purpose: &'static str,
    /// Whether each run makes the same bytes.
    is_same: bool,
}

#[derive(Debug)]
struct Absent {
    part: &'static str,
    what: &'static str,
    why: String,
}

impl Manifest {
    pub(crate) fn of(commit: Commit) -> Self {
        Self {
            commit,
            ..Self::default()
        }
    }

    /// Adds what a part has made. An error if a file is there that the part does not name, or the other way round.
    pub(crate) fn add(&mut self, part: &'static str, folder: &Path, built: &Built) -> Result<(), String> {
        self.parts.push(part);
        let mut unnamed = archive::files(folder)?;
        for (path, purpose) in &built.files {
            let named = path.strip_prefix(folder).unwrap_or(path);
            let of_it: Vec<_> = unnamed
                .extract_if(.., |file| Path::new(file).starts_with(named))
                .collect();
            if of_it.is_empty() {
                return Err(format!("{part} names {}, which is not there", named.display()));
            }
            let (count, first) = (of_it.len(), self.files.len());
            for file in of_it {
                let is_same = !built.differs.contains(&folder.join(&file));
                self.files.push(described(part, folder, &file, purpose, is_same)?);
            }
            let path = format!("{part}/{}", named.display());
            let line = match &self.files[first..] {
                [file] if file.path == path => line(&path, file.bytes, &file.sha256, purpose),
                files => {
                    let bytes = files.iter().map(|file| file.bytes).sum();
                    line(&format!("{path}/"), bytes, &format!("{count} files"), purpose)
                }
            };
            self.lines.push(line);
        }
        for (what, why) in &built.missing {
            let why = why.clone();
            self.missing.push(Absent { part, what, why });
        }
        for (what, why) in &built.not_offered {
            let why = (*why).to_owned();
            self.not_offered.push(Absent { part, what, why });
        }
        match unnamed.first() {
            Some(file) => Err(format!("{part} does not say what {file} is for")),
            None => Ok(()),
        }
    }

    pub(crate) fn missing(&self) -> usize {
        self.missing.len()
    }

    /// What this run was.
    pub(crate) fn summary(&self) -> String {
        format!(
            "cognito-signout {VERSION}, commit {}: {} files, {} missing. Nothing was uploaded.",
            self.commit.id,
            self.files.len(),
            self.missing.len()
        )
    }

    pub(crate) fn write(&self, file: &Path) -> Result<(), String> {
        let json = serde_json::to_string_pretty(&self.json()).map_err(|error| error.to_string())?;
        write(file, format!("{json}\n").as_bytes())
    }

    fn json(&self) -> Value {
        let files = self
            .files
            .iter()
            .map(|file| json!({ "file": file.path, "size": file.bytes, "sha256": file.sha256, "for": file.purpose, "same_in_each_run": file.is_same }));
        json!({
            "version": VERSION,
            "commit": self.commit.id,
            "time": self.commit.date,
            "parts": self.parts,
            "files": files.collect::<Vec<_>>(),
            "missing": absent(&self.missing),
            "not_offered": absent(&self.not_offered),
        })
    }
}

fn absent(all: &[Absent]) -> Value {
    let all = all
        .iter()
        .map(|absent| json!({ "part": absent.part, "what": absent.what, "why": absent.why }));
    Value::Array(all.collect())
}

/// Those of a manifest that a run has written.
pub(crate) fn parts(manifest: &Path) -> Result<Vec<String>, String> {
    let content = text(manifest).unwrap_or_default();
    let json: Value = serde_json::from_str(&content).unwrap_or_default();
    let parts = json["parts"].as_array().into_iter().flatten();
    let parts: Vec<_> = parts.filter_map(|part| part.as_str().map(str::to_owned)).collect();
    match parts.is_empty() {
        true => Err(format!(
            "{} names no parts, or does not exist: run cargo xtask release --dry-run first",
            manifest.display()
        )),
        false => Ok(parts),
    }
}

fn described(part: &str, folder: &Path, file: &str, purpose: &'static str, is_same: bool) -> Result<File, String> {
    let content = read(&folder.join(file))?;
    Ok(File {
        path: format!("{part}/{file}"),
        bytes: content.len(),
        sha256: Sha256::digest(&content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        purpose,
        is_same,
    })
}

fn line(path: &str, bytes: usize, checksum: &str, purpose: &str) -> String {
    format!("{path}\n    {bytes:>10} bytes  {checksum}\n    {purpose}")
}

impl fmt::Display for Manifest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        for Absent { part, what, why } in &self.missing {
            writeln!(f, "MISSING in {part}: {what}: {why}")?;
        }
        for Absent { what, why, .. } in &self.not_offered {
            writeln!(f, "not offered: {what}, because {why}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::super::commit;
    use super::*;
    use crate::files::remove;

    /// The manifest of a part with these files, which names others.
    fn manifest(test: &str, there: &[&str], named: &[&str], missing: &[&'static str]) -> Result<Manifest, String> {
        let folder = env::temp_dir().join(format!("xtask-manifest-{}-{test}", std::process::id()));
        for file in there {
            write(&folder.join(file), b"abc").unwrap();
        }
        let built = Built {
            files: named.iter().map(|file| (folder.join(file), "for a test")).collect(),
            differs: vec![folder.join("signed.zip")],
            missing: missing.iter().map(|what| (*what, "needs a Mac".to_owned())).collect(),
            not_offered: vec![("a program for BeOS", "nobody has asked for it")],
        };
        let mut manifest = Manifest::default();
        let added = manifest.add("part", &folder, &built);
        remove(&folder).unwrap();
        added.map(|()| manifest)
    }

    #[test]
    fn each_file_has_its_size_and_checksum() {
        // printf abc | sha256sum
        const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let manifest = manifest("files", &["one.zip", "tree/a", "tree/b/c"], &["one.zip", "tree"], &[]).unwrap();
        let json = manifest.json();
        let paths: Vec<_> = (0..3).map(|at| json["files"][at]["file"].as_str().unwrap()).collect();
        assert_eq!(paths, ["part/one.zip", "part/tree/a", "part/tree/b/c"]);
        for at in 0..3 {
            assert_eq!(
                (&json["files"][at]["size"], &json["files"][at]["sha256"]),
                (&json!(3), &json!(ABC))
            );
        }
        let table = manifest.to_string();
        assert!(
            table.contains(&format!("part/one.zip\n             3 bytes  {ABC}\n    for a test")),
            "{table}"
        );
        assert!(table.contains("part/tree/\n             6 bytes  2 files"), "{table}");
    }

    #[test]
    fn a_file_that_differs_in_each_run_is_marked() {
        let files = ["one.zip", "signed.zip"];
        let json = manifest("signed", &files, &files, &[]).unwrap().json();
        let is_same = [0, 1].map(|at| json["files"][at]["same_in_each_run"].as_bool());
        assert_eq!(is_same, [Some(true), Some(false)]);
    }

    #[test]
    fn what_is_missing_is_said_with_the_reason() {
        let manifest = manifest("missing", &["one.zip"], &["one.zip"], &["XCFramework"]).unwrap();
        assert_eq!(manifest.missing(), 1);
        assert!(
            manifest
                .to_string()
                .contains("MISSING in part: XCFramework: needs a Mac")
        );
        assert_eq!(manifest.json()["missing"][0]["why"], "needs a Mac");
    }

    #[test]
    fn what_is_not_offered_is_said_and_is_not_missing() {
        let manifest = manifest("not-offered", &["one.zip"], &["one.zip"], &[]).unwrap();
        assert_eq!(manifest.missing(), 0);
        let said = manifest.to_string();
        assert!(
            said.contains("\nnot offered: a program for BeOS, because nobody has asked for it\n"),
            "{said}"
        );
        assert_eq!(manifest.json()["not_offered"][0]["what"], "a program for BeOS");
    }

    #[test]
    fn a_run_says_its_version_commit_and_counts_and_that_nothing_went_out() {
        let mut manifest = manifest("summary", &["one.zip"], &["one.zip"], &["XCFramework"]).unwrap();
        manifest.commit.id = "abc123".into();
        assert_eq!(
            manifest.summary(),
            format!("cognito-signout {VERSION}, commit abc123: 1 files, 1 missing. Nothing was uploaded.")
        );
    }

    #[test]
    fn the_time_is_that_of_the_commit_as_rfc_3339() {
        let manifest = Manifest::of(commit::here().unwrap());
        let time = manifest.json()["time"].as_str().unwrap().to_owned();
        let shape: String = time
            .chars()
            .map(|char| if char.is_ascii_digit() { '0' } else { char })
            .collect();
        assert!(shape.starts_with("0000-00-00T00:00:00"), "{time}");
    }

    #[test]
    fn the_parts_of_a_run_are_read_from_its_manifest() {
        let made = manifest("parts", &["one.zip"], &["one.zip"], &[]).unwrap();
        let folder = env::temp_dir().join(format!("xtask-manifest-{}-parts", std::process::id()));
        let file = folder.join("manifest.json");
        let error = parts(&file).unwrap_err();
        assert!(error.ends_with("run cargo xtask release --dry-run first"), "{error}");
        // As an earlier version of this program has left it.
        write(&file, br#"{ "files": [] }"#).unwrap();
        assert_eq!(parts(&file).unwrap_err(), error);
        made.write(&file).unwrap();
        let read = parts(&file);
        remove(&folder).unwrap();
        assert_eq!(read, Ok(vec!["part".to_owned()]));
    }

    #[test]
    fn a_file_that_no_part_names_is_an_error_and_so_is_a_name_without_a_file() {
        let error = manifest("unnamed", &["one.zip", "left"], &["one.zip"], &[]).unwrap_err();
        assert_eq!(error, "part does not say what left is for");
        let error = manifest("lost", &["one.zip"], &["one.zip", "two.zip"], &[]).unwrap_err();
        assert_eq!(error, "part names two.zip, which is not there");
    }
}
