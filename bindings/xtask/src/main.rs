//! `cargo xtask`: the chores of this repository, each as one command that a fresh clone can run.
// A command-line program talks to its user on standard output.
#![allow(clippy::print_stdout)]

mod aar;
mod android;
mod apple;
mod archive;
mod bindgen;
mod bionic;
mod by_lines;
mod by_name;
mod c;
mod central;
mod checkout;
mod compare;
mod cross;
mod dart;
mod face;
mod files;
mod flutter;
mod fuzz;
mod git;
mod golden;
mod gradle_module;
mod kotlin;
mod maven;
mod maven_app;
mod natives;
mod ndk_stand_in;
mod notices;
mod packages;
mod picture;
mod pom;
mod process;
mod publish;
mod release;
mod release_notes;
mod runner;
mod rust_api;
#[cfg(test)]
mod rust_version;
mod rustflags;
mod semver;
mod site;
mod size;
mod steps;
mod swift;
mod swift_api;
mod tools;
mod usage;
mod windows;
mod wine;
#[cfg(test)]
mod workflows;
#[cfg(test)]
mod xcode_project;
mod zigbuild;
mod zip;

use std::env;
use std::path::PathBuf;
use std::process::ExitCode;

pub(crate) use checkout::workspace;
use kotlin::Goal;
use tools::Finder;

