//! The software of others in each artefact, as data for scanners (CycloneDX 1.6). docs/decisions/0003-sbom.md says why this is not
//! left to a tool.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::commit::{self, Commit};
use super::{Built, Part, Plan};
use crate::files::{text, write};
use crate::notices::{self, ARTEFACTS, Artefact, Crate};
use crate::{VERSION, workspace};

pub(crate) const PART: Part = Part {
    name: "sbom",
    build,
    consume: None,
};

fn build(plan: &Plan) -> Result<Built, String> {
    let mut built = Built::default();
    let (crates, commit) = (notices::crates()?, commit::here()?);
    let checksums = checksums(&text(&workspace().join("Cargo.lock"))?);
    for artefact in ARTEFACTS {
        let sbom = sbom(artefact, &crates, &checksums, &commit)?;
        let json = serde_json::to_string_pretty(&sbom).map_err(|error| error.to_string())?;
        let file = plan.folder.join(format!("{}.cdx.json", artefact.name));
        write(&file, format!("{json}\n").as_bytes())?;
        built.files.push((file, purpose(artefact)));
    }
    Ok(built)
}

fn purpose(artefact: &Artefact) -> &'static str {
    match artefact.name {
        "mobile" => "the crates in the Swift package's XCFramework and in the AAR",
        "desktop" => "the crates in the libraries of the jar for the JVM",
        _ => "the crates in the command line",
    }
}

/// No serial number: it would have to be another one at each run.
fn sbom(
    artefact: &Artefact,
    crates: &BTreeMap<String, Crate>,
    checksums: &BTreeMap<String, String>,
    commit: &Commit,
) -> Result<Value, String> {
    let linked = notices::linked(artefact)?;
    let of_others = linked.iter().filter_map(|name| Some((name, crates.get(name)?)));
    let components = of_others.map(|(name, of_others)| {
        let (short, version) = name.split_once(" v").unwrap_or((name, ""));
        let checksum = checksums
            .get(name)
            .ok_or_else(|| format!("Cargo.lock has no checksum of {name}"))?;
        let url = format!("pkg:cargo/{short}@{version}");
        Ok(json!({
            "type": "library",
            "bom-ref": url,
            "name": short,
            "version": version,
            "purl": url,
            // Before SPDX, crates.io had a slash for OR.
            "licenses": [{ "expression": of_others.licence.replace('/', " OR ") }],
            "hashes": [{ "alg": "SHA-256", "content": checksum }],
        }))
    });
    let components: Result<Vec<_>, String> = components.collect();
    let kind = if artefact.package == "cognito-signout" {
        "library"
    } else {
        "application"
    };
    let url = format!("pkg:cargo/{}@{VERSION}", artefact.package);
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": commit.date,
            "component": {
                "type": kind,
                "bom-ref": url,
                "name": artefact.package,
                "version": VERSION,
                "purl": url,
                "licenses": [{ "expression": "Apache-2.0" }],
                "properties": [
                    { "name": "cognito-signout:for", "value": purpose(artefact) },
                    { "name": "cognito-signout:targets", "value": artefact.targets.join(" ") },
                    { "name": "cognito-signout:commit", "value": commit.id },
                ],
            },
        },
        "components": components?,
    }))
}

/// Of each crate of a registry in a lock file, by name and version as in `serde v1.0.228`.
fn checksums(lock: &str) -> BTreeMap<String, String> {
    let packages = lock.split("[[package]]").skip(1);
    let known = packages.filter_map(|package| {
        let value = |key: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(key));
            line.map(|value| value.trim_matches('"').to_owned())
        };
        let name = format!("{} v{}", value("name = ")?, value("version = ")?);
        Some((name, value("checksum = ")?))
    });
    known.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &str) -> Vec<Value> {
        let artefact = ARTEFACTS.iter().find(|artefact| artefact.name == name).unwrap();
        let checksums = checksums(&text(&workspace().join("Cargo.lock")).unwrap());
        let sbom = sbom(artefact, &notices::crates().unwrap(), &checksums, &Commit::default()).unwrap();
        sbom["components"].as_array().unwrap().clone()
    }

    fn names(components: &[Value]) -> Vec<&str> {
        components
            .iter()
            .map(|component| component["name"].as_str().unwrap())
            .collect()
    }

    /// By its text alone, as another tool would read it.
    #[test]
    fn each_component_is_in_the_lock_file_with_its_version_and_checksum() {
        let lock = text(&workspace().join("Cargo.lock")).unwrap();
        for artefact in ARTEFACTS {
            let components = of(artefact.name);
            for component in &components {
                let [name, version, checksum] = [
                    &component["name"],
                    &component["version"],
                    &component["hashes"][0]["content"],
                ];
                let source = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
                let entry = format!("name = {name}\nversion = {version}\n{source}\nchecksum = {checksum}\n");
                assert!(lock.contains(&entry), "{}: {entry}", artefact.name);
            }
            assert!(components.len() > 60, "{}: {}", artefact.name, components.len());
        }
    }

    #[test]
    fn an_artefact_has_the_crates_of_its_own_features_and_systems() {
        let (mobile, desktop, program) = (of("mobile"), of("desktop"), of("command-line"));
        let [mobile, desktop, program] = [names(&mobile), names(&desktop), names(&program)];
        for (name, is_in) in [
            ("tokio", [true, true, true]),
            ("uniffi", [true, true, false]),
            ("jni", [true, false, false]),
            ("webbrowser", [false, true, true]),
            ("windows-native-keyring-store", [false, true, true]),
            ("reqwest", [false, false, true]),
            ("clap", [false, false, true]),
            // Only for tests, and only for the build.
            ("proptest", [false, false, false]),
            ("serde_derive", [false, false, false]),
        ] {
            assert_eq!(
                [&mobile, &desktop, &program].map(|names| names.contains(&name)),
                is_in,
                "{name}"
            );
        }
    }
}
