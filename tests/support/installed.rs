//! Where `.ci/install` puts the tools of tests.

use std::path::PathBuf;

/// The path of a tool in the user's cache folder.
pub(crate) fn installed(path: &str) -> PathBuf {
    let folder = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let tools = folder("COGNITO_SIGNOUT_SERVERS").unwrap_or_else(|| {
        let cache = folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")));
        cache.expect("HOME is set").join("cognito-signout")
    });
    let path = tools.join(path);
    assert!(path.exists(), "{} is missing: `.ci/install` gets it", path.display());
    path
}