const USAGE: &str = "\
usage: cargo xtask test [--all | --nightly | --advisories] [--install]
       cargo xtask bindgen
       cargo xtask kotlin [--test | example]
       cargo xtask android [--stand-in [ABI…]]
       cargo xtask bionic
       cargo xtask size [ABI=LIBRARY…]
       cargo xtask swift [docs | [example | on-apple] [SWIFT ARGUMENTS]]
       cargo xtask apple [URL | --check | --stand-in [SLICE…]]
       cargo xtask c [--test]
       cargo xtask dart --test
       cargo xtask flutter [SYSTEM… | --test | --stand-in [PART…]]
       cargo xtask windows --test
       cargo xtask fuzz [TARGET] [--minutes N]
       cargo xtask notices
       cargo xtask release [--dry-run | --same-bytes] [PART…]
       cargo xtask consume [PART…]
       cargo xtask rust-api
       cargo xtask release-notes TAG
       cargo xtask publish maven BUNDLE | publish swift PACKAGE CHECKOUT
       cargo xtask compare [--try | --draw]
       cargo xtask site
       cargo xtask picture

  test        run the tests that need only Rust and a C compiler: a few minutes
  --all       run every check: lints, documentation, other servers, browser, keychain, Swift and Kotlin. A check without its
              tool is skipped, and the report names the command that gets the tool.
  --nightly   run every check, and those that take long. CI does not run these at each change.
  --advisories
              check only the dependencies, against the RustSec database, which is on github.com
  --install   run every check, or those of another option, and get missing tools by `.ci/install`: Debian packages from
              apt-get (through sudo, unless run as root), and the rest into the user's cache folder ($XDG_CACHE_HOME or
              ~/.cache, in cognito-signout/). A check whose tool is still missing has failed.

  bindgen     build the library for this machine and generate its Swift and its Kotlin, into target/bindings

  kotlin      package the jar for the JVM by Maven, with the library for this machine, into target/kotlin/maven. An app
              names that folder as a repository.
  --test      test the jar and Android's classes, with a library that is quick to build
  example     run examples/jvm, with such a library

  android     build the library for each of Android's processors by cargo-ndk, and put the AAR together, into
              target/kotlin/maven. An app names that folder as a repository. Needs the Android NDK.
  --stand-in  on Debian, without the NDK: the same over a stand-in for it, for all processors or those named. The AAR goes
              where no app looks. Measures the libraries, too.

  bionic      on Debian: build the library for arm64 in this way, and run it, emulated, on Android's own C library

  size        measure the libraries that `android` has built, or those that are named. A library over its budget is an error.

  swift       put bindings/swift together for developing it on this machine. Then run swift in it (`swift test`), or in
              examples/swift-cli (`swift example run`), or with fakes of Apple's modules (`swift on-apple test`), or
              compile its documentation and compare its public API with bindings/api/swift.txt (`swift docs`;
              UPDATE_API=1 writes that file)

  apple       build the Swift package that apps add, on a Mac with Xcode, into target/apple: an XCFramework for iOS, its
              simulator, macOS, Mac Catalyst and visionOS, and the package around it. With the URL of the zip to be published, the package
              names that URL and the zip's checksum. Without, it contains the XCFramework.
  --check     on Debian, without Xcode: build the framework for iOS and link an app with it and a second Rust library
  --stand-in  on Debian, without Xcode: build the XCFramework and the package with LLVM's tools, for all systems or those named
              (ios-arm64_x86_64-simulator). The package goes where no app looks.

  c           build the library for C on this machine, shared and static, into target/c, with its header and its pkg-config file
  --test      test the C ABI, with a library that is quick to build: every scenario, misuse, and programs in C under
              AddressSanitizer and valgrind

  dart --test test the Dart package, on this machine's Dart or on the VM that `.ci/install dart-3.7.3` gets

  flutter     build the libraries that this machine can build for the Flutter plugin, and put the plugin together, in
              target/flutter. Or those for the systems named (android, apple, linux, windows), or an error. `android` needs
              the NDK, and `apple` (iOS and macOS) a Mac with Xcode. Libraries that other machines have built stay there.
  --test      run the plugin's Dart, Java and Swift, over stand-ins for Flutter
  --stand-in  on Debian, without the NDK and without Xcode: the same over stand-ins for both, for all processors and systems or
              those named (arm64-v8a, ios-arm64). The plugin goes where no app looks. Measures the libraries, too, and runs the
              one for arm64, emulated, on Android's own C library.

  windows --test
              on Debian: build the library's own tests and those of a real keychain for Windows, and run them on Wine, whose
              Credential Manager is not Microsoft's

  fuzz        fuzz each target of fuzz/, or one, for ten minutes or as long as you say

  notices     write the licences of all crates that are linked into the libraries and the program, into target/notices

  release     make what a tag publishes, into target/release-artifacts, with checksums in manifest.json. All parts, or those that
              are named: crate, maven, programs, swift, sbom. Uploads nothing. The commit must have the version's tag, and
              nothing may be missing.
  --dry-run   without the tag. What this machine cannot make is listed as missing.
  --same-bytes
              make a dry run here and one in a clone of this commit, and compare the checksums

  consume     use what `release` has made as its users do, outside this checkout: the parts that are named, or all that it has made

  rust-api    compare the crate's public API with bindings/api/rust.txt, and what breaks code that was written for the baseline
              with bindings/api/rust-breaks.txt (UPDATE_API=1 writes these files)

  release-notes
              write what CHANGELOG.md says about this version into target/release-notes.md. Another version's tag is an error.

  publish     what .github/workflows/release.yml sends out
    maven     upload the bundle to the Portal of Maven Central, and wait until the Portal has checked it. CENTRAL_TOKEN has
              base64(username:password) of a user token. A person publishes it there: that cannot be undone.
    swift     put the Swift package into a checkout of its own repository, and push the commit with the version's tag

  compare     measure this library and amplify-js side by side, nine minutes after the build, and write the figures into
              docs/performance.md
  --try       one case, a few times: shows that both can still be measured, and writes nothing
  --draw      write the chart and the tables again, from the figures on record

  site        build the guides and the reference of each language as one site, into target/site

  picture     draw docs/images/demo.svg, the picture in README.md, from a run of the demo";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    match Command::parse(&arguments) {
        Ok(Command::Help) => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Ok(Command::Test { extent, install }) => exit_code(test(extent, install)),
        Ok(Command::Bindgen) => exit_code(bindgen::generate().map(|generated| println!("{generated}"))),
        Ok(Command::Kotlin(goal)) => exit_code(kotlin::build(goal)),
        Ok(Command::Android) => exit_code(android::package()),
        Ok(Command::AndroidStandIn { abis }) => exit_code(android::rehearse(&abis)),
        Ok(Command::Bionic) => exit_code(bionic::check()),
        Ok(Command::Size { libraries }) => exit_code(size::measure(&libraries)),
        Ok(Command::Apple { url }) => exit_code(apple::package(url.as_deref())),
        Ok(Command::AppleCheck) => exit_code(apple::check()),
        Ok(Command::AppleStandIn { slices }) => exit_code(apple::rehearse(&slices)),
        Ok(Command::C) => exit_code(c::package()),
        Ok(Command::CTest) => exit_code(c::test()),
        Ok(Command::DartTest) => exit_code(dart::test()),
        Ok(Command::Flutter { systems }) => exit_code(flutter::package(&systems)),
        Ok(Command::FlutterStandIn { parts }) => exit_code(flutter::rehearse(&parts)),
        Ok(Command::FlutterTest) => exit_code(flutter::test()),
        Ok(Command::WindowsTest) => exit_code(windows::test()),
        Ok(Command::Fuzz { target, minutes }) => exit_code(fuzz::run(target.as_deref(), minutes)),
        Ok(Command::Notices) => exit_code(notices::write_all()),
        Ok(Command::Release { dry_run, parts }) => exit_code(release::release(dry_run, &parts)),
        Ok(Command::SameBytes { parts }) => exit_code(release::same_bytes(&parts)),
        Ok(Command::Consume { parts }) => exit_code(release::consume(&parts)),
        Ok(Command::RustApi) => exit_code(rust_api::compare()),
        Ok(Command::ReleaseNotes { tag }) => exit_code(release_notes::write_for(&tag)),
        Ok(Command::PublishMaven { bundle }) => exit_code(publish::maven::upload(&bundle)),
        Ok(Command::PublishSwift { package, checkout }) => exit_code(publish::swift::push(&package, &checkout)),
        Ok(Command::Compare) => exit_code(compare::measure_all()),
        Ok(Command::CompareDraw) => exit_code(compare::draw()),
        Ok(Command::CompareTry) => exit_code(compare::try_out()),
        Ok(Command::Site) => exit_code(site::build()),
        Ok(Command::Picture) => exit_code(picture::draw()),
        Ok(Command::Swift { arguments }) => exit_code(swift::run_in(&arguments)),
        Err(problem) => {
            let command = arguments.first().map_or("", String::as_str);
            eprintln!("{}\n\n{problem}", usage::about(command, USAGE));
            ExitCode::from(2)
        }
    }
}

