//! Sessions that another library has stored, read so that an app can move here without signing anyone out.
//!
//! An app gives what it finds in the other library's store, as [`StoredItems`]. [`Layout::read`] returns an [`AdoptedSession`],
//! and [`Auth::adopt`](crate::Auth::adopt) puts it on record. Nothing here writes, and nothing touches the other store.
//!
//! ```
//! use cognito_signout::adopt::{AdoptError, Layout, StoredItems};
//! use cognito_signout::AuthConfig;
//!
//! let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado").build()?;
//! let store = StoredItems::from_iter([(
//!     "amplify.eu-central-1_AbCdEf123.session".to_owned(),
//!     r#"{"noCredentials":{}}"#.into(),
//! )]);
//! assert_eq!(Layout::AmplifySwift.read(&store, &config, None), Err(AdoptError::NobodySignedIn));
//! # Ok::<(), cognito_signout::ConfigError>(())
//! ```

mod android;
mod error;
mod flutter;
mod items;
mod js;
mod mobile_client;
mod namespace;
mod parts;
mod place;
mod reading;
mod swift;

pub use error::AdoptError;
pub use items::StoredItems;
use reading::Reading;

use crate::claims::Claims;
use crate::config::AuthConfig;
use crate::session::{Device, Identity, SignedInWith, Tokens};

/// A user's session as another library has stored it.
///
/// For a store that no [`Layout`] describes, make one with [`new`](Self::new) and set the other fields.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AdoptedSession {
    /// The three tokens of the user pool. [`Auth::adopt`](crate::Auth::adopt) checks them.
    pub tokens: Tokens,
    /// How the user signed in.
    pub signed_in_with: SignedInWith,
    /// The username: the one in the tokens, otherwise the one in the store. Device keys belong to it.
    pub username: Option<String>,
    /// The user's identity in the identity pool.
    pub identity: Option<Identity>,
    /// The device that Cognito remembers for this user. The password is empty if the store has none.
    pub device: Option<Device>,
    /// The identity provider that the user signed in through: its name in the user pool if the ID token has it, otherwise as the
    /// store has it. Only for the app to see: a sign-out reads the ID token.
    pub provider: Option<String>,
}

impl AdoptedSession {
    /// A session with these tokens. Username and provider are read from the tokens; there is no identity and no device.
    pub fn new(tokens: Tokens, signed_in_with: SignedInWith) -> Self {
        let claims = |token| Claims::from_jwt(token).ok();
        let (access, id) = (claims(&tokens.access_token), claims(&tokens.id_token));
        let username = |claims: &Claims| claims.username().map(str::to_owned);
        Self {
            username: access.as_ref().and_then(username).or(id.as_ref().and_then(username)),
            provider: id.and_then(|claims| claims.identity_provider().map(str::to_owned)),
            tokens,
            signed_in_with,
            identity: None,
            device: None,
        }
    }
}

/// Where another library keeps a session, and how it writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "ffi", derive(uniffi::Enum))]
#[non_exhaustive]
pub enum Layout {
    /// Amplify Swift v2. The items are the keychain's generic passwords of the service `com.amplify.awsCognitoAuthPlugin`
    /// (`com.amplify.awsCognitoAuthPluginShared` with an access group), by account.
    AmplifySwift,
    /// Amplify Android v2. The items are the entries of its `EncryptedSharedPreferences` after decryption.
    AmplifyAndroid,
    /// Amplify Flutter. The items are the entries of its secure storage, namespace `com.amplify.awsCognitoAuthPlugin`.
    AmplifyFlutter,
    /// Amplify JS v5 and v6. The items are the entries of `localStorage` or `AsyncStorage`, or the cookies.
    AmplifyJs,
    /// AWSMobileClient on iOS. The items are the keychain's generic passwords, by account, of three services:
    /// `<bundle id>.AWSCognitoIdentityUserPool`, `<bundle id>.AWSCognitoCredentialsProvider.<identity pool id>` and the one that
    /// ends with `.AWSMobileClient`.
    AwsMobileClientIos,
    /// AWSMobileClient on Android. The items are the entries of four preference files after decryption:
    /// `CognitoIdentityProviderCache`, `com.amazonaws.android.auth`, `com.amazonaws.mobile.client`, and of
    /// `CognitoIdentityProviderDeviceCache.<user pool id>.<username>` with the file's name and a dot before each key.
    AwsMobileClientAndroid,
}

