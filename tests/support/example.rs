//! Builds an example for a test that runs it: Cargo has no variable for an example's path, and builds none for
//! `cargo test --test NAME`.

use std::path::PathBuf;

/// The program's path, once it is up to date. It is built with the features of this test, because another set would build
/// every dependency again.
pub(crate) fn build(name: &str) -> PathBuf {
    let features = match (cfg!(feature = "admin"), cfg!(feature = "ffi")) {
        (true, true) => "admin ffi",
        (true, false) => "admin",
        (false, true) => "ffi",
        (false, false) => "",
    };
    // Cargo describes the package of a test by variables. To build scripts they would be a change: ring's would run again.
    let of_this_package = |name: &String| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    let build = std::env::vars()
        .map(|(name, _)| name)
        .filter(of_this_package)
        .fold(escargot::CargoBuild::new(), |build, name| build.env_remove(name));
    let program = build.example(name).features(features).current_release().run();
    program.expect("the example builds").path().to_owned()
}