fn test(extent: Extent, install: bool) -> Result<(), String> {
    let (steps, not_checked) = match extent {
        Extent::Quick => (steps::quick(), steps::NOT_IN_QUICK),
        Extent::All => (steps::all(), steps::NOT_IN_ALL),
        Extent::Nightly => (steps::nightly(), steps::NOT_IN_NIGHTLY),
        Extent::Advisories => (steps::advisories(), steps::NOT_IN_ADVISORIES),
    };
    let report = runner::run_all(&steps, &mut Finder::new(install));
    println!("\n{not_checked}\n{report}");
    match report.failed() {
        0 => Ok(()),
        failed => Err(format!("{failed} failed")),
    }
}

fn exit_code(result: Result<(), String>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// The version of everything. It has one source: the workspace's `Cargo.toml`.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Where the repository will be. It has one source, too.
const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");

/// How much `test` runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Extent {
    Quick,
    All,
    Nightly,
    Advisories,
}

#[derive(Debug, PartialEq)]
enum Command {
    Help,
    Test { extent: Extent, install: bool },
    Bindgen,
    Kotlin(Goal),
    Android,
    AndroidStandIn { abis: Vec<String> },
    Bionic,
    Size { libraries: Vec<String> },
    Swift { arguments: Vec<String> },
    Apple { url: Option<String> },
    AppleCheck,
    AppleStandIn { slices: Vec<String> },
    C,
    CTest,
    DartTest,
    Flutter { systems: Vec<String> },
    FlutterStandIn { parts: Vec<String> },
    FlutterTest,
    WindowsTest,
    Fuzz { target: Option<String>, minutes: u64 },
    Notices,
    Release { dry_run: bool, parts: Vec<String> },
    SameBytes { parts: Vec<String> },
    Consume { parts: Vec<String> },
    RustApi,
    ReleaseNotes { tag: String },
    PublishMaven { bundle: PathBuf },
    PublishSwift { package: PathBuf, checkout: PathBuf },
    Compare,
    CompareDraw,
    CompareTry,
    Site,
    Picture,
}

