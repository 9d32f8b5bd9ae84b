//! What the commands do, for people: all of it, or the part that is about one command.

pub(crate) const USAGE: &str = "\
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

/// The lines about this command. If there is no such command: the names of all, without what they do.
pub(crate) fn about(command: &str, usage: &str) -> String {
    let (names, descriptions) = usage.split_once("\n\n").unwrap_or((usage, ""));
    let is_about = |line: &&str| {
        line.split_once("cargo xtask ")
            .is_some_and(|(_, rest)| first_word(rest) == command)
    };
    let Some(name) = names.lines().find(is_about) else {
        return names.to_owned();
    };
    let description = descriptions.split("\n\n").find(|lines| first_word(lines) == command);
    let name = name.replacen("usage:", "", 1);
    [&format!("usage: {}", name.trim()), "", description.unwrap_or_default()].join("\n")
}

fn first_word(text: &str) -> &str {
    text.split_whitespace().next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_has_its_own_lines_alone() {
        let lines = about("release", USAGE);
        assert!(lines.starts_with("usage: cargo xtask release [--dry-run"), "{lines}");
        assert!(lines.contains("--same-bytes\n"), "{lines}");
        assert!(
            !lines.contains("release-notes") && !lines.contains("consume"),
            "{lines}"
        );
        assert!(about("test", USAGE).starts_with("usage: cargo xtask test [--all"));
    }

    #[test]
    fn what_is_no_command_has_the_names_of_all() {
        for command in ["tset", ""] {
            let lines = about(command, USAGE);
            assert!(
                lines.contains("cargo xtask test [") && lines.contains("cargo xtask picture"),
                "{lines}"
            );
            assert!(lines.lines().count() < 30, "{lines}");
        }
    }

    #[test]
    fn each_command_is_described() {
        let (names, _) = USAGE.split_once("\n\n").unwrap();
        for line in names.lines() {
            let (_, rest) = line.split_once("cargo xtask ").unwrap();
            let lines = about(first_word(rest), USAGE);
            assert!(lines.lines().count() > 2, "{lines}");
            assert!(lines.lines().nth(2).is_some_and(|line| !line.is_empty()), "{lines}");
        }
    }
}
