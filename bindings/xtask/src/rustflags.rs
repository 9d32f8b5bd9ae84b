//! What the compiler is told for every crate in a library for apps, and not only for ours.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::{contains, read};
use crate::{workspace, zip};

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

/// An error if a file, or one in a folder, has the name of a folder of this machine in it.
pub(crate) fn names_no_folder(built: &Path) -> Result<(), String> {
    let workspace = workspace().canonicalize().map_err(|error| error.to_string())?;
    let home = env::var_os("HOME").map(PathBuf::from);
    let folders = [Some(workspace), home.filter(|home| home.parent().is_some())];
    let files = if built.is_dir() {
        zip::paths(built)?
    } else {
        vec![built.to_owned()]
    };
    for path in files {
        let content = read(&path)?;
        for folder in folders.iter().flatten() {
            let name = format!("{}/", folder.display());
            if contains(&content, name.as_bytes()) {
                return Err(format!("{} has {name} in it", path.display()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::{remove, write};

    #[test]
    fn a_file_that_names_this_checkout_is_found() {
        let folder = env::temp_dir().join(format!("xtask-folders-{}", std::process::id()));
        let source = workspace().canonicalize().unwrap().join("src/lib.rs");
        write(&folder.join("good"), b"/cognito-signout/src/lib.rs").unwrap();
        let good = names_no_folder(&folder);
        let bad = folder.join("inner/bad");
        write(&bad, format!("\0{}\0", source.display()).as_bytes()).unwrap();
        let (in_folder, by_itself) = (names_no_folder(&folder), names_no_folder(&bad));
        remove(&folder).unwrap();
        assert_eq!(good, Ok(()));
        assert!(in_folder.unwrap_err().contains("inner/bad has "));
        assert!(by_itself.is_err());
    }
}
