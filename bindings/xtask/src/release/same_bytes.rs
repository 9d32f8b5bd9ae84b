//! Whether two machines would make the same release: a second dry run in a clone, in another folder and from nothing.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::{env, process};

use serde_json::Value;

use super::{MANIFEST, commit, folder, release};
use crate::files::{remove, text};
use crate::process::{forget_this_package, run_aloud};
use crate::{git, workspace};

/// Makes the parts twice, and compares the checksums in the two manifests.
pub(crate) fn same_bytes(names: &[String]) -> Result<(), String> {
    // The clone has only what is committed.
    commit::is_unchanged()?;
    release(true, names)?;
    let first = text(&folder()?.join(MANIFEST))?;

    let clone = env::temp_dir().join(format!("cognito-signout-clone-{}", process::id()));
    git::clone(&workspace(), &clone)?;
    let mut again = Command::new("cargo");
    forget_this_package(&mut again);
    // Its own target folder: nothing that the first run has built is taken.
    again
        .args(["xtask", "release", "--dry-run"])
        .args(names)
        .current_dir(&clone);
    run_aloud(again.env_remove("CARGO_TARGET_DIR"))?;
    let second = text(&clone.join("target/release-artifacts").join(MANIFEST))?;
    compare(&first, &second).map_err(|problem| format!("{problem}\nthe second is in {}", clone.display()))?;
    remove(Path::new(&clone))
}

fn compare(first: &str, second: &str) -> Result<(), String> {
    let (first, second) = (checksums(first)?, checksums(second)?);
    let names = first.keys().chain(second.keys());
    let mut differ: Vec<_> = names.filter(|name| first.get(*name) != second.get(*name)).collect();
    differ.sort();
    differ.dedup();
    if differ.is_empty() {
        println!("two dry runs made {} files with the same checksums", first.len());
        return Ok(());
    }
    Err(format!("two dry runs made different files: {differ:?}"))
}

/// Of each file, but those that are signed.
fn checksums(manifest: &str) -> Result<BTreeMap<String, String>, String> {
    let manifest: Value = serde_json::from_str(manifest).map_err(|error| format!("{MANIFEST}: {error}"))?;
    let files = manifest["files"].as_array().into_iter().flatten();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    Ok(files
        .filter(|file| file["same_in_each_run"] == true)
        .map(|file| (word(&file["file"]), word(&file["sha256"])))
        .collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn manifest(files: &[(&str, &str, bool)]) -> String {
        let files = files
            .iter()
            .map(|(name, sha256, is_same)| json!({ "file": name, "sha256": sha256, "same_in_each_run": is_same }));
        json!({ "files": files.collect::<Vec<_>>() }).to_string()
    }

    #[test]
    fn another_checksum_and_another_file_are_differences_and_a_signed_file_is_none() {
        let first = manifest(&[("a", "1", true), ("signed", "2", false)]);
        assert_eq!(
            compare(&first, &manifest(&[("a", "1", true), ("signed", "3", false)])),
            Ok(())
        );
        let changed = compare(&first, &manifest(&[("a", "9", true)])).unwrap_err();
        assert_eq!(changed, r#"two dry runs made different files: ["a"]"#);
        let more = compare(&first, &manifest(&[("a", "1", true), ("b", "1", true)])).unwrap_err();
        assert_eq!(more, r#"two dry runs made different files: ["b"]"#);
    }
}
