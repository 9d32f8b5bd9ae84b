//! Maven in an app of its own, which takes our artefacts from one repository, as an app of somebody else does.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::files::{create, link, remove};
use crate::process::{forget_the_key, run_aloud};
use crate::{VERSION, workspace};

/// Maven in a folder with an app's POM, without a goal yet. The POM takes the repository from a property.
pub(crate) fn maven(app: &Path, repository: &Path, target: &Path) -> Result<Command, String> {
    let users = PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".m2/repository");
    let cache = target.join("kotlin/cache");
    link_all_but_ours(&users, &cache)?;
    let mut maven = quiet_maven();
    maven
        .arg(format!("-Dmaven.repo.local={}", cache.display()))
        .arg(format!("-Dcognito-signout.version={VERSION}"))
        .arg(format!("-Dtarget={}", target.display()))
        .arg(format!("-Drepository={}", repository.display()))
        .current_dir(app);
    Ok(maven)
}

/// Maven, which runs code of others.
pub(crate) fn quiet_maven() -> Command {
    // A script on Windows, which is found by its whole name only.
    let mut maven = Command::new(if cfg!(windows) { "mvn.cmd" } else { "mvn" });
    forget_the_key(&mut maven);
    maven.args(["--batch-mode", "--no-transfer-progress", "--quiet"]);
    maven
}

/// Runs Maven in one of the examples.
pub(crate) fn run_example(example: &str, goals: &[&str], repository: &Path, target: &Path) -> Result<(), String> {
    let app = workspace().join("examples").join(example);
    run_aloud(maven(&app, repository, target)?.args(goals))
}

/// Maven keeps what it took from a repository, and does not look again. So the app gets a cache of its own: a folder of links
/// into the user's, but for our artefacts. What of others is not there yet is downloaded through the links.
fn link_all_but_ours(users: &Path, cache: &Path) -> Result<(), String> {
    remove(cache)?;
    create(&users.join("dev"))?;
    link_all_but("dev", users, cache)?;
    link_all_but("cognitosignout", &users.join("dev"), &cache.join("dev"))
}

fn link_all_but(name: &str, from: &Path, to: &Path) -> Result<(), String> {
    create(to)?;
    let failed = |error: std::io::Error| format!("{}: {error}", from.display());
    for entry in fs::read_dir(from).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        if entry.file_name() != name {
            link(&entry.path().to_string_lossy(), &to.join(entry.file_name()))?;
        }
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::archive;
    use crate::files::write;

    #[test]
    fn the_cache_of_an_app_has_all_but_our_artefacts() -> Result<(), String> {
        let folder = env::temp_dir().join(format!("xtask-cache-{}", std::process::id()));
        let (users, cache) = (folder.join("users"), folder.join("cache"));
        for file in ["dev/cognitosignout/jar", "dev/others/jar", "org/others/jar"] {
            write(&users.join(file), b"PK")?;
        }
        // Of an earlier app.
        write(&cache.join("dev/cognitosignout/jar"), b"PK")?;
        link_all_but_ours(&users, &cache)?;
        assert_eq!(archive::files(&cache)?, ["dev/others/jar", "org/others/jar"]);
        write(&cache.join("org/new/jar"), b"PK")?;
        assert!(users.join("org/new/jar").exists(), "it is kept for the next app");
        link_all_but_ours(&users, &cache)?;
        assert!(users.join("dev/cognitosignout/jar").exists(), "the user's own stays");
        remove(&folder)
    }
}
