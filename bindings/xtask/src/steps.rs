//! What `cargo xtask test` checks: tables, in the order of the run. To add a check, add a line. If it needs a tool that not
//! every machine has, name it here and describe it in [`tools`](crate::tools) and in `.ci/install`.

use crate::tools::{
    AAPT2, ACTIONLINT, AMPLIFY_JS, AWS_CLI, Ability, BOTOCORE, C_TOOLS, CARGO_DENY, CARGO_FUZZ, CARGO_NDK,
    CARGO_PUBLIC_API, CARGO_SEMVER_CHECKS, CHROMIUM, CLIPPY, CMAKE, COGNITOX, CROSS_RUST, DART, EMULATORS,
    GNOME_KEYRING, GPG, LIBUNWIND_ARM, LIBUNWIND_ARM64, LIBUNWIND_X86_64, MAVEN, MDBOOK, MINISTACK, MOTO,
    NETWORK_NAMESPACES, NETWORK_TOOLS, NODE, OIDC_PROVIDER, OWN_DART, RUSTFMT, SHELLCHECK, SWIFT, Tool, ZIGBUILD,
    ZIZMOR,
};

/// One check: a command that fails when something is wrong.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    /// The command line. It is split at blanks, so no argument may contain one.
    pub(crate) command: &'static str,
    pub(crate) needs: Vec<&'static Tool>,
    pub(crate) only_on_linux: bool,
    pub(crate) only_with: Option<&'static Ability>,
    pub(crate) env: Vec<(&'static str, &'static str)>,
}

impl Step {
    pub(crate) fn new(name: &'static str, command: &'static str) -> Self {
        Self {
            name,
            command,
            needs: Vec::new(),
            only_on_linux: false,
            only_with: None,
            env: Vec::new(),
        }
    }

    pub(crate) fn needs(mut self, tool: &'static Tool) -> Self {
        self.needs.push(tool);
        self
    }

    fn only_on_linux(mut self) -> Self {
        self.only_on_linux = true;
        self
    }

    pub(crate) fn only_with(mut self, ability: &'static Ability) -> Self {
        self.only_with = Some(ability);
        self
    }

    fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }
}

/// What needs only Rust and a C compiler. One set of features for all of it, so that everything is built once: all of
/// them, with the demo, the program and the promises. The program together with the library, because by itself it would build
/// each dependency again.
pub(crate) fn quick() -> Vec<Step> {
    vec![
        // The seed gives the generated tests the same cases each time: a failure comes from the change. A plain `cargo test`
        // makes new cases.
        Step::new(
            "tests",
            "cargo test --package cognito-signout --package cognito-signout-cli --package cognito-signout-fuzz --package cognito-signout-interleavings --features ffi,admin --no-fail-fast",
        )
        .env("PROPTEST_RNG_SEED", "2026"),
        Step::new("tests of xtask", "cargo test --package xtask"),
    ]
}

/// Everything: the quick steps, and those that need tools or more time.
pub(crate) fn all() -> Vec<Step> {
    // First, because it takes a second.
    let mut steps = vec![Step::new("format", "cargo fmt --all --check").needs(&RUSTFMT)];
    steps.extend(quick());
    steps.extend(lints());
    steps.extend(with_tools());
    steps
}

/// Everything, and what takes too long for each change: CI has 45 minutes.
pub(crate) fn nightly() -> Vec<Step> {
    let mut steps = all();
    steps.extend(long());
    steps
}

/// Each set of features on its own has `--lib` only: with the tests comes this crate itself as a dev-dependency, with all
/// of its dependencies' features. Tests with `test = false` in Cargo.toml are not part of `--all-targets`; `--test *` has them.
#[rustfmt::skip] // A table: one check in a line.
fn lints() -> Vec<Step> {
    [
        ("lints", "cargo clippy --workspace --exclude cognito-signout-interleavings --all-targets --features ffi,admin -- -D warnings"),
        ("lints, tests with tools", "cargo clippy --workspace --test * --features ffi,admin -- -D warnings"),
        ("lints, default features", "cargo clippy --lib -- -D warnings"),
        ("lints, no features", "cargo clippy --lib --no-default-features -- -D warnings"),
        ("lints, keychain", "cargo clippy --lib --no-default-features --features keychain -- -D warnings"),
        ("lints, ffi", "cargo clippy --lib --no-default-features --features ffi,keychain -- -D warnings"),
        ("lints, C ABI", "cargo clippy --lib --no-default-features --features c-abi -- -D warnings"),
        ("lints, browser", "cargo clippy --lib --no-default-features --features browser -- -D warnings"),
        ("lints, test-util", "cargo clippy --lib --no-default-features --features test-util -- -D warnings"),
        ("lints, rustls", "cargo clippy --lib --no-default-features --features rustls -- -D warnings"),
        ("lints, admin", "cargo clippy --lib --no-default-features --features admin -- -D warnings"),
    ]
    .into_iter()
    .map(|(name, command)| Step::new(name, command).needs(&CLIPPY))
    .collect()
}

