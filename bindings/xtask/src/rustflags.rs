//! What the compiler is told for every crate in a library for apps, and not only for ours.

use std::env;
use std::fs;
use std::path::PathBuf;

use crate::workspace;

/// The name that this workspace has in what the compiler writes down.
pub(crate) const OUR_SOURCE: &str = "/cognito-signout";

/// Cargo splits `CARGO_ENCODED_RUSTFLAGS` at this character: a path may contain blanks.
const SEPARATOR: &str = "\u{1f}";

/// A variable for cargo, with these flags.
pub(crate) fn variable(flags: &[String]) -> (&'static str, String) {
    ("CARGO_ENCODED_RUSTFLAGS", flags.join(SEPARATOR))
}

/// Names in place of this machine's folders. Otherwise another machine would build another library. The names are short, because
/// each place that can panic has the name of its file.
pub(crate) fn names_for_folders() -> Result<Vec<String>, String> {
    let workspace = workspace().canonicalize().map_err(|error| error.to_string())?;
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.unwrap_or_else(|| PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cargo"));
    // One for each registry that cargo has used on this machine.
    let registries = fs::read_dir(cargo.join("registry/src")).into_iter().flatten();
    let registries = registries.filter_map(|folder| Some((folder.ok()?.path(), "/crates")));
    // The compiler takes the last one that fits.
    let folders = [(workspace, OUR_SOURCE), (cargo.clone(), "/cargo")];
    let flags = folders.into_iter().chain(registries);
    let flags = flags.map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display()));
    Ok(flags.collect())
}
