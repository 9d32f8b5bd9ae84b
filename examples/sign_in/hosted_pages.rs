//! Signs a user in at the hosted pages, by the authorization code with PKCE, and gives the session to this library.
//! `docs/beside-your-sign-in.md` has this code.

use std::collections::HashMap;
use std::error::Error;

use cognito_signout::{Auth, Prompt, SignedInWith, Tokens};
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet,
    EndpointSet, ExtraTokenFields, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, StandardRevocableToken,
    StandardTokenResponse, TokenResponse, TokenUrl,
};
use serde::{Deserialize, Serialize};
use url::Url;

/// What Cognito returns beside OAuth's tokens.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct IdToken {
    /// Not a `String`: this type prints no token.
    id_token: AccessToken,
}

impl ExtraTokenFields for IdToken {}

/// The hosted pages, as the app client sees them.
pub(crate) type Pages = oauth2::Client<
    BasicErrorResponse,
    StandardTokenResponse<IdToken, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// `origin` is the user pool's domain, as `https://auth.example.com`. `callback` is one of the app client's callback URLs. An app
/// on a user's device has no client secret.
pub(crate) fn pages(
    origin: &str,
    client_id: &str,
    client_secret: Option<&str>,
    callback: &str,
) -> Result<Pages, Box<dyn Error>> {
    let mut client = oauth2::Client::new(ClientId::new(client_id.into()));
    if let Some(secret) = client_secret {
        client = client.set_client_secret(ClientSecret::new(secret.into()));
    }
    Ok(client
        .set_auth_uri(AuthUrl::new(format!("{origin}/oauth2/authorize"))?)
        .set_token_uri(TokenUrl::new(format!("{origin}/oauth2/token"))?)
        .set_redirect_uri(RedirectUrl::new(callback.into())?))
}

/// A sign-in that waits for the browser.
pub(crate) struct SignIn {
    state: CsrfToken,
    verifier: PkceCodeVerifier,
}

impl SignIn {
    /// The page to open in the user's browser. `prompt` is what the last sign-out's report said: `report.next_sign_in()`.
    pub(crate) fn begin(pages: &Pages, prompt: Option<Prompt>) -> (Url, Self) {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = pages.authorize_url(CsrfToken::new_random).set_pkce_challenge(challenge);
        // With the second scope, the access token can sign the user out everywhere.
        for scope in ["openid", "aws.cognito.signin.user.admin"] {
            request = request.add_scope(Scope::new(scope.into()));
        }
        if let Some(prompt) = prompt {
            request = request.add_extra_param("prompt", prompt.to_string());
        }
        let (url, state) = request.url();
        (url, Self { state, verifier })
    }

    /// `callback` is the whole URL where the browser came back. `http` sends requests, and follows no redirects.
    pub(crate) async fn finish<H>(
        self,
        pages: &Pages,
        callback: &Url,
        http: &H,
        auth: &Auth,
    ) -> Result<(), Box<dyn Error>>
    where
        H: for<'c> AsyncHttpClient<'c>,
    {
        let answer: HashMap<_, _> = callback.query_pairs().into_owned().collect();
        if answer.get("state") != Some(self.state.secret()) {
            return Err("this is the answer to another sign-in".into());
        }
        let code = answer.get("code").ok_or("the user has not signed in")?;
        let code = AuthorizationCode::new(code.clone());
        let request = pages.exchange_code(code).set_pkce_verifier(self.verifier);
        // Not the error itself: its `Debug` can have the response, with tokens.
        let answer = request.request_async(http).await.map_err(|error| error.to_string())?;
        let refresh = answer.refresh_token().ok_or("a token is missing")?;
        let (access, id) = (answer.access_token(), &answer.extra_fields().id_token);
        let tokens = Tokens::new(
            access.secret().as_str(),
            id.secret().as_str(),
            refresh.secret().as_str(),
        );
        auth.store_session(tokens, SignedInWith::HostedUi).await?;
        Ok(())
    }
}
