//! `cargo xtask`: the chores of this repository, each as one command that a fresh clone can run.
// A command-line program talks to its user on standard output.
#![allow(clippy::print_stdout)]

mod android;
#[cfg(test)]
mod api;
mod apk;
mod apple;
mod bindgen;
mod elf;
mod files;
mod kotlin;
mod ministack;
mod runner;
mod size;
mod steps;
mod swift;
mod toolbox;
mod tools;

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use kotlin::Goal;
use toolbox::Toolbox;

const USAGE: &str = "\
usage: cargo xtask test [--install] [--all]
       cargo xtask bindgen
       cargo xtask kotlin [--test | example]
       cargo xtask android
       cargo xtask size [ABI=LIBRARY…]
       cargo xtask swift [docs | [example | on-apple] [SWIFT ARGUMENTS]]
       cargo xtask apple [URL]

  test        run every check that this machine has the tools for. Tools that need no root are put into the user's
              cache folder ($XDG_CACHE_HOME or ~/.cache, in cognito-signout/), once.
  --install   let it install Debian packages with apt-get (through sudo, unless run as root)
  --all       count a check that had to be skipped as failed

  bindgen     build the library for this machine, as apps carry it, and generate its Swift and its Kotlin: into
              target/bindings

  kotlin      package the jar for the JVM by Maven, with the library for this machine in it: into target/kotlin/maven, for
              an app to name as a repository
  --test      run everything that can be tested of it and of Android's classes, with a library that is quick to build
  example     run examples/jvm, with such a library

  android     build the library for each of Android's processors by cargo-ndk, and put the AAR together: into
              target/kotlin/maven, for an app to name as a repository. Needs the Android NDK.

  size        measure the libraries that `android` has built, or those that are named, and keep README.md's table of them

  swift       put bindings/swift together for developing it on this machine; and then run swift in it (`swift test`), or
              in examples/swift-cli (`swift example run`), or with fakes of Apple's modules (`swift on-apple test`),
              or compile its documentation (`swift docs`)

  apple       build the Swift package that apps add, on a Mac with Xcode: an XCFramework for devices, simulators and
              macOS, and the package around it, into target/apple. With the URL at which its zip will lie, the package
              names that and the zip's checksum; without, it has the XCFramework in it";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match Command::parse(&arguments) {
        Ok(Command::Help) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Command::Test { install, all }) => with_tools(install, |tools| test(tools, all)),
        Ok(Command::Bindgen) => said(bindgen::generate().map(|generated| println!("{generated}"))),
        Ok(Command::Kotlin(goal)) => with_tools(false, |tools| said(kotlin::build(goal, tools))),
        Ok(Command::Android) => with_tools(false, |tools| said(android::package(tools))),
        Ok(Command::Size { libraries }) => said(size::measure(&libraries)),
        Ok(Command::Apple { url }) => said(apple::package(url.as_deref())),
        Ok(Command::Swift { arguments }) => with_tools(false, |tools| said(swift::run(&arguments, tools))),
        Err(problem) => {
            eprintln!("{problem}\n\n{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn with_tools(may_install: bool, chore: impl FnOnce(&mut Toolbox) -> ExitCode) -> ExitCode {
    let Some(cache) = toolbox::cache_folder(|name| env::var_os(name)) else {
        eprintln!("no cache folder: set XDG_CACHE_HOME or HOME");
        return ExitCode::from(2);
    };
    chore(&mut Toolbox::new(cache, may_install))
}

fn test(tools: &mut Toolbox, all: bool) -> ExitCode {
    let report = runner::run(&steps::all(), tools, all);
    println!("\n{report}");
    if report.failed() == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn said(done: Result<(), String>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// The version of everything, which has one source: the workspace's `Cargo.toml`.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The workspace's folder: two above this package.
fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

#[derive(Debug, PartialEq)]
enum Command {
    Help,
    Test { install: bool, all: bool },
    Bindgen,
    Kotlin(Goal),
    Android,
    Size { libraries: Vec<String> },
    Swift { arguments: Vec<String> },
    Apple { url: Option<String> },
}

impl Command {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let mut words = arguments.iter().map(String::as_str);
        match words.next() {
            Some("test") => {}
            Some("bindgen") => {
                return match words.next() {
                    None => Ok(Self::Bindgen),
                    Some("--help" | "-h") => Ok(Self::Help),
                    Some(other) => Err(format!("unknown option: {other}")),
                };
            }
            Some("apple") => {
                return match (words.next(), words.next()) {
                    (Some("--help" | "-h"), _) => Ok(Self::Help),
                    (Some(flag), _) if flag.starts_with('-') => Err(format!("unknown option: {flag}")),
                    (url, None) => Ok(Self::Apple {
                        url: url.map(String::from),
                    }),
                    (_, Some(more)) => Err(format!("one URL, not also {more}")),
                };
            }
            Some("kotlin") => {
                return match words.next() {
                    None => Ok(Self::Kotlin(Goal::Package)),
                    Some("--test") => Ok(Self::Kotlin(Goal::Verify)),
                    Some("example") => Ok(Self::Kotlin(Goal::Example)),
                    Some("--help" | "-h") => Ok(Self::Help),
                    Some(other) => Err(format!("unknown option: {other}")),
                };
            }
            Some("android") => {
                return match words.next() {
                    None => Ok(Self::Android),
                    Some("--help" | "-h") => Ok(Self::Help),
                    Some(other) => Err(format!("unknown option: {other}")),
                };
            }
            Some("size") => {
                return Ok(Self::Size {
                    libraries: words.map(String::from).collect(),
                });
            }
            Some("swift") => {
                return Ok(Self::Swift {
                    arguments: words.map(String::from).collect(),
                });
            }
            Some("help" | "--help" | "-h") => return Ok(Self::Help),
            Some(other) => return Err(format!("unknown command: {other}")),
            None => return Err("which command?".into()),
        }
        let (mut install, mut all) = (false, false);
        for word in words {
            match word {
                "--install" => install = true,
                "--all" => all = true,
                "--help" | "-h" => return Ok(Self::Help),
                other => return Err(format!("unknown option: {other}")),
            }
        }
        Ok(Self::Test { install, all })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// They are read and run where Cargo is not.
    #[test]
    fn the_readme_and_the_examples_name_this_version() {
        for (file, what) in [
            ("README.md", "dev.cognitosignout:cognito-signout:{}\")"),
            ("README.md", "dev.cognitosignout:cognito-signout-android:{}\")"),
            (
                "examples/android/app/build.gradle.kts",
                "dev.cognitosignout:cognito-signout-android:{}\")",
            ),
            ("examples/jvm/pom.xml", "<cognito-signout.version>{}</"),
        ] {
            let text = files::text(&workspace().join(file)).unwrap_or_default();
            let named = what.replace("{}", VERSION);
            assert!(text.contains(&named), "{file} does not name {named}");
        }
    }

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn flags_are_off_unless_given_and_come_in_any_order() {
        assert_eq!(
            parse("test"),
            Ok(Command::Test {
                install: false,
                all: false
            })
        );
        assert_eq!(
            parse("test --all"),
            Ok(Command::Test {
                install: false,
                all: true
            })
        );
        assert_eq!(
            parse("test --all --install"),
            Ok(Command::Test {
                install: true,
                all: true
            })
        );
    }

    #[test]
    fn a_misspelt_flag_is_an_error_and_not_ignored() {
        assert_eq!(parse("test --al"), Err("unknown option: --al".into()));
        assert_eq!(parse("tset"), Err("unknown command: tset".into()));
        assert_eq!(parse("bindgen --al"), Err("unknown option: --al".into()));
        assert_eq!(parse("apple --local"), Err("unknown option: --local".into()));
        assert!(parse("").is_err());
    }
}
