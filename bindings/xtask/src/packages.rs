//! The archives of each artefact, put into a Maven repository; and what must be true of all of them together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::aar::{self, Native};
use crate::archive::{self, From};
use crate::files::write;
use crate::maven::{self, ANDROID, Artefact, BOM, CORE, File, JVM, TESTING};
use crate::workspace;

/// Publishes what runs on any JVM, from what Maven has compiled into `built`.
pub(crate) fn publish_jars(built: &Path, repository: &Path) -> Result<(), String> {
    let kotlin = workspace().join("bindings/kotlin");
    let core = Archives::new(built, &CORE);
    core.main("dev.cognitosignout", &built.join("cognito-signout-core/classes"))?;
    core.sources(&[&kotlin.join("core/src/main/kotlin"), &built.join("generated")])?;
    core.publish(repository)?;

    let jvm = Archives::new(built, &JVM);
    jvm.main("dev.cognitosignout.natives", &built.join("natives/jar"))?;
    let note = built.join("no-sources");
    write(&note.join("README.txt"), NO_SOURCES.as_bytes())?;
    jvm.sources(&[&note])?;
    jvm.publish(repository)?;

    let testing = Archives::new(built, &TESTING);
    testing.main(
        "dev.cognitosignout.testing",
        &built.join("cognito-signout-testing/classes"),
    )?;
    testing.sources(&[&kotlin.join("testing/src/main/kotlin")])?;
    testing.publish(repository)?;

    maven::publish(&BOM, &[], repository)?;
    Ok(())
}

/// Publishes the AAR, and returns it.
pub(crate) fn publish_aar(built: &Path, natives: &[Native<'_>], repository: &Path) -> Result<PathBuf, String> {
    let aar = aar::assemble(built, natives)?;
    aar::check(&aar, natives)?;
    let mut android = Archives::new(built, &ANDROID);
    android.main = aar;
    android.sources(&[&workspace().join("bindings/kotlin/android/src/main/kotlin")])?;
    let folder = android.publish(repository)?;
    Ok(folder.join(ANDROID.file_name("")))
}

/// Maven Central asks for a jar of sources, also where there are none.
const NO_SOURCES: &str = "This artefact has only native libraries. They are built from the Rust crate cognito-signout.\n\
    The classes, with their sources, are in cognito-signout-core.\n";

/// The archives of one artefact, beside each other.
struct Archives<'a> {
    artefact: &'a Artefact,
    folder: PathBuf,
    main: PathBuf,
}

impl<'a> Archives<'a> {
    fn new(built: &Path, artefact: &'a Artefact) -> Self {
        let folder = built.join("archives");
        let main = folder.join(artefact.file_name(""));
        Self { artefact, folder, main }
    }

    fn main(&self, module: &str, classes: &Path) -> Result<(), String> {
        archive::pack(&self.main, Some(module), &[From::all(classes)])
    }

    fn of(&self, classifier: &str) -> PathBuf {
        self.folder.join(self.artefact.file_name(classifier))
    }

    fn sources(&self, folders: &[&Path]) -> Result<(), String> {
        let all: Vec<_> = folders.iter().map(|folder| From::all(folder)).collect();
        archive::pack(&self.of("sources"), None, &all)
    }

    fn publish(&self, repository: &Path) -> Result<PathBuf, String> {
        let files: Vec<_> = ["", "sources", "javadoc"]
            .into_iter()
            .map(|classifier| File {
                classifier,
                path: if classifier.is_empty() {
                    self.main.clone()
                } else {
                    self.of(classifier)
                },
            })
            .filter(|file| file.path.exists())
            .collect();
        maven::publish(self.artefact, &files, repository)
    }
}

/// Android's build refuses an app in which two archives have the same class, and a JVM takes either.
pub(crate) fn check_classes(archives: &[PathBuf]) -> Result<(), String> {
    let mut homes = BTreeMap::new();
    for archive in archives {
        for class in archive::list(archive)?
            .into_iter()
            .filter(|name| name.ends_with(".class"))
        {
            if let Some(other) = homes.insert(class.clone(), archive) {
                return Err(format!(
                    "{class} is in {} and in {}",
                    other.display(),
                    archive.display()
                ));
            }
        }
    }
    if homes.is_empty() {
        return Err(format!("there is no class in {archives:?}"));
    }
    Ok(())
}
