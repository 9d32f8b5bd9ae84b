//! The judge of Cognito's responses.

use std::collections::BTreeMap;

use cognito_signout::transport::HttpResponse;
use cognito_signout::{
    Auth, HostedUi, RevocationRoute, SessionState, SignOutOptions, SignOutResult, SignedInWith, Verification,
};
use serde_json::value::RawValue;

use crate::app::{Responses, config, run, signed_in, with_tokens};
use crate::text::{assert_silent, fields, response};

/// Input: the response to every request, with `{access}` and `{id}` for valid tokens. Nothing but a success completes a sign-out or is
/// taken for tokens, and no response to a refresh ends the session.
pub fn answer(data: &[u8]) {
    let response = response(&with_tokens(data));
    run(async {
        sign_out(&response).await;
        sign_out_at_the_domain(&response).await;
        refresh(&response).await;
        verify(&response).await;
    });
}

async fn sign_out(response: &HttpResponse) {
    for options in [SignOutOptions::local(), SignOutOptions::global()] {
        let auth = signed_in(config(), SignedInWith::Api, to_every_request(response)).await;
        let result = auth.sign_out(options).await;
        assert_eq!(auth.session().await, SessionState::SignedOut);
        match result {
            SignOutResult::Complete(_) => assert!(is_success(response), "{response:?} completed it"),
            SignOutResult::Partial(partial) => {
                // A success with another body may be a gateway's page, or may say nothing of what was revoked.
                let is_plain = matches!(response.body.as_slice(), b"" | b"{}");
                assert!(
                    !(is_plain && is_success(response)),
                    "{response:?} is a success: {partial:?}"
                );
                let revoke = partial.revoke_token_error.expect("the same response to all").error;
                assert_silent(&revoke);
                if let Some(global) = partial.global_sign_out_error {
                    assert_silent(&global.error);
                }
            }
            SignOutResult::Failed(failed) => panic!("{failed:?}"),
        }
    }
}

/// There the token is revoked by OAuth's request, whose errors have another form.
async fn sign_out_at_the_domain(response: &HttpResponse) {
    let pages = HostedUi::builder("auth.example.com").build().expect("valid pages");
    let config = config().hosted_ui(pages).revocation_route(RevocationRoute::PoolDomain);
    let auth = signed_in(config, SignedInWith::Api, to_every_request(response)).await;
    match auth.sign_out(SignOutOptions::local()).await {
        SignOutResult::Complete(_) => {
            assert!(
                response.status == 200 && is_from_aws(response),
                "{response:?} completed it"
            );
            let body = String::from_utf8_lossy(&response.body);
            assert!(matches!(body.trim(), "" | "{}"), "{response:?} completed it");
        }
        SignOutResult::Partial(partial) => {
            assert_silent(&partial.revoke_token_error.expect("nothing else was asked").error);
        }
        SignOutResult::Failed(failed) => panic!("{failed:?}"),
    }
    assert_eq!(auth.session().await, SessionState::SignedOut);
}

async fn refresh(response: &HttpResponse) {
    let auth = signed_in(config(), SignedInWith::Api, to_every_request(response)).await;
    if let Err(error) = auth.sessions().await {
        assert_silent(&error);
    }
    match auth.refresh().await {
        Ok(tokens) => {
            assert!(is_success(response), "{response:?} brought tokens");
            assert_eq!(tokens.access_token.reveal(), token_in(response, "AccessToken"));
            assert_eq!(tokens.id_token.reveal(), token_in(response, "IdToken"));
        }
        Err(error) => assert_silent(&error),
    }
    assert_signed_in(&auth, response).await;
}

async fn verify(response: &HttpResponse) {
    let auth = signed_in(config(), SignedInWith::Api, to_every_request(response)).await;
    match auth.verify().await {
        Verification::Alive => assert!(is_success(response), "{response:?} says that it lives"),
        Verification::Ended(_) => assert!(!is_success(response), "{response:?} says that it has ended"),
        Verification::Unknown(error) => assert_silent(&error),
    }
    assert_signed_in(&auth, response).await;
}

async fn assert_signed_in(auth: &Auth, response: &HttpResponse) {
    let session = auth.session().await;
    assert!(
        matches!(session, SessionState::SignedIn(_)),
        "{response:?} left {session:?}"
    );
}

fn to_every_request(response: &HttpResponse) -> Responses {
    Responses {
        get: Some(response.clone()),
        post: Some(response.clone()),
    }
}

/// Whether the response is a success, said in other words than the library's.
fn is_success(response: &HttpResponse) -> bool {
    let names_an_error = has_header(response, |name, _| name == "x-amzn-errortype");
    let is_no_error =
        |fields: BTreeMap<String, Box<RawValue>>| fields.get("__type").is_none_or(|kind| kind.get() == "null");
    let is_good_body = response.body.is_empty() || fields(&response.body).is_some_and(is_no_error);
    response.status == 200 && is_from_aws(response) && !names_an_error && is_good_body
}

fn is_from_aws(response: &HttpResponse) -> bool {
    has_header(response, |name, value| {
        name.starts_with("x-amz") || (name == "content-type" && value.starts_with("application/x-amz-json"))
    })
}

/// Whether a header's name and value, in lower case, are so.
fn has_header(response: &HttpResponse, is: impl Fn(&str, &str) -> bool) -> bool {
    let mut headers = response.headers.iter();
    headers.any(|(name, value)| is(&name.to_lowercase(), &value.to_ascii_lowercase()))
}

fn token_in(response: &HttpResponse, name: &str) -> String {
    let body = fields(&response.body).expect("a success is JSON");
    let tokens = fields(body["AuthenticationResult"].get().as_bytes()).expect("the tokens are in the response");
    serde_json::from_str(tokens[name].get()).expect("a token is text")
}

/// So the corpus has tokens that the library accepts.
#[test]
fn the_seed_with_tokens_refreshes_the_session() {
    let response = response(&with_tokens(include_bytes!("../corpus/answer/tokens")));
    let refreshed = run(async {
        let auth = signed_in(config(), SignedInWith::Api, to_every_request(&response)).await;
        auth.refresh().await
    });
    assert_eq!(refreshed.map(|tokens| tokens.refresh_token), Ok("hunter2".into()));
}
