//! Each rule, broken by itself in a bundle that keeps all others.

use super::*;
use crate::maven::{self, ANDROID, BOM, JVM};
use crate::{VERSION, pom};

/// What is in a jar plays no part.
const ANY: &[u8] = b"PK";

/// A bundle with a jar, an AAR and a BOM, without its checksums and signatures.
fn unsigned() -> Files {
    let mut files = Files::new();
    for artefact in [&JVM, &ANDROID, &BOM] {
        let home = format!("{}/{}/{VERSION}", GROUP.replace('.', "/"), artefact.name);
        let pom = pom::of(artefact, &maven::versions().unwrap()).unwrap();
        files.insert(format!("{home}/{}-{VERSION}.pom", artefact.name), pom.into_bytes());
        if artefact.kind != maven::Kind::Bom {
            for classifier in ["", "sources", "javadoc"] {
                files.insert(format!("{home}/{}", artefact.file_name(classifier)), ANY.to_vec());
            }
        }
    }
    files
}

fn completed(files: Files) -> Files {
    let mut complete = files.clone();
    for (name, content) in files {
        for (ending, checksum) in checksums::ALL {
            complete.insert(format!("{name}.{ending}"), checksum(&content).into_bytes());
        }
        complete.insert(format!("{name}.asc"), ANY.to_vec());
    }
    complete
}

fn problems(files: &Files) -> Vec<String> {
    broken(1_000, files, &|_| true)
}

/// What is wrong when the jar's POM has this instead, before it is signed.
fn with_pom(from: &str, to: &str) -> Vec<String> {
    let mut files = unsigned();
    let pom = files.get_mut(&jar(".pom")).unwrap();
    let text = String::from_utf8(pom.clone()).unwrap();
    assert!(text.contains(from), "{from} is not in\n{text}");
    *pom = text.replacen(from, to, 1).into_bytes();
    problems(&completed(files))
}

/// What is wrong when a file is not there, or is another.
fn with_file(ending: &str, content: Option<&[u8]>) -> Vec<String> {
    let mut files = completed(unsigned());
    match content {
        Some(content) => files.insert(jar(ending), content.to_vec()),
        None => files.remove(&jar(ending)),
    };
    problems(&files)
}

/// A file of the jar's.
fn jar(ending: &str) -> String {
    format!("dev/cognitosignout/cognito-signout/{VERSION}/cognito-signout-{VERSION}{ending}")
}

#[track_caller]
fn assert_one(problems: &[String], words: &str) {
    assert!(
        problems.len() == 1 && problems[0].contains(words),
        "{words}: {problems:?}"
    );
}

#[test]
fn a_bundle_that_keeps_every_rule_is_accepted() {
    assert_eq!(problems(&completed(unsigned())), Vec::<String>::new());
}

#[test]
fn each_element_that_a_pom_lacks_is_named() {
    let pom = pom::of(&JVM, &maven::versions().unwrap()).unwrap();
    let between = |start: &str, end: &str| {
        let from = pom.find(start).unwrap();
        &pom[from..from + pom[from..].find(end).unwrap() + end.len()]
    };
    for (words, start, end) in [
        ("no name", "<name>", "</name>"),
        ("no description", "<description>", "</description>"),
        ("no url", "<url>", "</url>"),
        ("no developers/developer/name", "<name>The developers", "</name>"),
        ("no scm/connection", "<connection>", "</connection>"),
        ("no licenses/license/name", "<name>Apache", "</name>"),
        ("no licenses/license/url", "<url>https://www.apache.org", "</url>"),
    ] {
        assert_one(&with_pom(between(start, end), ""), words);
    }
    let scm = between("<scm>", "</scm>");
    let url = &scm[scm.find("<url>").unwrap()..];
    assert_one(&with_pom(url, "</scm>"), "no scm/url");
}

