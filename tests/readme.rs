//! The README and the guides against the code: tests, links, snippets, versions and JSON that they name must be there.
//! Cargo runs a test in its package's folder, so paths are relative to it: a path known at compile time would lead from a copied
//! checkout to the first.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::MemoryVault;
use cognito_signout::{AppStep, Auth, AuthConfig, Phase, SignOutOptions, SignedInWith, Tokens};
use serde_json::Value;

fn text(path: impl AsRef<Path>) -> String {
    let path = path.as_ref();
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All files below a folder of the repository whose name ends like this, without what tools have built there.
fn files_below(folder: &str, ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if entry.file_type().unwrap().is_dir() {
                if name != "target" && !name.starts_with('.') {
                    folders.push(entry.path());
                }
            } else if name.ends_with(ending) {
                found.push(entry.path());
            }
        }
    }
    found
}

/// What a person reads: the README, the guides, and the README of each example.
fn documents() -> Vec<PathBuf> {
    let mut documents = vec!["README.md".into(), "CONTRIBUTING.md".into(), "SECURITY.md".into()];
    documents.extend(files_below("docs", ".md"));
    documents.extend(files_below("examples", ".md"));
    documents
}

/// By their paths in `docs/`. A record of a decision is for contributors, and no guide.
fn guides() -> Vec<String> {
    let names = files_below("docs", ".md").into_iter();
    let names = names.map(|path| path.strip_prefix("docs").unwrap().to_str().unwrap().to_owned());
    names
        .filter(|name| name != "SUMMARY.md" && name != "README.md" && !name.starts_with("decisions/"))
        .collect()
}

/// The bold words of each promise, without the full stop: those of a numbered list.
fn promises(document: &str) -> Vec<&str> {
    let items = document.split(". **").skip(1);
    items
        .map(|item| item.split("**").next().unwrap().trim_end_matches('.'))
        .collect()
}

#[test]
fn every_promise_names_a_test_that_is_there() {
    let sources = files_below("tests", ".rs").into_iter().chain(files_below("src", ".rs"));
    let tests: String = sources.map(text).collect();
    let guide = text("docs/promises.md");
    let list = guide.split("\n## ").next().unwrap();
    let names = list
        .split("\n   - `")
        .skip(1)
        .map(|rest| rest.split('`').next().unwrap());
    for name in names.clone() {
        assert!(tests.contains(&format!("fn {name}(")), "there is no test {name}");
    }
    assert!(names.count() >= 9);
    for promise in list.split(". **").skip(1) {
        assert!(promise.contains("\n   - `"), "no test: {promise}");
    }
}

/// A name of a test has at least three underscores: an error code has fewer.
#[test]
fn every_test_and_path_that_the_threat_model_names_is_there() {
    let folders = ["tests", "src", "bindings"];
    let sources = folders.iter().flat_map(|folder| files_below(folder, ".rs"));
    let tests: String = sources.map(text).collect();
    let model = text("SECURITY.md");
    let quoted = model.split('`').skip(1).step_by(2);
    let (paths, words): (Vec<&str>, Vec<&str>) = quoted.partition(|quoted| quoted.contains('/'));
    let names: Vec<_> = words
        .into_iter()
        .filter(|word| word.matches('_').count() >= 3)
        .collect();
    for name in &names {
        assert!(tests.contains(&format!("fn {name}(")), "there is no test {name}");
    }
    for path in paths {
        assert!(Path::new(path).exists(), "there is no {path}");
    }
    assert!(names.len() > 10, "{names:?}");
}

#[test]
fn the_readme_has_the_guides_promises_in_at_most_120_lines() {
    let (readme, guide) = (text("README.md"), text("docs/promises.md"));
    assert!(readme.lines().count() <= 120, "{} lines", readme.lines().count());
    assert_eq!(promises(&readme).len(), 9);
    assert_eq!(promises(&readme), promises(&guide));
}

/// The target of each link and picture: inline, or defined at the end of the document.
fn links(document: &str) -> Vec<&str> {
    let inline = document.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let defined = document.lines().filter(|line| line.starts_with('['));
    let defined = defined.filter_map(|line| Some(line.split_once("]: ")?.1));
    inline.chain(defined).collect()
}

/// As GitHub makes it from a heading.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
    kept.map(|char| if char == ' ' { '-' } else { char }).collect()
}

