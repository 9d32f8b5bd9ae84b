//! The Swift package, as SwiftPM wants it: the tree of a repository of its own, and the zip that its manifest names.

use std::path::Path;

use super::{Built, Part, Plan, readme};
use crate::apple::{self, Release};
use crate::bindgen::{self, Generated, utf8};
use crate::files::{copy, copy_folder, text, write};
use crate::git::git;
use crate::process::{output, run, run_aloud};
use crate::swift;
use crate::tools::SWIFT;
use crate::{REPOSITORY, VERSION, workspace};

pub(crate) const PART: Part = Part {
    name: "swift",
    build,
    consume: Some(consume),
};

/// The folder with the tree.
const TREE: &str = "package";
/// As the repository of the package is called, and so the package.
const PACKAGE: &str = "cognito-signout-swift";
const NOTHING: &str = "none: the XCFramework was not built";

fn build(plan: &Plan) -> Result<Built, String> {
    let tree = plan.folder.join(TREE);
    let mut built = Built::default();
    built.files.push((
        tree.clone(),
        "the tree of the Swift package's repository, to be tagged with the version",
    ));
    // First: the builds take minutes.
    let slices = if cfg!(target_os = "macos") {
        Some(apple::there()?)
    } else {
        None
    };
    let generated = apple::sources(&tree)?;
    let mut checksum = NOTHING.to_owned();
    match slices {
        Some(choice) => {
            let zip = apple::zip(&generated, &choice.there, &plan.folder)?;
            checksum = apple::checksum(&zip)?;
            built.files.push((
                zip,
                "the XCFramework, for the GitHub release: the package's manifest names it",
            ));
            for (slice, triples) in choice.left_out {
                built.missing.push((
                    "a part of the XCFramework",
                    format!("{slice} needs a Rust with {triples}"),
                ));
            }
        }
        None => built.missing.push((
            "the XCFramework and its checksum in Package.swift",
            "needs a Mac with Xcode".into(),
        )),
    }
    let url = format!("{REPOSITORY}/releases/download/v{VERSION}/{}", apple::zip_name());
    Release::At { url, checksum }.stamp(&tree)?;
    Ok(built)
}

/// Runs the README's quick start, and a whole example, in a package that depends on this one by its address and version. On Linux the
/// C module and the library come from this machine, not from the XCFramework; and the app brings its own stand-in for Apple's browser.
/// All other sources are those of the release.
fn consume(folder: &Path, outside: &Path) -> Result<(), String> {
    SWIFT.require()?;
    if !cfg!(target_os = "linux") {
        return Err("runs on Linux only: elsewhere SwiftPM wants the XCFramework's zip at its address".into());
    }
    let library = outside.join("lib");
    let generated = bindgen::generate()?;
    repository(&folder.join(TREE), &generated, outside)?;
    let file = generated.library.file_name().ok_or("the library has no name")?;
    copy(&generated.library, &library.join(file))?;
    bindgen::build_programs_for_tests()?;
    app(&outside.join("app"), &outside.join(PACKAGE))?;

    let (scratch, library) = (outside.join("build"), utf8(&library)?);
    run_aloud(
        swift::program("swift", outside)?
            .args(["build", "--package-path", "app", "--scratch-path", utf8(&scratch)?])
            .args([
                "-Xlinker", "-L", "-Xlinker", library, "-Xlinker", "-rpath", "-Xlinker", library,
            ]),
    )?;
    let programs = scratch.join("debug");
    copy(
        &workspace().join("tests/files/amplify_outputs.json"),
        &programs.join("amplify_outputs.json"),
    )?;
    run(&mut swift::program(utf8(&programs.join("SignOutDemo"))?, outside)?)?;
    let said = output(&mut swift::program(utf8(&programs.join("QuickStart"))?, outside)?)?;
    println!("{said}");
    if said.ends_with("signed out") {
        Ok(())
    } else {
        Err("the README's quick start did not sign out".into())
    }
}

/// Makes the release's tree a Git repository whose one commit has the version as its tag. With this machine's C module.
fn repository(tree: &Path, generated: &Generated, outside: &Path) -> Result<(), String> {
    let repository = outside.join(PACKAGE);
    copy_folder(tree, &repository)?;
    swift::module(generated, "CognitoSignOutFFI", &repository.join("Generated"))?;
    Release::Installed.stamp(&repository)?;
    let author = ["-c", "user.name=Release", "-c", "user.email=release@example.com"];
    for arguments in [
        &["init", "--quiet"][..],
        &["add", "--all"],
        &["commit", "--quiet", "--message", VERSION],
        &["tag", VERSION],
    ] {
        run(git(&repository).args(author).args(arguments))?;
    }
    Ok(())
}

/// The sources of the consumer: the README's, and those of the example.
fn app(app: &Path, package: &Path) -> Result<(), String> {
    let sources = workspace().join("bindings/xtask/consumers/swift");
    copy_folder(&sources, app)?;
    let example = workspace().join("examples/swift-cli/Sources/SignOutDemo");
    copy_folder(&example, &app.join("Sources/SignOutDemo"))?;
    let server = "FakeCognito.swift";
    copy(&example.join(server), &app.join("Sources/QuickStart").join(server))?;
    let quick_start = readme::snippet("swift")?;
    let lines = quick_start.lines().filter(|line| *line != "import CognitoSignOut");
    let body: Vec<_> = lines.collect();
    let function = format!(
        "import CognitoSignOut\n\nfunc quickStart(tokens: Tokens, request: (Tokens) async throws -> Void) async throws {{\n{}\n}}\n",
        body.join("\n")
    );
    write(&app.join("Sources/QuickStart/QuickStart.swift"), function.as_bytes())?;
    let manifest = text(&sources.join("Package.swift"))?
        .replace("PACKAGE", &format!("file://{}", package.display()))
        .replace("VERSION", VERSION);
    write(&app.join("Package.swift"), manifest.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_packages_readme_names_its_address_and_this_version() {
        let readme = text(&workspace().join(swift::PACKAGE).join("README.md")).unwrap();
        let dependency = format!(".package(url: \"{REPOSITORY}-swift\", from: \"{VERSION}\")");
        assert!(readme.contains(&dependency), "{dependency}");
    }
}
