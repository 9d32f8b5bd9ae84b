//! Amplify Flutter: each part of the session is an item of its own, under the app client's id or the identity pool's.
//!
//! From amplify-flutter d8a895d, in `packages/auth/amplify_auth_cognito_dart/lib/src`: `credentials/cognito_keys.dart`,
//! `credentials/device_metadata_repository.dart`, `state/machines/{credential_store,hosted_ui}_state_machine.dart`.

use super::parts::{date, device, identity, tokens};
use super::place::Json;
use super::reading::Reading;
use super::{AdoptError, AdoptedSession, App};
use crate::session::SignedInWith;

pub(super) fn read(items: &Reading<'_>, app: &App<'_>) -> Result<AdoptedSession, AdoptError> {
    let client = app.client_id;
    let hosted_ui = format!("{client}.hostedUi.");
    let of_pool = |name: &str| items.get(&format!("{}.{name}", app.identity_pool_id?));
    // As Amplify does: those of the hosted pages replace the others.
    let (tokens, signed_in_with) = match tokens(items, &hosted_ui, "<client id>.hostedUi.")? {
        Some(tokens) => (tokens, signed_in_with(items.text(&format!("{hosted_ui}options")))),
        None => match tokens(items, &format!("{client}."), "<client id>.")? {
            Some(tokens) => (tokens, SignedInWith::Api),
            None => {
                return Err(match () {
                    () if items.has_like("", ".refreshToken") => AdoptError::OtherConfiguration {
                        place: "<other client id>.refreshToken",
                    },
                    () if of_pool("provider").is_some() && of_pool("idToken").is_some() => AdoptError::Federated,
                    () if of_pool("identityId").is_some() => AdoptError::Guest,
                    () => AdoptError::NobodySignedIn,
                });
            }
        },
    };

    let mut adopted = AdoptedSession::new(tokens, signed_in_with);
    let stored = items.text(&format!("{client}.username"));
    items.note(&format!("{client}."), &["authFlowType"]);
    adopted.device = [adopted.username.as_deref(), stored]
        .into_iter()
        .flatten()
        .find_map(|username| {
            let name = |part| format!("{client}.{username}.{part}");
            device(
                items,
                &name("deviceKey"),
                &name("deviceGroupKey"),
                &name("devicePassword"),
            )
        });
    if let Some(id) = of_pool("identityId") {
        let secrets = ["secretAccessKey", "sessionToken"].map(|name| of_pool(name).cloned());
        let text = |name| of_pool(name).map(|value| value.reveal());
        let expires = text("expiration").and_then(date);
        adopted.identity = Some(identity(id.reveal(), text("accessKeyId"), secrets, expires));
    }
    if signed_in_with != SignedInWith::Api && adopted.provider.is_none() {
        adopted.provider = items.text(&format!("{hosted_ui}provider")).and_then(|provider| {
            let provider = Json::parse(provider, "<client id>.hostedUi.provider").ok()?;
            Some(provider.root().optional("name")?.text().ok()?.to_owned())
        });
    }
    adopted.username = adopted.username.or(stored.map(str::to_owned));
    Ok(adopted)
}

/// From the options of the sign-in at the hosted pages, which Amplify needs again to sign out.
fn signed_in_with(options: Option<&str>) -> SignedInWith {
    let options = options.and_then(|options| Json::parse(options, "<client id>.hostedUi.options").ok());
    let is_private = options.is_some_and(|options| {
        let prefers = options.root().optional("isPreferPrivateSession");
        prefers.is_some_and(|prefers| prefers.is_true())
    });
    match is_private {
        true => SignedInWith::HostedUiPrivate,
        false => SignedInWith::HostedUi,
    }
}
