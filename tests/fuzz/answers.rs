//! The judge of Cognito's answers, through a transport that brings anything.

use std::fmt;

use cognito_signout::transport::HttpResponse;
use cognito_signout::{SessionState, SignOutOptions, SignOutResult, StepError};
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::app::{auth, run, valid_record, vault_with};
use crate::{assert_silent, cases, edited, edits};

/// Stands in whatever a server says in its own words, and must not stand in any message.
const MARK: &str = "hunter2-hunter2";

fn body() -> impl Strategy<Value = Vec<u8>> {
    let code = prop_oneof![
        prop::sample::select(vec![
            "NotAuthorizedException",
            "InternalErrorException",
            "TooManyRequestsException",
            "a#b:c"
        ])
        .prop_map(str::to_owned),
        any::<String>().prop_map(|text| format!("{text}{MARK}")),
    ];
    let message = prop_oneof![
        prop::sample::select(vec![
            "Access Token has been revoked",
            "Access Token has expired",
            "secret"
        ])
        .prop_map(|text| format!("{text} {MARK}")),
        any::<String>().prop_map(|text| format!("{text}{MARK}")),
    ];
    let value = prop_oneof![
        code.clone().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        Just(Value::Null)
    ];
    let error = (value, message).prop_map(|(code, message)| json!({ "__type": code, "message": message }));
    let tokens = any::<[bool; 3]>().prop_map(|given| {
        let token = |given| if given { json!(MARK) } else { Value::Null };
        let [access, id, refresh] = given.map(token);
        json!({ "AuthenticationResult": { "AccessToken": access, "IdToken": id, "RefreshToken": refresh } })
    });
    let json = prop_oneof![error, tokens, Just(json!({}))].prop_map(|json| json.to_string());
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        json.clone().prop_map(String::into_bytes),
        (json, edits()).prop_map(|(json, edits)| edited(&json, &edits).into_bytes()),
        Just(format!("<html>{MARK}</html>").into_bytes()),
    ]
}

/// An answer that a failing case shows whole: the library's own `Debug` keeps bodies to itself.
#[derive(Clone)]
struct Answer(HttpResponse);

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let HttpResponse { status, headers, body } = &self.0;
        write!(f, "{status} {headers:?} {:?}", String::from_utf8_lossy(body))
    }
}

fn answer() -> impl Strategy<Value = Answer> {
    let status = prop_oneof![
        Just(200),
        prop::sample::select(vec![201, 204, 302, 400, 403, 429, 500, 503]),
        any::<u16>()
    ];
    let name = prop_oneof![
        Just("x-amzn-errortype".to_owned()),
        Just("x-amzn-requestid".to_owned()),
        Just("content-type".to_owned()),
        any::<String>()
    ];
    let value = prop_oneof![
        Just("NotAuthorizedException".to_owned()),
        Just("application/x-amz-json-1.1".to_owned()),
        any::<String>().prop_map(|text| text + MARK)
    ];
    let headers = prop::collection::vec((name, value), 0..3);
    let is_cognitos = prop::bool::weighted(0.7);
    (status, headers, is_cognitos, body()).prop_map(|(status, mut headers, is_cognitos, body)| {
        let body = body.into();
        if is_cognitos {
            headers.push(("x-amzn-requestid".to_owned(), "1".to_owned()));
        }
        Answer(HttpResponse { status, headers, body })
    })
}

/// Whether the answer is a success, said in other words than the library's.
fn is_success(Answer(answer): &Answer) -> bool {
    let names_an_error = answer
        .headers
        .iter()
        .any(|(name, _)| name.to_lowercase() == "x-amzn-errortype");
    let is_from_aws = answer.headers.iter().any(|(name, value)| {
        let (name, value) = (name.to_ascii_lowercase(), value.to_ascii_lowercase());
        name.starts_with("x-amz") || (name == "content-type" && value.starts_with("application/x-amz-json"))
    });
    let is_good_body = answer.body.is_empty()
        || matches!(serde_json::from_slice(&answer.body), Ok(Value::Object(fields)) if fields.get("__type").is_none_or(Value::is_null));
    answer.status == 200 && is_from_aws && !names_an_error && is_good_body
}

/// What the answer holds as a token: an edit may have changed it, and what is then brought is what stands there.
fn token_in(Answer(answer): &Answer, name: &str) -> String {
    let body: Value = serde_json::from_slice(&answer.body).expect("a success is JSON");
    let token = body["AuthenticationResult"][name].as_str();
    token.expect("the token stands in the answer").to_owned()
}

fn assert_says_nothing(error: &StepError) {
    assert_silent(error, MARK);
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn no_answer_but_a_success_completes_a_sign_out(answer in answer(), global in any::<bool>()) {
        let vault = vault_with(valid_record().as_bytes());
        let options = if global { SignOutOptions::global() } else { SignOutOptions::local() };
        let (result, session) = run(async {
            let auth = auth(&vault, Some(answer.0.clone()));
            (auth.sign_out(options).await, auth.session().await)
        });
        prop_assert_eq!(session, SessionState::SignedOut);
        match result {
            SignOutResult::Complete(_) => prop_assert!(is_success(&answer), "{answer:?} completed it"),
            SignOutResult::Partial(partial) => {
                prop_assert!(!is_success(&answer), "{answer:?} is a success: {partial:?}");
                let revoke = partial.revoke_token_error.map(|failed| failed.error);
                let global = partial.global_sign_out_error.map(|failed| failed.error);
                prop_assert!(revoke.is_some());
                revoke.iter().chain(&global).for_each(assert_says_nothing);
            }
            SignOutResult::Failed(failed) => prop_assert!(false, "{failed:?}"),
        }
    }

    #[test]
    fn no_answer_to_a_refresh_ends_the_session_or_is_taken_for_tokens(answer in answer()) {
        let vault = vault_with(valid_record().as_bytes());
        run(async {
            let auth = auth(&vault, Some(answer.0.clone()));
            match auth.refresh().await {
                Ok(tokens) => {
                    assert!(is_success(&answer), "{answer:?} brought tokens");
                    assert_eq!(tokens.access_token.reveal(), token_in(&answer, "AccessToken"));
                    assert_eq!(tokens.id_token.reveal(), token_in(&answer, "IdToken"));
                }
                Err(error) => {
                    assert_silent(&error, MARK);
                    assert!(matches!(auth.session().await, SessionState::SignedIn(_)), "{error:?} ended it");
                }
            }
        });
    }
}