#[test]
fn every_link_to_a_file_or_a_heading_leads_somewhere() {
    let mut followed = 0;
    for document in documents() {
        let content = text(&document);
        for link in links(&content).into_iter().filter(|link| !link.contains("://")) {
            let (file, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => document.clone(),
                file => document.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: {link} is not there", document.display());
            if !heading.is_empty() {
                let headings = text(&target);
                let found = headings
                    .lines()
                    .any(|line| line.starts_with('#') && anchor(line) == heading);
                assert!(found, "{}: {link} has no such heading", document.display());
            }
            followed += 1;
        }
    }
    assert!(followed > 40, "{followed} links");
}

/// A link by reference, as `[limits][limits]`: without its definition it would print as it is.
#[test]
fn every_link_by_reference_is_defined_and_so_is_every_guide() {
    let modules = text("src/guides.rs");
    let (contents, index, readme) = (text("docs/SUMMARY.md"), text("docs/README.md"), text("README.md"));
    for name in guides() {
        let guide = text(Path::new("docs").join(&name));
        for reference in guide.split("][").skip(1).filter_map(|rest| rest.split(']').next()) {
            assert!(
                guide.contains(&format!("\n[{reference}]: ")),
                "{name}: [{reference}] is not defined"
            );
            assert!(
                modules.contains(&format!("\"[{reference}]: ")),
                "src/guides.rs does not define [{reference}]"
            );
        }
        assert!(
            modules.contains(&format!("{:?};", name.trim_end_matches(".md"))),
            "no module has {name}"
        );
        for (list, what) in [
            (&contents, "docs/SUMMARY.md"),
            (&index, "docs/README.md"),
            (&readme, "README.md"),
        ] {
            // A guide of several pages has a first one.
            let is_first_page = !name.contains('/');
            let is_listed = list.contains(&format!("{name})"));
            assert!(
                is_listed || what == "README.md" && !is_first_page,
                "{what} does not list {name}"
            );
        }
    }
}

/// As `src/vault/` in the tables of CONTRIBUTING. A path with a placeholder, such as `native/…`, is no path.
#[test]
fn every_path_that_contributing_quotes_is_there() {
    let contributing = text("CONTRIBUTING.md");
    let quoted = contributing.split('`').skip(1).step_by(2);
    let folders = ["src/", "tests/", "bindings/", "docs/", "examples/", ".ci/"];
    let paths = quoted.filter(|path| folders.iter().any(|folder| path.starts_with(folder)));
    let paths: Vec<&str> = paths.filter(|path| !path.contains([' ', '*', '…'])).collect();
    assert!(paths.len() > 30, "{} paths", paths.len());
    for path in paths {
        let is_there = Path::new(path).exists() || Path::new(&format!("{path}.rs")).exists();
        assert!(is_there, "CONTRIBUTING.md names {path}");
    }
}

/// Those of the crate itself: the module `ffi` has no promise of its own, and every other enum is `#[non_exhaustive]`.
#[test]
fn the_guide_of_stability_names_each_enum_that_never_grows() {
    let of_the_crate = files_below("src", ".rs")
        .into_iter()
        .filter(|path| !path.starts_with("src/ffi"));
    let mut closed = BTreeSet::new();
    for source in of_the_crate.map(text) {
        let lines: Vec<_> = source.lines().map(str::trim).collect();
        for (place, line) in lines.iter().enumerate() {
            let Some(rest) = line.strip_prefix("pub enum ") else {
                continue;
            };
            let before = lines[..place].iter().rev();
            let mut attributes = before.take_while(|line| line.starts_with("#[") || line.starts_with("///"));
            if !attributes.any(|line| *line == "#[non_exhaustive]") {
                closed.insert(rest.split([' ', '<']).next().unwrap().to_owned());
            }
        }
    }
    let guide = text("docs/stability.md");
    let table = guide
        .split("| its cases |\n")
        .nth(1)
        .unwrap()
        .split("\n\n")
        .next()
        .unwrap();
    let named = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next());
    assert_eq!(named.map(str::to_owned).collect::<BTreeSet<_>>(), closed);
}

/// As `c1`: the script asks it, and the guide says what is not known about it.
#[test]
fn the_guide_of_sessions_has_each_question_of_the_script() {
    let script = text("examples/try-sessions.sh");
    let asked = script.lines().filter_map(|line| line.trim().strip_prefix("question "));
    let asked: BTreeSet<_> = asked.filter_map(|rest| rest.split(' ').next()).collect();
    let guide = text("docs/sessions.md");
    let words = guide.split(|char: char| !char.is_alphanumeric());
    let is_question = |word: &&str| matches!(word.as_bytes(), [b'a'..=b'k', b'1'..=b'9']);
    assert_eq!(words.filter(is_question).collect::<BTreeSet<_>>(), asked);
    assert!(asked.len() > 20);
}