/// Tests that need a tool have `test = false` in Cargo.toml, so that a plain `cargo test` passes without it.
#[rustfmt::skip] // A table: one check in a line, or two.
fn with_tools() -> Vec<Step> {
    vec![
        Step::new("shell scripts", "shellcheck .ci/install .ci/run bindings/xtask/consumers/rust/in-keychain.sh bindings/xtask/with-androids-keychain.sh bindings/xtask/rustdoc-with-json.sh examples/try-sessions.sh")
            .needs(&SHELLCHECK),
        // It also runs shellcheck on each command.
        Step::new("workflows", "actionlint .github/workflows/ci.yml .github/workflows/advisories.yml .github/workflows/docs.yml .github/workflows/nightly.yml .github/workflows/release.yml")
            .needs(&ACTIONLINT).needs(&SHELLCHECK),
        Step::new("workflows, security", "zizmor --offline --no-progress .github/workflows").needs(&ZIZMOR),
        Step::new("dependencies", "cargo-deny check licenses bans sources").needs(&CARGO_DENY),
        Step::new("notices of third parties", "cargo xtask notices"),
        Step::new("documentation", "cargo doc --no-deps --all-features").env("RUSTDOCFLAGS", "-D warnings"),
        Step::new("benchmarks, each once", "cargo test --features ffi,admin --bench *").needs(&GNOME_KEYRING),
        Step::new("keychain", "cargo test --package cognito-signout --package cognito-signout-cli --features ffi,admin --test secret_service --test amplify_flutter_linux --test keychain").needs(&GNOME_KEYRING),
        // 35 seconds of CPU: some hundred processes, each in its own trouble.
        Step::new("keychain in trouble and under load", "cargo test --features ffi,admin --test keychain_failures --test keychain_load --test keychain_memory").needs(&GNOME_KEYRING),
        Step::new("keychain of this system", "cargo test --features ffi,admin --test system_keychain").needs(&GNOME_KEYRING),
        Step::new("several processes", "cargo test --features ffi,admin --test processes").needs(&GNOME_KEYRING),
        // 19 seconds, and 10 of CPU: its networks wait at the same time.
        Step::new("networks at fault", "cargo test --features ffi,admin --test network_faults")
            .needs(&NETWORK_TOOLS).only_on_linux().only_with(&NETWORK_NAMESPACES),
        Step::new("real servers", "cargo test --features ffi,admin --test real_servers")
            .needs(&MINISTACK).needs(&COGNITOX).needs(&MOTO),
        Step::new("service model", "cargo test --features ffi,admin --test service_model").needs(&BOTOCORE),
        Step::new("browser", "cargo test --features ffi,admin --test browser")
            .needs(&CHROMIUM).needs(&MINISTACK).needs(&NODE).needs(&OIDC_PROVIDER),
        // Two seconds of CPU.
        Step::new("compared with amplify-js, tried", "cargo xtask compare --try").needs(&NODE).needs(&AMPLIFY_JS),
        // The example with the static library: 2 seconds of CPU.
        Step::new("C", "cargo xtask c --test").needs(&C_TOOLS).needs(&GNOME_KEYRING).only_on_linux(),
        Step::new("Dart, on this machine's own VM", "cargo xtask dart --test").only_with(&OWN_DART),
        Step::new("Kotlin", "cargo xtask kotlin --test").needs(&MAVEN).needs(&AAPT2),
        Step::new("signatures", "cargo test --package xtask central::signing -- --ignored").needs(&GPG),
        Step::new("iOS", "cargo xtask apple --check").needs(&CROSS_RUST).needs(&SWIFT).only_on_linux(),
        // 200 seconds of CPU: everything is built by another compiler, at the highest optimisation.
        Step::new("Android's arm64, over a stand-in for the NDK", "cargo xtask android --stand-in arm64-v8a")
            .needs(&CROSS_RUST).needs(&LIBUNWIND_ARM64).needs(&CARGO_NDK).needs(&MAVEN).only_on_linux(),
        // The same library: 15 seconds of CPU.
        Step::new("Android's library, emulated", "cargo xtask bionic")
            .needs(&CROSS_RUST).needs(&LIBUNWIND_ARM64).needs(&CARGO_NDK).needs(&MAVEN).only_on_linux(),
        Step::new("Swift", "cargo xtask swift test").needs(&SWIFT),
        // A Mac has the modules that these replace by fakes.
        Step::new("Swift, with fakes of Apple's modules", "cargo xtask swift on-apple test").needs(&SWIFT).only_on_linux(),
        Step::new("Swift, documentation and API", "cargo xtask swift docs").needs(&SWIFT).only_on_linux(),
        Step::new("Swift, example", "cargo xtask swift example run").needs(&SWIFT),
        Step::new("release, dry run", "cargo xtask release --dry-run crate maven swift sbom").needs(&MAVEN).needs(&GPG),
        // Also what `cargo xtask kotlin example` runs.
        Step::new("release, consumers", "cargo xtask consume crate maven swift")
            .needs(&GNOME_KEYRING).needs(&MAVEN).needs(&SWIFT).only_on_linux(),
    ]
}