impl Layout {
    /// All layouts.
    pub const ALL: [Self; 6] = [
        Self::AmplifySwift,
        Self::AmplifyAndroid,
        Self::AmplifyFlutter,
        Self::AmplifyJs,
        Self::AwsMobileClientIos,
        Self::AwsMobileClientAndroid,
    ];

    /// The layout's name, such as `amplify-swift`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AmplifySwift => "amplify-swift",
            Self::AmplifyAndroid => "amplify-android",
            Self::AmplifyFlutter => "amplify-flutter",
            Self::AmplifyJs => "amplify-js",
            Self::AwsMobileClientIos => "aws-mobile-client-ios",
            Self::AwsMobileClientAndroid => "aws-mobile-client-android",
        }
    }

    /// Reads the session of the user pool and the app client in `config`. `identity_pool_id` is the identity pool that the app
    /// used with the other library, if it used one.
    ///
    /// # Errors
    /// [`AdoptError`]: the store has no session of a user, or it cannot be read. The error names the place in the store, with
    /// `<user>` instead of the username, and nothing of the content.
    pub fn read(
        self,
        items: &StoredItems,
        config: &AuthConfig,
        identity_pool_id: Option<&str>,
    ) -> Result<AdoptedSession, AdoptError> {
        self.reading(items, config, identity_pool_id).0
    }

    /// The names of the items that make up the session, in the order in which to remove them once it is on record. They are those that
    /// [`read`](Self::read) reads, and those that describe the session, such as when a token expires. There are none if the store has no
    /// user's session.
    ///
    /// If a removal in this order is cut short, this names what is left. So a store that is not whole is no error here, in the layouts
    /// that have an item for each part.
    ///
    /// # Errors
    /// [`AdoptError::Missing`] and [`AdoptError::Invalid`] if there is a session that cannot be read: keep that store.
    pub fn names_to_forget(
        self,
        items: &StoredItems,
        config: &AuthConfig,
        identity_pool_id: Option<&str>,
    ) -> Result<Vec<String>, AdoptError> {
        let has_parts = !matches!(self, Self::AmplifySwift | Self::AmplifyAndroid);
        let (found, names) = self.reading(items, config, identity_pool_id);
        match found {
            Ok(_) => {}
            Err(AdoptError::NobodySignedIn | AdoptError::Missing { .. }) if has_parts => {}
            Err(error @ (AdoptError::Missing { .. } | AdoptError::Invalid { .. })) => return Err(error),
            Err(_) => return Ok(Vec::new()),
        }
        // What is read first decides whether there is a session: it goes last.
        Ok(names.into_iter().rev().map(str::to_owned).collect())
    }

    /// What is found, and the names of the items that were read for it.
    fn reading<'a>(
        self,
        items: &'a StoredItems,
        config: &AuthConfig,
        identity_pool_id: Option<&str>,
    ) -> (Result<AdoptedSession, AdoptError>, Vec<&'a str>) {
        let read = match self {
            Self::AmplifySwift => swift::read,
            Self::AmplifyAndroid => android::read,
            Self::AmplifyFlutter => flutter::read,
            Self::AmplifyJs => js::read,
            Self::AwsMobileClientIos => mobile_client::read_ios,
            Self::AwsMobileClientAndroid => mobile_client::read_android,
        };
        let app = App {
            user_pool_id: config.user_pool_id(),
            client_id: config.client_id(),
            identity_pool_id,
        };
        let items = Reading::new(items);
        let found = read(&items, &app);
        (found, items.names())
    }
}

/// Whose session is read.
struct App<'a> {
    user_pool_id: &'a str,
    client_id: &'a str,
    identity_pool_id: Option<&'a str>,
}
