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
mod package;
#[path = "../../../../tests/support/said.rs"]
mod said;
mod sessions;
#[path = "../support/tried.rs"]
mod tried;

use std::path::{Path, PathBuf};
use std::time::Duration;

use cognito_signout::Claims;
use cognito_signout::fake_cognito::{FakeCognito, Fault, IssuedTokens, Operation, ServiceError};
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
async fn people_are_told_whether_what_is_unpaid_is_kept() {
    let desk = Desk::over(FakeCognito::builder().token_revocation(false).start().await.unwrap());
    let (session, _) = desk.session("ana.json", "api");
    let said = desk.run("sign-out --json", &[&session]).await;
    assert_eq!(said.object()["kept"], false);
    let said = desk.run("sign-out", &[&session]).await;
    for words in [
        "Cognito accepts the refresh token until it expires",
        "Nothing is kept for another attempt.",
    ] {
        assert!(said.stdout.contains(words), "{}", said.stdout);
    }

    let (desk, session, _) = Desk::signed_in().await;
    let refused = Fault::Refuse(ServiceError::Forbidden);
    desk.fake.on(Operation::RevokeToken).always(refused);
    let kept = "What is unpaid is kept: `resume` and `retry` try again.";
    let said = desk.run("sign-out", &[&session]).await;
    assert!(said.stdout.contains(kept), "{}", said.stdout);
    let said = desk.run("sign-out --hand-over", &[&session]).await;
    assert!(!said.stdout.contains(kept), "{}", said.stdout);
    assert!(
        said.stdout.contains("Nothing is kept for another attempt."),
        "{}",
        said.stdout
    );
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

#[tokio::test]
async fn a_configuration_file_names_the_pool() {
    let (desk, session, tokens) = Desk::signed_in().await;
    let (pool, client) = (desk.fake.user_pool_id(), desk.fake.client_id());
    let content = json!({ "version": "1.4", "auth": {
        "user_pool_id": pool, "user_pool_client_id": client, "aws_region": "eu-central-1",
    }});
    let config = desk.file("amplify_outputs.json", &content);
    let args = format!("sign-out --json --vault memory --config {}", config.display());
    let said = desk.run_bare(&args, &[&session]).await;
    assert_eq!(said.object()["result"], "complete");
    assert!(!desk.fake.is_refresh_token_live(&tokens.refresh));
}

#[tokio::test]
async fn the_client_secret_is_taken_from_the_environment_and_rotation_from_its_option() {
    let fake = FakeCognito::builder()
        .client_secret("a-client-secret")
        .rotation(Duration::ZERO);
    let desk = Desk::over(fake.start().await.unwrap());
    let (session, tokens) = desk.session("ana.json", "api");
    let said = desk.run("refresh --rotation --reveal --json", &[&session]).await;
    assert_eq!(said.object()["result"], "complete");
    let rotated = said.object()["tokens"]["refresh_token"].as_str().unwrap().to_owned();
    assert_ne!(rotated, tokens.refresh.reveal());
    let help = desk.run_bare("--help", &[]).await;
    assert_eq!(help.code, Some(0));
    for said in [said, help] {
        assert!(!said.stdout.contains("a-client-secret"));
    }
}

#[tokio::test]
async fn usage_errors_have_exit_code_2_and_are_one_object_too() {
    let desk = Desk::new().await;
    let not_a_session = desk.file("not.json", &json!({ "access_token": "eyJh.secret.part" }));
    let garbage = desk.file(
        "garbage.json",
        &json!({
            "access_token": "one", "id_token": "two", "refresh_token": "three", "signed_in_with": "api",
        }),
    );
    let missing = desk.folder.path().join("missing.json");
    let pool = format!(
        "--user-pool {} --client-id c --vault memory --json",
        desk.fake.user_pool_id()
    );
    let cases: [(String, Vec<&Path>); 11] = [
        ("--json".into(), vec![]),
        (format!("finish-sign-out {pool}"), vec![]),
        (format!("sign-out --revoke-at-domain {pool}"), vec![]),
        ("sign-off --json".into(), vec![]),
        (format!("sign-out --deadline 10 {pool}"), vec![]),
        (format!("sign-out --web perhaps {pool}"), vec![]),
        ("status --json".into(), vec![]),
        ("status --json --user-pool AbCdEf --client-id c".into(), vec![]),
        (format!("store {pool}"), vec![]),
        (format!("store {pool}"), vec![&missing]),
        (format!("store {pool}"), vec![&not_a_session]),
    ];
    for (args, sessions) in cases {
        let said = desk.run_bare(&args, &sessions).await;
        let object = said.object();
        assert_eq!(object["result"], "usage", "{args}");
        assert_eq!(object["errors"]["usage"]["code"], "invalid_input", "{args}");
        assert_ne!(object["errors"]["usage"]["message"], "", "{args}");
        assert_eq!(said.code, Some(2), "{args}");
        assert!(!said.stdout.contains("eyJh"), "{args}");
    }
    let said = desk.run_bare(&format!("store {pool}"), &[&garbage]).await;
    assert_eq!(said.object()["errors"]["store"]["code"], "invalid_input");
    assert_eq!(said.code, Some(2));

    let people = desk.run_bare("sign-off", &[]).await;
    assert_eq!(people.code, Some(2));
    assert_eq!(people.stdout, "");
    assert!(people.stderr.contains("sign-off"));
}

#[tokio::test]
async fn people_get_words_and_no_colour_without_a_terminal() {
    let (desk, session, tokens) = Desk::signed_in().await;
    desk.fake
        .on(Operation::RevokeToken)
        .always(Fault::Refuse(ServiceError::Forbidden));
    let said = desk.run("sign-out", &[&session]).await;
    assert_eq!(said.code, Some(3));
    assert!(
        said.stdout
            .starts_with("Signed out of this device, with something left to do (")
    );
    assert!(said.stdout.contains("  revoke_token     failed:forbidden\n"));
    assert!(said.stdout.contains("--reveal shows it"));
    assert!(!said.stdout.contains('\u{1b}'));
    said.assert_shows_none_of(&secrets(&tokens));

    let usage = desk.run("store", &[]).await;
    assert_eq!(usage.code, Some(2));
    assert_eq!(
        (usage.stdout.as_str(), usage.stderr.as_str()),
        ("", "error: store needs --session FILE\n")
    );
}

#[tokio::test]
async fn a_sign_out_that_finds_nobody_says_so() {
    let desk = Desk::new().await;
    let said = desk.run("sign-out", &[]).await;
    assert!(
        said.stdout.starts_with("Nobody was signed in here ("),
        "{}",
        said.stdout
    );
    assert_eq!(said.code, Some(0));
    let said = desk.run("sign-out --json", &[]).await;
    assert_eq!(said.object()["steps"]["commit"], "skipped:no_session");
}

#[tokio::test]
async fn a_session_is_read_from_the_standard_input_too() {
    let (desk, session, tokens) = Desk::signed_in().await;
    let said = desk.run_reading("sign-out --json --session -", &session).await;
    assert_eq!(said.object()["result"], "complete");
    assert!(!desk.fake.is_refresh_token_live(&tokens.refresh));
}

#[tokio::test]
async fn an_error_in_a_session_file_is_named_and_not_quoted() {
    let desk = Desk::new().await;
    let whole = json!({
        "access_token": "eyJh.one", "id_token": "eyJh.two", "refresh_token": "eyJh.three", "signed_in_with": "api",
    });
    for (member, value, says) in [
        ("access_token", None, "access_token: missing"),
        ("id_token", None, "id_token: missing"),
        ("refresh_token", Some(json!(42)), "refresh_token: must be a string"),
        ("signed_in_with", None, "signed_in_with: missing"),
        (
            "signed_in_with",
            Some(json!("eyJh")),
            "signed_in_with: must be api, hosted_ui or hosted_ui_private",
        ),
    ] {
        let mut file = whole.clone();
        match value {
            Some(value) => drop(file.as_object_mut().unwrap().insert(member.to_owned(), value)),
            None => drop(file.as_object_mut().unwrap().remove(member)),
        }
        let path = desk.file("wrong.json", &file);
        let said = desk.run("store", &[&path]).await;
        assert_eq!(said.code, Some(2));
        assert_eq!(
            said.stderr,
            format!("error: {}: {says} (see cognito-signout --help)\n", path.display())
        );
    }
}

/// There is no D-Bus at this address.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn without_a_keychain_the_output_names_the_memory_vault() {
    let desk = Desk::new().await;
    let nowhere = Path::new("unix:path=/nowhere/to/be/found");
    let args = "status --user-pool eu-central-1_Example --client-id c";
    let said = desk
        .run_bare_with(args, &[], &[("DBUS_SESSION_BUS_ADDRESS", nowhere)])
        .await;
    assert!(said.stdout.contains("(vault_unavailable)"), "{}", said.stdout);
    assert!(said.stdout.contains("--vault memory"), "{}", said.stdout);
    assert_eq!(said.code, Some(4));
}

#[cfg(target_os = "linux")] // Has a disk that is always full.
#[tokio::test]
async fn an_output_that_cannot_be_written_is_an_exit_code_and_no_panic() {
    let desk = Desk::new().await;
    for args in ["sign-out", "sign-out --json"] {
        let said = desk.run_into(args, Path::new("/dev/full")).await;
        assert_eq!(said.code, Some(4));
        assert!(
            said.stderr.starts_with("the output could not be printed: "),
            "{}",
            said.stderr
        );
    }
}
