//! The user's commands as people and scripts use them: runs the program against `FakeCognito`, and reads its whole output.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests say what they expect")]

mod adopt;
#[cfg(target_os = "linux")] // Where `$BROWSER` is used, and pipes have names.
mod browser;
#[path = "../support/described.rs"]
mod described;
mod desk;
#[cfg(target_os = "linux")]
#[path = "../../../../examples/demo/headless.rs"]
mod headless;
mod input;
mod package;
mod people;
#[path = "../../../../tests/support/said.rs"]
mod said;
mod sessions;
#[path = "../support/tried.rs"]
mod tried;

use std::path::PathBuf;

use cognito_signout::Claims;
use cognito_signout::fake_cognito::{Fault, IssuedTokens, Operation, ServiceError};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::desk::Desk;

/// The member `web` for a user who signed in without a browser.
fn no_browser(status: &str) -> Value {
    json!({ "status": status, "sessions": [], "logout_url": null, "next_sign_in_prompt": null })
}

/// What services accept for an hour after the sign-in, by the claims of the tokens.
fn residual(tokens: &IssuedTokens) -> Value {
    let until = |token| {
        let claims = Claims::from_jwt(token).unwrap();
        Timestamp::try_from(claims.expires_at()).unwrap().to_string()
    };
    json!([
        { "token": "access", "valid_until": until(&tokens.access) },
        { "token": "id", "valid_until": until(&tokens.id) },
    ])
}

fn secrets(tokens: &IssuedTokens) -> [&str; 3] {
    [&tokens.access, &tokens.id, &tokens.refresh].map(|token| token.reveal())
}

#[tokio::test]
async fn a_complete_sign_out_is_one_object_and_exit_code_0() {
    let (desk, session, tokens) = Desk::signed_in().await;
    let said = desk.run("sign-out --json", &[&session]).await;
    let expected = json!({
        "result": "complete",
        "signed_out_locally": true,
        "steps": {
            "web": "skipped:not_a_browser_session",
            "commit": "done",
            "refresh": "skipped:not_needed",
            "global_sign_out": "skipped:not_requested",
            "revoke_token": "done",
            "settle": "done",
            "app": {},
        },
        "web": no_browser("skipped:not_a_browser_session"),
        "errors": {},
        "residual": residual(&tokens),
        "elapsed_ms": 0,
    });
    assert_eq!(said.object(), expected);
    assert_eq!(said.code, Some(0));
    said.assert_shows_none_of(&secrets(&tokens));
    assert_eq!(desk.fake.operations(), [Operation::RevokeToken]);
    assert!(!desk.fake.is_refresh_token_live(&tokens.refresh));
    // In this order, and times in whole seconds of UTC.
    let begin =
        r#"{"result":"complete","signed_out_locally":true,"steps":{"web":"skipped:not_a_browser_session","commit":"#;
    assert!(said.stdout.starts_with(begin));
    let until = said.object()["residual"][0]["valid_until"].as_str().unwrap().to_owned();
    assert_eq!((until.len(), &until[10..11], &until[19..]), (20, "T", "Z"));
}

#[tokio::test]
async fn the_options_of_a_sign_out_reach_the_library() {
    let (desk, session, _) = Desk::signed_in().await;
    let (_, elsewhere) = desk.session("elsewhere.json", "api");
    let said = desk.run("sign-out --global --deadline 20s --json", &[&session]).await;
    assert_eq!(said.object()["steps"]["global_sign_out"], "done");
    assert_eq!(said.code, Some(0));
    assert!(!desk.fake.is_refresh_token_live(&elsewhere.refresh));

    desk.fake.on(Operation::RevokeToken).always(Fault::Hang);
    let (session, _) = desk.session("ana.json", "api");
    let said = desk.run("sign-out --deadline 500ms --json", &[&session]).await;
    assert_eq!(said.object()["steps"]["revoke_token"], "failed:timed_out");
    let elapsed = serde_json::from_str::<Value>(&said.stdout).unwrap()["elapsed_ms"]
        .as_u64()
        .unwrap();
    assert!((400..10_000).contains(&elapsed), "it took {elapsed} ms");
}

