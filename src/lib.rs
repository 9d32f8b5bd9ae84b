//! Signs users of Amazon Cognito user pools out of apps, and says honestly what was achieved.
//!
//! [`Auth`] is the handle: give it a session with [`Auth::store_session`], ask it for tokens, and sign out with
//! [`Auth::sign_out`], whose [`SignOutResult`] is data: complete, partial or failed. Call [`Auth::resume`] at launch.
//!
//! Who signed in at the hosted pages has a session in the browser too. [`HostedUi`] says where they are, [`WebPolicy`]
//! whether that session has to be ended, and a [`Browser`] does it; or the app itself, in two calls:
//! [`Auth::begin_sign_out`] and [`Auth::finish_sign_out`].
//!
//! | feature | default | what for |
//! |---|---|---|
//! | `browser` | yes | `SystemBrowser`: the system browser with a loopback listener, for desktops; not on Android and iOS |
//! | `keychain` | yes | `vault::KeychainVault`: the platform's keychain |
//! | `rustls` | yes | `transport::RustlsTransport`: HTTPS for desktops; not on Android |
//! | `ffi` | no | `ffi`: the facade that UniFFI carries to Swift and Kotlin; not for Rust apps |
//! | `admin` | no | `admin::AdminClient`: signs anyone out, with IAM credentials; for servers and desktops, not for phones |
//! | `test-util` | no | `fake_cognito::FakeCognito`: an in-process Cognito with faults to order, for tests |
//!
//! The library emits `tracing` events and installs no subscriber. It needs a Tokio runtime with time enabled.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "admin")]
pub mod admin;
mod auth;
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
mod hosted_ui;
mod json;
mod refresh;
mod secret;
mod session;
mod sign_out;
mod single_flight;
#[cfg(any(feature = "ffi", test))]
mod spelling;
mod task;
pub mod transport;
pub mod vault;

pub use auth::{Auth, AuthBuilder, AuthError};
pub use claims::{Claims, ClaimsError};
pub use clock::{Clock, SystemClock};
pub use config::{AuthConfig, AuthConfigBuilder, ConfigError, RevocationRoute, UnpaidRevocations};
pub use error::{ErrorCode, StepError, UnknownErrorCode};
pub use events::{AuthEvent, Events, SignedOutReason};
pub use hosted_ui::{
    Browser, BrowserCompletion, BrowserError, BrowserSession, BrowserSessionState, HostedUi, HostedUiBuilder,
    LoginPage, NextPage, Prompt, ProviderLogout, RedirectUri, SessionHolder,
};
#[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
pub use hosted_ui::{SystemBrowser, SystemBrowserBuilder};
pub use secret::Secret;
pub use session::{AwsCredentials, Device, Identity, Session, SessionState, SignedInWith, Tokens};
pub use sign_out::{
    Complete, DEFAULT_BROWSER_DEADLINE, DEFAULT_DEADLINE, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError,
    Partial, Report, Residual, Resumed, RevokeTokenError, SignOutOptions, SignOutProgress, SignOutResult, Skip,
    StepStatus, Steps, TokenKind, WebPolicy, WebVisit,
};

#[cfg(feature = "ffi")]
uniffi::setup_scaffolding!();

/// The README's examples, so that they are compiled.
#[cfg(all(doctest, feature = "keychain", feature = "rustls"))]
#[doc = include_str!("../README.md")]
struct Readme;
