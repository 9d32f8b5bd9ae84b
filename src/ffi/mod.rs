//! The facade that UniFFI carries to Swift and Kotlin: the crate's own types and calls in forms that can cross. It has no
//! logic. Rust apps do not need it, and the packages in `bindings/` hide it behind APIs in each platform's style.
//!
//! # How a type crosses
//!
//! A core type derives UniFFI's trait where it is declared (`cfg_attr(feature = "ffi", derive(uniffi::…))`). A type that
//! UniFFI does not know, or that crosses as text, is a `custom_type!` in `custom.rs`. Only these have a second form here. Each
//! has one conversion for each direction in which it crosses: results only go out, settings and options only come in.
//!
//! - a type that contains a `Duration` or a `SystemTime`, and a type that contains such a type. Times cross as milliseconds
//!   (points in time since 1970): UniFFI would use `java.time`, which Android has from API level 26;
//! - a type that the core builds with a builder or keeps opaque (the configuration, the keychain's settings);
//! - a type with wiped bytes or pairs, which UniFFI does not have (HTTP requests and responses);
//! - `AuthError`, since each of its cases must carry the code, the text and the recovery.
//!
//! # Rules
//!
//! - Calls run on the crate's own runtime, in their own tasks. A caller that stops waiting does not stop them.
//! - The host implements [`HttpTransport`], [`Browser`], [`Vault`], [`AppStepRunner`], [`EventListener`] and [`StateListener`].
//!   They are called on threads that may block, and no lock is held, so they may call back. An exception becomes an ordinary error without its text.
//! - Secrets cross as objects that print as redacted.
//! - No name is a reserved keyword of Swift or Kotlin: an app would have to write it in backticks. Words that are keywords only
//!   in some places (`open`, `required`) need none. No error has a field `message`.
//! - The API is the same on every platform and with every feature, so that one set of generated files fits every library.

mod adopt;
mod app_steps;
mod auth;
mod browser;
mod config;
#[cfg(all(target_os = "android", panic = "abort"))]
mod crash_report;
mod custom;
mod error;
mod events;
mod live;
mod outcome;
mod report;
pub(crate) mod runtime;
mod scope;
mod secret;
mod session;
mod sessions;
mod system_browser;
mod time;
mod transport;
mod vault;
mod verify;

pub use adopt::{AdoptError, AdoptedSession, Adoption, store_problem};
pub use app_steps::{AppStep, AppStepCompletion, AppStepFailure, AppStepRunner};
pub use auth::{Auth, Ports, SignOutOptions};
pub use browser::{Browser, BrowserCompletion};
pub use config::{AuthConfig, ConfigOptions, HostedUi, LoginPage, ProviderLogout, SignOutUri, UnpaidRevocations};
pub use error::{AuthError, HostError, Problem, Setting};
pub use events::{EventListener, StateListener, Subscription};
pub use live::live_objects;
pub use outcome::{BrowserAnswer, PartialSignOut, Report, Residual, Resumed, SignOutProgress, SignOutResult};
pub use scope::SessionScope;
pub use secret::SecretObject;
pub use session::{AwsCredentials, Identity, Session, SessionState};
pub use sessions::{EndedSession, PartialSignOutOthers, SignOutOthersResult, UserSession};
pub use system_browser::SystemBrowser;
pub use transport::{ExchangeCompletion, HttpHeader, HttpRequest, HttpResponse, HttpTransport};
pub use vault::{KeychainOptions, Vault, VaultChoice, ask_to_unlock_keychain};
pub use verify::{RemoteSignOut, Verification, classify, classify_www_authenticate};
