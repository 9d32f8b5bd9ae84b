//! The XCFramework: a folder with a framework for each slice, and lists of what is in them. It is written here and not by
//! `xcodebuild -create-xcframework`, so that it is tested where there is no Xcode, and is the same each time: Xcode's list
//! has no fixed order.

use std::path::{Path, PathBuf};

use super::property_list::{self, Value};
use super::slice::Slice;
use crate::files::{copy, copy_folder, link, write};
use crate::{VERSION, workspace};

/// The name of the C module, of the framework and of the library in it.
pub(crate) const NAME: &str = "CognitoSignOutFFI";
/// The privacy manifest: which of Apple's functions the library calls that need a reason, and the reason.
pub(crate) const PRIVACY: &str = "PrivacyInfo.xcprivacy";

/// A slice's library, ready to be packed.
#[derive(Debug, Clone)]
pub(crate) struct Linked {
    pub(crate) slice: &'static Slice,
    pub(crate) library: PathBuf,
    /// The folder with what a debugger needs to know of it.
    pub(crate) symbols: PathBuf,
}

/// The name under which apps load the library.
pub(crate) fn install_name(slice: &Slice) -> String {
    format!("@rpath/{}", binary(slice))
}

/// Where the library is, from the folder of the framework.
fn binary(slice: &Slice) -> String {
    let version = if slice.is_versioned { "Versions/A/" } else { "" };
    format!("{NAME}.framework/{version}{NAME}")
}

/// Puts the XCFramework into the folder. The folder must be empty.
pub(crate) fn assemble(folder: &Path, header: &Path, linked: &[Linked]) -> Result<(), String> {
    for linked in linked {
        let slice = folder.join(linked.slice.name());
        framework(&slice.join(format!("{NAME}.framework")), header, linked)?;
        let symbols = linked.symbols.file_name().unwrap_or_default();
        copy_folder(&linked.symbols, &slice.join("dSYMs").join(symbols))?;
    }
    write(&folder.join("Info.plist"), list(linked).as_bytes())
}

fn framework(folder: &Path, header: &Path, linked: &Linked) -> Result<(), String> {
    let (content, resources) = if linked.slice.is_versioned {
        (folder.join("Versions/A"), folder.join("Versions/A/Resources"))
    } else {
        (folder.to_owned(), folder.to_owned())
    };
    copy(&linked.library, &content.join(NAME))?;
    copy(header, &content.join(format!("Headers/{NAME}.h")))?;
    write(
        &content.join("Modules/module.modulemap"),
        module_map("framework ", NAME).as_bytes(),
    )?;
    write(&resources.join("Info.plist"), information(linked.slice).as_bytes())?;
    // The library calls the functions that it is about, and not the app's own code.
    let privacy = workspace()
        .join(crate::swift::PACKAGE)
        .join("Sources/CognitoSignOut")
        .join(PRIVACY);
    copy(&privacy, &resources.join(PRIVACY))?;
    if linked.slice.is_versioned {
        link("A", &folder.join("Versions/Current"))?;
        for name in [NAME, "Headers", "Modules", "Resources"] {
            link(&format!("Versions/Current/{name}"), &folder.join(name))?;
        }
    }
    Ok(())
}

/// The module map of a C module with one header. UniFFI's names Apple's own modules by `use`. Explicit modules, which
/// Xcode 26 builds by default, have reported those as errors (github.com/mozilla/uniffi-rs, issue 2917).
pub(crate) fn module_map(kind: &str, name: &str) -> String {
    format!("{kind}module {name} {{\n    header \"{name}.h\"\n    export *\n}}\n")
}

/// A framework's `Info.plist`: what the App Store and the system read. Nothing about the machine that built it.
fn information(slice: &Slice) -> String {
    property_list::file(vec![
        ("CFBundleDevelopmentRegion", "en".into()),
        ("CFBundleExecutable", NAME.into()),
        ("CFBundleIdentifier", "dev.cognitosignout.CognitoSignOutFFI".into()),
        ("CFBundleInfoDictionaryVersion", "6.0".into()),
        ("CFBundleName", NAME.into()),
        ("CFBundlePackageType", "FMWK".into()),
        ("CFBundleShortVersionString", VERSION.into()),
        (
            "CFBundleSupportedPlatforms",
            Value::List(vec![slice.bundle_platform.into()]),
        ),
        ("CFBundleVersion", VERSION.into()),
        ("DTPlatformName", slice.sdk.into()),
        (slice.minimum().0, slice.minimum().1.into()),
    ])
}