/// What needs a network beyond the package registries: the RustSec database is on github.com.
pub(crate) fn advisories() -> Vec<Step> {
    vec![Step::new("advisories", "cargo-deny check advisories").needs(&CARGO_DENY)]
}

fn long() -> Vec<Step> {
    vec![
        // What a plain `cargo test` compiles. Each dependency is checked again, without UniFFI's features.
        Step::new(
            "lints, all code with the default features",
            "cargo clippy --workspace --exclude cognito-signout-interleavings --all-targets -- -D warnings",
        )
        .needs(&CLIPPY),
        // Two to three minutes, nearly all of them in the AWS CLI.
        Step::new(
            "trying sessions",
            "cargo test --features ffi,admin --test try_sessions",
        )
        .needs(&AWS_CLI)
        .needs(&BOTOCORE)
        .needs(&MOTO),
        Step::new(
            "an incident of a million users",
            "cargo test --package cognito-signout --package cognito-signout-cli --features ffi,admin --test admin killed:: -- --nocapture",
        )
        .env("USERS", "1000000")
        .env("KILLS", "20"),
        Step::new(
            "interleavings, more of them",
            "cargo test --package cognito-signout --package cognito-signout-interleavings --features ffi,admin --test interleavings",
        )
        .env("INTERLEAVINGS", "5000"),
        Step::new(
            "two processes, with two deaths",
            "cargo test --package cognito-signout --package cognito-signout-cli --features ffi,admin --test promises two_processes",
        )
        .env("DEATHS", "2"),
        Step::new(
            "fifty processes for a minute",
            "cargo test --features ffi,admin --test keychain_load",
        )
        .needs(&GNOME_KEYRING)
        .env("PROCESSES", "50")
        .env("SECONDS", "60"),
        // Everything is built by other flags, and then ten minutes for each target.
        Step::new("fuzzing", "cargo xtask fuzz").needs(&CARGO_FUZZ).only_on_linux(),
        // The same for each processor.
        Step::new("Android, over a stand-in for the NDK", "cargo xtask android --stand-in")
            .needs(&CROSS_RUST)
            .needs(&LIBUNWIND_ARM64)
            .needs(&LIBUNWIND_ARM)
            .needs(&LIBUNWIND_X86_64)
            .needs(&CARGO_NDK)
            .needs(&MAVEN)
            .only_on_linux(),
        // All code for nine of Apple's targets.
        Step::new("XCFramework, over stand-ins for Xcode's tools", "cargo xtask apple --stand-in")
            .needs(&CROSS_RUST)
            .needs(&SWIFT)
            .only_on_linux(),
        // Without a Dart of this machine's own, the library is built for another processor, with the standard library: 5 minutes.
        Step::new("Dart", "cargo xtask dart --test").needs(&DART).only_on_linux(),
        // The same library, and another one with Android's keychain.
        Step::new("Flutter plugin, over stand-ins for Flutter", "cargo xtask flutter --test")
            .needs(&CMAKE)
            .needs(&DART)
            .needs(&MAVEN)
            .needs(&SWIFT)
            .only_on_linux(),
        // Eight builds of our own code, and what Android's builds share with those of the AAR.
        Step::new("Flutter plugin's libraries, over stand-ins", "cargo xtask flutter --stand-in")
            .needs(&CROSS_RUST)
            .needs(&LIBUNWIND_ARM64)
            .needs(&LIBUNWIND_ARM)
            .needs(&LIBUNWIND_X86_64)
            .needs(&CARGO_NDK)
            .needs(&MAVEN)
            .needs(&SWIFT)
            .only_on_linux(),
        // Everything is built by another compiler, with the standard library.
        Step::new("Windows' keychain, on Wine", "cargo xtask windows --test")
            .needs(&CROSS_RUST)
            .needs(&ZIGBUILD)
            .needs(&EMULATORS)
            .only_on_linux(),
        // In a folder of its own, so everything is built again: the library with its default features, and the command line.
        Step::new(
            "crates, built from their packages",
            "cargo package --allow-dirty --package cognito-signout --package cognito-signout-cli",
        ),
        // And again in a clone.
        Step::new(
            "release, same bytes",
            "cargo xtask release --same-bytes crate maven swift sbom",
        )
        .needs(&MAVEN)
        .needs(&GPG),
        // Three times everything, by another compiler and optimised.
        Step::new("programs to download", "cargo xtask release --dry-run programs")
            .needs(&CROSS_RUST)
            .needs(&ZIGBUILD)
            .only_on_linux(),
        Step::new("programs to download, tried", "cargo xtask consume programs")
            .needs(&ZIGBUILD)
            .needs(&EMULATORS)
            .needs(&GNOME_KEYRING)
            .only_on_linux(),
        // A set of features of its own, and tools that take minutes to build.
        Step::new("Rust, API", "cargo xtask rust-api")
            .needs(&CARGO_PUBLIC_API)
            .needs(&CARGO_SEMVER_CHECKS),
        Step::new("documentation, as a site", "cargo xtask site")
            .needs(&MDBOOK)
            .needs(&MAVEN)
            .needs(&SWIFT)
            .only_on_linux(),
        // Nine minutes, mostly waiting, after a release build of three minutes of CPU. Last: it writes the new figures into the
        // checkout, and `release, same bytes` wants it unchanged.
        Step::new("compared with amplify-js", "cargo xtask compare")
            .needs(&NODE)
            .needs(&AMPLIFY_JS)
            .only_on_linux(),
    ]
}

