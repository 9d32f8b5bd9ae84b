//! The browser's session: the hosted pages' URLs as pure values, and the step that ends it.

mod provider;
mod redirect_uri;
mod settings;
mod urls;

pub use provider::ProviderLogout;
pub use redirect_uri::RedirectUri;
pub use settings::{HostedUi, HostedUiBuilder};
pub use urls::{LoginPage, Prompt};
