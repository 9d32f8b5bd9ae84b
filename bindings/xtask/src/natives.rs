//! The libraries of a release, in `target/natives`. No machine can build all of them: each keeps its own here, and the one that
//! releases gets those of the others into the same places.

use std::env::consts::{ARCH, OS};
use std::path::{Path, PathBuf};

use crate::aar::{ABIS, LIBRARY};
use crate::bindgen;
use crate::files::copy;

/// The folders of a jar where JNA looks for a library, and what it looks for.
const DESKTOPS: &[(&str, &str)] = &[
    ("linux-x86-64", "libcognito_signout.so"),
    ("linux-aarch64", "libcognito_signout.so"),
    ("darwin-aarch64", "libcognito_signout.dylib"),
    ("darwin-x86-64", "libcognito_signout.dylib"),
    ("win32-x86-64", "cognito_signout.dll"),
];

/// What an artefact carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Natives {
    /// The jar, for desktops and servers.
    Jvm,
    /// The AAR.
    Android,
    /// The AAR, but built without the NDK: nothing that is published has them.
    AndroidWithoutNdk,
}

impl Natives {
    fn folder(self) -> Result<PathBuf, String> {
        let name = match self {
            Self::Jvm => "jvm",
            Self::Android => "android",
            Self::AndroidWithoutNdk => "android-without-ndk",
        };
        Ok(bindgen::folders()?.1.join("natives").join(name))
    }

    /// The place of each library: its folder in the archive, and its file.
    fn all(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Jvm => DESKTOPS.to_vec(),
            Self::Android | Self::AndroidWithoutNdk => ABIS.iter().map(|(abi, _)| (*abi, LIBRARY)).collect(),
        }
    }

    /// Keeps a library for a release.
    pub(crate) fn keep(self, place: &str, library: &Path) -> Result<(), String> {
        let name = library.file_name().ok_or("the library has no name")?;
        copy(library, &self.folder()?.join(place).join(name))
    }

    /// Each that is there, with its place.
    pub(crate) fn kept(self) -> Result<Vec<(&'static str, PathBuf)>, String> {
        let folder = self.folder()?;
        let all = self.all().into_iter();
        let all = all.map(|(place, file)| (place, folder.join(place).join(file)));
        Ok(all.filter(|(_, library)| library.is_file()).collect())
    }

    /// The places of those that are not there.
    pub(crate) fn missing(self) -> Result<Vec<&'static str>, String> {
        let kept = self.kept()?;
        let all = self.all().into_iter().map(|(place, _)| place);
        Ok(all
            .filter(|place| kept.iter().all(|(there, _)| there != place))
            .collect())
    }
}

/// Where JNA looks for this machine's library, in a jar: `com.sun.jna.Platform.RESOURCE_PREFIX`.
pub(crate) fn of_this_machine() -> String {
    jna_prefix(OS, ARCH)
}

fn jna_prefix(os: &str, arch: &str) -> String {
    let os = match os {
        "macos" => "darwin",
        "windows" => "win32",
        other => other,
    };
    let arch = match arch {
        "x86_64" => "x86-64",
        other => other,
    };
    format!("{os}-{arch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_library_lies_where_jna_looks() {
        let systems = [
            ("linux", "x86_64"),
            ("linux", "aarch64"),
            ("macos", "aarch64"),
            ("macos", "x86_64"),
            ("windows", "x86_64"),
        ];
        let prefixes = systems.map(|(os, arch)| jna_prefix(os, arch));
        let places: Vec<_> = DESKTOPS.iter().map(|(place, _)| *place).collect();
        assert_eq!(prefixes.as_slice(), places);
    }
}
