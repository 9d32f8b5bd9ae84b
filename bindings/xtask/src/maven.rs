//! What is published for the JVM and for Android: a table of artefacts. From it come the POM, which Maven reads, and Gradle's
//! module metadata, so that both say the same.

use std::path::{Path, PathBuf};

use crate::files::{copy, read, text, write};
use crate::{VERSION, gradle_module, pom, workspace};

pub(crate) const GROUP: &str = "dev.cognitosignout";

/// One artefact.
#[derive(Debug)]
pub(crate) struct Artefact {
    pub(crate) name: &'static str,
    pub(crate) title: &'static str,
    pub(crate) description: &'static str,
    pub(crate) kind: Kind,
    pub(crate) dependencies: &'static [Dependency],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Jar,
    Aar,
    /// Only versions: of the other artefacts.
    Bom,
}

impl Kind {
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Jar => "jar",
            Self::Aar => "aar",
            Self::Bom => "pom",
        }
    }
}

#[derive(Debug)]
pub(crate) struct Dependency {
    pub(crate) group: &'static str,
    pub(crate) name: &'static str,
    /// The property of Maven's parent POM that has the version. None: it is one of ours.
    version: Option<&'static str>,
    /// Whether an app's own code is compiled against it.
    pub(crate) is_api: bool,
    pub(crate) is_aar: bool,
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
    write(
        &folder.join(format!("{stem}.pom")),
        pom::of(artefact, &versions)?.as_bytes(),
    )?;
    let module = gradle_module::of(artefact, &contents, &versions)?;
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
}

/// What the BOM gives a version to.
pub(crate) fn others() -> impl Iterator<Item = &'static Artefact> {
    ALL.iter().filter(|artefact| artefact.kind != Kind::Bom)
}

/// The versions in Maven's `<properties>`, by name.
pub(crate) struct Versions(Vec<(String, String)>);

impl Versions {
    pub(crate) fn of(&self, dependency: &Dependency) -> Result<String, String> {
        let Some(property) = dependency.version else {
            return Ok(VERSION.to_owned());
        };
        let found = self.0.iter().find(|(name, _)| name == property);
        found
            .map(|(_, version)| version.clone())
            .ok_or_else(|| format!("bindings/kotlin/pom.xml has no {property}"))
    }
}

pub(crate) fn versions() -> Result<Versions, String> {
    let pom = text(&workspace().join("bindings/kotlin/pom.xml"))?;
    let found = pom.lines().filter_map(|line| {
        let (name, rest) = line.trim().strip_prefix('<')?.split_once('>')?;
        let version = rest.strip_suffix(&format!("</{name}>"))?;
        name.ends_with(".version")
            .then(|| (name.to_owned(), version.to_owned()))
    });
    Ok(Versions(found.collect()))
}
