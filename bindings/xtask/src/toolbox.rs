//! How each tool is found, got without root, got with apt, or asked for.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::tools::{BUBBLEWRAP, NODE, PYTHON, Source, Tool};
use crate::workspace;

/// `cognito-signout` in the user's cache folder, by the XDG base directory specification.
pub(crate) fn cache_folder(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    // The specification: "If an implementation encounters a relative path […] it should […] ignore it."
    let xdg = variable("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute());
    let cache = xdg.or_else(|| Some(PathBuf::from(variable("HOME")?).join(".cache")))?;
    Some(cache.join("cognito-signout"))
}

/// Finds tools, gets those it may, and remembers the answers: a build that failed is not tried again.
pub(crate) struct Toolbox {
    cache: PathBuf,
    may_install: bool,
    answers: BTreeMap<&'static str, Result<(), String>>,
}

impl Toolbox {
    pub(crate) fn new(cache: PathBuf, may_install: bool) -> Self {
        Self {
            cache,
            may_install,
            answers: BTreeMap::new(),
        }
    }

    pub(crate) fn cache(&self) -> &Path {
        &self.cache
    }

    /// Makes sure the tool is there, or says what is missing and how to get it.
    pub(crate) fn provide(&mut self, tool: &'static Tool) -> Result<(), String> {
        if let Some(answer) = self.answers.get(tool.name) {
            return answer.clone();
        }
        let answer = match tool.source {
            Source::System { probes, packages, hint } => self.provide_system(probes, packages, hint),
            Source::PyPi(requirements) => self.provide_cached(tool, requirements, Self::install_from_pypi),
            Source::Cargo(arguments) => self.provide_cached(tool, arguments, Self::install_with_cargo),
            // Not only to install it: Node runs it.
            Source::Npm { package, lock } => self.provide(&NODE).and_then(|()| {
                self.provide_cached(tool, lock, |_, folder, lock| install_with_npm(folder, package, lock))
            }),
            Source::Debian {
                instead_of,
                recipe,
                hint,
            } => self.provide_debian(tool, instead_of, recipe, hint),
        }
        .map_err(|why| format!("needs {}: {why}", tool.name));
        self.answers.insert(tool.name, answer.clone());
        answer
    }

    /// Where the tool's programs are, if they are not the system's.
    pub(crate) fn programs(&self, tool: &Tool) -> Option<PathBuf> {
        match tool.source {
            // What comes from npm is loaded by a script of ours.
            Source::System { .. } | Source::Debian { .. } | Source::Npm { .. } => None,
            Source::PyPi(_) | Source::Cargo(_) => Some(self.folder(tool).join("bin")),
        }
    }

    /// Where a tool of the cache lies.
    pub(crate) fn folder(&self, tool: &Tool) -> PathBuf {
        self.cache.join(tool.name)
    }

    fn provide_system(&self, probes: &[&[&str]], packages: &[&str], hint: &str) -> Result<(), String> {
        let found = || probes.iter().all(|probe| succeeds_quietly(probe));
        if found() {
            return Ok(());
        }
        if packages.is_empty() || !succeeds_quietly(&["apt-get", "--version"]) {
            return Err(hint.into());
        }
        let packages = packages.join(" ");
        if !self.may_install {
            return Err(format!("apt-get install {packages} (or let --install do it)"));
        }
        apt_install(&packages)?;
        if found() {
            Ok(())
        } else {
            Err(format!("not found, although these packages were installed: {packages}"))
        }
    }

    fn provide_debian(
        &mut self,
        tool: &'static Tool,
        instead_of: &[&str],
        recipe: &str,
        hint: &str,
    ) -> Result<(), String> {
        if succeeds_quietly(instead_of) {
            return Ok(());
        }
        if !succeeds_quietly(&["apt-get", "--version"]) {
            return Err(hint.into());
        }
        self.provide(&BUBBLEWRAP)?;
        self.provide_cached(tool, recipe, |_, folder, recipe| {
            run(Command::new(workspace().join("bindings/xtask/unpack-debian.sh"))
                .arg(folder)
                .args(recipe.split_whitespace()))
        })
    }

    /// A half-finished installation must not pass for a finished one, so the recipe is written into the folder last.
    /// Another recipe (a new pin) is installed anew.
    fn provide_cached(
        &mut self,
        tool: &'static Tool,
        recipe: &str,
        install: impl FnOnce(&mut Self, &Path, &str) -> Result<(), String>,
    ) -> Result<(), String> {
        let folder = self.folder(tool);
        let stamp = folder.join("installed");
        let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
        fs::create_dir_all(&folder).map_err(failed)?;
        // Two runs at once, say in two work trees, share the cache: the second waits and then finds the stamp.
        let lock = File::create(self.cache.join("lock")).map_err(failed)?;
        lock.lock().map_err(failed)?;
        if fs::read_to_string(&stamp).is_ok_and(|installed| installed == recipe) {
            return Ok(());
        }
        println!("getting {} into {}", tool.name, folder.display());
        install(self, &folder, recipe)?;
        fs::write(&stamp, recipe).map_err(failed)
    }

    fn install_from_pypi(&mut self, folder: &Path, requirements: &str) -> Result<(), String> {
        self.provide(&PYTHON)?;
        // `--clear`: pip takes a package whose unpacking was interrupted for an installed one.
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder))?;
        run(Command::new(folder.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check"])
            .args(requirements.split_whitespace()))
    }

    fn install_with_cargo(&mut self, folder: &Path, arguments: &str) -> Result<(), String> {
        // Its build is not ours: apart, and gone once it is done. What an interrupted one built is used by the next.
        let build = folder.join("build");
        run(Command::new("cargo")
            .arg("install")
            .args(arguments.split_whitespace())
            .arg("--root")
            .arg(folder)
            .current_dir(workspace())
            .env("CARGO_TARGET_DIR", &build))?;
        match fs::remove_dir_all(&build) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(format!("{}: {error}", build.display())),
            _ => Ok(()),
        }
    }
}

