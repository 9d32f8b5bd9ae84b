//! The library's tests on Windows, as far as Wine is Windows: they are built for it, and Wine runs them. So the Credential Manager is
//! Wine's own, in Wine's registry.

use crate::bindgen::{folders, utf8};
use crate::files::remove;
use crate::process::run;
use crate::tools::EMULATORS;
use crate::wine::{self, Wine};
use crate::{rustflags, zigbuild};

const TARGET: &str = "x86_64-pc-windows-gnu";

/// The unit tests of what is different on Windows, and of what is written there.
const UNITS: [&str; 3] = ["record::", "source::", "vault::"];

/// The tests of a real keychain that Windows has too. Not `keychain_load`: on Wine, a process cannot read an entry while another one
/// deletes it (`ERROR_KEY_DELETED`).
const SUITES: [&str; 3] = ["credential_manager", "processes", "system_keychain"];

/// For the same reason. And Wine takes milliseconds for each entry, so the last one of the twelve is out of time.
const NOT_ON_WINE: &str = "twelve_processes_that_sign_out_at_once_all_get_complete_and_the_session_is_revoked";

pub(crate) fn test() -> Result<(), String> {
    zigbuild::require()?;
    EMULATORS.require()?;
    let folder = folders()?.1.join("wine");
    remove(&folder)?;
    let wine = Wine::in_folder(&folder)?;
    cargo_test(&wine, &["--lib"], &UNITS)?;
    // One after another: Wine's server does one thing at a time, and the library's time limits are not faked here.
    let suites = SUITES.map(|suite| ["--test", suite]).concat();
    cargo_test(&wine, &suites, &["--test-threads", "1", "--skip", NOT_ON_WINE])?;
    wine.end()
}

fn cargo_test(wine: &Wine, tests: &[&str], for_libtest: &[&str]) -> Result<(), String> {
    let libraries = zigbuild::debians_libraries_for_windows()?;
    let flags = [zigbuild::WITH_ZIGS_FILES.to_owned(), format!("-L{}", utf8(&libraries)?)];
    println!(
        "$ cargo zigbuild test --package cognito-signout --target {TARGET} {} -- {}",
        tests.join(" "),
        for_libtest.join(" ")
    );
    run(zigbuild::cargo()?
        .args(["test", "--locked", "--package", "cognito-signout", "--target", TARGET])
        .args(tests)
        .arg("--")
        .args(for_libtest)
        .envs([rustflags::variable(&flags)])
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", wine::START)
        .envs(wine.variables()))
}
