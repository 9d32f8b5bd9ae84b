//! The README against the code: what it says proves a promise must be there to prove it.

#![allow(clippy::unwrap_used, reason = "tests say what they expect")]

use std::fs;
use std::path::Path;

fn sources_below(folder: &Path, found: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources_below(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_promise_names_a_test_that_is_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut tests = String::new();
    sources_below(&root.join("tests"), &mut tests);
    sources_below(&root.join("src"), &mut tests);
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let promises: Vec<&str> = readme
        .lines()
        .filter(|line| line.starts_with('|') && line.contains("**"))
        .collect();
    assert_eq!(promises.len(), 8);

    let mut named = 0;
    for promise in promises {
        let proof = promise.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        for name in proof.split('`').skip(1).step_by(2) {
            assert!(tests.contains(&format!("fn {name}(")), "there is no test {name}");
            named += 1;
        }
        assert!(proof.contains('`') || proof.contains("the same"), "no test: {promise}");
    }
    assert!(named >= 8, "{named} tests are named");
}
