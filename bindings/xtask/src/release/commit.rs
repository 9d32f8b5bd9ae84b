//! The commit that is released.

use crate::git::git;
use crate::process::output;
use crate::workspace;

#[derive(Debug, Default)]
pub(crate) struct Commit {
    pub(crate) id: String,
    /// When it was made, in seconds since 1970. What has a time in it gets this one as `SOURCE_DATE_EPOCH`, so that each build of a
    /// commit is the same.
    pub(crate) time: String,
    /// The same, as RFC 3339 writes it.
    pub(crate) date: String,
}

/// The checkout's commit.
pub(crate) fn here() -> Result<Commit, String> {
    let described = output(git(&workspace()).args(["log", "-1", "--format=%H %ct %cI"]))?;
    let mut words = described.split(' ').map(str::to_owned);
    match (words.next(), words.next(), words.next()) {
        (Some(id), Some(time), Some(date)) => Ok(Commit { id, time, date }),
        _ => Err(format!(
            "git describes the commit in another way than expected: {described}"
        )),
    }
}

/// An error if the commit does not have this tag.
pub(crate) fn has_tag(tag: &str) -> Result<(), String> {
    let tags = output(git(&workspace()).args(["tag", "--points-at", "HEAD"]))?;
    if tags.lines().any(|there| there == tag) {
        return Ok(());
    }
    Err(format!(
        "this commit does not have the tag {tag}, the version in Cargo.toml: `git tag {tag}`, or use --dry-run"
    ))
}

/// An error if files have been changed since the commit.
pub(crate) fn is_unchanged() -> Result<(), String> {
    let changed = output(git(&workspace()).args(["status", "--porcelain"]))?;
    if changed.is_empty() {
        return Ok(());
    }
    Err(format!("commit these first:\n{changed}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_the_tag_it_is_said_how_to_set_it_and_how_to_do_without() {
        let error = has_tag("v0.0.0-of-no-commit").unwrap_err();
        assert!(
            error.contains("`git tag v0.0.0-of-no-commit`, or use --dry-run"),
            "{error}"
        );
    }
}
