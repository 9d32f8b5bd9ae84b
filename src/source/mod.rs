//! Another library's store on a desktop: a session is found in it, adopted, and then forgotten there.
//!
//! | store | how to read it |
//! |---|---|
//! | Amplify Flutter on Linux: libsecret | `AmplifyFlutterOnLinux` (feature `keychain`) |
//! | Amplify Flutter on Windows: a file that DPAPI protects | `AmplifyFlutterOnWindows` (feature `keychain`) |
//! | Amplify Flutter on macOS | the Swift package: `AmplifySession.find` |
//! | Amplify JS in Tauri, Electron and other web views: `localStorage` | the page gives it: see below |
//! | any other | implement [`Source`] |
//!
//! Nothing here reads a web view's own files: Chromium keeps `localStorage` in LevelDB, WebKit in SQLite, each in a form that changes with
//! its version, and a running web view holds them open. Let the page call `JSON.stringify(localStorage)` and hand the text to the
//! program: [`StoredItems::from_json`] and [`Layout::AmplifyJs`] read it, and [`Layout::names_to_forget`] names what the page removes
//! afterwards with `localStorage.removeItem`.
//!
//! ```
//! # use cognito_signout::source::{self, Source, SourceError};
//! # use cognito_signout::{Auth, AuthConfig, SessionState};
//! async fn at_launch(auth: &Auth, config: &AuthConfig, store: &impl Source) -> Result<(), SourceError> {
//!     if auth.session().await == SessionState::SignedOut {
//!         let Some(found) = source::find(store, config, None)? else { return Ok(()) };
//!         let adoption = auth.adopt(found).await;
//!         println!("{adoption:?}");
//!     }
//!     // Not before a refresh has shown that the session lives here: `tokens` would ask nobody as long as the old ones are valid.
//!     if auth.refresh().await.is_ok() {
//!         source::forget_source(store, config, None)?;
//!     }
//!     Ok(())
//! }
//! ```

#[cfg(all(feature = "keychain", any(windows, test)))]
mod file;
#[cfg(all(feature = "keychain", unix, not(any(target_vendor = "apple", target_os = "android"))))]
mod linux;
#[cfg(all(feature = "keychain", windows))]
mod windows;

use crate::adopt::{AdoptError, AdoptedSession, Layout, StoredItems};
use crate::config::AuthConfig;
use crate::error::ErrorCode;
use crate::vault::VaultError;

#[cfg(all(feature = "keychain", unix, not(any(target_vendor = "apple", target_os = "android"))))]
pub use linux::AmplifyFlutterOnLinux;
#[cfg(all(feature = "keychain", windows))]
pub use windows::AmplifyFlutterOnWindows;

/// Another library's store, which this program can read and remove from. The calls may block.
pub trait Source {
    /// How the other library writes it.
    fn layout(&self) -> Layout;

    /// Everything in the store, after decryption.
    ///
    /// # Errors
    /// [`VaultError`]. A store that is locked or cannot be decrypted is an error, never an empty store.
    fn items(&self) -> Result<StoredItems, VaultError>;

    /// Removes one item. Removing an absent one succeeds.
    ///
    /// # Errors
    /// [`VaultError`]; the item is then still there.
    fn remove(&self, name: &str) -> Result<(), VaultError>;
}

/// Why another library's store gave no session, or still has one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// The store cannot be read now. This does not mean that nobody was signed in.
    #[error(transparent)]
    Store(#[from] VaultError),
    /// The store has no session that can be adopted, or one that cannot be read.
    #[error(transparent)]
    Session(#[from] AdoptError),
    /// Some of the session's items could not be removed. Call [`forget_source`] again.
    #[error("{} items of the other library's session could not be removed: {why}", left.len())]
    NotRemoved {
        /// The names of the items that are still there. They can contain the username.
        left: Vec<String>,
        /// Why the first of them is.
        why: VaultError,
    },
}

impl SourceError {
    /// This error's stable code.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Store(why) | Self::NotRemoved { why, .. } => why.code(),
            Self::Session(why) => why.code(),
        }
    }
}

/// Finds the session of the app client in `config`. `None`: nobody is signed in there. The store is not changed.
///
/// # Errors
/// [`SourceError::Store`], [`SourceError::Session`]: for example [`AdoptError::Guest`].
pub fn find(
    source: &(impl Source + ?Sized),
    config: &AuthConfig,
    identity_pool_id: Option<&str>,
) -> Result<Option<AdoptedSession>, SourceError> {
    match source.layout().read(&source.items()?, config, identity_pool_id) {
        Ok(session) => Ok(Some(session)),
        Err(AdoptError::NobodySignedIn) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Removes the session of the app client in `config` from the other library's store, and nothing else. Afterwards [`find`] finds none.
/// Call it once the session is on record here and a refresh has shown that it lives: see [`Auth::adopt`](crate::Auth::adopt).
///
/// It removes whatever session of this app client is there now, and can be called at each launch: if there is none, it changes
/// nothing, and if an earlier call was cut short, it removes what that has left. A guest's identity stays.
///
/// # Errors
/// [`SourceError::NotRemoved`] names what is still there. [`SourceError::Store`] and [`SourceError::Session`] if the store cannot be
/// read; nothing was removed then.
pub fn forget_source(
    source: &(impl Source + ?Sized),
    config: &AuthConfig,
    identity_pool_id: Option<&str>,
) -> Result<(), SourceError> {
    let items = source.items()?;
    let names = source.layout().names_to_forget(&items, config, identity_pool_id)?;
    for (at, name) in names.iter().enumerate() {
        // Not on to the next one: what says that there is a session goes last, so that the next call finds the rest.
        source.remove(name).map_err(|why| SourceError::NotRemoved {
            left: names[at..].to_vec(),
            why,
        })?;
    }
    Ok(())
}
