//! AWSMobileClient, the library before Amplify v2, on iOS and on Android: each part of the session is an item of its own.
//!
//! iOS, from aws-sdk-ios 00276fd (`AWSCognitoIdentityProvider/AWSCognitoIdentityUser.m`) and from amplify-swift 1973345, which
//! migrates it (`…/Actions/CredentialStore/MigrateLegacyCredentialStore.swift`): tokens are named by app client, devices by user
//! pool.
//!
//! Android, from aws-sdk-android 48b1f99 (`CognitoUser.java`, `util/CognitoDeviceHelper.java`, `AWSMobileClient.java`,
//! `CognitoCachingCredentialsProvider.java`) and from amplify-android 6b8bd6a, which migrates it
//! (`…/auth/cognito/data/AWSCognitoLegacyCredentialStore.kt`).

use super::parts::{device, identity, signed_in_with, since_1970, tokens};
use super::reading::Reading;
use super::{AdoptError, AdoptedSession, App};
use crate::session::SignedInWith;

/// Seconds since 1970 are below this, milliseconds are above.
const LAST_SECOND: f64 = 100_000_000_000.0;

pub(super) fn read_ios(items: &Reading<'_>, app: &App<'_>) -> Result<AdoptedSession, AdoptError> {
    let client = app.client_id;
    let mut adopted = None;
    let stored = items.text(&format!("{client}.currentUser"));
    if let Some(username) = stored {
        let of_user = format!("{client}.{username}.");
        adopted = tokens(items, &of_user, "<client id>.<user>.")?.map(|tokens| {
            items.note(&of_user, &["tokenExpiration", "scopes"]);
            let signed_in_with = match items.text("federationProvider") {
                Some("hostedUI") => SignedInWith::HostedUi,
                Some(_) => SignedInWith::Api,
                None => signed_in_with(&tokens),
            };
            AdoptedSession::new(tokens, signed_in_with)
        });
    }
    let Some(mut adopted) = adopted else {
        return Err(match () {
            () if stored.is_none() && items.has_like("", ".currentUser") => AdoptError::OtherConfiguration {
                place: "<other client id>.currentUser",
            },
            () if items.text("loginsMap").is_some_and(|logins| logins != "{}") => AdoptError::Federated,
            () if items.get("identityId").is_some() => AdoptError::Guest,
            () => AdoptError::NobodySignedIn,
        });
    };
    let usernames = [adopted.username.as_deref(), stored].into_iter().flatten();
    let places = usernames.flat_map(|username| [app.user_pool_id, client].map(|id| format!("{id}.{username}.device.")));
    adopted.device = places.into_iter().find_map(|place| {
        let name = |part| format!("{place}{part}");
        device(items, &name("id"), &name("group"), &name("secret"))
    });
    if let Some(id) = items.text("identityId") {
        let secrets = ["secretKey", "sessionKey"].map(|name| items.get(name).cloned());
        let expires = items.text("expiration").and_then(|text| since_1970(text.parse().ok()?));
        adopted.identity = Some(identity(id, items.text("accessKey"), secrets, expires));
    }
    adopted.username = adopted.username.or(stored.map(str::to_owned));
    Ok(adopted)
}

pub(super) fn read_android(items: &Reading<'_>, app: &App<'_>) -> Result<AdoptedSession, AdoptError> {
    let of_client = format!("CognitoIdentityProvider.{}", app.client_id);
    let of_pool = |name: &str| items.get(&format!("{}.{name}", app.identity_pool_id?));
    let text_of_pool = |name| of_pool(name).map(|value| value.reveal());
    let stored = items.text(&format!("{of_client}.LastAuthUser"));
    let mut adopted = None;
    if let Some(username) = stored {
        let of_user = format!("{of_client}.{username}.");
        adopted = tokens(items, &of_user, "CognitoIdentityProvider.<client id>.<user>.")?.map(|tokens| {
            items.note(&of_user, &["tokenExpiration", "tokenScopes"]);
            // `token` is a copy of the ID token.
            items.note("", &["provider", "token"]);
            let signed_in_with = match items.text("signInMode") {
                Some("0") => SignedInWith::Api,
                Some("2") => SignedInWith::HostedUi,
                // 1 is for both: AWSMobileClient sets it after each sign-in whose tokens go to an identity pool.
                _ => signed_in_with(&tokens),
            };
            AdoptedSession::new(tokens, signed_in_with)
        });
    }
    let Some(mut adopted) = adopted else {
        return Err(match () {
            () if stored.is_none() && items.has_like("CognitoIdentityProvider.", ".LastAuthUser") => {
                AdoptError::OtherConfiguration {
                    place: "CognitoIdentityProvider.<other client id>.LastAuthUser",
                }
            }
            () if items.get("token").is_some() && items.text("provider").is_some_and(is_federated) => {
                AdoptError::Federated
            }
            () if of_pool("identityId").is_some() => AdoptError::Guest,
            () => AdoptError::NobodySignedIn,
        });
    };
    let usernames = [adopted.username.as_deref(), stored];
    adopted.device = usernames.into_iter().flatten().find_map(|username| {
        let name = |part| {
            format!(
                "CognitoIdentityProviderDeviceCache.{}.{username}.{part}",
                app.user_pool_id
            )
        };
        device(
            items,
            &name("DeviceKey"),
            &name("DeviceGroupKey"),
            &name("DeviceSecret"),
        )
    });
    if let Some(id) = text_of_pool("identityId") {
        let secrets = ["secretKey", "sessionToken"].map(|name| of_pool(name).cloned());
        let time = text_of_pool("expirationDate").and_then(|text| text.parse::<f64>().ok());
        let seconds = time.map(|time| if time > LAST_SECOND { time / 1000.0 } else { time });
        let access_key = text_of_pool("accessKey");
        adopted.identity = Some(identity(id, access_key, secrets, seconds.and_then(since_1970)));
    }
    adopted.username = adopted.username.or(stored.map(str::to_owned));
    Ok(adopted)
}

/// Whether this is a provider other than a user pool.
fn is_federated(provider: &str) -> bool {
    !provider.starts_with("cognito-idp.")
}
