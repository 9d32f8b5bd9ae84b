//! What a release sends out by commands of ours: `.github/workflows/release.yml` runs them. cargo and GitHub's own program send
//! the crates and the files.

pub(crate) mod maven;
pub(crate) mod swift;
