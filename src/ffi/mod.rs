//! The facade that UniFFI carries to Swift and Kotlin: the crate's own types and calls in forms that can cross, and
//! nothing more. Rust apps do not need it, and the packages in `bindings/` hide it behind APIs of their platforms' kind.
//!
//! - Calls run on one runtime of the crate's own, in tasks of their own: a caller that goes away stops nothing half-way.
//! - What the host implements ([`HttpTransport`], [`Browser`], [`Vault`], [`EventListener`]) is called on threads that may
//!   block, without a lock held: it may call back. What it throws is an error like any other, and its text goes nowhere.
//! - Secrets cross as objects, which print as redacted. Times cross as milliseconds, since 1970 where they are points in
//!   time: Android has no `java.time` before API level 26.
//! - No name is a keyword of Swift or Kotlin, and no error has a field `message`.
//! - The same API on every platform and with every feature, so that one set of generated files fits every library.

mod auth;
mod browser;
mod config;
mod error;
mod events;
mod live;
mod outcome;
mod runtime;
mod secret;
mod session;
mod system_browser;
mod time;
mod transport;
mod vault;

pub use auth::{Auth, Ports, SignOutOptions};
pub use browser::{Browser, BrowserCompletion, BrowserError, NextPage};
pub use config::{AuthConfig, ConfigOptions, HostedUi, LoginPage, ProviderLogout, SignOutUri, UnpaidRevocations};
pub use error::{AuthError, HostError, Problem, Setting};
pub use events::{EventListener, Subscription};
pub use live::live_objects;
pub use outcome::{
    BrowserAnswer, GlobalSignOutError, HostedUiError, LocalCleanupError, PartialSignOut, Report, Residual, Resumed,
    RevokeTokenError, SignOutProgress, SignOutResult, StepStatus, Steps, WebVisit,
};
pub use secret::Secret;
pub use session::{AwsCredentials, Device, Identity, Session, SessionState, Tokens};
pub use system_browser::SystemBrowser;
pub use transport::{ExchangeCompletion, HttpHeader, HttpRequest, HttpResponse, HttpTransport, TransportError};
pub use vault::{KeychainOptions, Vault, VaultChoice, VaultError, ask_to_unlock_keychain};
