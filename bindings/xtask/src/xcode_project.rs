//! The Xcode project of the iOS example, which is written by hand: what can be checked of it without Xcode.

use std::collections::BTreeSet;
use std::path::Path;

use plist::{Dictionary, Value};

use crate::files::{read, text};
use crate::workspace;

const EXAMPLE: &str = "examples/ios";
const PROJECT: &str = "SignOutDemo.xcodeproj/project.pbxproj";
const SCHEME: &str = "SignOutDemo.xcodeproj/xcshareddata/xcschemes/SignOutDemo.xcscheme";

fn project() -> Dictionary {
    let bytes = read(&workspace().join(EXAMPLE).join(PROJECT)).unwrap();
    Value::from_reader_ascii(&bytes[..]).unwrap().into_dictionary().unwrap()
}

fn objects() -> Dictionary {
    project()["objects"].as_dictionary().unwrap().clone()
}

/// Whether a text has the form of an object's id.
fn is_id(text: &str) -> bool {
    text.len() == 24 && text.chars().all(|char| char.is_ascii_hexdigit())
}

/// The ids that a value names.
fn ids(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) if is_id(text) => vec![text.clone()],
        Value::Array(values) => values.iter().flat_map(ids).collect(),
        Value::Dictionary(entries) => {
            let names = entries.keys().filter(|name| is_id(name)).cloned();
            names.chain(entries.values().flat_map(ids)).collect()
        }
        _ => Vec::new(),
    }
}

/// The objects of a class.
fn of_class<'a>(objects: &'a Dictionary, class: &str) -> Vec<&'a Dictionary> {
    let all = objects.values().map(|object| object.as_dictionary().unwrap());
    let found: Vec<_> = all.filter(|object| object["isa"].as_string() == Some(class)).collect();
    assert!(!found.is_empty(), "no {class}");
    found
}

fn word<'a>(object: &'a Dictionary, name: &str) -> &'a str {
    object[name].as_string().unwrap()
}

#[test]
fn each_object_of_the_project_exists_and_is_used() {
    let project = project();
    let objects = objects();
    let there: BTreeSet<_> = objects.keys().cloned().collect();
    let mut named: BTreeSet<_> = objects.values().flat_map(ids).collect();
    named.insert(word(&project, "rootObject").to_owned());
    assert_eq!(there, named);
    assert!(
        objects
            .values()
            .all(|object| object.as_dictionary().unwrap().contains_key("isa"))
    );
}

#[test]
fn the_projects_folders_exist_and_the_package_is_where_it_is_built() {
    let objects = objects();
    let example = workspace().join(EXAMPLE);
    for group in of_class(&objects, "PBXFileSystemSynchronizedRootGroup") {
        assert!(example.join(word(group, "path")).is_dir());
    }
    let package = of_class(&objects, "XCLocalSwiftPackageReference")[0];
    assert_eq!(word(package, "relativePath"), "../../target/apple/CognitoSignOut");
    let manifest = text(&workspace().join("bindings/swift/Package.swift")).unwrap();
    for product in of_class(&objects, "XCSwiftPackageProductDependency") {
        let product = format!(".library(name: \"{}\"", word(product, "productName"));
        assert!(manifest.contains(&product), "{product}");
    }
}

#[test]
fn the_scheme_builds_the_app_and_tests_it() {
    let objects = objects();
    let scheme = text(&workspace().join(EXAMPLE).join(SCHEME)).unwrap();
    for target in of_class(&objects, "PBXNativeTarget") {
        let id = objects
            .iter()
            .find(|(_, object)| object.as_dictionary() == Some(target))
            .map(|(id, _)| id);
        let product = objects[word(target, "productReference")].as_dictionary().unwrap();
        let reference = format!(
            "BlueprintIdentifier = \"{}\" BuildableName = \"{}\" BlueprintName = \"{}\"",
            id.unwrap(),
            word(product, "path"),
            word(target, "name")
        );
        assert!(scheme.contains(&reference), "{reference}");
    }
    assert_eq!(scheme.matches("<TestableReference").count(), 1);
}

#[test]
fn the_tests_run_in_the_app() {
    let objects = objects();
    for settings in of_class(&objects, "XCBuildConfiguration") {
        let settings = settings["buildSettings"].as_dictionary().unwrap();
        if let Some(host) = settings.get("TEST_HOST").and_then(Value::as_string) {
            assert!(Path::new(host).ends_with("SignOutDemo") && host.contains("/SignOutDemo.app/"));
            assert_eq!(word(settings, "BUNDLE_LOADER"), "$(TEST_HOST)");
        }
    }
}
