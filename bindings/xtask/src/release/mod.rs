//! `cargo xtask release`: makes what a tag publishes, in `target/release-artifacts`. It uploads nothing: the lines of
//! `release.yml` do that.
//!
//! To publish something more, write a module with a [`Part`] and add it to [`PARTS`].

mod commit;
mod crate_package;
mod manifest;
mod maven;
mod programs;
mod readme;
mod same_bytes;
mod sbom;
mod swift_package;

use std::path::{Path, PathBuf};
use std::{env, process};

use crate::files::{create, remove};
use crate::{VERSION, bindgen, by_name};
use manifest::Manifest;
pub(crate) use same_bytes::same_bytes;

/// All that a tag publishes. One machine cannot make all of it, so each part can be made by itself.
const PARTS: &[Part] = &[
    crate_package::PART,
    maven::PART,
    programs::PART,
    swift_package::PART,
    sbom::PART,
];

const MANIFEST: &str = "manifest.json";

/// What `consume` says of the one part that it cannot try: the SBOMs.
const WITHOUT_USE: &str = "nothing to run. `cargo xtask test` compares each crate in it with Cargo.lock";

/// Something that is published in one place.
#[derive(Debug)]
pub(crate) struct Part {
    /// Its name on the command line, and that of its folder.
    pub(crate) name: &'static str,
    /// Puts all of it into the plan's folder.
    pub(crate) build: fn(&Plan) -> Result<Built, String>,
    /// Uses what lies in the first folder as its users do. Works in the second one, which is empty and outside the checkout.
    /// None if a file has no use that a test could show.
    pub(crate) consume: Option<Consumer>,
}

type Consumer = fn(&Path, &Path) -> Result<(), String>;

/// What a part is asked to make.
#[derive(Debug)]
pub(crate) struct Plan {
    /// The part's folder. It is there, and empty.
    pub(crate) folder: PathBuf,
    /// Nothing of it will be published: what cannot be made here is listed as missing, and a throw-away key may sign.
    pub(crate) dry_run: bool,
}

/// What a part has made. Each file in its folder must be named here, by itself or by a folder around it.
#[derive(Debug, Default)]
pub(crate) struct Built {
    /// Files and folders in the part's folder, each with what it is for.
    pub(crate) files: Vec<(PathBuf, &'static str)>,
    /// Those of the files whose bytes are others in each run, because they are signed.
    pub(crate) differs: Vec<PathBuf>,
    /// What could not be made, each with the reason. Only a dry run may have any.
    pub(crate) missing: Vec<(&'static str, String)>,
    /// What no release has, each with the reason.
    pub(crate) not_offered: Vec<(&'static str, &'static str)>,
}

/// Makes the parts with these names, or all. Before a real release the commit must have the version's tag, and nothing may
/// be missing.
pub(crate) fn release(dry_run: bool, names: &[String]) -> Result<(), String> {
    let parts = parts(names)?;
    if !dry_run {
        commit::has_tag(&format!("v{VERSION}"))?;
        commit::is_unchanged()?;
    }
    let all = folder()?;
    // What an earlier run has left is not part of this one.
    remove(&all)?;
    let mut manifest = Manifest::of(commit::here()?);
    for part in parts {
        println!("{}:", part.name);
        let folder = all.join(part.name);
        create(&folder)?;
        let plan = Plan { folder, dry_run };
        let built = (part.build)(&plan)?;
        manifest.add(part.name, &plan.folder, &built)?;
    }
    manifest.write(&all.join(MANIFEST))?;
    println!("\n{manifest}\n{}", all.display());
    println!("{}", manifest.summary());
    if let Some(said) = not_asked_for(names) {
        println!("{said}");
    }
    complete(dry_run, manifest.missing())
}

/// What this run did not try to make.
fn not_asked_for(names: &[String]) -> Option<String> {
    let others = PARTS.iter().map(|part| part.name);
    let others: Vec<_> = others.filter(|part| !names.iter().any(|name| name == part)).collect();
    match names.is_empty() || others.is_empty() {
        true => None,
        false => Some(format!("Not asked for: {}.", others.join(", "))),
    }
}

/// A dry run says what is missing. A release must have all.
fn complete(dry_run: bool, missing: usize) -> Result<(), String> {
    if dry_run || missing == 0 {
        Ok(())
    } else {
        Err(format!("{missing} missing: nothing may be missing in a release"))
    }
}

/// Uses what the last run has made, as its users do: the parts with these names, or all that this run has made.
pub(crate) fn consume(names: &[String]) -> Result<(), String> {
    let names = match names {
        [] => manifest::parts(&folder()?.join(MANIFEST))?,
        names => names.to_vec(),
    };
    for part in parts(&names)? {
        let Some(consume) = part.consume else {
            println!("{}: {WITHOUT_USE}", part.name);
            continue;
        };
        let folder = folder()?.join(part.name);
        if !folder.is_dir() {
            return Err(format!(
                "{} is not there: cargo xtask release --dry-run {}",
                folder.display(),
                part.name
            ));
        }
        println!("{}:", part.name);
        // It stays if something fails, for a look at it.
        let outside = env::temp_dir().join(format!("cognito-signout-consumer-{}-{}", process::id(), part.name));
        create(&outside)?;
        consume(&folder, &outside).map_err(|problem| format!("in {}: {problem}", outside.display()))?;
        remove(&outside)?;
    }
    Ok(())
}

/// Where everything lies, with its manifest.
fn folder() -> Result<PathBuf, String> {
    Ok(bindgen::folders()?.1.join("release-artifacts"))
}

fn parts(names: &[String]) -> Result<Vec<&'static Part>, String> {
    by_name::choose("part", PARTS, |part| part.name.to_owned(), names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_dry_run_may_miss_something() {
        assert_eq!(complete(true, 2), Ok(()));
        assert_eq!(complete(false, 0), Ok(()));
        assert!(complete(false, 2).unwrap_err().starts_with("2 missing"));
    }

    #[test]
    fn an_unknown_part_is_an_error_before_anything_is_made() {
        let error = release(true, &["crates".into()]).unwrap_err();
        assert_eq!(error, "unknown part crates. Parts: crate, maven, programs, swift, sbom");
    }

    #[test]
    fn a_release_says_which_parts_nobody_has_asked_for() {
        assert_eq!(not_asked_for(&[]), None);
        let said = not_asked_for(&["crate".into(), "sbom".into()]);
        assert_eq!(said.as_deref(), Some("Not asked for: maven, programs, swift."));
    }
}
