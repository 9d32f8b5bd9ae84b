//! Amplify Android v2: one item with the session as JSON, with the name of the case in `type`, and one for each remembered
//! device.
//!
//! From amplify-android 6b8bd6a, in `aws-auth-cognito/src/main/java/com/amplifyframework`:
//! `auth/cognito/data/AWSCognitoAuthCredentialStore.kt`,
//! `statemachine/codegen/data/{AmplifyCredential,SignedInData,SignInMethod,DeviceMetadata,Tokens}.kt`. Versions 2.30.2 and 2.30.3
//! wrote each token as an object (amplify-android #3160).

use super::parts::{identity, since_1970};
use super::place::{Json, Node};
use super::reading::Reading;
use super::{AdoptError, AdoptedSession, App, namespace};
use crate::secret::Secret;
use crate::session::{Device, SignedInWith, Tokens};

pub(super) fn read(items: &Reading<'_>, app: &App<'_>) -> Result<AdoptedSession, AdoptError> {
    let (namespace, session) = namespace::session(items, app)?;
    let json = Json::parse(session, "session")?;
    let session = json.root();
    let case = session.field("type")?;
    let has_identity = match case.text()? {
        "userPool" => false,
        "userAndIdentityPool" => true,
        "identityPool" => return Err(AdoptError::Guest),
        "identityPoolFederated" => return Err(AdoptError::Federated),
        "empty" => return Err(AdoptError::NobodySignedIn),
        _ => return Err(case.must_be("one of the five kinds of AmplifyCredential")),
    };
    let user = session.field("signedInData")?;
    let tokens = user.field("cognitoUserPoolTokens")?;
    let tokens = Tokens::new(
        token(&tokens.field("accessToken")?)?,
        token(&tokens.field("idToken")?)?,
        token(&tokens.field("refreshToken")?)?,
    );
    let method = user.field("signInMethod")?.field("type")?;
    let signed_in_with = match method.text()? {
        "SignInMethod.ApiBased" => {
            // From AWSMobileClient, which did not tell Amplify how the user signed in.
            let auth_type = user.field("signInMethod")?.optional("authType");
            match auth_type.and_then(|auth_type| auth_type.text().ok()) {
                Some("UNKNOWN") => super::parts::signed_in_with(&tokens),
                _ => SignedInWith::Api,
            }
        }
        "SignInMethod.HostedUI" => SignedInWith::HostedUi,
        _ => return Err(method.must_be("SignInMethod.ApiBased or SignInMethod.HostedUI")),
    };

    let mut adopted = AdoptedSession::new(tokens, signed_in_with);
    let stored = user.optional("username").and_then(|username| username.text().ok());
    let item = [adopted.username.as_deref(), stored]
        .into_iter()
        .flatten()
        .find_map(|username| items.text(&format!("{namespace}.{username}.deviceMetadata")));
    if let Some(item) = item {
        adopted.device = device(&Json::parse(item, "<user>.deviceMetadata")?.root())?;
    }
    if has_identity {
        let id = session.field("identityId")?.text()?;
        let credentials = session.optional("credentials");
        let text = |field| credentials.as_ref()?.optional(field)?.text().ok();
        let expires = credentials
            .as_ref()
            .and_then(|inner| since_1970(inner.optional("expiration")?.number()?));
        let secrets = ["secretAccessKey", "sessionToken"].map(|field| text(field).map(Secret::from));
        adopted.identity = Some(identity(id, text("accessKeyId"), secrets, expires));
    }
    adopted.username = adopted.username.or(stored.map(str::to_owned));
    Ok(adopted)
}

fn token(token: &Node<'_>) -> Result<Secret, AdoptError> {
    match token.optional("tokenValue") {
        Some(value) => value.secret(),
        None => token.secret(),
    }
}

fn device(metadata: &Node<'_>) -> Result<Option<Device>, AdoptError> {
    let case = metadata.field("type")?;
    match case.text()? {
        "metadata" => {}
        "empty" => return Ok(None),
        _ => return Err(case.must_be("metadata or empty")),
    }
    let password = metadata.optional("deviceSecret").map(|secret| secret.secret());
    Ok(Some(Device::new(
        metadata.field("deviceKey")?.text()?,
        metadata.field("deviceGroupKey")?.text()?,
        password.transpose()?.unwrap_or_else(|| Secret::from("")),
    )))
}
