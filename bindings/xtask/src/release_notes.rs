//! The notes of a release: its part of CHANGELOG.md.

use crate::files::{text, write};
use crate::{REPOSITORY, VERSION, bindgen, workspace};

/// Writes `target/release-notes.md` for this tag, which must be the version's.
pub(crate) fn write_for(tag: &str) -> Result<(), String> {
    check_tag(tag)?;
    let notes = section(&text(&workspace().join("CHANGELOG.md"))?, VERSION)?;
    let file = bindgen::folders()?.1.join("release-notes.md");
    write(&file, with_whole_links(&notes, tag).as_bytes())?;
    println!("notes: {}", file.display());
    Ok(())
}

/// An error if this is not the tag of the version in `Cargo.toml`.
fn check_tag(tag: &str) -> Result<(), String> {
    if tag.strip_prefix('v') == Some(VERSION) {
        return Ok(());
    }
    Err(format!(
        "the tag is {tag}, and Cargo.toml has the version {VERSION}, whose tag is v{VERSION}. Make that tag, or change the version first"
    ))
}

/// What stands below the version's heading.
fn section(changelog: &str, version: &str) -> Result<String, String> {
    let heading = format!("## [{version}] - ");
    let below = changelog.lines().skip_while(|line| !line.starts_with(&heading)).skip(1);
    let section: Vec<_> = below.take_while(|line| !line.starts_with("## ")).collect();
    let section = section.join("\n").trim().to_owned();
    if section.is_empty() {
        return Err(format!(
            "CHANGELOG.md has nothing below a heading `{heading}DATE`. Give the part `[Unreleased]` this heading, and put a new \
             `## [Unreleased]` above it"
        ));
    }
    Ok(section + "\n")
}

/// A link to a file of the repository leads nowhere on the page of a release. So it gets the address of the tag.
fn with_whole_links(notes: &str, tag: &str) -> String {
    let mut parts = notes.split("](");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| {
        let is_whole = part.starts_with("https:");
        whole
            + "]("
            + &if is_whole {
                String::new()
            } else {
                format!("{REPOSITORY}/blob/{tag}/")
            }
            + part
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGELOG: &str = "# Changelog\n\n## [Unreleased]\n\n- soon\n\n## [0.2.0] - 2027-01-02\n\n### Added\n\n- a\n\n\
                             ## [0.1.0] - 2026-12-01\n\n- the first\n";

    #[test]
    fn the_notes_are_what_stands_below_the_versions_heading() {
        assert_eq!(section(CHANGELOG, "0.2.0").as_deref(), Ok("### Added\n\n- a\n"));
        assert_eq!(section(CHANGELOG, "0.1.0").as_deref(), Ok("- the first\n"));
    }

    #[test]
    fn a_version_without_notes_is_an_error_that_says_what_to_do() {
        for version in ["0.3.0", "0.2", "Unreleased"] {
            let error = section(CHANGELOG, version).unwrap_err();
            assert!(error.contains("Give the part `[Unreleased]` this heading"), "{error}");
        }
        assert!(section("## [0.1.0] - today\n\n## [0.0.1] - before\n- x\n", "0.1.0").is_err());
    }

    #[test]
    fn a_tag_of_another_version_is_refused() {
        assert_eq!(check_tag(&format!("v{VERSION}")), Ok(()));
        for tag in [VERSION, "v99.0.0", ""] {
            assert!(check_tag(tag).is_err(), "{tag}");
        }
    }

    #[test]
    fn a_link_into_the_repository_leads_to_the_tag() {
        let notes = "[a](docs/limits.md#time), [b](https://semver.org) and [c](README.md)";
        let whole = with_whole_links(notes, "v1.2.3");
        assert_eq!(
            whole,
            format!(
                "[a]({REPOSITORY}/blob/v1.2.3/docs/limits.md#time), [b](https://semver.org) and [c]({REPOSITORY}/blob/v1.2.3/README.md)"
            )
        );
    }
}