/// Swift and Kotlin are not compiled where they stand, but as the file that the text before them links to. Rust is compiled where
/// it stands; where the text right before it links to a file, it is that file's code, which a test runs.
#[test]
fn every_snippet_is_in_the_example_that_is_linked_before_it() {
    let mut snippets = 0;
    for document in documents() {
        let content = text(&document);
        let (mut before, mut right_before) = (String::new(), "");
        for (place, part) in content.split("```").enumerate() {
            if place % 2 == 0 {
                before.push_str(part);
                right_before = part;
                continue;
            }
            let (language, code) = part.split_once('\n').unwrap();
            let language = language.split(',').next().unwrap();
            let (text_before, endings): (&str, &[&str]) = match language {
                "swift" | "kotlin" => (&before, &[".swift", ".kt", ".kts"]),
                "rust" => (right_before, &[".rs"]),
                "js" => (right_before, &[".mjs"]),
                _ => continue,
            };
            let is_source = |link: &&str| endings.iter().any(|ending| link.ends_with(ending));
            let source = match links(text_before).into_iter().rfind(is_source) {
                Some(source) => source,
                None if language == "rust" => continue,
                None => panic!("{}: no source for\n{code}", document.display()),
            };
            let example = text(document.parent().unwrap().join(source));
            let mut lines = example.lines().map(str::trim);
            for line in code.lines().map(str::trim).filter(|line| !line.is_empty()) {
                assert!(lines.any(|other| other == line), "{source} has no (later) line\n{line}");
            }
            snippets += 1;
        }
    }
    assert!(snippets >= 6, "{snippets} snippets");
}

/// Gradle, Maven and readers take the version from these files, without Cargo.
#[test]
fn every_version_of_the_packages_is_this_one() {
    for pom in ["examples/jvm/pom.xml", "examples/view-model/pom.xml"] {
        let version = concat!("<cognito-signout.version>", env!("CARGO_PKG_VERSION"), "</");
        assert!(text(pom).contains(version), "{pom}");
    }
    let mut named = 0;
    for file in documents().into_iter().chain(files_below("examples", ".gradle.kts")) {
        let content = text(&file);
        for rest in [
            "cognito-signout:",
            "cognito-signout-android:",
            "cognito-signout-bom:",
            "cognito-signout-testing:",
        ]
        .iter()
        .flat_map(|name| content.split(name).skip(1))
        {
            let version: String = rest
                .chars()
                .take_while(|char| char.is_ascii_digit() || *char == '.')
                .collect();
            assert_eq!(version, env!("CARGO_PKG_VERSION"), "{}", file.display());
            named += 1;
        }
    }
    assert!(named >= 5, "{named} versions");
}

/// Names and types, one line each, as `residual[].token: string`: what a program that reads the JSON relies on.
fn shape(json: &Value, path: &str, found: &mut BTreeSet<String>) {
    let leaf = match json {
        Value::Object(fields) => {
            for (name, value) in fields {
                shape(value, &format!("{path}.{name}"), found);
            }
            return;
        }
        Value::Array(values) => {
            for value in values {
                shape(value, &format!("{path}[]"), found);
            }
            "array"
        }
        Value::String(_) => "string",
        Value::Number(_) => "number",
        Value::Bool(_) => "boolean",
        Value::Null => "null",
    };
    found.insert(format!("{path}: {leaf}"));
}

#[tokio::test]
async fn the_reports_json_has_the_shape_that_the_guide_shows() {
    let fake = FakeCognito::start().await.unwrap();
    let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str());
    let step = AppStep::new("forget_device", Phase::WhileTokenLives, |_| async {
        Ok::<_, String>(())
    });
    let auth = Auth::builder(config.build().unwrap(), MemoryVault::default(), RustlsTransport::new());
    let auth = auth.sign_out_step(step).unwrap().build();
    let issued = fake.sign_in("ana");
    let tokens = Tokens::new(issued.access, issued.id, issued.refresh);
    auth.store_session(tokens, SignedInWith::Api).await.unwrap();
    let result = auth.sign_out(SignOutOptions::global()).await;
    let real = serde_json::to_value(result.report()).unwrap();

    let guide = text("docs/results.md");
    let shown = guide.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let shown: Value = serde_json::from_str(shown).unwrap();
    assert_eq!(real["steps"], shown["steps"]);
    let [mut in_guide, mut in_fact] = [BTreeSet::new(), BTreeSet::new()];
    shape(&shown, "", &mut in_guide);
    shape(&real, "", &mut in_fact);
    assert_eq!(in_guide, in_fact);

    let described = |field: &str| guide.contains(&format!("| `{field}` |"));
    for field in real.as_object().unwrap().keys() {
        assert!(described(field), "docs/results.md does not describe {field}");
    }
}