#[test]
fn an_empty_element_counts_as_none_and_so_does_a_placeholder() {
    let name = "<name>cognito-signout for the JVM</name>";
    assert_one(&with_pom(name, "<name> </name>"), "no name");
    assert_one(&with_pom(name, "<name>${name}</name>"), "not filled in");
    assert_one(&with_pom(name, "<name>"), ".pom: ");
}

#[test]
fn a_pom_has_the_coordinates_of_its_folder() {
    assert_one(&with_pom("<groupId>dev", "<groupId>com"), "its groupId");
    assert_one(
        &with_pom("<artifactId>cognito-signout</", "<artifactId>other</"),
        "its artifactId",
    );
    let version = format!("<version>{VERSION}</version>");
    assert_one(&with_pom(&version, "<version>9.9.9</version>"), "its version");
}

#[test]
fn a_dependency_has_a_version() {
    let pom = pom::of(&JVM, &maven::versions().unwrap()).unwrap();
    let jna = &pom[pom.find("<artifactId>jna").unwrap()..];
    let without = "<artifactId>jna</artifactId>\n    </dependency>";
    let whole = &jna[..jna.find("</dependency>").unwrap() + "</dependency>".len()];
    assert_one(&with_pom(whole, without), "jna has no version");
}

#[test]
fn sources_documentation_and_the_file_itself_are_needed() {
    for ending in ["-sources.jar", "-javadoc.jar", ".jar"] {
        let mut files = unsigned();
        files.remove(&jar(ending));
        assert_one(
            &problems(&completed(files)),
            &format!("has no cognito-signout-{VERSION}{ending}"),
        );
    }
    let mut files = unsigned();
    files.retain(|name, _| !name.ends_with(".aar"));
    assert_one(&problems(&completed(files)), ".aar");
}

#[test]
fn checksums_are_there_and_right() {
    for ending in [".jar.md5", ".jar.sha1"] {
        assert_one(&with_file(ending, None), "has no ");
    }
    for ending in [".jar.md5", ".jar.sha1", ".jar.sha256", ".jar.sha512"] {
        assert_one(&with_file(ending, Some(b"00")), "has another ");
    }
    assert_eq!(with_file(".jar.sha512", None), Vec::<String>::new(), "may be left out");
}

#[test]
fn signatures_are_there_and_right() {
    assert_one(&with_file(".pom.asc", None), "has no signature");
    let one_is_wrong = |name: &str| name != jar("-sources.jar");
    assert_one(
        &broken(1_000, &completed(unsigned()), &one_is_wrong),
        "of something else",
    );
}

#[test]
fn a_file_is_where_the_layout_has_it() {
    let add = |name: &str| {
        let mut files = unsigned();
        files.insert(name.to_owned(), ANY.to_vec());
        problems(&completed(files))
    };
    let beside_the_jar = jar("").replace(&format!("cognito-signout-{VERSION}"), "notes.txt");
    assert_one(&add(&beside_the_jar), "does not begin with");
    assert_one(&add("README.md"), "is in no folder");
    assert_one(&with_file(".zip.md5", Some(b"00")), "is beside no file");
    assert_eq!(problems(&Files::new()), ["the bundle has no component"]);
}

#[test]
fn a_component_of_others_and_a_snapshot_are_refused() {
    let renamed = |from: &str, to: &str| {
        let files = unsigned().into_iter().map(|(name, content)| {
            let content = String::from_utf8(content).unwrap();
            (name.replace(from, to), content.replace(from, to).into_bytes())
        });
        problems(&completed(files.collect()))
    };
    let snapshots = renamed(VERSION, &format!("{VERSION}-SNAPSHOT"));
    assert!(
        snapshots.len() == 3 && snapshots[0].contains("is a snapshot"),
        "{snapshots:?}"
    );
    let of_others = renamed("cognitosignout", "others");
    assert!(
        of_others
            .iter()
            .any(|problem| problem.contains("outside of our namespace"))
    );
}

#[test]
fn a_bundle_of_more_than_a_gigabyte_is_refused() {
    assert_one(
        &broken(LARGEST + 1, &completed(unsigned()), &|_| true),
        "more than 1 GB",
    );
}