impl Command {
    fn parse(arguments: &[String]) -> Result<Self, String> {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let are_names = |words: &[&str]| !words.iter().any(|word| word.starts_with('-'));
        let words: Vec<_> = arguments.iter().map(String::as_str).collect();
        match words[..] {
            // Swift has a help of its own.
            ["swift", ref arguments @ ..] => Ok(Self::Swift {
                arguments: owned(arguments),
            }),
            ["help"] => Ok(Self::Help),
            ref words if words.iter().any(|word| ["--help", "-h"].contains(word)) => Ok(Self::Help),
            ["test", ref options @ ..] => Self::parse_test(options),
            ["bindgen"] => Ok(Self::Bindgen),
            ["kotlin"] => Ok(Self::Kotlin(Goal::Package)),
            ["kotlin", "--test"] => Ok(Self::Kotlin(Goal::Verify)),
            ["kotlin", "example"] => Ok(Self::Kotlin(Goal::Example)),
            ["android"] => Ok(Self::Android),
            ["android", "--stand-in", ref abis @ ..] => Ok(Self::AndroidStandIn { abis: owned(abis) }),
            ["bionic"] => Ok(Self::Bionic),
            ["size", ref libraries @ ..] => Ok(Self::Size {
                libraries: owned(libraries),
            }),
            ["apple"] => Ok(Self::Apple { url: None }),
            ["apple", url] if !url.starts_with('-') => Ok(Self::Apple { url: Some(url.into()) }),
            ["apple", "--check"] => Ok(Self::AppleCheck),
            ["apple", "--stand-in", ref slices @ ..] => Ok(Self::AppleStandIn { slices: owned(slices) }),
            ["c"] => Ok(Self::C),
            ["c", "--test"] => Ok(Self::CTest),
            ["dart", "--test"] => Ok(Self::DartTest),
            ["flutter", "--test"] => Ok(Self::FlutterTest),
            ["flutter", "--stand-in", ref parts @ ..] => Ok(Self::FlutterStandIn { parts: owned(parts) }),
            ["flutter", ref systems @ ..] if are_names(systems) => Ok(Self::Flutter {
                systems: owned(systems),
            }),
            ["windows", "--test"] => Ok(Self::WindowsTest),
            ["fuzz", ref options @ ..] => Self::parse_fuzz(options),
            ["notices"] => Ok(Self::Notices),
            ["release", "--dry-run", ref parts @ ..] if are_names(parts) => Ok(Self::Release {
                dry_run: true,
                parts: owned(parts),
            }),
            ["release", "--same-bytes", ref parts @ ..] if are_names(parts) => {
                Ok(Self::SameBytes { parts: owned(parts) })
            }
            ["release", ref parts @ ..] if are_names(parts) => Ok(Self::Release {
                dry_run: false,
                parts: owned(parts),
            }),
            ["consume", ref parts @ ..] if are_names(parts) => Ok(Self::Consume { parts: owned(parts) }),
            ["rust-api"] => Ok(Self::RustApi),
            ["release-notes", tag] => Ok(Self::ReleaseNotes { tag: tag.into() }),
            ["publish", "maven", bundle] => Ok(Self::PublishMaven { bundle: bundle.into() }),
            ["publish", "swift", package, checkout] => Ok(Self::PublishSwift {
                package: package.into(),
                checkout: checkout.into(),
            }),
            ["compare"] => Ok(Self::Compare),
            ["compare", "--draw"] => Ok(Self::CompareDraw),
            ["compare", "--try"] => Ok(Self::CompareTry),
            ["site"] => Ok(Self::Site),
            ["picture"] => Ok(Self::Picture),
            [] => Err("which command?".into()),
            ref words => Err(format!("not understood: cargo xtask {}", words.join(" "))),
        }
    }

