//! The workflows of `.github/workflows` against the steps of `cargo xtask test`: a workflow holds no logic, so each line that it
//! runs is one command, and one that is known here. Each that can run on Linux is run: as a step, or by the last test here.

use std::collections::BTreeSet;
use std::fs;

use saphyr::{LoadableYamlNode, Yaml};

use crate::files::text;
use crate::{Command, VERSION, steps, workspace};

/// Why no step of `cargo xtask test` is this line.
#[derive(Debug)]
enum Why {
    /// It runs the steps.
    RunsSteps,
    /// The steps get their tools in the same way.
    GetsTools,
    /// It sends something out. The last test here runs it, over programs that only write down what they get.
    SendsOut,
    /// It cannot run on the machines that CI has here.
    Needs(&'static str),
}

use Why::{GetsTools, Needs, RunsSteps, SendsOut};

#[rustfmt::skip] // A table: one command in a line.
const WITHOUT_A_STEP: &[(&str, Why)] = &[
    (".ci/run", RunsSteps),
    ("cargo xtask test", RunsSteps),
    ("cargo xtask test --nightly --install", RunsSteps),
    (".ci/install mdbook-0.5.4 swift-6.0 maven", GetsTools),
    (".ci/install cross-rust zigbuild-0.24.0", GetsTools),
    (".ci/install maven gpg", GetsTools),
    ("cargo xtask test --advisories --install", Needs("github.com")),
    ("cargo xtask apple", Needs("Xcode")),
    ("xcodebuild build -scheme CognitoSignOut -destination generic/platform=iOS", Needs("Xcode")),
    ("xcodebuild build -scheme SignOutDemo -destination generic/platform=iOS CODE_SIGNING_ALLOWED=NO", Needs("Xcode")),
    ("xcodebuild test -scheme SignOutDemo -destination 'platform=iOS Simulator,name=iPhone 17'", Needs("Xcode")),
    ("rustup target add aarch64-apple-ios aarch64-apple-ios-sim x86_64-apple-ios x86_64-apple-darwin", Needs("rustup's server")),
    ("rustup target add aarch64-apple-ios-macabi x86_64-apple-ios-macabi aarch64-apple-visionos aarch64-apple-visionos-sim", Needs("rustup's server")),
    ("rustup target add aarch64-linux-android armv7-linux-androideabi x86_64-linux-android", Needs("rustup's server")),
    ("rustup toolchain install nightly --profile minimal --component miri --component rust-src", Needs("rustup's server")),
    ("cargo +nightly miri test --locked --package cognito-signout --lib --features ffi,admin -- record::tests record::store vault::keychain::split::tests c_abi::text c_abi::dart c_abi::guard", Needs("a nightly compiler")),
    ("cargo test --features ffi,admin --test credential_manager", Needs("Windows; `cargo xtask windows --test` runs it on Wine")),
    ("cargo install cargo-ndk --locked --version 4.1.2", Needs("the NDK, to be of use")),
    ("cargo xtask android", Needs("the NDK")),
    ("cargo xtask size", Needs("what `cargo xtask android` has built")),
    ("cargo xtask kotlin", Needs("minutes, for a library that the step \"Kotlin\" builds in another profile")),
    ("gradle --no-daemon --project-dir examples/android assemble", Needs("Google's Maven repository")),
    ("sudo chmod a+rw /dev/kvm", Needs("a machine that lets it")),
    ("adb shell am set-debug-app --persistent com.android.chrome", Needs("an Android device")),
    ("adb shell \"echo '_ --disable-fre --no-first-run' > /data/local/tmp/chrome-command-line\"", Needs("an Android device")),
    ("gradle --no-daemon --project-dir examples/android :app:connectedDebugAndroidTest", Needs("an Android device")),
    ("cargo xtask release crate", Needs("the version's tag; a step makes it by --dry-run")),
    ("cargo xtask release programs sbom", Needs("the version's tag")),
    ("cargo xtask release swift sbom", Needs("Xcode, and the version's tag")),
    ("cargo xtask release maven sbom", Needs("the version's tag, and the key that signs")),
    ("cargo xtask release-notes \"$GITHUB_REF_NAME\"", SendsOut),
    ("gh release create \"$GITHUB_REF_NAME\" --verify-tag --title \"cognito-signout $GITHUB_REF_NAME\" --notes-file target/release-notes.md artifacts/swift/swift/*.zip artifacts/programs/programs/* artifacts/maven/sbom/*.cdx.json", SendsOut),
    ("cargo xtask publish swift artifacts/swift/swift/package swift-repository", SendsOut),
    ("cargo xtask publish maven artifacts/maven/maven/central-bundle.zip", SendsOut),
    ("cargo publish --package cognito-signout --package cognito-signout-cli", SendsOut),
];

/// Each workflow's file name and text.
fn workflows() -> Vec<(String, String)> {
    let folder = fs::read_dir(workspace().join(".github/workflows")).unwrap();
    folder
        .map(|entry| {
            let entry = entry.unwrap();
            (entry.file_name().into_string().unwrap(), text(&entry.path()).unwrap())
        })
        .collect()
}

/// The steps of all jobs.
fn each_step<T>(workflow: &str, of: impl Fn(&Yaml) -> Vec<T>) -> Vec<T> {
    let documents = Yaml::load_from_str(workflow).unwrap();
    let jobs = documents[0].as_mapping_get("jobs").unwrap().as_mapping().unwrap();
    let steps = jobs
        .values()
        .flat_map(|job| job.as_mapping_get("steps").unwrap().as_vec().unwrap());
    steps.flat_map(of).collect()
}

/// The value of a key of each step of each job.
fn of_each_step(workflow: &str, key: &str) -> Vec<String> {
    each_step(workflow, |step| {
        step.as_mapping_get(key).and_then(word).into_iter().collect()
    })
}

/// The same of what a step gives to its action.
fn given_by_each_step(workflow: &str, key: &str) -> Vec<String> {
    each_step(workflow, |step| {
        let given = step.as_mapping_get("with").and_then(|with| with.as_mapping_get(key));
        given.and_then(word).into_iter().collect()
    })
}

fn word(value: &Yaml) -> Option<String> {
    value.as_str().map(str::to_owned)
}

/// Each line that a shell runs: a step's own, or one that an action runs when it is ready.
fn lines(workflow: &str) -> Vec<String> {
    let scripts = given_by_each_step(workflow, "script");
    let in_scripts = scripts.iter().flat_map(|script| script.lines().map(str::to_owned));
    of_each_step(workflow, "run").into_iter().chain(in_scripts).collect()
}

/// A workflow never changes `Cargo.lock`. The steps leave that to whoever runs them.
fn unlocked(line: &str) -> String {
    line.replacen("cargo --locked ", "cargo ", 1)
}

#[test]
fn each_line_of_a_workflow_is_a_step_or_has_a_reason_not_to_be_one() {
    let steps = steps::nightly();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    for (name, workflow) in workflows() {
        for line in lines(&workflow) {
            let command = unlocked(&line);
            let is_step = steps.iter().any(|step| step.command == command);
            let excused = WITHOUT_A_STEP.iter().find(|(excused, _)| *excused == command);
            assert!(is_step || excused.is_some(), "{name} runs an unknown command: {line}");
            used.extend(excused.map(|(line, _)| line));
        }
    }
    let unused: Vec<_> = WITHOUT_A_STEP.iter().filter(|(line, _)| !used.contains(line)).collect();
    assert!(unused.is_empty(), "no workflow runs {unused:?}");
    assert!(
        !WITHOUT_A_STEP
            .iter()
            .any(|(_, why)| matches!(why, Needs(what) if what.is_empty()))
    );
}

#[test]
fn each_cargo_of_a_workflow_keeps_the_lock_file_and_each_xtask_command_exists() {
    let mut found = 0;
    for (name, workflow) in workflows() {
        for line in lines(&workflow) {
            assert!(
                !line.starts_with("cargo ") || line.contains(" --locked "),
                "{name}: {line}"
            );
            if let Some(arguments) = unlocked(&line).strip_prefix("cargo xtask ") {
                let arguments: Vec<_> = arguments.split(' ').map(str::to_owned).collect();
                assert!(Command::parse(&arguments).is_ok(), "{name}: {line}");
                found += 1;
            }
        }
    }
    assert!(found > 5, "{found} commands");
}

/// A tag can be moved to other code, a commit cannot. The comment says which version it is.
#[test]
fn each_action_is_pinned_to_one_commit_in_all_workflows() {
    let mut pinned = BTreeSet::new();
    for (name, workflow) in workflows() {
        for action in of_each_step(&workflow, "uses") {
            let commit = action.split_once('@').map(|(_, commit)| commit).unwrap_or_default();
            assert!(
                commit.len() == 40 && commit.chars().all(|char| char.is_ascii_hexdigit()),
                "{name}: {action}"
            );
            let (all, explained) = (format!("uses: {action}"), format!("uses: {action} # v"));
            assert_eq!(
                workflow.matches(&all).count(),
                workflow.matches(&explained).count(),
                "{name} does not say the version of {action}"
            );
            pinned.insert(action);
        }
    }
    let names: BTreeSet<_> = pinned.iter().filter_map(|action| action.split('@').next()).collect();
    assert_eq!(names.len(), pinned.len(), "two versions of one action: {pinned:?}");
}

#[test]
fn the_linter_of_workflows_is_given_each_of_them() {
    let steps = steps::all();
    let linter = steps
        .iter()
        .find(|step| step.command.starts_with("actionlint "))
        .unwrap();
    let given: BTreeSet<_> = linter.command.split(' ').skip(1).map(str::to_owned).collect();
    let there = workflows()
        .into_iter()
        .map(|(name, _)| format!(".github/workflows/{name}"));
    assert_eq!(given, there.collect());
}

#[test]
fn each_tool_that_a_workflow_gets_is_one_that_can_be_got() {
    let steps = steps::nightly();
    let known: BTreeSet<_> = steps
        .iter()
        .flat_map(|step| &step.needs)
        .map(|tool| tool.name)
        .collect();
    let all: Vec<_> = workflows()
        .into_iter()
        .flat_map(|(_, workflow)| lines(&workflow))
        .collect();
    let got = all
        .iter()
        .filter_map(|line| line.strip_prefix(".ci/install "))
        .flat_map(|names| names.split(' '));
    let unknown: Vec<_> = got.filter(|name| !known.contains(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

#[test]
fn what_a_release_sends_out_was_made_by_one_of_its_jobs() {
    let release = text(&workspace().join(".github/workflows/release.yml")).unwrap();
    let made = given_by_each_step(&release, "name");
    let mut found = 0;
    for line in lines(&release) {
        for path in line.split(' ').filter_map(|word| word.strip_prefix("artifacts/")) {
            let part = path.split('/').next().unwrap_or_default();
            assert!(part == "*" || made.iter().any(|name| name == part), "{line}");
            found += 1;
        }
    }
    assert!(found > 3, "{found} files");
}

/// The lines that send something out, by a shell as on GitHub, with its variables and with files as the jobs make them. The
/// programs only write down what they get.
#[cfg(unix)]
#[test]
fn each_line_that_sends_something_out_is_a_command_that_a_shell_understands() {
    use std::env;
    use std::os::unix::fs::PermissionsExt;

    use crate::files::{create, remove, write};
    use crate::process::output;

    let folder = env::temp_dir().join(format!("xtask-workflows-{}", std::process::id()));
    for program in ["cargo", "gh"] {
        let file = folder.join("bin").join(program);
        write(
            &file,
            b"#!/bin/sh\nfor word in \"${0##*/}\" \"$@\"; do echo \"$word\"; done\n",
        )
        .unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    }
    for file in [
        "swift/swift/a b.zip",
        "programs/programs/cli.tar.gz",
        "maven/sbom/mobile.cdx.json",
    ] {
        write(&folder.join("work/artifacts").join(file), b"").unwrap();
    }
    create(&folder.join("work")).unwrap();
    let path = env::join_paths([folder.join("bin"), "/usr/bin".into(), "/bin".into()]).unwrap();
    let (tag, mut run) = (format!("v{VERSION}"), 0);
    for line in workflows().iter().flat_map(|(_, workflow)| lines(workflow)) {
        let sends_out = |(known, why): &(&str, Why)| matches!(why, SendsOut) && *known == unlocked(&line);
        if !WITHOUT_A_STEP.iter().any(sends_out) {
            continue;
        }
        let words = output(
            std::process::Command::new("sh")
                .args(["-e", "-c", &line])
                .env("PATH", &path)
                .env("GITHUB_REF_NAME", &tag)
                .current_dir(folder.join("work")),
        );
        let words: Vec<_> = words.unwrap().lines().map(str::to_owned).collect();
        assert!(!words.iter().any(|word| word.contains(['*', '$'])), "{words:?}");
        match words[0].as_str() {
            "gh" => {
                assert_eq!(words.iter().filter(|word| **word == tag).count(), 1, "{words:?}");
                assert!(words.contains(&"artifacts/swift/swift/a b.zip".to_owned()), "{words:?}");
            }
            _ if words[2] == "xtask" => assert!(Command::parse(&words[3..]).is_ok(), "{words:?}"),
            _ => assert_eq!(words[..3], ["cargo", "--locked", "publish"]),
        }
        run += 1;
    }
    assert_eq!(run, 5);
    remove(&folder).unwrap();
}
