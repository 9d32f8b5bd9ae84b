//! The bundle that Maven Central's Portal takes: a Maven repository as one zip, with checksums and signatures.

pub(crate) mod checksums;
mod rules;
pub(crate) mod signing;

use std::path::{Path, PathBuf};

use crate::archive;
use crate::files::{copy, read, remove, write};

pub(crate) use signing::Signer;

/// Adds checksums and a signature to each file of a repository, and packs all of it.
pub(crate) fn bundle(repository: &Path, zip: &Path, signer: &Signer) -> Result<(), String> {
    let signed = zip.with_extension("signed");
    remove(&signed)?;
    for name in archive::files(repository)? {
        let file = signed.join(&name);
        copy(&repository.join(&name), &file)?;
        let content = read(&file)?;
        for (extension, checksum) in checksums::ALL {
            write(
                &signed.join(format!("{name}.{extension}")),
                checksum(&content).as_bytes(),
            )?;
        }
        signer.sign(&file)?;
    }
    archive::pack(zip, None, &[&signed])?;
    remove(&signed)
}

/// Opens a bundle and checks it by Maven Central's rules. The error names each rule that is broken.
pub(crate) fn check(zip: &Path, signer: &Signer) -> Result<(), String> {
    let unpacked = unpack(zip)?;
    let mut files = Vec::new();
    for name in archive::files(&unpacked)? {
        files.push((name.clone(), read(&unpacked.join(name))?));
    }
    let size = read(zip)?.len() as u64;
    let is_signed = |name: &str| signer.verify(&unpacked.join(name)).is_ok();
    let broken = rules::broken(size, &files.into_iter().collect(), &is_signed);
    if broken.is_empty() {
        return Ok(());
    }
    Err(format!(
        "Maven Central would refuse {}:\n- {}",
        zip.display(),
        broken.join("\n- ")
    ))
}

/// Unpacks a bundle as a repository, which Maven and Gradle take as it is.
pub(crate) fn unpack(zip: &Path) -> Result<PathBuf, String> {
    remove(&zip.with_extension("unpacked"))?;
    archive::unpack(zip)
}