/// What the quick steps do not check.
pub(crate) const NOT_IN_QUICK: &str = concat!(
    "not checked: a million users, format, lints, licences, documentation, benchmarks, other servers, browsers, keychains, networks at fault, ",
    "several processes, C, Swift, Kotlin and what a release would publish (`--all`)"
);

/// What `--all` does not check.
pub(crate) const NOT_IN_ALL: &str = concat!(
    "not checked: a million users, fifty processes, more interleavings, fuzzing, Dart on a VM that is not this machine's own, the Flutter plugin, Windows' keychain on Wine, ",
    "Rust's API, Android's other processors, the XCFramework over stand-ins, the programs to download, ",
    "the crates built from their packages, the script for a real pool, tests with the default features, the guides as a site, ",
    "the figures beside amplify-js, that a release has the same bytes each time (`--nightly`), ",
    "security advisories (`--advisories`, needs github.com)"
);

/// What no step checks, because CI reaches only package registries.
pub(crate) const NOT_IN_NIGHTLY: &str = "not checked: security advisories (`--advisories`, needs github.com)";

/// What `--advisories` does not check.
pub(crate) const NOT_IN_ADVISORIES: &str = "not checked: everything else (`--all`)";

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::files::text;
    use crate::workspace;

    #[test]
    fn every_step_has_a_name_of_its_own() {
        let steps = nightly();
        let names: BTreeSet<_> = steps.iter().map(|step| step.name).collect();
        assert_eq!(names.len(), steps.len());
    }

    /// The modules whose tests a step runs, where they are, and how their tests begin. A filter that fits no test passes.
    const FILTERS: [(&str, &str, &str); 2] = [
        ("central::signing", "bindings/xtask/src/central/signing.rs", "#[ignore"),
        ("killed::", "bindings/cli/tests/admin/killed.rs", "#[tokio::test"),
    ];

    #[test]
    fn each_filter_of_a_step_fits_a_test() {
        let filters: BTreeSet<_> = nightly()
            .iter()
            .flat_map(|step| step.command.split(' '))
            .filter(|word| word.contains("::"))
            .collect();
        assert_eq!(filters, FILTERS.map(|(filter, _, _)| filter).into());
        for (_, file, test) in FILTERS {
            let tests = text(&workspace().join(file)).unwrap();
            assert!(tests.contains(test), "{file}");
        }
    }

    #[test]
    fn a_newcomer_needs_no_tool() {
        assert!(quick().iter().all(|step| step.needs.is_empty()));
    }
}
