//! The artefacts for Maven and Gradle: one bundle, as Maven Central's Portal takes it.

mod consumers;

use std::path::{Path, PathBuf};

use super::{Built, Part, Plan};
use crate::aar;
use crate::central::{self, Signer};
use crate::files::{copy, copy_folder, remove};
use crate::kotlin::{self, OF_THIS_MACHINE};
use crate::natives::{Natives, of_this_machine};
use crate::packages::Packages;

pub(crate) const PART: Part = Part {
    name: "maven",
    build,
    consume: Some(consumers::run),
};

const BUNDLE: &str = "central-bundle.zip";

type Missing = Vec<(&'static str, String)>;

fn build(plan: &Plan) -> Result<Built, String> {
    // First: the builds take minutes.
    let signer = match plan.dry_run {
        true => Signer::throw_away()?,
        false => Signer::from_environment()?,
    };
    let generated = kotlin::generate()?;
    let mut missing = Missing::new();
    let this_machine = of_this_machine();
    let mut desktops = Natives::Jvm.kept()?;
    for desktop in Natives::Jvm.missing()? {
        let why = "the library for the jar: cargo xtask kotlin, on such a system";
        missing.push((desktop, why.into()));
        if desktop == this_machine {
            desktops.push((desktop, generated.library.clone()));
        }
    }
    kotlin::stage_in_jar(&generated.target, &desktops)?;
    let androids = for_android(&generated.library, &mut missing)?;

    let all = kotlin::packages(&generated.target);
    let packages = Packages {
        repository: all.built.join("released"),
        ..all
    };
    // What an earlier run has left is not part of this one.
    remove(&packages.repository)?;
    kotlin::compile(&generated.target, "core,testing,android", packages.documented)?;
    packages.publish_jars()?;
    packages.publish_aar(&androids)?;
    aar::check_jna(&packages.built.join("jna.aar"))?;
    packages.check_classes()?;

    let zip = packages.built.join("central").join(BUNDLE);
    central::bundle(&packages.repository, &zip, &signer)?;
    central::check(&zip, &signer)?;
    let (to, unsigned) = (plan.folder.join(BUNDLE), plan.folder.join("repository"));
    copy(&zip, &to)?;
    copy_folder(&packages.repository, &unsigned)?;
    Ok(Built {
        files: vec![
            (
                unsigned,
                "jars, AAR and BOM as a Maven repository, to look at and to compare",
            ),
            (
                to.clone(),
                "the same with checksums and signatures, for Maven Central's Portal",
            ),
        ],
        differs: vec![to],
        missing,
        ..Built::default()
    })
}

/// The libraries in the AAR: the NDK's, or what stands in for them here.
fn for_android(library_of_this_machine: &Path, missing: &mut Missing) -> Result<Vec<(&'static str, PathBuf)>, String> {
    let absent = Natives::Android.missing()?;
    if absent.is_empty() {
        return Natives::Android.kept();
    }
    let why = "the library for the AAR: cargo xtask android, with the NDK";
    missing.extend(absent.into_iter().map(|abi| (abi, why.into())));
    let stand_ins = Natives::AndroidWithoutNdk.kept()?;
    Ok(match stand_ins.is_empty() {
        true => vec![(OF_THIS_MACHINE, library_of_this_machine.to_owned())],
        false => stand_ins,
    })
}
