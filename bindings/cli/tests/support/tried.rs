//! The program that the tests run.

use std::env;
use std::ffi::OsString;

/// The one that cargo has built for the tests, or another one that this variable names: `cargo xtask consume programs` tries those
/// that people download.
pub(crate) fn program() -> OsString {
    env::var_os("COGNITO_SIGNOUT_PROGRAM").unwrap_or_else(|| env!("CARGO_BIN_EXE_cognito-signout").into())
}