#[tokio::test]
async fn a_refused_revocation_is_partial_and_exit_code_3() {
    let (desk, session, tokens) = Desk::signed_in().await;
    desk.fake
        .on(Operation::RevokeToken)
        .always(Fault::Refuse(ServiceError::TooManyRequests));
    let said = desk.run("sign-out --json", &[&session]).await;
    let expected = json!({
        "result": "partial",
        "signed_out_locally": true,
        "steps": {
            "web": "skipped:not_a_browser_session",
            "commit": "done",
            "refresh": "skipped:not_needed",
            "global_sign_out": "skipped:not_requested",
            "revoke_token": "failed:throttled",
            "settle": "done",
            "app": {},
        },
        "web": no_browser("skipped:not_a_browser_session"),
        "errors": { "revoke_token": {
            "code": "throttled",
            "message": "RevokeToken failed: Cognito returned TooManyRequestsException",
            "recovery": "Retry later: Cognito throttles requests.",
            "token_available": true,
        }},
        "residual": residual(&tokens),
        "kept": true,
        "elapsed_ms": 0,
    });
    assert_eq!(said.object(), expected);
    assert_eq!(said.code, Some(3));
    said.assert_shows_none_of(&secrets(&tokens));
}

#[tokio::test]
async fn a_browser_session_without_hosted_pages_is_failed_and_exit_code_4() {
    let desk = Desk::new().await;
    let (session, tokens) = desk.session("ana.json", "hosted_ui");
    let said = desk.run("sign-out --web required --json", &[&session]).await;
    let object = said.object();
    let expected = json!({
        "result": "failed",
        "signed_out_locally": false,
        "steps": {
            "web": "failed:hosted_ui_not_configured",
            "commit": "skipped:not_reached",
            "refresh": "skipped:not_reached",
            "global_sign_out": "skipped:not_reached",
            "revoke_token": "skipped:not_reached",
            "settle": "skipped:not_reached",
            "app": {},
        },
        "web": {
            "status": "failed:hosted_ui_not_configured",
            "sessions": [{ "holder": "hosted_ui", "state": "may_persist" }],
            "logout_url": null,
            "next_sign_in_prompt": "login",
        },
        "errors": { "web": {
            "code": "hosted_ui_not_configured",
            "message": object["errors"]["web"]["message"],
            "recovery": "Name the hosted pages' domain and a sign-out URI in the configuration, or sign out with the web policy `skip`.",
            "token_available": false,
        }},
        "residual": [],
        "elapsed_ms": 0,
    });
    assert_eq!(object, expected);
    assert_eq!(said.code, Some(4));
    assert!(desk.fake.requests().is_empty());

    let skipped = desk.run("sign-out --web skip --json", &[&session]).await;
    assert_eq!(skipped.object()["steps"]["web"], "skipped:by_policy");
    assert_eq!(skipped.code, Some(0));
    said.assert_shows_none_of(&secrets(&tokens));
}

#[tokio::test]
async fn tokens_are_printed_with_reveal_and_not_without() {
    let desk = Desk::new().await;
    desk.fake
        .on(Operation::RevokeToken)
        .always(Fault::Refuse(ServiceError::Forbidden));
    for format in ["", "--json"] {
        let (session, tokens) = desk.session("ana.json", "api");
        let refresh = desk.run(&format!("refresh {format}"), &[&session]).await;
        refresh.assert_shows_none_of(&secrets(&tokens));
        assert_eq!(refresh.code, Some(0));
        let hidden = desk.run(&format!("sign-out {format}"), &[&session]).await;
        hidden.assert_shows_none_of(&secrets(&tokens));

        let shown = desk.run(&format!("refresh --reveal {format}"), &[&session]).await;
        assert!(shown.stdout.contains(tokens.refresh.reveal()));
        let shown = desk.run(&format!("sign-out --reveal {format}"), &[&session]).await;
        assert!(shown.stdout.contains(tokens.refresh.reveal()));
        assert!(!shown.stdout.contains(tokens.access.reveal()));
        assert_eq!(shown.code, Some(3));
    }
}

