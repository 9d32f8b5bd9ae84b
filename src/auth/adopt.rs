//! A session that another library has stored, put on record here.

use super::check::{is_same_sign_in, sign_in_name};
use super::{Auth, AuthError};
use crate::adopt::AdoptedSession;
use crate::events::AuthEvent;
use crate::record::{Late, StoredSession};

/// What became of a session that was to be adopted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Adoption {
    /// The session is on record now: the user is signed in.
    Adopted,
    /// A session was on record already. It is untouched, and the other one was not read any further.
    AlreadySignedIn,
    /// This session was on record here before, and has ended: it was signed out, for example. It stays signed out, and nothing
    /// was stored. Remove it from the other library's store.
    AlreadySignedOut,
    /// Nothing was stored. [`AuthError::InvalidInput`]: the tokens are not a session of this app client.
    /// [`AuthError::Vault`]: the keychain could not be read or written; call again later.
    Refused(AuthError),
}

impl Auth {
    /// Puts a session that another library has stored on record, with its identity and its device: nobody has to sign in again.
    /// Sends the event [`SignedIn`](AuthEvent::SignedIn). A session that is on record already wins, even an expired one. Asks
    /// no server.
    ///
    /// Everything is one write. If the app is killed before it, the next launch can call this again; after it, the next call
    /// returns [`AlreadySignedIn`](Adoption::AlreadySignedIn). The other library's store is never touched.
    ///
    /// The record remembers which sign-in was adopted last, also after a sign-out. So a session that the other library's store
    /// still has is not adopted again: that call returns [`AlreadySignedOut`](Adoption::AlreadySignedOut). Only
    /// [`purge_local`](Self::purge_local) makes the record forget it.
    ///
    /// To verify the session, call [`refresh`](Self::refresh) afterwards. Not before: if the app client rotates refresh tokens, a
    /// refresh makes the stored one invalid, and an app that is killed then would lose the session. Once new tokens are on record,
    /// remove the other library's session.
    ///
    /// ```
    /// # use cognito_signout::adopt::{AdoptError, Layout, StoredItems};
    /// # use cognito_signout::{Adoption, Auth, AuthConfig};
    /// # fn remove_amplifys_session() {}
    /// async fn move_in(auth: &Auth, config: &AuthConfig, store: &StoredItems) -> Result<(), AdoptError> {
    ///     let found = match Layout::AmplifySwift.read(store, config, None) {
    ///         // Nobody was signed in.
    ///         Err(AdoptError::NobodySignedIn) => return Ok(()),
    ///         found => found?,
    ///     };
    ///     match auth.adopt(found).await {
    ///         // Keep Amplify's store, and try again at the next launch.
    ///         Adoption::Refused(why) => eprintln!("not adopted: {why}"),
    ///         Adoption::AlreadySignedOut => remove_amplifys_session(),
    ///         _ => match auth.refresh().await {
    ///             Ok(_) => remove_amplifys_session(),
    ///             // The session is dead: ask the user to sign in again. Or offline: verify at the next launch.
    ///             Err(why) => eprintln!("not verified: {why}"),
    ///         },
    ///     }
    ///     Ok(())
    /// }
    /// ```
    pub async fn adopt(&self, session: AdoptedSession) -> Adoption {
        let AdoptedSession {
            tokens,
            signed_in_with,
            username,
            identity,
            device,
            provider: _,
        } = session;
        let username = match self.check(&tokens) {
            Ok(claims) => claims.username().map(str::to_owned).or(username),
            Err(error) => return Adoption::Refused(error),
        };
        let sign_in = sign_in_name(&tokens);
        let adoption = self.update(Late::Undo, move |record| {
            if record.session.is_some() {
                return (Adoption::AlreadySignedIn, None);
            }
            let mut owed = record.pending.iter();
            if record.adopted.as_ref() == Some(&sign_in) || owed.any(|debt| is_same_sign_in(&debt.held.tokens, &tokens))
            {
                return (Adoption::AlreadySignedOut, None);
            }
            record.adopted = Some(sign_in.clone());
            if let Some((username, device)) = username.clone().zip(device) {
                record.devices.insert(username, device.into());
            }
            record.generation = record.generation.wrapping_add(1);
            record.session = Some(StoredSession {
                tokens,
                signed_in_with,
                username,
                expired: false,
                end_reason: None,
                identity: identity.map(Into::into),
                unknown: Default::default(),
            });
            (Adoption::Adopted, Some(AuthEvent::SignedIn))
        });
        adoption.await.unwrap_or_else(Adoption::Refused)
    }
}
