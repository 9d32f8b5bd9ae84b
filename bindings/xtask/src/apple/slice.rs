//! The systems that the XCFramework has a framework for.

/// The frameworks of the XCFramework, one for each kind of system.
pub(crate) const SLICES: &[Slice] = &[
    Slice {
        platform: "ios",
        variant: None,
        processors: &[("arm64", "aarch64-apple-ios")],
        sdk: "iphoneos",
        bundle_platform: "iPhoneOS",
        oldest: IOS,
        is_versioned: false,
        is_required: true,
    },
    Slice {
        platform: "ios",
        variant: Some("simulator"),
        processors: &[("arm64", "aarch64-apple-ios-sim"), ("x86_64", "x86_64-apple-ios")],
        sdk: "iphonesimulator",
        bundle_platform: "iPhoneSimulator",
        oldest: IOS,
        is_versioned: false,
        is_required: true,
    },
    Slice {
        platform: "macos",
        variant: None,
        processors: &[("arm64", "aarch64-apple-darwin"), ("x86_64", "x86_64-apple-darwin")],
        sdk: "macosx",
        bundle_platform: "MacOSX",
        oldest: MACOS,
        is_versioned: true,
        is_required: true,
    },
    Slice {
        platform: "ios",
        variant: Some("maccatalyst"),
        processors: &[
            ("arm64", "aarch64-apple-ios-macabi"),
            ("x86_64", "x86_64-apple-ios-macabi"),
        ],
        sdk: "macosx",
        bundle_platform: "MacOSX",
        oldest: IOS,
        is_versioned: true,
        is_required: false,
    },
    Slice {
        platform: "xros",
        variant: None,
        processors: &[("arm64", "aarch64-apple-visionos")],
        sdk: "xros",
        bundle_platform: "XROS",
        oldest: VISION,
        is_versioned: false,
        is_required: false,
    },
    Slice {
        platform: "xros",
        variant: Some("simulator"),
        processors: &[("arm64", "aarch64-apple-visionos-sim")],
        sdk: "xrsimulator",
        bundle_platform: "XRSimulator",
        oldest: VISION,
        is_versioned: false,
        is_required: false,
    },
];

/// The oldest systems. `Package.swift` names the same ones.
const IOS: Oldest = Oldest {
    variable: "IPHONEOS_DEPLOYMENT_TARGET",
    version: "15.0",
};
const MACOS: Oldest = Oldest {
    variable: "MACOSX_DEPLOYMENT_TARGET",
    version: "12.0",
};
const VISION: Oldest = Oldest {
    variable: "XROS_DEPLOYMENT_TARGET",
    version: "1.0",
};

/// The oldest version of a system that the library runs on.
#[derive(Debug)]
pub(crate) struct Oldest {
    /// Where Rust's compiler reads it.
    pub(crate) variable: &'static str,
    pub(crate) version: &'static str,
}

/// One framework of the XCFramework. It can hold code for several processors.
#[derive(Debug)]
pub(crate) struct Slice {
    /// As the XCFramework's `Info.plist` names it, and clang.
    pub(crate) platform: &'static str,
    pub(crate) variant: Option<&'static str>,
    /// Apple's names for the processors, each with Rust's target.
    pub(crate) processors: &'static [(&'static str, &'static str)],
    /// As `xcrun` names it.
    pub(crate) sdk: &'static str,
    /// As the framework's `Info.plist` names it.
    pub(crate) bundle_platform: &'static str,
    pub(crate) oldest: Oldest,
    /// Whether the framework keeps its files in `Versions/A`, as on a Mac.
    pub(crate) is_versioned: bool,
    /// Whether there is no XCFramework without it. The Rust targets of the others are younger, and not every toolchain has them.
    pub(crate) is_required: bool,
}

impl Slice {
    /// The folder's name, as Xcode makes it.
    pub(crate) fn name(&self) -> String {
        let processors: Vec<_> = self.processors.iter().map(|(processor, _)| *processor).collect();
        let variant = self.variant.map(|variant| format!("-{variant}")).unwrap_or_default();
        format!("{}-{}{variant}", self.platform, processors.join("_"))
    }

    /// Whether a Flutter app can be built for the system.
    pub(crate) fn is_for_flutter(&self) -> bool {
        matches!(
            (self.platform, self.variant),
            ("ios", None | Some("simulator")) | ("macos", None)
        )
    }

    /// What clang calls the system, with the oldest version.
    pub(crate) fn clang_target(&self, processor: &str) -> String {
        let suffix = match self.variant {
            Some("maccatalyst") => "-macabi",
            Some(_) => "-simulator",
            None => "",
        };
        format!("{processor}-apple-{}{}{suffix}", self.platform, self.oldest.version)
    }

    /// The oldest system, by its name in `Info.plist`. On a Mac it is macOS's version: iOS 15 in Catalyst is macOS 12.
    pub(crate) fn minimum(&self) -> (&'static str, &'static str) {
        if self.is_versioned {
            ("LSMinimumSystemVersion", MACOS.version)
        } else {
            ("MinimumOSVersion", self.oldest.version)
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::files::text;
    use crate::swift::PACKAGE;
    use crate::workspace;

    /// `.iOS(.v15)` for 15.0.
    #[test]
    fn the_manifest_names_the_oldest_systems_of_the_slices_and_no_others() {
        let manifest = text(&workspace().join(PACKAGE).join("Package.swift")).unwrap_or_default();
        let platforms = manifest
            .split_once("platforms: [")
            .and_then(|(_, rest)| rest.split_once(']'))
            .map_or("", |(platforms, _)| platforms);
        let named: BTreeSet<_> = platforms.split(", ").map(str::to_owned).collect();
        let built: BTreeSet<_> = SLICES
            .iter()
            .map(|slice| {
                let system = match (slice.platform, slice.variant) {
                    (_, Some("maccatalyst")) => "macCatalyst",
                    ("ios", _) => "iOS",
                    ("macos", _) => "macOS",
                    _ => "visionOS",
                };
                format!(".{system}(.v{})", slice.oldest.version.trim_end_matches(".0"))
            })
            .collect();
        assert_eq!(named, built);
    }

    #[test]
    fn names_are_those_that_xcode_makes() {
        let names: Vec<_> = SLICES.iter().map(Slice::name).collect();
        assert_eq!(
            names,
            [
                "ios-arm64",
                "ios-arm64_x86_64-simulator",
                "macos-arm64_x86_64",
                "ios-arm64_x86_64-maccatalyst",
                "xros-arm64",
                "xros-arm64-simulator",
            ]
        );
        assert_eq!(SLICES[3].clang_target("x86_64"), "x86_64-apple-ios15.0-macabi");
        assert_eq!(SLICES[5].clang_target("arm64"), "arm64-apple-xros1.0-simulator");
    }
}
