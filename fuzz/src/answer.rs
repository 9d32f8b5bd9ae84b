//! The judge of Cognito's responses.

use cognito_signout::transport::HttpResponse;
use cognito_signout::{SessionState, SignOutOptions, SignOutResult, SignedInWith};
use serde_json::Value;

use crate::app::{Responses, config, run, signed_in};
use crate::text::{assert_silent, response};

/// Input: the response to every request. Nothing but a success completes a sign-out or is taken for tokens, and no response to a
/// refresh ends the session.
pub fn answer(data: &[u8]) {
    let response = response(data);
    run(async {
        for options in [SignOutOptions::local(), SignOutOptions::global()] {
            let auth = signed_in(config(), SignedInWith::Api, to_every_request(&response)).await;
            let result = auth.sign_out(options).await;
            assert_eq!(auth.session().await, SessionState::SignedOut);
            match result {
                SignOutResult::Complete(_) => assert!(is_success(&response), "{response:?} completed it"),
                SignOutResult::Partial(partial) => {
                    assert!(!is_success(&response), "{response:?} is a success: {partial:?}");
                    let revoke = partial.revoke_token_error.expect("the same response to all").error;
                    assert_silent(&revoke);
                    if let Some(global) = partial.global_sign_out_error {
                        assert_silent(&global.error);
                    }
                }
                SignOutResult::Failed(failed) => panic!("{failed:?}"),
            }
        }

        let auth = signed_in(config(), SignedInWith::Api, to_every_request(&response)).await;
        if let Err(error) = auth.sessions().await {
            assert_silent(&error);
        }
        match auth.refresh().await {
            Ok(tokens) => {
                assert!(is_success(&response), "{response:?} brought tokens");
                assert_eq!(tokens.access_token.reveal(), token_in(&response, "AccessToken"));
                assert_eq!(tokens.id_token.reveal(), token_in(&response, "IdToken"));
            }
            Err(error) => assert_silent(&error),
        }
        let session = auth.session().await;
        assert!(
            matches!(session, SessionState::SignedIn(_)),
            "{response:?} left {session:?}"
        );
    });
}

fn to_every_request(response: &HttpResponse) -> Responses {
    Responses {
        get: Some(response.clone()),
        post: Some(response.clone()),
    }
}

/// Whether the response is a success, said in other words than the library's.
fn is_success(response: &HttpResponse) -> bool {
    let has = |matches: &dyn Fn(&str, &str) -> bool| {
        let mut headers = response.headers.iter();
        headers.any(|(name, value)| matches(&name.to_lowercase(), &value.to_ascii_lowercase()))
    };
    let names_an_error = has(&|name, _| name == "x-amzn-errortype");
    let is_from_aws = has(&|name, value| {
        name.starts_with("x-amz") || (name == "content-type" && value.starts_with("application/x-amz-json"))
    });
    let is_good_body = response.body.is_empty()
        || matches!(serde_json::from_slice(&response.body), Ok(Value::Object(fields)) if fields.get("__type").is_none_or(Value::is_null));
    response.status == 200 && is_from_aws && !names_an_error && is_good_body
}

fn token_in(response: &HttpResponse, name: &str) -> String {
    let body: Value = serde_json::from_slice(&response.body).expect("a success is JSON");
    let token = body["AuthenticationResult"][name].as_str();
    token.expect("the token is in the response").to_owned()
}
