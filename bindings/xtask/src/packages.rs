//! The archives of each artefact, put into a Maven repository; and what must be true of all of them together.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::aar::{self, Native};
use crate::archive;
use crate::files::{copy, write};
use crate::maven::{self, ANDROID, Artefact, BOM, CORE, File, JVM, TESTING};
use crate::{bindgen, notices, workspace};

/// What Maven has compiled, and the repository to put it into.
#[derive(Debug)]
pub(crate) struct Packages {
    pub(crate) built: PathBuf,
    pub(crate) repository: PathBuf,
    /// Whether Dokka has written the documentation. Maven Central asks for it. It takes a minute, so most tests do without.
    pub(crate) documented: bool,
}

/// Our licence, and those of others, in an archive.
pub(crate) const LICENCE: &str = "META-INF/LICENSE";
pub(crate) const OF_OTHERS: &str = "META-INF/THIRD-PARTY.txt";

/// Maven Central asks for sources and documentation, also where there are none.
const NATIVE: &str = "This artefact has only native libraries. They are built from the Rust crate cognito-signout.\n\
    The classes, with their sources and documentation, are in cognito-signout-core.\n";

impl Packages {
    /// Publishes what runs on any JVM.
    pub(crate) fn publish_jars(&self) -> Result<(), String> {
        notices::write_all()?;
        let sources = workspace().join("bindings/kotlin");
        let generated = self.built.join("generated");
        self.publish_classes(
            &CORE,
            "dev.cognitosignout",
            &[&sources.join("core/src/main/kotlin"), &generated],
        )?;
        let testing = sources.join("testing/src/main/kotlin");
        self.publish_classes(&TESTING, "dev.cognitosignout.testing", &[&testing])?;

        let note = self.built.join("native");
        write(&note.join("README.txt"), NATIVE.as_bytes())?;
        let main = self.archive(&JVM, "");
        let licences = self.licences(&JVM, Some("desktop"))?;
        archive::pack(
            &main,
            Some("dev.cognitosignout.natives"),
            &[&self.built.join("natives/jar"), &licences],
        )?;
        self.publish(&JVM, main, &[&note], &note)?;

        maven::publish(&BOM, &[], &self.repository)?;
        Ok(())
    }

    /// Publishes the AAR, after the jars, and returns it.
    pub(crate) fn publish_aar(&self, natives: &[Native<'_>]) -> Result<PathBuf, String> {
        let aar = aar::assemble(&self.built, &self.licences(&ANDROID, Some("mobile"))?, natives)?;
        aar::check(&aar, natives)?;
        let sources = workspace().join("bindings/kotlin/android/src/main/kotlin");
        let documentation = self.built.join("cognito-signout-android-classes/documentation");
        let folder = self.publish(&ANDROID, aar, &[&sources], &documentation)?;
        Ok(folder.join(ANDROID.file_name("")))
    }

    fn publish_classes(&self, artefact: &Artefact, module: &str, sources: &[&Path]) -> Result<(), String> {
        let module_folder = self.built.join(artefact.name);
        let main = self.archive(artefact, "");
        let licences = self.licences(artefact, None)?;
        archive::pack(&main, Some(module), &[&module_folder.join("classes"), &licences])?;
        self.publish(artefact, main, sources, &module_folder.join("documentation"))?;
        Ok(())
    }

    fn publish(&self, artefact: &Artefact, main: PathBuf, sources: &[&Path], html: &Path) -> Result<PathBuf, String> {
        let mut files = vec![File {
            classifier: "",
            path: main,
        }];
        let mut add = |classifier, folders: &[&Path]| {
            let path = self.archive(artefact, classifier);
            archive::pack(&path, None, folders)?;
            files.push(File { classifier, path });
            Ok::<_, String>(())
        };
        add("sources", sources)?;
        if self.documented {
            add("javadoc", &[html])?;
        }
        maven::publish(artefact, &files, &self.repository)
    }

    /// A folder with our licence, and with the licences of the crates in native libraries: those of an artefact in [`notices`].
    fn licences(&self, artefact: &Artefact, notices: Option<&str>) -> Result<PathBuf, String> {
        let folder = self.built.join("licences").join(artefact.name);
        copy(&workspace().join("LICENSE"), &folder.join(LICENCE))?;
        if let Some(name) = notices {
            let notices = bindgen::folders()?.1.join("notices").join(name).with_extension("txt");
            copy(&notices, &folder.join(OF_OTHERS))?;
        }
        Ok(folder)
    }

    fn archive(&self, artefact: &Artefact, classifier: &str) -> PathBuf {
        self.built.join("archives").join(artefact.file_name(classifier))
    }

    /// Checks that no class is in two archives, JNA's included: Android's build refuses such an app, and a JVM takes either.
    pub(crate) fn check_classes(&self) -> Result<(), String> {
        let mut archives: Vec<_> = [CORE, JVM, TESTING].iter().map(|one| self.archive(one, "")).collect();
        archives.push(self.built.join("aar/classes.jar"));
        archives.push(self.built.join("jna.unpacked/classes.jar"));
        let mut homes = BTreeMap::new();
        for archive in &archives {
            for name in archive::list(archive)? {
                homes.entry(name).or_insert_with(Vec::new).push(archive);
            }
        }
        homes.retain(|name, _| name.ends_with(".class"));
        match homes.iter().find(|(_, archives)| archives.len() > 1) {
            Some((class, archives)) => Err(format!("{class} is in {archives:?}")),
            None if homes.len() < 500 => Err(format!("there are only {} classes in {archives:?}", homes.len())),
            None => Ok(()),
        }
    }
}
