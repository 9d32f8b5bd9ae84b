//! What a package of this program contains beside it: completions for shells, and the manual.

use std::path::Path;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;

pub(crate) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "cognito-signout", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// Writes a page for each command: `cognito-signout.1`, `cognito-signout-sign-out.1`, and so on.
pub(crate) fn write_manual(folder: &Path) -> Result<(), String> {
    let written = std::fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|error| format!("{}: {error}", folder.display()))
}
