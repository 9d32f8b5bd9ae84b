//! Builds an example for a test that runs it: Cargo has no variable for an example's path, and builds none for
//! `cargo test --test NAME`.

use std::path::PathBuf;

/// The program's path, once it is up to date. `features` are those that it needs beyond the default, separated by blanks.
pub(crate) fn build(name: &str, features: &str) -> PathBuf {
    // What Cargo tells a test of its package would be news to build scripts, ring's for one: they would run again.
    let ours = |name: &String| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    let build = std::env::vars()
        .map(|(name, _)| name)
        .filter(ours)
        .fold(escargot::CargoBuild::new(), |build, name| build.env_remove(name));
    let program = build.example(name).features(features).current_release().run();
    program.expect("the example builds").path().to_owned()
}
