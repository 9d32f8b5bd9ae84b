//! What `cargo xtask test` checks: a table, in the order it runs. To add a check, add a line; if it needs a tool that
//! not every machine has, name it here and describe it in [`tools`](crate::tools).

use crate::tools::{
    AAPT, CARGO_DENY, CHROMIUM, CLIPPY, COGNITOX, LINUX, MAVEN, MINISTACK, MOTO, OIDC_PROVIDER, RUSTFMT,
    SECRET_SERVICE, SWIFT, Tool,
};

/// One check: a command that fails when something is wrong.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// The command line; split at blanks, so no argument may contain one.
    pub(crate) command: &'static str,
    pub(crate) needs: Vec<&'static Tool>,
    /// What it can do without, checking less: it is run all the same.
    pub(crate) wants: Vec<&'static Tool>,
    pub(crate) env: Vec<(&'static str, &'static str)>,
}

impl Step {
    pub(crate) fn new(name: &'static str, command: &'static str) -> Self {
        Self {
            name,
            command,
            needs: Vec::new(),
            wants: Vec::new(),
            env: Vec::new(),
        }
    }

    pub(crate) fn needs(mut self, tool: &'static Tool) -> Self {
        self.needs.push(tool);
        self
    }

    pub(crate) fn wants(mut self, tool: &'static Tool) -> Self {
        self.wants.push(tool);
        self
    }

    fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }
}

/// Cheap checks first, so that a slip shows early; then whatever takes a build.
///
/// Features are checked on `--lib` alone: with the tests comes the crate itself as a dev-dependency, with all it has.
///
/// Tests that need a tool have `test = false` in Cargo.toml, so that a plain `cargo test` passes without it. They have a
/// step of their own here, and one for their lints, since `--all-targets` leaves them out as well.
#[rustfmt::skip] // A table: one check a line, or two.
pub(crate) fn all() -> Vec<Step> {
    vec![
        Step::new("format", "cargo fmt --all --check").needs(&RUSTFMT),
        Step::new("lints", "cargo clippy --workspace --all-targets -- -D warnings").needs(&CLIPPY),
        Step::new("lints, tests with tools", "cargo clippy --features admin,ffi --test * -- -D warnings").needs(&CLIPPY),
        Step::new("lints, no features", "cargo clippy --lib --no-default-features -- -D warnings").needs(&CLIPPY),
        Step::new("lints, browser", "cargo clippy --lib --no-default-features --features browser -- -D warnings")
            .needs(&CLIPPY),
        Step::new("lints, keychain", "cargo clippy --lib --no-default-features --features keychain -- -D warnings")
            .needs(&CLIPPY),
        Step::new("lints, facade's tests", "cargo clippy --features ffi --test ffi --test ffi_leaks -- -D warnings")
            .needs(&CLIPPY),
        Step::new("lints, ffi", "cargo clippy --lib --no-default-features --features ffi,keychain -- -D warnings")
            .needs(&CLIPPY),
        Step::new("lints, rustls", "cargo clippy --lib --no-default-features --features rustls -- -D warnings")
            .needs(&CLIPPY),
        Step::new("lints, test-util", "cargo clippy --lib --no-default-features --features test-util -- -D warnings")
            .needs(&CLIPPY),
        Step::new("lints, admin", "cargo clippy --lib --no-default-features --features admin -- -D warnings").needs(&CLIPPY),
        Step::new("lints, admin, all targets", "cargo clippy --features admin --all-targets -- -D warnings").needs(&CLIPPY),
        Step::new("lints, admin, tests with tools", "cargo clippy --features admin --test real_servers -- -D warnings")
            .needs(&CLIPPY),
        Step::new("dependencies", "cargo-deny check licenses bans sources").needs(&CARGO_DENY),
        Step::new("documentation", "cargo doc --no-deps --all-features").env("RUSTDOCFLAGS", "-D warnings"),
        // The generated tests meet the same cases each time, so that what fails here is the change's doing; a plain
        // `cargo test` rolls new ones.
        Step::new("unit, integration and doc tests", "cargo test --workspace").env("PROPTEST_RNG_SEED", "2026"),
        Step::new("facade", "cargo test --features ffi --test ffi --test ffi_leaks"),
        Step::new("admin, unit tests", "cargo test --features admin --lib -- admin aws"),
        Step::new("admin, doc tests", "cargo test --features admin --doc admin"),
        Step::new("admin, integration tests", "cargo test --features admin --test admin"),
        Step::new("benchmarks, each once", "cargo test --features admin --bench *"),
        Step::new("demo", "cargo run --example demo"),
        Step::new("demo, the browser's chapter", "cargo run --example demo -- --browser=headless"),
        Step::new("keychain", "cargo test --test secret_service").needs(&SECRET_SERVICE),
        Step::new("several processes", "cargo test --test processes").needs(&SECRET_SERVICE),
        Step::new("real servers", "cargo test --features admin --test real_servers")
            .needs(&MINISTACK).needs(&COGNITOX).needs(&MOTO),
        Step::new("browser", "cargo test --test browser").needs(&CHROMIUM).needs(&MINISTACK).needs(&OIDC_PROVIDER),
        Step::new("shared scenarios, Rust", "cargo test --features ffi --test shared_scenarios"),
        Step::new("Kotlin", "cargo xtask kotlin --test").needs(&MAVEN).needs(&MINISTACK).wants(&AAPT),
        Step::new("Kotlin, example", "cargo xtask kotlin example").needs(&MAVEN),
        Step::new("Swift", "cargo xtask swift test").needs(&SWIFT).needs(&MINISTACK),
        Step::new("Swift, with fakes of Apple's modules", "cargo xtask swift on-apple test").needs(&LINUX).needs(&SWIFT),
        Step::new("Swift, documentation", "cargo xtask swift docs").needs(&LINUX).needs(&SWIFT),
        Step::new("Swift, example", "cargo xtask swift example run").needs(&SWIFT),
    ]
}

/// What no step can check where only package registries are in reach.
pub(crate) const NOT_CHECKED: &str =
    "not checked: security advisories (`cargo deny check advisories`, needs github.com)";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_step_has_a_name_of_its_own() {
        let steps = all();
        let names: BTreeSet<_> = steps.iter().map(|step| step.name).collect();
        assert_eq!(names.len(), steps.len());
    }
}
