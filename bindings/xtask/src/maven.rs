//! What is published for the JVM and for Android: a table of artefacts. From it come the POM, which Maven reads, and Gradle's
//! module metadata, so that both say the same.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha1::Sha1;
use sha2::{Digest, Sha256};

use crate::files::{copy, read, text, write};
use crate::{VERSION, workspace};

const GROUP: &str = "dev.cognitosignout";

/// Where the project is at home. Nothing is published yet, so this is only the domain that the group is named for.
const HOME: &str = "https://cognitosignout.dev";

/// One artefact.
#[derive(Debug)]
pub(crate) struct Artefact {
    pub(crate) name: &'static str,
    title: &'static str,
    description: &'static str,
    kind: Kind,
    dependencies: &'static [Dependency],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Jar,
    Aar,
    /// Only versions: of the other artefacts.
    Bom,
}

impl Kind {
    fn extension(self) -> &'static str {
        match self {
            Self::Jar => "jar",
            Self::Aar => "aar",
            Self::Bom => "pom",
        }
    }
}

#[derive(Debug)]
struct Dependency {
    group: &'static str,
    name: &'static str,
    /// The property of Maven's parent POM that has the version. None: it is one of ours.
    version: Option<&'static str>,
    /// Whether an app's own code is compiled against it.
    is_api: bool,
    is_aar: bool,
}

const fn api(group: &'static str, name: &'static str, version: Option<&'static str>) -> Dependency {
    Dependency {
        group,
        name,
        version,
        is_api: true,
        is_aar: false,
    }
}

const fn jna(is_aar: bool) -> Dependency {
    Dependency {
        group: "net.java.dev.jna",
        name: "jna",
        version: Some("jna.version"),
        is_api: false,
        is_aar,
    }
}

const ON_CORE: Dependency = api(GROUP, "cognito-signout-core", None);

/// The classes that jar and AAR share. It names no JNA: a JVM needs JNA's jar, and Android its AAR, which has the same classes.
pub(crate) const CORE: Artefact = Artefact {
    name: "cognito-signout-core",
    title: "cognito-signout: the shared classes",
    description: "The classes that cognito-signout and cognito-signout-android share. Apps name one of those two",
    kind: Kind::Jar,
    dependencies: &[
        api("org.jetbrains.kotlin", "kotlin-stdlib", Some("stdlib.version")),
        api(
            "org.jetbrains.kotlinx",
            "kotlinx-coroutines-core-jvm",
            Some("coroutines.version"),
        ),
    ],
};

pub(crate) const JVM: Artefact = Artefact {
    name: "cognito-signout",
    title: "cognito-signout for the JVM",
    description: "Signs users of Amazon Cognito user pools out of apps on a JVM, and says honestly what was achieved",
    kind: Kind::Jar,
    dependencies: &[ON_CORE, jna(false)],
};

pub(crate) const ANDROID: Artefact = Artefact {
    name: "cognito-signout-android",
    title: "cognito-signout for Android",
    description: "Signs users of Amazon Cognito user pools out of Android apps, and says honestly what was achieved",
    kind: Kind::Aar,
    dependencies: &[ON_CORE, jna(true)],
};

pub(crate) const TESTING: Artefact = Artefact {
    name: "cognito-signout-testing",
    title: "cognito-signout: for the tests of apps",
    description: "Results without a server, and a fake of SignOutClient, for the tests of apps that use cognito-signout",
    kind: Kind::Jar,
    dependencies: &[ON_CORE],
};

pub(crate) const BOM: Artefact = Artefact {
    name: "cognito-signout-bom",
    title: "cognito-signout: versions",
    description: "One version for all artefacts of cognito-signout",
    kind: Kind::Bom,
    dependencies: &[],
};

/// All of them, the BOM last.
pub(crate) const ALL: &[Artefact] = &[CORE, JVM, ANDROID, TESTING, BOM];

/// A file of an artefact, besides those that are written here.
#[derive(Debug)]
pub(crate) struct File {
    /// Empty for the artefact itself.
    pub(crate) classifier: &'static str,
    pub(crate) path: PathBuf,
}

