//! Puts the Swift package into its own repository: SwiftPM reads a package only from the root of one.

use std::fs;
use std::path::Path;

use crate::files::copy_folder;
use crate::git::git;
use crate::process::{output, run, succeeds_quietly};
use crate::{REPOSITORY, VERSION};

/// Replaces all that is in `checkout`, a work tree of that repository, by the package, and pushes the commit together with its
/// tag. The zip that the package names must be in its place already: SwiftPM refuses a package whose zip it cannot get.
pub(crate) fn push(package: &Path, checkout: &Path) -> Result<(), String> {
    if !package.join("Package.swift").is_file() {
        return Err(format!(
            "{} has no Package.swift: give target/release-artifacts/swift/package",
            package.display()
        ));
    }
    if !checkout.join(".git").exists() {
        return Err(format!(
            "{0} is no work tree of a repository: git clone {REPOSITORY}-swift {0}",
            checkout.display()
        ));
    }
    is_of_the_package(checkout)?;
    let tag = format!("refs/tags/{VERSION}");
    // Asked at the other side: a checkout usually has no tags.
    if succeeds_quietly(git(checkout).args(["ls-remote", "--exit-code", "origin", &tag])) {
        return Err(format!(
            "{VERSION} is published already. A version cannot change: raise it"
        ));
    }
    run(git(checkout).args(["rm", "-r", "--quiet", "--ignore-unmatch", "."]))?;
    copy_folder(package, checkout)?;
    run(git(checkout).args(["add", "--all", "--force", "."]))?;
    run(git(checkout)
        .args([
            "-c",
            "user.name=cognito-signout",
            "-c",
            "user.email=release@cognitosignout.invalid",
        ])
        .args(["commit", "--quiet", "--message", &format!("cognito-signout {VERSION}")]))?;
    run(git(checkout).args(["tag", VERSION]))?;
    let branch = output(git(checkout).args(["rev-parse", "--abbrev-ref", "HEAD"]))?;
    // All of it or nothing: no tag without its commit on the branch.
    run(git(checkout).args(["push", "--quiet", "--atomic", "origin", &branch, &tag]))?;
    println!("pushed {VERSION}");
    Ok(())
}

