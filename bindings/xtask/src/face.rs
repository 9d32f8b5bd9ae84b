//! Which functions an app's library has: those of the Swift package and the AAR, or those of the Flutter plugin. The linker drops what
//! only the others reach.

use std::path::PathBuf;

use crate::bindgen::{FEATURES, Generated};
use crate::c::HEADER;
use crate::workspace;

/// Cargo's profile for a library that does not unwind.
pub(crate) const AAR: &str = "aar";

/// One of the library's two C ABIs. No library for phones has both: the second would add 8 to 9 %.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Face {
    /// UniFFI's, for the code that it generates.
    UniFfi,
    /// The one of `src/c_abi`, for the Dart package.
    C,
}

impl Face {
    /// Cargo's arguments.
    pub(crate) fn features(self) -> &'static [&'static str] {
        match self {
            Self::UniFfi => FEATURES,
            Self::C => &["--no-default-features", "--features", "c-abi"],
        }
    }

    /// Cargo's profile for Android. A panic of the AAR's library ends the app, which makes it a third smaller. The C ABI answers with
    /// a status (docs/decisions/0004-size-and-panics.md).
    pub(crate) fn android_profile(self) -> &'static str {
        match self {
            Self::UniFfi => AAR,
            Self::C => "mobile",
        }
    }

    /// How the names of its functions begin.
    pub(crate) fn starts(self) -> &'static [&'static str] {
        match self {
            Self::UniFfi => &["uniffi_", "ffi_"],
            Self::C => &["cs_"],
        }
    }

    /// Whether a function is one of its own.
    pub(crate) fn has(self, function: &str) -> bool {
        self.starts().iter().any(|start| function.starts_with(start))
    }

    /// Whether its library is compiled with a function, exported or not. The C ABI stands on UniFFI's, and not the other way round.
    pub(crate) fn is_compiled_with(self, function: &str) -> bool {
        self == Self::C || !Self::C.has(function)
    }

    /// What declares its functions.
    pub(crate) fn header(self, generated: &Generated) -> PathBuf {
        match self {
            Self::UniFfi => generated.swift("CognitoSignOutFFI.h"),
            Self::C => workspace().join(HEADER),
        }
    }
}
