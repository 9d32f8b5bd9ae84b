//! Signs users of Amazon Cognito user pools out of apps, and says honestly what was achieved.
//!
//! [`Auth`] is the handle: give it a session with [`Auth::store_session`], ask it for tokens, and sign out with
//! [`Auth::sign_out`], whose [`SignOutResult`] is data: complete, partial or failed. Call [`Auth::resume`] at launch.
//!
//! | feature | default | what for |
//! |---|---|---|
//! | `keychain` | yes | `vault::KeychainVault`: the platform's keychain |
//! | `rustls` | yes | `transport::RustlsTransport`: HTTPS for desktops; not on Android |
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
mod refresh;
mod secret;
mod session;
mod sign_out;
mod single_flight;
pub mod transport;
pub mod vault;

pub use auth::{Auth, AuthBuilder, AuthError};
pub use claims::{Claims, ClaimsError};
pub use clock::{Clock, SystemClock};
pub use config::{AuthConfig, AuthConfigBuilder, ConfigError, UnpaidRevocations};
pub use error::{ErrorCode, StepError};
pub use events::{AuthEvent, Events, SignedOutReason};
pub use secret::Secret;
pub use session::{AwsCredentials, Device, Identity, Session, SessionState, SignedInWith, Tokens};
pub use sign_out::{
    Complete, DEFAULT_DEADLINE, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError, Partial, Report,
    Residual, RevokeTokenError, SignOutOptions, SignOutResult, Skip, StepStatus, Steps, TokenKind, WebPolicy,
};

/// The README's examples, so that they are compiled.
#[cfg(all(doctest, feature = "keychain", feature = "rustls"))]
#[doc = include_str!("../README.md")]
struct Readme;
