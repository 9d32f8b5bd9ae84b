//! The judge of Cognito's answers, through a transport that brings anything.

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

fn answer() -> impl Strategy<Value = HttpResponse> {
    let status = prop_oneof![
        Just(200),
        prop::sample::select(vec![201, 204, 302, 400, 403, 429, 500, 503]),
        any::<u16>()
    ];
    let name = prop_oneof![
        Just("x-amzn-errortype".to_owned()),
        Just("content-type".to_owned()),
        any::<String>()
    ];
    let value = prop_oneof![
        Just("NotAuthorizedException".to_owned()),
        any::<String>().prop_map(|text| text + MARK)
    ];
    let headers = prop::collection::vec((name, value), 0..3);
    (status, headers, body()).prop_map(|(status, headers, body)| HttpResponse {
        status,
        headers,
        body: body.into(),
    })
}

/// Whether the answer is a success, said in other words than the library's.
fn is_success(answer: &HttpResponse) -> bool {
    let names_an_error = answer
        .headers
        .iter()
        .any(|(name, _)| name.to_lowercase() == "x-amzn-errortype");
    let is_good_body = answer.body.is_empty()
        || matches!(serde_json::from_slice(&answer.body), Ok(Value::Object(fields)) if fields.get("__type").is_none_or(Value::is_null));
    answer.status == 200 && !names_an_error && is_good_body
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
            let auth = auth(&vault, Some(answer.clone()));
            (auth.sign_out(options).await, auth.session().await)
        });
        prop_assert_eq!(session, SessionState::SignedOut);
        match result {
            SignOutResult::Complete(_) => prop_assert!(is_success(&answer), "{:?} completed it", answer.body),
            SignOutResult::Partial(partial) => {
                prop_assert!(!is_success(&answer) , "{answer:?} is a success: {partial:?}");
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
            let auth = auth(&vault, Some(answer.clone()));
            match auth.refresh().await {
                Ok(tokens) => {
                    assert!(is_success(&answer), "{answer:?} brought tokens");
                    assert!(tokens.access_token.reveal() == MARK && tokens.id_token.reveal() == MARK);
                }
                Err(error) => {
                    assert_silent(&error, MARK);
                    assert!(matches!(auth.session().await, SessionState::SignedIn(_)), "{error:?} ended it");
                }
            }
        });
    }
}
