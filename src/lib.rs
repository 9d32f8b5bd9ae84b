//! Signs users of Amazon Cognito user pools out of apps, and reports exactly what it achieved.
//!
//! [`Auth`] is the handle. Give it a session with [`Auth::store_session`], ask it for [`tokens`](Auth::tokens), and sign
//! out with [`Auth::sign_out`]. The [`SignOutResult`] is data: complete, partial or failed. Call [`Auth::resume`] at
//! launch: it finishes what earlier sign-outs left.
//!
//! ```
//! use cognito_signout::{Auth, AuthConfig, SignOutOptions, SignOutResult};
//!
//! # #[cfg(all(feature = "keychain", feature = "rustls"))]
//! # async fn launch_and_sign_out() -> Result<(), Box<dyn std::error::Error>> {
//! let auth = Auth::new(AuthConfig::builder("eu-central-1_AbCdEf123", "1h57kf5cpq17m0eml12EXAMPLE").build()?);
//! for earlier in auth.resume().await?.settled {
//!     println!("an earlier sign-out: {earlier}"); // if it is partial, this says whether it is tried again by itself
//! }
//! match auth.sign_out(SignOutOptions::local()).await {
//!     SignOutResult::Complete(complete) => println!("{complete}"),
//!     SignOutResult::Partial(partial) => println!("{partial}; retried: {}", auth.retry(&partial).await),
//!     SignOutResult::Failed(failed) => println!("{failed}; {}", failed.error.recovery()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Where to go on
//!
//! - [What a sign-out returns](guides::results): how to handle [`Partial`], which tokens it carries, what is `kept`, and
//!   the [`Report`] as JSON.
//! - [The browser and identity providers](guides::browser_and_providers), for users who sign in at the hosted pages:
//!   [`HostedUi`] names the pages, [`WebPolicy`] says whether the browser's session must end, a [`Browser`] ends it; or
//!   the app itself does, in two calls: [`Auth::begin_sign_out`] and [`Auth::finish_sign_out`].
//! - [Sessions](guides::sessions), for user pools that track them: [`WebPolicy::ByRevocation`] ends the browser's session
//!   without a page, [`Auth::sessions`] lists where the user is signed in, [`Auth::sign_out_others`] ends the rest.
//! - [The app's own steps](guides::app_steps): [`AppStep`] is carried out by every sign-out, while a token still works or
//!   afterwards; [`Auth::session_scope`] ends what must end with the session.
//! - [The JVM and desktops](guides::jvm_and_desktop): where the record is stored, several handles and processes.
//! - [Administrators and servers](guides::administrators): sign out one user or all, with IAM credentials.
//! - [The nine promises](guides::promises) and how they are proved; [the limits](guides::limits).
//! - [A sign-out at the server](guides::remote_sign_out) that reaches the app at once: [`Auth::remote_sign_out`],
//!   [`Auth::verify`], and the [`EndReason`].
//! - [iOS](guides::ios), [Android](guides::android), [moving from Amplify](guides::moving_from_amplify).
//!
//! # Features
//!
//! | feature | default | what for |
//! |---|---|---|
//! | `browser` | yes | [`SystemBrowser`]: the system browser with a loopback listener, for desktops; not on Android and iOS |
//! | `keychain` | yes | [`vault::KeychainVault`]: the platform's keychain |
//! | `rustls` | yes | [`transport::RustlsTransport`]: HTTPS for desktops; not on Android |
//! | `adopt` | no | [`adopt`]: reads the session that Amplify or AWSMobileClient has stored, so that an app moves without signing anyone out, and [`source`], the stores on desktops; part of `ffi` |
//! | `ffi` | no | the facade that UniFFI carries to Swift and Kotlin; not for Rust apps |
//! | `admin` | no | [`admin::AdminClient`]: signs anyone out, with IAM credentials; for servers and desktops, not for phones |
//! | `test-util` | no | [`fake_cognito::FakeCognito`]: an in-process Cognito with faults to order, for tests |
//!
//! The crates [`url`] and [`zeroize`] are re-exported: their types are in signatures here.
//!
//! The library emits `tracing` events and installs no subscriber. It needs a Tokio runtime with time enabled.

