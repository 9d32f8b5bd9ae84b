//! Signs users of Amazon Cognito user pools out of apps, and says honestly what was achieved.
//!
//! [`Auth`] is the handle: give it a session with [`Auth::store_session`], ask it for tokens, and sign out with
//! [`Auth::sign_out`], whose [`SignOutResult`] is data: complete, partial or failed. Call [`Auth::resume`] at launch.
//!
//! ```
//! use cognito_signout::{Auth, AuthConfig, SignOutOptions, SignOutResult, SignedInWith, Tokens};
//!
//! # #[cfg(all(feature = "keychain", feature = "rustls"))]
//! async fn an_evening(tokens: Tokens) -> Result<(), Box<dyn std::error::Error>> {
//!     let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado").build()?;
//!     let auth = Auth::new(config);
//!     for result in auth.resume().await?.settled {
//!         println!("an earlier sign-out: {result}");
//!     }
//!
//!     // The app signs the user in by whatever way it has, and gives the tokens.
//!     auth.store_session(tokens, SignedInWith::Api).await?;
//!     let access_token = auth.tokens().await?.access_token;
//!     // … requests with `access_token.reveal()` …
//!
//!     match auth.sign_out(SignOutOptions::local()).await {
//!         SignOutResult::Complete(complete) => println!("{complete}"),
//!         SignOutResult::Partial(partial) => {
//!             println!("{partial}");
//!             println!("once more: {}", auth.retry(&partial).await);
//!         }
//!         SignOutResult::Failed(failed) => println!("{failed}; {}", failed.error.recovery()),
//!     }
//!     # let _ = access_token;
//!     Ok(())
//! }
//! ```
//!
//! Who signed in at the hosted pages has a session in the browser too. [`HostedUi`] says where they are, [`WebPolicy`]
//! whether that session has to be ended, and a [`Browser`] does it; or the app itself, in two calls:
//! [`Auth::begin_sign_out`] and [`Auth::finish_sign_out`].
//!
//! | feature | default | what for |
//! |---|---|---|
//! | `browser` | yes | [`SystemBrowser`]: the system browser with a loopback listener, for desktops; not on Android and iOS |
//! | `keychain` | yes | [`vault::KeychainVault`]: the platform's keychain |
//! | `rustls` | yes | [`transport::RustlsTransport`]: HTTPS for desktops; not on Android |
//! | `ffi` | no | the facade that UniFFI carries to Swift and Kotlin; not for Rust apps |
//! | `admin` | no | [`admin::AdminClient`]: signs anyone out, with IAM credentials; for servers and desktops, not for phones |
//! | `test-util` | no | [`fake_cognito::FakeCognito`]: an in-process Cognito with faults to order, for tests |
//!
//! [`url`] and [`zeroize`], whose types are in signatures here, come along: an app needs no version of its own.
//!
//! The library emits `tracing` events and installs no subscriber. It needs a Tokio runtime with time enabled.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "admin")]
pub mod admin;
mod auth;
mod browser;
mod claims;
mod clock;
mod cognito;
mod config;
mod error;
mod events;
#[cfg(feature = "test-util")]
pub mod fake_cognito;
#[cfg(feature = "ffi")]
pub mod ffi;
mod json;
mod lock;
mod options;
mod record;
mod secret;
mod session;
mod sign_out;
#[cfg(any(feature = "ffi", test))]
mod spelling;
mod task;
pub mod transport;
mod url_policy;
pub mod vault;

pub use auth::{Auth, AuthBuilder, AuthError, Session, SessionState};
#[cfg(any(
    feature = "ffi",
    all(feature = "browser", not(any(target_os = "android", target_os = "ios")))
))]
pub use browser::ClosingTexts;
pub use browser::{
    Browser, BrowserCompletion, BrowserError, BrowserSession, BrowserSessionState, NextPage, Prompt, SessionHolder,
    WebVisit,
};
#[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
pub use browser::{SystemBrowser, SystemBrowserBuilder};
pub use claims::{Claims, ClaimsError};
pub use clock::{Clock, SystemClock};
pub use config::{
    AuthConfig, AuthConfigBuilder, ConfigError, HostedUi, HostedUiBuilder, LoginPage, ProviderLogout, RedirectUri,
    RevocationRoute, UnpaidRevocations,
};
pub use error::{ErrorCode, StepError, UnknownErrorCode};
pub use events::{AuthEvent, Events, SignedOutReason};
pub use options::{DEFAULT_BROWSER_DEADLINE, DEFAULT_DEADLINE, SignOutOptions, WebPolicy};
pub use secret::Secret;
pub use session::{AwsCredentials, Device, Identity, SignedInWith, Tokens};
pub use sign_out::{
    Complete, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError, Partial, Report, Residual, Resumed,
    RevokeTokenError, SignOutProgress, SignOutResult, Skip, StepStatus, Steps, TokenKind,
};

pub use url;
pub use zeroize;

#[cfg(feature = "ffi")]
uniffi::setup_scaffolding!();

/// The README's examples, so that they are compiled.
#[cfg(all(doctest, feature = "keychain", feature = "rustls"))]
#[doc = include_str!("../README.md")]
struct Readme;
