//! Amplify JS v5 and v6: each part of the session is an item of its own. As cookies, the items have percent-encoded names and
//! values; in React Native, Amplify v5 put `@MemoryStorage:` before each name.
//!
//! From amplify-js 36e3ce1, in `packages/auth/src/providers/cognito`: `tokenProvider/{TokenStore,types}.ts`,
//! `utils/signInWithRedirectStore.ts`, `credentialsProvider/IdentityIdStore.ts`. The last one stores a guest's identity id alone:
//! a user's is in memory, so none is adopted.

use percent_encoding::percent_decode_str;

use super::parts::{device, tokens};
use super::reading::Reading;
use super::{AdoptError, AdoptedSession, App, StoredItems};
use crate::secret::Secret;
use crate::session::SignedInWith;

const OF_COGNITO: &str = "CognitoIdentityServiceProvider";

pub(super) fn read(items: &Reading<'_>, app: &App<'_>) -> Result<AdoptedSession, AdoptError> {
    let all = items.all();
    let mut names = all.iter().map(|(name, _)| name);
    let cookies = names.any(|name| name.starts_with(OF_COGNITO) && name.contains('%'));
    let plain = all.iter().map(|(name, value)| match cookies {
        true => (plain_name(name, true), Secret::from(decoded(value.reveal()))),
        false => (plain_name(name, false), value.clone()),
    });
    let plain: StoredItems = plain.collect();
    let reading = Reading::new(&plain);
    let found = read_plain(&reading, app);
    for read in reading.names() {
        let mut names = all.iter().map(|(name, _)| name);
        let of_store = names.find(|name| plain_name(name, cookies) == read);
        items.note("", of_store.as_slice());
    }
    found
}

fn read_plain(items: &Reading<'_>, app: &App<'_>) -> Result<AdoptedSession, AdoptError> {
    let of_client = format!("{OF_COGNITO}.{}", app.client_id);
    let Some(username) = items.text(&format!("{of_client}.LastAuthUser")) else {
        let guest = app
            .identity_pool_id
            .map(|pool| format!("com.amplify.Cognito.{pool}.identityId"));
        return Err(match () {
            () if items.has_like(&format!("{OF_COGNITO}."), ".LastAuthUser") => AdoptError::OtherConfiguration {
                place: "CognitoIdentityServiceProvider.<other client id>.LastAuthUser",
            },
            // Written by Amplify v5.
            () if items.get("aws-amplify-federatedInfo").is_some() => AdoptError::Federated,
            () if guest.is_some_and(|guest| items.get(&guest).is_some()) => AdoptError::Guest,
            () => AdoptError::NobodySignedIn,
        });
    };
    let of_user = format!("{of_client}.{username}.");
    let tokens = tokens(items, &of_user, &format!("{OF_COGNITO}.<client id>.<user>."))?;
    let tokens = tokens.ok_or(AdoptError::NobodySignedIn)?;
    items.note(&of_user, &["clockDrift", "signInDetails", "oauthMetadata", "userData"]);

    // "true,false": whether at the hosted pages, and whether in a private session.
    let oauth = decoded(items.text(&format!("{of_client}.oauthSignIn")).unwrap_or_default());
    let (is_hosted, is_private) = oauth.split_once(',').unwrap_or((&oauth, ""));
    // Written by Amplify v5.
    let was_hosted = items.text("amplify-signin-with-hostedUI") == Some("true");
    let signed_in_with = match (is_hosted == "true" || was_hosted, is_private == "true") {
        (false, _) => SignedInWith::Api,
        (true, false) => SignedInWith::HostedUi,
        (true, true) => SignedInWith::HostedUiPrivate,
    };
    let mut adopted = AdoptedSession::new(tokens, signed_in_with);
    let name = |part| format!("{of_user}{part}");
    adopted.device = device(
        items,
        &name("deviceKey"),
        &name("deviceGroupKey"),
        &name("randomPasswordKey"),
    );
    adopted.username = adopted.username.or(Some(username.to_owned()));
    Ok(adopted)
}

/// An item's name as `localStorage` has it.
fn plain_name(name: &str, cookies: bool) -> String {
    let name = name.strip_prefix("@MemoryStorage:").unwrap_or(name);
    match cookies {
        true => decoded(name),
        false => name.to_owned(),
    }
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
