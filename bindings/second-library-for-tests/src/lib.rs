//! Another UniFFI library with some of the same names. An app may load both, and they must not clash.

// What UniFFI's macros generate is `extern "C"`, and says so.
#![allow(unsafe_code, reason = "in what UniFFI generates; there is none of ours")]

use std::sync::Arc;

uniffi::setup_scaffolding!();

/// A foreign trait with a name that `cognito-signout` has, too.
#[uniffi::export(with_foreign)]
pub trait Browser: Send + Sync {
    /// A name for `number`.
    fn name(&self, number: u32) -> String;
}

/// An object with a name that `cognito-signout` has, too.
#[derive(uniffi::Object)]
pub struct Auth {
    browser: Arc<dyn Browser>,
}

#[uniffi::export]
impl Auth {
    /// Around the host's object.
    #[uniffi::constructor]
    pub fn new(browser: Arc<dyn Browser>) -> Arc<Self> {
        Arc::new(Self { browser })
    }

    /// Asks the host, in a future.
    pub async fn session(&self, number: u32) -> String {
        self.browser.name(number)
    }
}
