//! Where this checkout is.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    workspace_of(
        env::var_os("CARGO_MANIFEST_DIR"),
        env::current_dir().unwrap_or_default(),
    )
}

/// Two above this package, which `cargo run` names in a variable. Without cargo, the folder around the current one. The path
/// known at compile time may be wrong: a checkout can be moved together with its target folder.
fn workspace_of(package: Option<OsString>, current: PathBuf) -> PathBuf {
    match package {
        Some(package) => Path::new(&package).join("../.."),
        None => {
            let above = current
                .ancestors()
                .find(|folder| folder.join("bindings/xtask").is_dir());
            above.map_or(current.clone(), Path::to_owned)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moved_checkout_finds_itself() {
        let package = Some("/moved/bindings/xtask".into());
        assert_eq!(
            workspace_of(package, "/".into()),
            Path::new("/moved/bindings/xtask/../..")
        );
        let here = workspace().canonicalize().unwrap_or_default();
        assert!(here.join("Cargo.lock").is_file());
        assert_eq!(workspace_of(None, here.join("src")), here);
        assert_eq!(workspace_of(None, "/".into()), Path::new("/"));
    }
}
