//! Git, which also works where a checkout belongs to another user: a container in CI runs as root, in a folder of its host's user.
//!
//! Git refuses such a checkout, because its settings can name programs. This program is a part of the checkout, so whoever runs it
//! trusts the checkout already. That is not true for the other checkout that `publish swift` is given: whoever gives it must trust it.

use std::path::Path;
use std::process::Command;

use crate::process::run;

/// `git` in this folder, without arguments yet.
pub(crate) fn git(folder: &Path) -> Command {
    let mut git = Command::new("git");
    git.args(["-c", "safe.directory=*", "-C"]).arg(folder);
    git
}

/// Clones a repository of this machine. The other path is absolute.
pub(crate) fn clone(repository: &Path, to: &Path) -> Result<(), String> {
    run(git(repository).args(CLONE).arg(to))
}

/// Git starts a second program at the side of the repository. That program gets no setting of the first.
const CLONE: [&str; 5] = [
    "clone",
    "--quiet",
    "--upload-pack",
    "git -c safe.directory='*' upload-pack",
    ".",
];

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;
    use crate::files::remove;
    use crate::process::succeeds_quietly;
    use crate::workspace;

    /// Git's own way to test this. Without the settings of whoever runs the test.
    fn as_another_user(git: &mut Command) -> bool {
        succeeds_quietly(
            git.env("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
                .env("GIT_CONFIG_GLOBAL", "/dev/null")
                .env("GIT_CONFIG_NOSYSTEM", "1"),
        )
    }

    #[test]
    fn a_checkout_of_another_user_is_read_and_cloned() {
        let to = env::temp_dir().join(format!("xtask-git-{}", std::process::id()));
        let plain = as_another_user(Command::new("git").current_dir(workspace()).args(["log", "-1"]));
        let read = as_another_user(git(&workspace()).args(["log", "-1"]));
        let cloned = as_another_user(git(&workspace()).args(CLONE).args(["--no-checkout"]).arg(&to));
        remove(&to).unwrap();
        assert!(
            !plain,
            "git itself reads such a checkout now: this module is not needed"
        );
        assert!(read);
        assert!(cloned);
    }
}
