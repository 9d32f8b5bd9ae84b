//! Amplify Swift v2: one item with the session as JSON, as Swift's `Codable` writes an enum, and one for each remembered device.
//!
//! From amplify-swift 1973345, in `AmplifyPlugins/Auth/Sources/AWSCognitoAuthPlugin`:
//! `CredentialStorage/{AWSCognitoAuthCredentialStore,AmplifyCredentials}.swift`,
//! `StateMachine/CodeGen/Data/{SignedInData,SignInMethod,HostedUIOptions,DeviceMetadata}.swift`.

use std::time::SystemTime;

use super::parts::{identity, since_1970};
use super::place::{Json, Node};
use super::reading::Reading;
use super::{AdoptError, AdoptedSession, App, namespace};
use crate::secret::Secret;
use crate::session::{Device, SignedInWith, Tokens};

/// 2001-01-01, from which Swift counts, in seconds since 1970.
const SWIFT_EPOCH: f64 = 978_307_200.0;

pub(super) fn read(items: &Reading<'_>, app: &App<'_>) -> Result<AdoptedSession, AdoptError> {
    let (namespace, session) = namespace::session(items, app)?;
    let json = Json::parse(session, "session")?;
    let session = json.root();
    let found = match session.optional("userPoolAndIdentityPool") {
        Some(both) => Some((both, true)),
        None => session.optional("userPoolOnly").map(|one| (one, false)),
    };
    let Some((found, has_identity)) = found else {
        return Err(match session {
            _ if session.optional("identityPoolOnly").is_some() => AdoptError::Guest,
            _ if session.optional("identityPoolWithFederation").is_some() => AdoptError::Federated,
            _ if session.optional("noCredentials").is_some() => AdoptError::NobodySignedIn,
            _ => session.must_be("one of the five cases of AmplifyCredentials"),
        });
    };
    let user = found.field("signedInData")?;
    let tokens = user.field("cognitoUserPoolTokens")?;
    let tokens = Tokens::new(
        tokens.field("accessToken")?.secret()?,
        tokens.field("idToken")?.secret()?,
        tokens.field("refreshToken")?.secret()?,
    );
    let method = user.field("signInMethod")?;
    let mut provider = None;
    let signed_in_with = match method.optional("hostedUI") {
        Some(hosted_ui) => {
            let options = hosted_ui.field("_0")?;
            let info = options.optional("providerInfo");
            provider = info.and_then(|info| info.optional("idpIdentifier")?.text().ok().map(str::to_owned));
            match options
                .optional("preferPrivateSession")
                .is_some_and(|prefers| prefers.is_true())
            {
                true => SignedInWith::HostedUiPrivate,
                false => SignedInWith::HostedUi,
            }
        }
        None if method.optional("apiBased").is_some() => SignedInWith::Api,
        None => return Err(method.must_be("apiBased or hostedUI")),
    };

    let mut adopted = AdoptedSession::new(tokens, signed_in_with);
    adopted.provider = adopted.provider.or(provider);
    let stored = |field| user.optional(field)?.text().ok();
    let usernames = [adopted.username.as_deref(), stored("username"), stored("inputUsername")];
    let item = usernames.into_iter().flatten().find_map(|username| {
        let name = format!("{namespace}.{}.deviceMetadata", username.to_lowercase());
        items.text(&name)
    });
    // The item is what Amplify reads before a refresh. The copy in the session is older.
    adopted.device = match item {
        Some(item) => device(&Json::parse(item, "<user>.deviceMetadata")?.root())?,
        None => user
            .optional("deviceMetadata")
            .map(|inner| device(&inner))
            .transpose()?
            .flatten(),
    };
    if has_identity {
        let id = found.field("identityID")?.text()?;
        let credentials = found.optional("credentials");
        let text = |field| credentials.as_ref()?.optional(field)?.text().ok();
        let expires = credentials
            .as_ref()
            .and_then(|inner| date(&inner.optional("expiration")?));
        let secrets = ["secretAccessKey", "sessionToken"].map(|field| text(field).map(Secret::from));
        adopted.identity = Some(identity(id, text("accessKeyId"), secrets, expires));
    }
    adopted.username = adopted.username.or(stored("username").map(str::to_owned));
    Ok(adopted)
}

fn date(node: &Node<'_>) -> Option<SystemTime> {
    since_1970(node.number()? + SWIFT_EPOCH)
}

fn device(metadata: &Node<'_>) -> Result<Option<Device>, AdoptError> {
    let Some(metadata) = metadata.optional("metadata") else {
        return Ok(None);
    };
    let device = metadata.field("_0")?;
    Ok(Some(Device::new(
        device.field("deviceKey")?.text()?,
        device.field("deviceGroupKey")?.text()?,
        device.field("deviceSecret")?.secret()?,
    )))
}