#[tokio::test]
async fn status_and_refresh_say_whose_session_it_is() {
    let desk = Desk::new().await;
    let (session, tokens) = desk.session("ana.json", "hosted_ui_private");
    let expires = residual(&tokens)[0]["valid_until"].clone();
    let said = desk.run("status --json", &[&session]).await;
    let object = said.object();
    let expected = json!({
        "result": "signed_in",
        "session": {
            "sub": object["session"]["sub"],
            "username": "ana",
            "signed_in_with": "hosted_ui_private",
            "access_token_expires": expires,
            "expired": false,
            "identity_id": null,
        },
        "errors": {},
        "elapsed_ms": 0,
    });
    assert_eq!(object, expected);
    assert!(desk.fake.requests().is_empty(), "status sends nothing");
    for command in ["store --json", "refresh --json"] {
        let said = desk.run(command, &[&session]).await;
        assert_eq!(said.object()["result"], "complete");
        assert_eq!(said.object()["session"]["username"], "ana");
    }
    assert_eq!(desk.fake.operations(), [Operation::InitiateAuth]);

    let nobody = desk.run("status --json", &[]).await;
    assert_eq!(
        nobody.object(),
        json!({ "result": "signed_out", "errors": {}, "elapsed_ms": 0 })
    );
    assert_eq!(nobody.code, Some(0));
    let refused = desk.run("refresh --json", &[]).await;
    assert_eq!(refused.object()["result"], "failed");
    assert_eq!(refused.object()["errors"]["refresh"]["code"], "signed_out");
    assert_eq!(refused.code, Some(4));
}

#[tokio::test]
async fn resume_and_retry_pay_debts_and_print_the_same_members_as_a_sign_out() {
    let desk = Desk::new().await;
    for command in ["resume --json", "retry --json"] {
        let (first, owed) = desk.session("first.json", "api");
        let (second, kept) = desk.session("second.json", "api");
        let said = desk.run(command, &[&first, &second]).await;
        let expected = json!({
            "result": "complete",
            "signed_out_locally": true,
            "steps": {
                "web": "skipped:already_done",
                "commit": "skipped:already_done",
                "refresh": "skipped:not_needed",
                "global_sign_out": "skipped:not_requested",
                "revoke_token": "done",
                "settle": "done",
                "app": {},
            },
            "web": no_browser("skipped:already_done"),
            "errors": {},
            "residual": residual(&owed),
            "elapsed_ms": 0,
        });
        assert_eq!(said.object(), expected);
        assert_eq!(said.code, Some(0));
        assert!(!desk.fake.is_refresh_token_live(&owed.refresh));
        assert!(desk.fake.is_refresh_token_live(&kept.refresh));
    }
}

#[tokio::test]
async fn several_debts_give_the_worst_result_and_a_list_of_each() {
    let desk = Desk::new().await;
    // A firewall's refusal is not retried: the second request is for the second debt.
    desk.fake
        .on(Operation::RevokeToken)
        .once(Fault::Refuse(ServiceError::Forbidden));
    let sessions = ["1.json", "2.json", "3.json"].map(|name| desk.session(name, "api").0);
    let said = desk
        .run("retry --json", &sessions.each_ref().map(PathBuf::as_path))
        .await;
    let object = said.object();
    assert_eq!(object["result"], "partial");
    assert_eq!(object["steps"]["revoke_token"], "failed:forbidden");
    let each: Vec<&Value> = object["results"].as_array().unwrap().iter().collect();
    assert_eq!(each.len(), 2);
    assert_eq!([&each[0]["result"], &each[1]["result"]], ["partial", "complete"]);
    assert_eq!(said.code, Some(3));
}

#[tokio::test]
async fn with_nothing_owed_retry_is_complete_and_sends_nothing() {
    let desk = Desk::new().await;
    let said = desk.run("retry --json", &[]).await;
    assert_eq!(said.object()["result"], "complete");
    assert_eq!(said.object()["signed_out_locally"], true);
    assert_eq!(said.object()["steps"]["revoke_token"], "skipped:already_done");
    let (session, _) = desk.session("ana.json", "api");
    let said = desk.run("retry --json", &[&session]).await;
    assert_eq!(said.object()["signed_out_locally"], false);
    assert!(desk.fake.requests().is_empty());
}

#[tokio::test]
async fn clear_and_purge_are_complete_and_send_nothing() {
    let (desk, session, _) = Desk::signed_in().await;
    for command in ["clear --json", "purge --json"] {
        let said = desk.run(command, &[&session]).await;
        assert_eq!(
            said.object(),
            json!({ "result": "complete", "errors": {}, "elapsed_ms": 0 })
        );
        assert_eq!(said.code, Some(0));
    }
    assert!(desk.fake.requests().is_empty());
}