/// The XCFramework's `Info.plist`: SwiftPM and Xcode choose the slice by it.
fn list(linked: &[Linked]) -> String {
    let libraries = linked.iter().map(|linked| {
        let slice = linked.slice;
        let processors = slice.processors.iter().map(|(processor, _)| (*processor).into());
        let mut entries = vec![
            ("BinaryPath", binary(slice).as_str().into()),
            ("DebugSymbolsPath", "dSYMs".into()),
            ("LibraryIdentifier", slice.name().as_str().into()),
            ("LibraryPath", format!("{NAME}.framework").as_str().into()),
            ("SupportedArchitectures", Value::List(processors.collect())),
            ("SupportedPlatform", slice.platform.into()),
        ];
        entries.extend(
            slice
                .variant
                .map(|variant| ("SupportedPlatformVariant", variant.into())),
        );
        Value::Dictionary(entries)
    });
    property_list::file(vec![
        ("AvailableLibraries", Value::List(libraries.collect())),
        ("CFBundlePackageType", "XFWK".into()),
        ("XCFrameworkFormatVersion", "1.0".into()),
    ])
}

// Other systems have no links.
#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::env;
    use std::fs;

    use plist::Dictionary;

    use super::super::slice::SLICES;
    use super::*;
    use crate::files::text;

    /// An XCFramework of all slices, with files of text in place of libraries. Removed when dropped.
    struct Example(PathBuf);

    impl Example {
        fn new(name: &str) -> Self {
            let folder = env::temp_dir().join(format!("xtask-{name}-{}", std::process::id()));
            let symbols = folder.join("built").join(format!("{NAME}.framework.dSYM"));
            let (library, header) = (folder.join("built").join(NAME), folder.join("built/header.h"));
            write(&symbols.join("Contents/Info.plist"), b"symbols").unwrap();
            write(&library, b"library").unwrap();
            write(&header, b"header").unwrap();
            let linked: Vec<_> = SLICES
                .iter()
                .map(|slice| Linked {
                    slice,
                    library: library.clone(),
                    symbols: symbols.clone(),
                })
                .collect();
            assemble(&folder.join("X.xcframework"), &header, &linked).unwrap();
            Self(folder)
        }

        fn framework(&self, slice: &Slice) -> PathBuf {
            self.0
                .join("X.xcframework")
                .join(slice.name())
                .join(format!("{NAME}.framework"))
        }
    }

    impl Drop for Example {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn read_list(file: &Path) -> Dictionary {
        plist::Value::from_file(file).unwrap().into_dictionary().unwrap()
    }

    fn strings<'a>(list: &'a Dictionary, key: &str) -> Vec<&'a str> {
        list[key]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(plist::Value::as_string)
            .collect()
    }

    /// SwiftPM and Xcode choose by these keys, and look for the files that they name.
    #[test]
    fn the_xcframeworks_list_leads_to_each_slice() {
        let example = Example::new("list");
        let folder = example.0.join("X.xcframework");
        let list = read_list(&folder.join("Info.plist"));
        assert_eq!(list["CFBundlePackageType"].as_string(), Some("XFWK"));
        assert_eq!(list["XCFrameworkFormatVersion"].as_string(), Some("1.0"));
        let libraries: Vec<_> = list["AvailableLibraries"].as_array().unwrap().iter().collect();
        assert_eq!(libraries.len(), SLICES.len());
        for (library, slice) in libraries.into_iter().zip(SLICES) {
            let library = library.as_dictionary().unwrap();
            let path = |key: &str| folder.join(slice.name()).join(library[key].as_string().unwrap());
            assert_eq!(library["LibraryIdentifier"].as_string().unwrap(), slice.name());
            assert_eq!(text(&path("BinaryPath")).unwrap(), "library");
            assert!(path("LibraryPath").is_dir());
            let symbols = path("DebugSymbolsPath").join(format!("{NAME}.framework.dSYM/Contents/Info.plist"));
            assert_eq!(text(&symbols).unwrap(), "symbols");
            assert_eq!(library["SupportedPlatform"].as_string(), Some(slice.platform));
            let variant = library
                .get("SupportedPlatformVariant")
                .and_then(plist::Value::as_string);
            assert_eq!(variant, slice.variant);
            let processors: Vec<_> = slice.processors.iter().map(|(processor, _)| *processor).collect();
            assert_eq!(strings(library, "SupportedArchitectures"), processors);
        }
    }

    /// What `xcodebuild -create-xcframework` and the App Store's check refuse to do without.
    #[test]
    fn a_framework_says_what_it_is_and_for_which_system() {
        let example = Example::new("information");
        for slice in SLICES {
            let framework = example.framework(slice);
            let resources = if slice.is_versioned { "Resources/" } else { "" };
            let list = read_list(&framework.join(format!("{resources}Info.plist")));
            for (key, value) in [
                ("CFBundleExecutable", NAME),
                ("CFBundleIdentifier", "dev.cognitosignout.CognitoSignOutFFI"),
                ("CFBundlePackageType", "FMWK"),
                ("CFBundleShortVersionString", VERSION),
                ("CFBundleVersion", VERSION),
                ("DTPlatformName", slice.sdk),
            ] {
                assert_eq!(list[key].as_string(), Some(value), "{key}");
            }
            assert_eq!(strings(&list, "CFBundleSupportedPlatforms"), [slice.bundle_platform]);
            let minimum = match slice.platform {
                "xros" => ("MinimumOSVersion", "1.0"),
                _ if slice.is_versioned => ("LSMinimumSystemVersion", "12.0"),
                _ => ("MinimumOSVersion", "15.0"),
            };
            assert_eq!(list[minimum.0].as_string(), Some(minimum.1), "{}", slice.name());
            assert!(
                framework
                    .join(list["CFBundleExecutable"].as_string().unwrap())
                    .is_file()
            );
        }
    }

    #[test]
    fn a_framework_has_its_own_privacy_manifest() {
        let example = Example::new("privacy");
        let ours = workspace()
            .join(crate::swift::PACKAGE)
            .join("Sources/CognitoSignOut")
            .join(PRIVACY);
        for slice in SLICES {
            let resources = if slice.is_versioned { "Resources/" } else { "" };
            let inside = example.framework(slice).join(format!("{resources}{PRIVACY}"));
            assert_eq!(text(&inside).unwrap(), text(&ours).unwrap());
            assert!(read_list(&inside).contains_key("NSPrivacyAccessedAPITypes"));
        }
    }

    /// `use` lines stop a build under Xcode 26.
    #[test]
    fn a_frameworks_module_map_is_our_own() {
        let example = Example::new("map");
        for slice in SLICES {
            let framework = example.framework(slice);
            let map = text(&framework.join("Modules/module.modulemap")).unwrap();
            assert!(map.starts_with("framework module CognitoSignOutFFI {"), "{map}");
            assert!(!map.split_whitespace().any(|word| word == "use"), "{map}");
            assert_eq!(text(&framework.join(format!("Headers/{NAME}.h"))).unwrap(), "header");
        }
        assert!(module_map("", "Other").starts_with("module Other {\n    header \"Other.h\"\n"));
    }

    #[test]
    fn a_macs_framework_keeps_its_files_in_a_version_and_links_to_them() {
        let example = Example::new("versions");
        for slice in SLICES {
            let framework = example.framework(slice);
            assert_eq!(framework.join("Versions").is_dir(), slice.is_versioned);
            let mut names: Vec<_> = fs::read_dir(&framework)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            names.sort();
            if slice.is_versioned {
                assert_eq!(names, [NAME, "Headers", "Modules", "Resources", "Versions"]);
                for name in &names[..4] {
                    let link = fs::read_link(framework.join(name)).unwrap();
                    assert_eq!(link, Path::new("Versions/Current").join(name));
                }
                assert_eq!(
                    fs::read_link(framework.join("Versions/Current")).unwrap(),
                    Path::new("A")
                );
            } else {
                assert_eq!(names, [NAME, "Headers", "Info.plist", "Modules", PRIVACY]);
            }
        }
    }
}
