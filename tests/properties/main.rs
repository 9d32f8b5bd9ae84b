//! What is valid is read as it was written, for generated values. What is not valid: the fuzz targets of `fuzz/`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

mod claims;
mod config;
mod refusal;

use proptest::prelude::ProptestConfig;

/// 256 cases of each property, or what `PROPTEST_CASES` says. Failures are not kept in files: a case that fails prints
/// itself, and belongs into a unit test.
fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}