/// An error if this may be another repository: all that is in it would be lost. In CI, an empty name of a repository stands for the
/// one that the workflow is in.
fn is_of_the_package(checkout: &Path) -> Result<(), String> {
    let entries = fs::read_dir(checkout).map_err(|error| format!("{}: {error}", checkout.display()))?;
    let names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
    let has = |file: &str| names.iter().any(|name| name == file);
    let is_empty = names.iter().all(|name| name == ".git");
    if is_empty || (has("Package.swift") && !has("Cargo.toml")) {
        return Ok(());
    }
    Err(format!(
        "{} is not empty, and is not the Swift package's repository: that one has a Package.swift, and no Cargo.toml. Nothing was \
         changed. Clone {REPOSITORY}-swift, and give its folder. In CI, the variable SWIFT_REPOSITORY has the repository's name",
        checkout.display()
    ))
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::path::PathBuf;

    use super::*;
    use crate::files::{create, remove, text, write};

    /// The package's repository, with one commit of an old version, and a work tree of it.
    struct Fixture(PathBuf);

    impl Fixture {
        fn new(name: &str) -> Self {
            let folder = env::temp_dir().join(format!("xtask-swift-{name}-{}", std::process::id()));
            create(&folder).unwrap();
            run(git(&folder).args(["init", "--quiet", "--bare", "--initial-branch", "main", "there.git"])).unwrap();
            run(git(&folder).args(["clone", "--quiet", "there.git", "here"])).unwrap();
            let fixture = Self(folder);
            fixture.write("here/Package.swift", "old");
            fixture.write("here/Sources/Old.swift", "old");
            fixture.git_here("checkout --quiet -B main");
            fixture.git_here("add --all");
            fixture.git_here("-c user.name=a -c user.email=a@b commit --quiet --message old");
            fixture.git_here("push --quiet origin main");
            fixture.write("package/Package.swift", "// swift-tools-version: 6.0");
            fixture.write("package/Sources/New.swift", "new");
            // A package's own list of what is not committed must not hold a file back.
            fixture.write("package/.gitignore", "New.swift");
            fixture
        }

        fn write(&self, file: &str, content: &str) {
            write(&self.0.join(file), content.as_bytes()).unwrap();
        }

        fn git_here(&self, line: &str) -> String {
            output(git(&self.0.join("here")).args(line.split(' '))).unwrap()
        }

        fn push(&self) -> Result<(), String> {
            push(&self.0.join("package"), &self.0.join("here"))
        }

        fn files_at(&self, reference: &str) -> String {
            let list = git(&self.0.join("there.git"))
                .args(["ls-tree", "-r", "--name-only", reference])
                .output();
            String::from_utf8(list.unwrap().stdout).unwrap()
        }
    }

    impl Drop for Fixture {
        fn drop(&mut self) {
            let _ = remove(&self.0);
        }
    }

    #[test]
    fn the_repository_has_the_package_and_nothing_else_at_the_tag_and_on_the_branch() {
        let fixture = Fixture::new("push");
        fixture.push().unwrap();
        for reference in [VERSION, "main"] {
            assert_eq!(
                fixture.files_at(reference),
                ".gitignore\nPackage.swift\nSources/New.swift\n"
            );
        }
        assert_eq!(text(&fixture.0.join("here/Sources/New.swift")).as_deref(), Ok("new"));
    }

    #[test]
    fn a_version_that_is_published_is_never_changed() {
        let fixture = Fixture::new("twice");
        fixture.push().unwrap();
        let before = fixture.git_here("rev-parse HEAD");
        // As a new checkout, which has no tags.
        fixture.git_here(&format!("tag --delete {VERSION}"));
        fixture.write("package/Sources/New.swift", "other");
        let error = fixture.push().unwrap_err();
        assert!(error.contains("published already"), "{error}");
        assert_eq!(fixture.git_here("rev-parse HEAD"), before);
    }

    #[test]
    fn a_folder_that_is_no_package_or_no_work_tree_is_refused() {
        let fixture = Fixture::new("wrong");
        let (package, here) = (fixture.0.join("package"), fixture.0.join("here"));
        let release = fixture.0.clone();
        let error = push(&release, &here).unwrap_err();
        assert!(error.contains("give target/release-artifacts/swift/package"), "{error}");
        let error = push(&package, &package).unwrap_err();
        assert!(
            error.contains("no work tree") && error.contains("git clone https://"),
            "{error}"
        );
        fs::remove_file(package.join("Package.swift")).unwrap();
        assert!(fixture.push().is_err());
        assert_eq!(fixture.files_at("main"), "Package.swift\nSources/Old.swift\n");
    }

    #[test]
    fn a_repository_of_something_else_keeps_all_its_files() {
        let fixture = Fixture::new("other");
        fixture.write("here/Cargo.toml", "[workspace]");
        let error = fixture.push().unwrap_err();
        assert!(
            error.contains("Nothing was changed") && error.contains("SWIFT_REPOSITORY"),
            "{error}"
        );
        fs::remove_file(fixture.0.join("here/Cargo.toml")).unwrap();
        fs::remove_file(fixture.0.join("here/Package.swift")).unwrap();
        assert!(fixture.push().unwrap_err().contains("Nothing was changed"));
        assert_eq!(text(&fixture.0.join("here/Sources/Old.swift")).as_deref(), Ok("old"));
        assert_eq!(fixture.files_at("main"), "Package.swift\nSources/Old.swift\n");
    }

    #[test]
    fn the_first_version_goes_into_an_empty_repository() {
        let fixture = Fixture::new("first");
        for folder in ["here", "there.git"] {
            remove(&fixture.0.join(folder)).unwrap();
        }
        run(git(&fixture.0).args(["init", "--quiet", "--bare", "--initial-branch", "main", "there.git"])).unwrap();
        run(git(&fixture.0).args(["clone", "--quiet", "there.git", "here"])).unwrap();
        fixture.push().unwrap();
        let all = ".gitignore\nPackage.swift\nSources/New.swift\n";
        assert_eq!(fixture.files_at(VERSION), all);
    }
}
