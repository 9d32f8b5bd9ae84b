//! Where `.ci/install` puts the tools of tests. It and bindings/xtask/src/tools.rs have the same rule.

use std::path::PathBuf;

/// The path of a tool in the user's cache folder.
pub(crate) fn installed(path: &str) -> PathBuf {
    // The XDG Base Directory Specification ignores relative paths, also an empty one.
    let folder = |name: &str| {
        std::env::var_os(name)
            .map(PathBuf::from)
            .filter(|folder| folder.is_absolute())
    };
    let cache = folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
    let path = cache.expect("HOME is set").join("cognito-signout").join(path);
    assert!(path.exists(), "{} is missing: `.ci/install` gets it", path.display());
    path
}
