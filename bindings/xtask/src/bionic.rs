//! Runs the library for Android's arm64 on a machine without Android: emulated, on Android's own C library (bionic, of API 23).
//!
//! unidbg brings the C library, and emulates the processor. See bindings/kotlin/bionic.

use crate::aar::ABIS;
use crate::face::Face;
use crate::process::run_aloud;
use crate::tools::MAVEN;
use crate::{android, bindgen, kotlin, ndk_stand_in, size};

/// Builds the library as it is in the AAR of `cargo xtask android --stand-in`, measures it, and runs it.
pub(crate) fn check() -> Result<(), String> {
    MAVEN.require()?;
    let arm64 = &ABIS[..1];
    let natives = android::build_for_aar(&ndk_stand_in::make(arm64)?, arm64)?;
    size::measure_libraries(Face::UniFfi, &natives)?;
    kotlin::generate()?;
    run_aloud(kotlin::maven(&bindgen::folders()?.1).args([
        "test",
        "--activate-profiles",
        "bionic",
        "--projects",
        "core,bionic",
        // The Flutter plugin's library has another test.
        "-Dtest=LibraryTest",
        // Not the tests of the other module.
        "-Dmaven.test.skip",
    ]))
}