fn install_with_npm(folder: &Path, package: &str, lock: &str) -> Result<(), String> {
    for (name, content) in [("package.json", package), ("package-lock.json", lock)] {
        let file = folder.join(name);
        fs::write(&file, content).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    // It removes what an interrupted one has left, and runs no script of any package.
    run(Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
        .current_dir(folder))
}

fn apt_install(packages: &str) -> Result<(), String> {
    let root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|id| id.stdout.trim_ascii() == b"0");
    let apt_get = |arguments: &str| {
        let prefix = if root { "" } else { "sudo " };
        // env: sudo would not hand on a variable of ours.
        let line = format!("{prefix}env DEBIAN_FRONTEND=noninteractive apt-get -qq {arguments}");
        let mut words = line.split(' ');
        run(Command::new(words.next().unwrap_or_default()).args(words))
    };
    let install = format!("install --yes --no-install-recommends {packages}");
    // A new machine may know no packages yet.
    apt_get(&install).or_else(|_| apt_get("update").and_then(|()| apt_get(&install)))
}

/// Whether a tool of the system's is there, for a check that can do without.
pub(crate) fn is_there(tool: &Tool) -> bool {
    matches!(tool.source, Source::System { probes, .. } if probes.iter().all(|probe| succeeds_quietly(probe)))
}

pub(crate) fn succeeds_quietly(command: &[&str]) -> bool {
    let [program, arguments @ ..] = command else {
        return false;
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a command to its end, on the standard streams.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?} failed ({status})")),
        Err(error) => Err(format!("{command:?} could not be started ({error})")),
    }
}

/// The same, having said what is run.
pub(crate) fn run_aloud(command: &mut Command) -> Result<(), String> {
    println!("$ {command:?}");
    run(command)
}

#[cfg(test)]
mod tests {
    use std::env;

    use super::*;

    /// A cache folder of the test's own, removed with it.
    struct Cache(PathBuf);

    impl Cache {
        fn new(test: &str) -> Self {
            Self(env::temp_dir().join(format!("xtask-{test}-{}", std::process::id())))
        }

        /// Asks for `TOOL` as a new run of xtask would, and says whether that installed it.
        fn installs(&self, recipe: &str, installation: Result<(), String>) -> Result<bool, String> {
            let mut installed = false;
            Toolbox::new(self.0.clone(), false).provide_cached(&TOOL, recipe, |_, _, _| {
                installed = true;
                installation
            })?;
            Ok(installed)
        }
    }

    impl Drop for Cache {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    static TOOL: Tool = Tool {
        name: "tool-1.0",
        source: Source::Cargo("tool --version 1.0"),
    };

    #[test]
    fn a_tool_is_installed_once_for_all_later_runs() {
        let cache = Cache::new("once");
        assert_eq!(cache.installs("tool 1.0", Ok(())), Ok(true));
        assert_eq!(cache.installs("tool 1.0", Ok(())), Ok(false));
    }

    #[test]
    fn an_installation_that_failed_is_not_taken_for_a_tool() {
        let cache = Cache::new("failed");
        assert_eq!(
            cache.installs("tool 1.0", Err("no network".into())),
            Err("no network".into())
        );
        assert_eq!(cache.installs("tool 1.0", Ok(())), Ok(true));
    }

    #[test]
    fn a_changed_recipe_is_installed_anew() {
        let cache = Cache::new("changed");
        assert_eq!(cache.installs("tool 1.0", Ok(())), Ok(true));
        assert_eq!(cache.installs("tool 1.0 --debug", Ok(())), Ok(true));
    }

    #[test]
    fn a_system_tool_is_found_only_if_every_probe_succeeds() {
        let tools = Toolbox::new(PathBuf::new(), false);
        let passing: &[&str] = &["cargo", "--version"];
        assert_eq!(tools.provide_system(&[passing], &[], "hint"), Ok(()));
        let failing: &[&str] = &["cargo", "no-such-command"];
        assert_eq!(
            tools.provide_system(&[passing, failing], &[], "hint"),
            Err("hint".into())
        );
        assert_eq!(
            tools.provide_system(&[passing, &["no-such-program"]], &[], "hint"),
            Err("hint".into())
        );
    }

    #[test]
    fn the_cache_follows_xdg_then_home() {
        let folder = |xdg: Option<&str>, home: Option<&str>| {
            cache_folder(|name| if name == "HOME" { home } else { xdg }.map(OsString::from))
        };
        let of = |path: &str| Some(PathBuf::from(path).join("cognito-signout"));
        assert_eq!(folder(Some("/xdg"), Some("/home/me")), of("/xdg"));
        assert_eq!(folder(Some("relative"), Some("/home/me")), of("/home/me/.cache"));
        assert_eq!(folder(None, Some("/home/me")), of("/home/me/.cache"));
        assert_eq!(folder(None, None), None);
    }
}
