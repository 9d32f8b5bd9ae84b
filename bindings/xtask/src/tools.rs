//! What checks need beyond Rust and a C compiler: a description of each tool. [`toolbox`](crate::toolbox) gets them.

pub(crate) static RUSTFMT: Tool = Tool {
    name: "rustfmt",
    source: Source::System {
        probes: &[&["cargo", "fmt", "--version"]],
        packages: &[],
        hint: "rustup component add rustfmt",
    },
};

pub(crate) static CLIPPY: Tool = Tool {
    name: "clippy",
    source: Source::System {
        probes: &[&["cargo", "clippy", "--version"]],
        packages: &[],
        hint: "rustup component add clippy",
    },
};

pub(crate) static SECRET_SERVICE: Tool = Tool {
    name: "gnome-keyring",
    source: Source::System {
        probes: &[
            &["gnome-keyring-daemon", "--version"],
            &["dbus-run-session", "--version"],
        ],
        packages: &["gnome-keyring", "dbus"],
        hint: "a Linux with gnome-keyring and dbus",
    },
};

pub(crate) static CHROMIUM: Tool = Tool {
    name: "chromium",
    source: Source::System {
        probes: &[&["chromium", "--version"], &["chromedriver", "--version"]],
        packages: &["chromium", "chromium-driver"],
        hint: "Chromium with its ChromeDriver",
    },
};

pub(crate) static NODE: Tool = Tool {
    name: "node",
    source: Source::System {
        probes: &[
            &["node", "-e", "require('assert')(parseInt(process.versions.node) >= 20)"],
            &["npm", "--version"],
        ],
        packages: &["nodejs", "npm"],
        hint: "Node.js 20 or later, with npm",
    },
};

pub(crate) static MAVEN: Tool = Tool {
    name: "maven",
    // What it downloads goes into its own cache, ~/.m2.
    source: Source::System {
        probes: &[&["mvn", "--version"], &["javac", "-version"]],
        packages: &["maven", "default-jdk-headless"],
        hint: "Apache Maven 3.6.3 or later, and a JDK 17 or later",
    },
};

/// What an app for Android declares its activities against.
pub(crate) const FRAMEWORK: &str = "/usr/share/android-framework-res/framework-res.apk";

pub(crate) static AAPT: Tool = Tool {
    name: "aapt",
    source: Source::System {
        // zipalign without arguments says how to use it, and fails.
        probes: &[
            &["aapt", "version"],
            &["sh", "-c", "command -v zipalign"],
            &["test", "-f", FRAMEWORK],
        ],
        packages: &["aapt", "zipalign", "android-framework-res"],
        hint: "a Debian with aapt, zipalign and android-framework-res",
    },
};

pub(crate) static PYTHON: Tool = Tool {
    name: "python",
    source: Source::System {
        probes: &[&["python3", "-c", "import ensurepip, venv"]],
        packages: &["python3", "python3-venv"],
        hint: "Python 3 with its venv module",
    },
};

pub(crate) static MINISTACK: Tool = Tool {
    name: "ministack-1.5.33",
    // Without cryptography it would sign tokens that nobody can verify, and say nothing.
    source: Source::PyPi("ministack==1.5.33 cryptography==50.0.2"),
};

pub(crate) static MOTO: Tool = Tool {
    name: "moto-5.2.5",
    source: Source::PyPi("moto[server,cognitoidp]==5.2.5"),
};

pub(crate) static COGNITOX: Tool = Tool {
    name: "cognitox-0.2.1",
    // Ours around theirs, to listen on loopback alone. A change to ours is installed where this recipe changes too.
    source: Source::Cargo("--path tests/servers/cognitox --locked --ignore-rust-version"),
};

pub(crate) static OIDC_PROVIDER: Tool = Tool {
    name: "oidc-provider-9.13.3",
    // Only what it depends on: `server.mjs` is run from where it is.
    source: Source::Npm {
        package: include_str!("../../../tests/servers/oidc-provider/package.json"),
        lock: include_str!("../../../tests/servers/oidc-provider/package-lock.json"),
    },
};

pub(crate) static CARGO_DENY: Tool = Tool {
    name: "cargo-deny-0.20.2",
    // A debug build takes a minute and checks our graph in three seconds.
    source: Source::Cargo("cargo-deny --version 0.20.2 --locked --debug"),
};

pub(crate) static BUBBLEWRAP: Tool = Tool {
    name: "bubblewrap",
    source: Source::System {
        probes: &[&["bwrap", "--version"]],
        packages: &["bubblewrap"],
        hint: "a Linux with bubblewrap",
    },
};

pub(crate) static SWIFT: Tool = Tool {
    name: "swift-6.0",
    // 0.6 GB to fetch, 2.6 GB unpacked, half a minute.
    source: Source::Debian {
        instead_of: &["swift", "--version"],
        recipe: "trixie swiftlang libc6-dev libstdc++-14-dev git bash coreutils",
        hint: "Swift 6 from swift.org or Xcode, or a Debian on x86-64 or arm64",
    },
};

pub(crate) static LINUX: Tool = Tool {
    name: "linux",
    source: Source::System {
        probes: &[&["test", "-d", "/proc/self"]],
        packages: &[],
        hint: "a Linux: a Mac has modules of Apple's own where this check puts fakes of them",
    },
};

/// Something a check needs and not every machine has.
pub(crate) struct Tool {
    /// For the user, and the folder's name in the cache: so it carries the version of what lies there.
    pub(crate) name: &'static str,
    pub(crate) source: Source,
}

pub(crate) enum Source {
    /// The system: there if every probe runs and succeeds. Debian's packages bring it, other systems follow the hint.
    System {
        probes: &'static [&'static [&'static str]],
        packages: &'static [&'static str],
        hint: &'static str,
    },
    /// `pip install` of these requirements, into a virtual environment of the tool's own in the cache.
    PyPi(&'static str),
    /// Packages of a Debian suite, unpacked into the cache and run by bubblewrap: where the system's own program is missing.
    Debian {
        instead_of: &'static [&'static str],
        /// The suite and the packages.
        recipe: &'static str,
        hint: &'static str,
    },
    /// `cargo install` with these arguments, into the cache; a `--path` is relative to the workspace.
    Cargo(&'static str),
    /// `npm ci` of this package with this lock file, into the cache.
    Npm { package: &'static str, lock: &'static str },
}