    fn parse_fuzz(options: &[&str]) -> Result<Self, String> {
        let (options, minutes) = match options {
            [options @ .., "--minutes", minutes] => (options, minutes.parse().ok()),
            options => (options, Some(10)),
        };
        let fuzz = |target| minutes.map(|minutes| Self::Fuzz { target, minutes });
        let parsed = match options {
            [] => fuzz(None),
            [target] if !target.starts_with('-') => fuzz(Some((*target).to_owned())),
            _ => None,
        };
        parsed.ok_or_else(|| "not understood: cargo xtask fuzz [TARGET] [--minutes N]".to_owned())
    }

    fn parse_test(options: &[&str]) -> Result<Self, String> {
        let known = ["--all", "--nightly", "--advisories", "--install"];
        if let Some(unknown) = options.iter().find(|option| !known.contains(option)) {
            return Err(format!("not understood: cargo xtask test {unknown}"));
        }
        let install = options.contains(&"--install");
        let extent = match () {
            () if options.contains(&"--advisories") => Extent::Advisories,
            () if options.contains(&"--nightly") => Extent::Nightly,
            // Tools are for checks that the quick run does not have.
            () if install || options.contains(&"--all") => Extent::All,
            () => Extent::Quick,
        };
        Ok(Self::Test { extent, install })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(&line.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    #[test]
    fn to_install_is_to_run_everything() {
        let test = |extent, install| Ok(Command::Test { extent, install });
        assert_eq!(parse("test"), test(Extent::Quick, false));
        assert_eq!(parse("test --all"), test(Extent::All, false));
        assert_eq!(parse("test --nightly"), test(Extent::Nightly, false));
        assert_eq!(parse("test --nightly --install"), test(Extent::Nightly, true));
        assert_eq!(parse("test --advisories --install"), test(Extent::Advisories, true));
        for line in ["test --install", "test --install --all", "test --all --install"] {
            assert_eq!(parse(line), test(Extent::All, true));
        }
    }

    #[test]
    fn one_target_or_all_of_them_for_ten_minutes_or_another_time() {
        let fuzz = |target: Option<&str>, minutes| {
            Ok(Command::Fuzz {
                target: target.map(str::to_owned),
                minutes,
            })
        };
        assert_eq!(parse("fuzz"), fuzz(None, 10));
        assert_eq!(parse("fuzz record"), fuzz(Some("record"), 10));
        assert_eq!(parse("fuzz --minutes 1"), fuzz(None, 1));
        assert_eq!(parse("fuzz record --minutes 60"), fuzz(Some("record"), 60));
    }

    #[test]
    fn an_unknown_word_is_an_error() {
        for line in [
            "",
            "tset",
            "test --al",
            "test --all now",
            "bindgen --al",
            "apple --local",
            "apple one two",
            "kotlin --tset",
            "fuzz --minutes",
            "fuzz record claims",
            "fuzz --minutes long",
            "release --dry",
            "release crate --dry-run",
            "consume --all",
            "c --tset",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
        assert_eq!(parse("kotlin --help"), Ok(Command::Help));
    }
}
