//! The app's own push message that says that a user was signed out at the server.

use serde::Deserialize;
use serde_json::Value;

use super::{Auth, Verification};
use crate::claims::Claims;
use crate::record::Record;

/// What became of a push message, from [`Auth::remote_sign_out`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RemoteSignOut {
    /// The message is not about a sign-out, or it cannot be read. Nothing has happened.
    NotRecognized,
    /// It is about another user or another session than the one on record, or nobody is signed in. Nothing has happened.
    OtherSession,
    /// It is about the session on record, and Cognito was asked about that session: the answer is that of [`Auth::verify`].
    Verified(Verification),
}

/// The member `cognito_signout` of a message.
#[derive(Deserialize)]
struct About {
    sub: String,
    origin_jti: Option<String>,
}

impl About {
    /// APNs carries JSON, FCM only strings: the member is an object, or the text of one.
    fn in_message(message: &str) -> Option<Self> {
        #[derive(Deserialize)]
        struct Message {
            cognito_signout: Value,
        }
        let message: Message = serde_json::from_str(message).ok()?;
        let about: Self = match message.cognito_signout {
            Value::String(text) => serde_json::from_str(&text).ok()?,
            Value::Object(members) => serde_json::from_value(Value::Object(members)).ok()?,
            _ => return None,
        };
        (!about.sub.is_empty()).then_some(about)
    }

    /// Whether it is about the session on record. Refreshed tokens keep `origin_jti`. Tokens without it belong to an app client
    /// without token revocation: then the user alone decides.
    fn names_session_of(&self, record: &Record) -> bool {
        let session = record.session.as_ref();
        let claims = session.and_then(|session| Claims::from_jwt(&session.tokens.access_token).ok());
        claims.is_some_and(|claims| {
            let is_this_one = |origin_jti| self.origin_jti.as_deref().is_none_or(|named| named == origin_jti);
            claims.subject() == Some(self.sub.as_str()) && claims.origin_jti().is_none_or(is_this_one)
        })
    }
}

impl Auth {
    /// Takes the push message by which the app's server says that it has signed the user out (`AdminUserGlobalSignOut`). If the
    /// message is about the session on record, Cognito is asked, as [`verify`](Self::verify) does, and what `verify` does happens.
    /// The message alone does nothing: a push can be forged, late, or meant for the last user of the device.
    ///
    /// `message` is the whole message as JSON. Its member `cognito_signout` is an object, or a string with that object's JSON, as
    /// in FCM's `data`:
    ///
    /// | member | meaning |
    /// |---|---|
    /// | `sub` | the user's `sub`; required |
    /// | `origin_jti` | only this session of the user: the claim of the same name in its tokens |
    ///
    /// Other members are ignored. The guide [`remote_sign_out`](crate::guides::remote_sign_out) has the whole recipe, with the
    /// server and both push services.
    ///
    /// ```
    /// # use cognito_signout::{Auth, RemoteSignOut, SignOutOptions, Verification};
    /// async fn push_received(auth: &Auth, message: &str) {
    ///     match auth.remote_sign_out(message).await {
    ///         RemoteSignOut::Verified(Verification::Ended(_)) => drop(auth.sign_out(SignOutOptions::local()).await),
    ///         RemoteSignOut::Verified(_) => println!("verify again when the app comes to the front"),
    ///         _ => println!("another message, or another user's"),
    ///     }
    /// }
    /// ```
    pub async fn remote_sign_out(&self, message: &str) -> RemoteSignOut {
        let Some(about) = About::in_message(message) else {
            return RemoteSignOut::NotRecognized;
        };
        match self.record().await {
            Ok(record) if about.names_session_of(&record) => {
                RemoteSignOut::Verified(self.verify_session_of(record).await)
            }
            Ok(_) => RemoteSignOut::OtherSession,
            Err(error) => RemoteSignOut::Verified(Verification::Unknown(error)),
        }
    }
}
