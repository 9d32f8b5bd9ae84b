//! A test in a process of its own, whose environment is the test's alone, and more processes of the same test beside it.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The name of the test. Set in its own processes.
const INSIDE: &str = "COGNITO_SIGNOUT_TEST";
/// A folder that its processes share. It is removed after the test.
const FOLDER: &str = "COGNITO_SIGNOUT_TEST_FOLDER";

pub(crate) fn is_inside() -> bool {
    std::env::var_os(INSIDE).is_some()
}

pub(crate) fn folder() -> PathBuf {
    std::env::var_os(FOLDER).unwrap().into()
}

pub(crate) fn this_program() -> PathBuf {
    std::env::current_exe().unwrap()
}

/// Says to a command that it is inside.
pub(crate) fn put_inside<'a>(command: &'a mut Command, folder: &Path, test: &str) -> &'a mut Command {
    command.env(INSIDE, test).env(FOLDER, folder)
}

/// Runs `body`, a closure in the calling test, in another process: `command` begins it, and gets the folder. What it prints is shown as
/// if it were printed here.
#[allow(clippy::print_stdout, reason = "libtest keeps it without --nocapture")]
pub(crate) fn run<F: FnOnce()>(body: F, command: impl FnOnce(&Path) -> Command) {
    if is_inside() {
        fail_if_it_hangs();
        return body();
    }
    // The name of a closure's type contains the function around it: `secret_service::a_module::the_test::{{closure}}`. In a helper that
    // gets the closure it is longer: `secret_service::helper<secret_service::a_module::the_test::{{closure}}>::{{closure}}`.
    let closure = std::any::type_name::<F>().rsplit('<').next().unwrap();
    let (_, test) = closure.split_once("::").unwrap();
    let (test, _) = test.split_once("::{{closure}}").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut command = command(folder.path());
    command.args(["--exact", test, "--quiet", "--nocapture"]);
    let output = put_inside(&mut command, folder.path(), test).output();
    let output = output.unwrap_or_else(|error| panic!("{:?}: {error}", command.get_program()));
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "in its own process:\n{said}{complained}");
    assert!(
        said.contains("1 passed"),
        "it was not run in its own process:\n{said}{complained}"
    );
    print!("{said}");
}

/// A command that runs the current test in another process beside this one. There, [`role`] returns `role`.
pub(crate) fn again(role: &str) -> Command {
    let test = std::env::var(INSIDE).unwrap();
    let mut command = Command::new(this_program());
    command.args(["--exact", &test, "--quiet"]).env("ROLE", role);
    command
}

/// The role that [`again`] has given to this process, if it has started it.
pub(crate) fn role() -> Option<String> {
    std::env::var("ROLE").ok()
}

/// Ends the process if the test takes much too long. A test that takes longer on purpose has the variable `SECONDS`.
fn fail_if_it_hangs() {
    let on_purpose = std::env::var("SECONDS").map_or(0, |seconds| seconds.parse().unwrap());
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(120 + 2 * on_purpose));
        eprintln!("the test hangs");
        std::process::exit(1);
    });
}