/// Puts an artefact into a Maven repository, with its POM and its module metadata, and returns its folder.
pub(crate) fn publish(artefact: &Artefact, files: &[File], repository: &Path) -> Result<PathBuf, String> {
    let versions = versions()?;
    let folder = repository
        .join(GROUP.replace('.', "/"))
        .join(artefact.name)
        .join(VERSION);
    let mut contents = Vec::new();
    for file in files {
        let name = artefact.file_name(file.classifier);
        copy(&file.path, &folder.join(&name))?;
        contents.push((file.classifier, name, read(&file.path)?));
    }
    let stem = format!("{}-{VERSION}", artefact.name);
    write(&folder.join(format!("{stem}.pom")), artefact.pom(&versions)?.as_bytes())?;
    let module = artefact.module(&contents, &versions)?;
    write(&folder.join(format!("{stem}.module")), module.as_bytes())?;
    Ok(folder)
}

impl Artefact {
    /// What a file is called. Sources and documentation are always jars.
    pub(crate) fn file_name(&self, classifier: &str) -> String {
        match classifier {
            "" => format!("{}-{VERSION}.{}", self.name, self.kind.extension()),
            _ => format!("{}-{VERSION}-{classifier}.jar", self.name),
        }
    }

    /// What Maven reads, with all that Maven Central asks for.
    fn pom(&self, versions: &Versions) -> Result<String, String> {
        let (name, title, description, packaging) = (self.name, self.title, self.description, self.kind.extension());
        let packaging = match self.kind {
            Kind::Jar => String::new(), // Maven's default.
            _ => format!("\n  <packaging>{packaging}</packaging>"),
        };
        let mut dependencies = String::new();
        for dependency in self.dependencies {
            let Dependency { group, name, .. } = dependency;
            let scope = if dependency.is_api { "compile" } else { "runtime" };
            let kind = if dependency.is_aar {
                "\n      <type>aar</type>"
            } else {
                ""
            };
            dependencies.push_str(&format!(
                "    <dependency>
      <groupId>{group}</groupId>
      <artifactId>{name}</artifactId>
      <version>{}</version>{kind}
      <scope>{scope}</scope>
    </dependency>\n",
                versions.of(dependency)?
            ));
        }
        let dependencies = match self.kind {
            Kind::Bom => {
                let managed: String = others()
                    .map(|artefact| {
                        let kind = match artefact.kind {
                            Kind::Aar => "\n        <type>aar</type>",
                            _ => "",
                        };
                        format!(
                            "      <dependency>
        <groupId>{GROUP}</groupId>
        <artifactId>{}</artifactId>
        <version>{VERSION}</version>{kind}
      </dependency>\n",
                            artefact.name
                        )
                    })
                    .collect();
                format!(
                    "  <dependencyManagement>\n    <dependencies>\n{managed}    </dependencies>\n  </dependencyManagement>\n"
                )
            }
            _ => format!("  <dependencies>\n{dependencies}  </dependencies>\n"),
        };
        // Gradle looks for the line with `do_not_remove` before it asks for the module metadata.
        Ok(format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
         xsi:schemaLocation="http://maven.apache.org/POM/4.0.0 https://maven.apache.org/xsd/maven-4.0.0.xsd">
  <!-- do_not_remove: published-with-gradle-metadata -->
  <modelVersion>4.0.0</modelVersion>
  <groupId>{GROUP}</groupId>
  <artifactId>{name}</artifactId>
  <version>{VERSION}</version>{packaging}
  <name>{title}</name>
  <description>{description}</description>
  <url>{HOME}</url>
  <licenses>
    <license>
      <name>Apache-2.0</name>
      <url>https://www.apache.org/licenses/LICENSE-2.0</url>
    </license>
  </licenses>
  <developers>
    <developer>
      <name>The developers of cognito-signout</name>
      <url>{HOME}</url>
    </developer>
  </developers>
  <scm>
    <connection>scm:git:{HOME}/cognito-signout.git</connection>
    <url>{HOME}</url>
  </scm>
{dependencies}</project>
"#
        ))
    }

    /// What Gradle reads: <https://docs.gradle.org/current/userguide/publishing_gradle_module_metadata.html>.
    fn module(&self, files: &[(&str, String, Vec<u8>)], versions: &Versions) -> Result<String, String> {
        let mut variants = Vec::new();
        let described = |classifier: &str| {
            let file = files.iter().find(|(there, ..)| *there == classifier);
            file.map(|(_, name, content)| described(name, content))
        };
        match self.kind {
            Kind::Bom => {
                let constraints: Vec<_> = others().map(|artefact| our(artefact.name)).collect();
                for (name, usage) in [("apiElements", "java-api"), ("runtimeElements", "java-runtime")] {
                    variants.push(json!({
                        "name": name,
                        "attributes": { "org.gradle.category": "platform", "org.gradle.usage": usage },
                        "dependencyConstraints": constraints,
                    }));
                }
            }
            Kind::Jar | Kind::Aar => {
                let file = described("").ok_or_else(|| format!("{} has no {}", self.name, self.kind.extension()))?;
                for (name, usage) in [("apiElements", "java-api"), ("runtimeElements", "java-runtime")] {
                    let of_this = self
                        .dependencies
                        .iter()
                        .filter(|one| one.is_api || usage == "java-runtime");
                    let mut dependencies = vec![platform()];
                    for dependency in of_this {
                        dependencies.push(gradles(dependency, &versions.of(dependency)?));
                    }
                    variants.push(json!({
                        "name": name,
                        "attributes": self.attributes(usage),
                        "dependencies": dependencies,
                        "files": [file],
                    }));
                }
            }
        }
        for classifier in ["sources", "javadoc"] {
            if let Some(file) = described(classifier) {
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
                "module": self.name,
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

    fn attributes(&self, usage: &str) -> Value {
        match self.kind {
            Kind::Aar => json!({
                "org.gradle.category": "library",
                "org.gradle.dependency.bundling": "external",
                "org.gradle.libraryelements": "aar",
                "org.gradle.usage": usage,
            }),
            _ => json!({
                "org.gradle.category": "library",
                "org.gradle.dependency.bundling": "external",
                "org.gradle.jvm.version": 8,
                "org.gradle.libraryelements": "jar",
                "org.gradle.usage": usage,
            }),
        }
    }
}

/// What the BOM gives a version to.
fn others() -> impl Iterator<Item = &'static Artefact> {
    ALL.iter().filter(|artefact| artefact.kind != Kind::Bom)
}

fn our(name: &str) -> Value {
    json!({ "group": GROUP, "module": name, "version": { "requires": VERSION } })
}

/// Each artefact names the BOM: if an app and a library name different versions of ours, Gradle takes the same newest one for
/// all. Classes of one version do not work with native code of another.
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

fn described(name: &str, content: &[u8]) -> Value {
    json!({
        "name": name,
        "url": name,
        "size": content.len(),
        "sha256": hex(&Sha256::digest(content)),
        "sha1": hex(&Sha1::digest(content)),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The versions in Maven's `<properties>`, by name.
struct Versions(Vec<(String, String)>);

impl Versions {
    fn of(&self, dependency: &Dependency) -> Result<String, String> {
        let Some(property) = dependency.version else {
            return Ok(VERSION.to_owned());
        };
        let found = self.0.iter().find(|(name, _)| name == property);
        found
            .map(|(_, version)| version.clone())
            .ok_or_else(|| format!("bindings/kotlin/pom.xml has no {property}"))
    }
}

fn versions() -> Result<Versions, String> {
    let pom = text(&workspace().join("bindings/kotlin/pom.xml"))?;
    let found = pom.lines().filter_map(|line| {
        let (name, rest) = line.trim().strip_prefix('<')?.split_once('>')?;
        let version = rest.strip_suffix(&format!("</{name}>"))?;
        name.ends_with(".version")
            .then(|| (name.to_owned(), version.to_owned()))
    });
    Ok(Versions(found.collect()))
}
