//! The oldest Rust, as far as it can be checked without a toolchain of that version.

use serde_json::Value;

use crate::process::{cargo_command, output};

/// Major, minor, patch.
fn numbers(version: &str) -> Vec<u32> {
    let mut numbers: Vec<u32> = version.split('.').map(|number| number.parse().unwrap()).collect();
    numbers.resize(3, 0);
    numbers
}

#[test]
fn no_dependency_asks_for_a_later_rust() {
    let metadata = output(cargo_command().args(["metadata", "--format-version=1", "--locked"])).unwrap();
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let of = |name: &str| packages.iter().find(|package| package["name"] == name).unwrap();
    let ours = numbers(of("cognito-signout")["rust_version"].as_str().unwrap());
    let later: Vec<_> = packages
        .iter()
        .filter(|package| {
            package["rust_version"]
                .as_str()
                .is_some_and(|version| numbers(version) > ours)
        })
        .map(|package| (&package["name"], &package["rust_version"]))
        .collect();
    assert!(later.is_empty(), "{later:?}");
    assert!(packages.len() > 100);
}
