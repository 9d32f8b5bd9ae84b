//! The browser's session: the hosted pages' URLs as pure values, and the step that ends it.

mod browser;
#[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
mod desktop;
mod discovery;
mod plan;
mod provider;
mod redirect_uri;
mod sessions;
mod settings;
mod step;
mod urls;
mod visit;

pub use browser::{Browser, BrowserCompletion, BrowserError, NextPage};
#[cfg(all(feature = "browser", not(any(target_os = "android", target_os = "ios"))))]
pub use desktop::{SystemBrowser, SystemBrowserBuilder};
pub(crate) use plan::Planner;
pub use provider::ProviderLogout;
pub use redirect_uri::RedirectUri;
pub(crate) use sessions::prompt_after;
pub use sessions::{BrowserSession, BrowserSessionState, SessionHolder};
pub use settings::{HostedUi, HostedUiBuilder};
pub(crate) use step::WebStep;
pub use urls::{LoginPage, Prompt};
pub(crate) use visit::{Arrival, Place, Visit, sessions_after};
