//! What several layouts have in common.

use std::time::{Duration, SystemTime};

use aws_smithy_types::date_time::{DateTime, Format};

use super::AdoptError;
use super::reading::Reading;
use crate::claims::Claims;
use crate::secret::Secret;
use crate::session::{AwsCredentials, Device, Identity, SignedInWith, Tokens};

/// The tokens, each an item of its own whose name is the token's name after `prefix`. `None` if there is none of them. `place` is
/// the prefix without the username.
pub(super) fn tokens(items: &Reading<'_>, prefix: &str, place: &str) -> Result<Option<Tokens>, AdoptError> {
    let names = ["accessToken", "idToken", "refreshToken"];
    let found = names.map(|name| items.get(&format!("{prefix}{name}")));
    if found.iter().all(Option::is_none) {
        return Ok(None);
    }
    let [access, id, refresh] = [0, 1, 2].map(|at| {
        let missing = || AdoptError::missing(format!("{place}{}", names[at]));
        found[at].cloned().ok_or_else(missing)
    });
    Ok(Some(Tokens::new(access?, id?, refresh?)))
}

/// An identity with its credentials. Credentials that are not complete are left out: the identity pool gives new ones.
pub(super) fn identity(
    id: &str,
    access_key_id: Option<&str>,
    secrets: [Option<Secret>; 2],
    expires: Option<SystemTime>,
) -> Identity {
    let [secret_access_key, session_token] = secrets;
    let credentials = access_key_id.zip(secret_access_key).zip(session_token).zip(expires);
    let credentials =
        credentials.map(|(((key, secret), session), expires)| AwsCredentials::new(key, secret, session, expires));
    Identity::new(id, credentials)
}

/// A device whose parts are items of their own. Without a password it is of use for refreshes alone.
pub(super) fn device(items: &Reading<'_>, key: &str, group_key: &str, password: &str) -> Option<Device> {
    let (key, group_key) = (items.text(key)?, items.text(group_key)?);
    let password = items.get(password).cloned().unwrap_or_else(|| Secret::from(""));
    Some(Device::new(key, group_key, password))
}

/// A time as seconds since 1970. `None` if no clock can represent it.
pub(super) fn since_1970(seconds: f64) -> Option<SystemTime> {
    let since = Duration::try_from_secs_f64(seconds).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(since)
}

/// A time as text (RFC 3339).
pub(super) fn date(text: &str) -> Option<SystemTime> {
    let date = DateTime::from_str(text, Format::DateTime).ok()?;
    SystemTime::try_from(date).ok()
}

/// How the user signed in, from the access token's scopes, for a library that does not store it. Cognito's API gives the scope
/// `aws.cognito.signin.user.admin` alone; the hosted pages give those that the app has requested.
pub(super) fn signed_in_with(tokens: &Tokens) -> SignedInWith {
    let claims = Claims::from_jwt(&tokens.access_token).ok();
    let has_others = claims.is_some_and(|claims| {
        let mut scopes = claims.scopes();
        scopes.any(|scope| scope != "aws.cognito.signin.user.admin")
    });
    match has_others {
        true => SignedInWith::HostedUi,
        false => SignedInWith::Api,
    }
}