#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(feature = "admin")]
pub mod admin;
#[cfg(feature = "adopt")]
pub mod adopt;
mod app_reason;
mod auth;
mod browser;
// Also for the tests and the fuzz targets, which have no set of features of their own for it.
#[cfg(any(feature = "c-abi", all(feature = "ffi", any(feature = "test-util", fuzzing))))]
pub mod c_abi;
mod claims;
mod clock;
mod cognito;
mod config;
mod end_reason;
mod error;
mod events;
#[cfg(feature = "test-util")]
pub mod fake_cognito;
#[cfg(feature = "ffi")]
pub mod ffi;
#[cfg(any(all(doc, not(doctest)), all(doctest, feature = "keychain", feature = "rustls")))]
pub mod guides;
mod json;
mod lock;
mod options;
mod record;
mod secret;
mod session;
mod sign_out;
#[cfg(feature = "adopt")]
pub mod source;
#[cfg(any(feature = "ffi", test))]
mod spelling;
mod stream;
mod task;
pub mod transport;
mod url_policy;
pub mod vault;

/// What the fuzz targets read by a private function. Not for apps.
#[cfg(any(feature = "test-util", fuzzing))]
#[doc(hidden)]
pub mod fuzzing {
    #[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
    pub use crate::browser::loopback_request;
    #[cfg(feature = "keychain")]
    pub use crate::vault::vault_with_entry_limit;
}

pub use app_reason::AppReason;
#[cfg(feature = "adopt")]
pub use auth::Adoption;
pub use auth::{
    Auth, AuthBuilder, AuthError, EndedSession, RemoteSignOut, Resumed, Session, SessionState, SessionStates,
    SignOutOthersComplete, SignOutOthersFailed, SignOutOthersPartial, SignOutOthersResult, SignOutProgress,
    Verification,
};
pub use browser::{
    Browser, BrowserCompletion, BrowserError, BrowserSession, BrowserSessionState, ClosingTexts, NextPage, Prompt,
    SessionHolder, WebVisit,
};
#[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
pub use browser::{SystemBrowser, SystemBrowserBuilder};
pub use claims::{Claims, ClaimsError};
pub use clock::{Clock, SystemClock};
pub use cognito::{Refusal, SessionKind, UserSession};
pub use config::{
    AuthConfig, AuthConfigBuilder, ConfigError, HostedUi, HostedUiBuilder, LoginPage, ProviderLogout, RedirectUri,
    RevocationRoute, UnpaidRevocations,
};
pub use end_reason::EndReason;
pub use error::{ErrorCode, StepError, UnknownErrorCode};
pub use events::{AuthEvent, Events, SignedOutReason};
pub use options::{DEFAULT_BROWSER_DEADLINE, DEFAULT_DEADLINE, SignOutOptions, WebPolicy};
pub use secret::Secret;
pub use session::{AwsCredentials, Device, Identity, SignedInWith, Tokens};
pub use sign_out::{
    AppStep, AppStepError, AppStepReport, Complete, DEFAULT_STEP_TIME, Failed, GlobalSignOutError, HostedUiError,
    LeavingSession, LocalCleanupError, Partial, Phase, Report, Residual, RevokeTokenError, SignOutResult, Skip,
    StepStatus, Steps, TokenKind, TokenState,
};

pub use tokio_util::sync::CancellationToken;
pub use url;
pub use zeroize;

#[cfg(feature = "ffi")]
uniffi::setup_scaffolding!();

/// The README's examples, so that they are compiled.
#[cfg(all(doctest, feature = "keychain", feature = "rustls"))]
#[doc = include_str!("../README.md")]
struct Readme;
