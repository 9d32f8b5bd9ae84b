//! The module metadata of an artefact, which Gradle reads in place of the POM:
//! <https://github.com/gradle/gradle/blob/master/platforms/documentation/docs/src/docs/design/gradle-module-metadata-latest-specification.md>.

use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;

use crate::VERSION;
use crate::central::checksums;
use crate::maven::{Artefact, BOM, Dependency, GROUP, Kind, Versions, others};

/// A file of an artefact: its classifier, its name and its content.
pub(crate) type Content<'a> = (&'a str, String, Vec<u8>);

/// For compiling an app's own code, and for running it.
const USES: [(&str, &str); 2] = [("apiElements", "java-api"), ("runtimeElements", "java-runtime")];

/// The text of the module metadata.
pub(crate) fn of(artefact: &Artefact, files: &[Content<'_>], versions: &Versions) -> Result<String, String> {
    let mut variants = match artefact.kind {
        Kind::Bom => platforms(),
        Kind::Jar | Kind::Aar => libraries(artefact, files, versions)?,
    };
    for classifier in ["sources", "javadoc"] {
        if let Some(file) = described(files, classifier) {
            variants.push(json!({
                "name": format!("{classifier}Elements"),
                "attributes": {
                    "org.gradle.category": "documentation",
                    "org.gradle.dependency.bundling": "external",
                    "org.gradle.docstype": classifier,
                    "org.gradle.usage": "java-runtime",
                },
                "files": [file],
            }));
        }
    }
    let module = json!({
        "component": {
            "group": GROUP,
            "module": artefact.name,
            "version": VERSION,
            "attributes": { "org.gradle.status": "release" },
        },
        "variants": variants,
    });
    let module = serde_json::to_string_pretty(&module).map_err(|error| error.to_string())?;
    // The format asks for its version to be the first value.
    let rest = module.strip_prefix('{').unwrap_or_default();
    Ok(format!("{{\n  \"formatVersion\": \"1.1\",{rest}\n"))
}

fn platforms() -> Vec<Value> {
    let constraints: Vec<_> = others().map(|artefact| our(artefact.name)).collect();
    let platform = |(name, usage): &(&str, &str)| {
        json!({
            "name": name,
            "attributes": { "org.gradle.category": "platform", "org.gradle.usage": usage },
            "dependencyConstraints": constraints,
        })
    };
    USES.iter().map(platform).collect()
}

fn libraries(artefact: &Artefact, files: &[Content<'_>], versions: &Versions) -> Result<Vec<Value>, String> {
    let file = described(files, "").ok_or_else(|| format!("{} has no file", artefact.name))?;
    let mut variants = Vec::new();
    for (name, usage) in USES {
        let mut dependencies = vec![platform()];
        for dependency in artefact.dependencies {
            if dependency.is_api || usage == "java-runtime" {
                dependencies.push(gradles(dependency, &versions.of(dependency)?));
            }
        }
        let mut attributes = json!({
            "org.gradle.category": "library",
            "org.gradle.dependency.bundling": "external",
            "org.gradle.libraryelements": artefact.kind.extension(),
            "org.gradle.usage": usage,
        });
        if artefact.kind == Kind::Jar {
            attributes["org.gradle.jvm.version"] = json!(8);
        }
        variants.push(json!({
            "name": name,
            "attributes": attributes,
            "dependencies": dependencies,
            "files": [file],
        }));
    }
    Ok(variants)
}

fn our(name: &str) -> Value {
    json!({ "group": GROUP, "module": name, "version": { "requires": VERSION } })
}

/// Each artefact names the BOM: if an app and a library name different versions of ours, Gradle takes the newest one for all.
/// Classes of one version do not work with native code of another.
fn platform() -> Value {
    let mut bom = our(BOM.name);
    bom["attributes"] = json!({ "org.gradle.category": "platform" });
    bom["endorseStrictVersions"] = json!(true);
    bom
}

fn gradles(dependency: &Dependency, version: &str) -> Value {
    let Dependency { group, name, .. } = dependency;
    let mut value = json!({ "group": group, "module": name, "version": { "requires": version } });
    if dependency.is_aar {
        let selector = json!({ "name": name, "type": "aar", "extension": "aar" });
        value["thirdPartyCompatibility"] = json!({ "artifactSelector": selector });
    }
    value
}

fn described(files: &[Content<'_>], classifier: &str) -> Option<Value> {
    let (_, name, content) = files.iter().find(|(there, ..)| *there == classifier)?;
    Some(json!({
        "name": name,
        "url": name,
        "size": content.len(),
        "sha256": checksums::of::<Sha256>(content),
        "sha1": checksums::of::<Sha1>(content),
    }))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::maven::{self, ALL, ANDROID, CORE};

    fn module(artefact: &Artefact) -> Result<(String, Value), String> {
        let versions = maven::versions()?;
        let content = |classifier| (classifier, artefact.file_name(classifier), b"abc".to_vec());
        let files = match artefact.kind {
            Kind::Bom => vec![],
            Kind::Jar | Kind::Aar => vec![content(""), content("sources"), content("javadoc")],
        };
        let text = of(artefact, &files, &versions)?;
        let parsed = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok((text, parsed))
    }

    fn each<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
        value[name].as_array().into_iter().flatten()
    }

    /// What the specification asks for. Gradle itself reads them in `cargo xtask consume maven`.
    #[test]
    fn each_module_is_as_the_specification_asks() -> Result<(), String> {
        for artefact in ALL {
            let (text, module) = module(artefact)?;
            assert!(text.starts_with("{\n  \"formatVersion\": \"1.1\","), "{text}");
            assert_eq!(module["component"]["module"], artefact.name);
            let mut names = BTreeSet::new();
            let mut attributes = BTreeSet::new();
            for variant in each(&module, "variants") {
                assert!(names.insert(variant["name"].to_string()), "{variant}");
                assert!(attributes.insert(variant["attributes"].to_string()), "{variant}");
                assert!(variant["attributes"].as_object().is_some_and(|all| !all.is_empty()));
                for needed in each(variant, "dependencies").chain(each(variant, "dependencyConstraints")) {
                    for field in ["group", "module"] {
                        assert!(needed[field].is_string(), "{needed}");
                    }
                    assert!(needed["version"]["requires"].is_string(), "{needed}");
                }
                for file in each(variant, "files") {
                    assert_eq!(file["size"], 3);
                    assert_eq!(file["name"], file["url"]);
                    assert_eq!(
                        file["sha256"],
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
                    );
                    assert_eq!(file["sha1"], "a9993e364706816aba3e25717850c26c9cd0d89d");
                }
            }
            let expected = if artefact.kind == Kind::Bom { 2 } else { 4 };
            assert_eq!(names.len(), expected, "{names:?}");
        }
        Ok(())
    }

    #[test]
    fn an_android_app_gets_jnas_aar_when_it_runs_and_not_when_it_is_compiled() -> Result<(), String> {
        let (_, module) = module(&ANDROID)?;
        let jna = |variant: &Value| {
            each(variant, "dependencies")
                .find(|one| one["module"] == "jna")
                .map(|one| one["thirdPartyCompatibility"]["artifactSelector"]["extension"].clone())
        };
        assert_eq!(jna(&module["variants"][0]), None);
        assert_eq!(jna(&module["variants"][1]), Some("aar".into()));
        Ok(())
    }

    #[test]
    fn the_shared_classes_bring_no_jna() {
        assert!(CORE.dependencies.iter().all(|one| one.name != "jna"));
    }
}
