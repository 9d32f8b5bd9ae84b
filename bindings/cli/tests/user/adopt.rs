//! `adopt`: a dump of another library's store becomes the session.

use std::path::PathBuf;

use cognito_signout::fake_cognito::IssuedTokens;
use serde_json::{Value, json};

use crate::desk::Desk;
use crate::secrets;

/// What ana's browser has after a sign-in with Amplify JS.
fn amplify_js(desk: &Desk, tokens: &IssuedTokens) -> Value {
    let of_client = format!("CognitoIdentityServiceProvider.{}", desk.fake.client_id());
    json!({
        format!("{of_client}.LastAuthUser"): "ana",
        format!("{of_client}.ana.accessToken"): tokens.access.reveal(),
        format!("{of_client}.ana.idToken"): tokens.id.reveal(),
        format!("{of_client}.ana.refreshToken"): tokens.refresh.reveal(),
        "theme": "dark",
    })
}

/// What her phone has after a sign-in with AWSMobileClient.
fn aws_mobile_client(desk: &Desk, tokens: &IssuedTokens, is_ios: bool) -> Value {
    let client = desk.fake.client_id();
    let (of_client, last_user) = match is_ios {
        true => (client, "currentUser"),
        false => (format!("CognitoIdentityProvider.{client}"), "LastAuthUser"),
    };
    json!({
        format!("{of_client}.{last_user}"): "ana",
        format!("{of_client}.ana.accessToken"): tokens.access.reveal(),
        format!("{of_client}.ana.idToken"): tokens.id.reveal(),
        format!("{of_client}.ana.refreshToken"): tokens.refresh.reveal(),
    })
}

fn dump(desk: &Desk) -> (PathBuf, IssuedTokens) {
    let tokens = desk.fake.sign_in("ana");
    (desk.file("dump.json", &amplify_js(desk, &tokens)), tokens)
}

fn adopt(library: &str, dump: &std::path::Path) -> String {
    format!("adopt --from {library} {}", dump.display())
}

#[tokio::test]
async fn a_dump_becomes_the_session_and_nothing_is_sent() {
    let desk = Desk::new().await;
    let (dump, tokens) = dump(&desk);
    let said = desk.run(&format!("{} --json", adopt("amplify-js", &dump)), &[]).await;
    let object = said.object();
    assert_eq!(object["result"], "complete");
    assert_eq!(object["adoption"], "adopted");
    assert_eq!(object["session"]["username"], "ana");
    assert_eq!(object["session"]["signed_in_with"], "api");
    assert_eq!(object["errors"], json!({}));
    assert_eq!(said.code, Some(0));
    said.assert_shows_none_of(&secrets(&tokens));
    assert!(desk.fake.requests().is_empty());

    let people = desk.run_reading("adopt --from amplify-js - --reveal", &dump).await;
    assert!(
        people.stdout.starts_with("Adopted: signed in here ("),
        "{}",
        people.stdout
    );
    people.assert_shows_none_of(&secrets(&tokens));
}

#[tokio::test]
async fn aws_mobile_clients_dump_is_read_whichever_phone_it_is_from() {
    let desk = Desk::new().await;
    for is_ios in [true, false] {
        let tokens = desk.fake.sign_in("ana");
        let dump = desk.file("dump.json", &aws_mobile_client(&desk, &tokens, is_ios));
        let said = desk
            .run(&format!("{} --json", adopt("aws-mobile-client", &dump)), &[])
            .await;
        assert_eq!(said.object()["adoption"], "adopted", "{}", said.stdout);
    }
}

#[tokio::test]
async fn a_session_on_record_wins_and_that_is_no_failure() {
    let desk = Desk::new().await;
    let (dump, _) = dump(&desk);
    let (session, _) = desk.session("session.json", "hosted_ui");
    let said = desk
        .run(&format!("{} --json", adopt("amplify-js", &dump)), &[&session])
        .await;
    assert_eq!(said.object()["result"], "signed_in");
    assert_eq!(said.object()["adoption"], "already_signed_in");
    assert_eq!(said.object()["session"]["signed_in_with"], "hosted_ui");
    assert_eq!(said.code, Some(0));
    let people = desk.run(&adopt("amplify-js", &dump), &[&session]).await;
    assert!(
        people
            .stdout
            .starts_with("Signed in here already: nothing has changed ("),
        "{}",
        people.stdout
    );
}

#[tokio::test]
async fn a_store_without_a_session_is_failed_and_says_why() {
    let desk = Desk::new().await;
    let half = amplify_js(&desk, &desk.fake.sign_in("ana"));
    let mut half = half.as_object().unwrap().clone();
    half.retain(|name, _| !name.ends_with(".idToken"));
    for (store, code, message) in [
        (json!({}), "signed_out", "the store has no session"),
        (
            Value::Object(half),
            "invalid_input",
            "CognitoIdentityServiceProvider.<client id>.<user>.idToken is missing",
        ),
        (
            json!({ "CognitoIdentityServiceProvider.another.LastAuthUser": "ana" }),
            "invalid_input",
            "the store has a session of another configuration, at \
             CognitoIdentityServiceProvider.<other client id>.LastAuthUser",
        ),
    ] {
        let dump = desk.file("dump.json", &store);
        let said = desk.run(&format!("{} --json", adopt("amplify-js", &dump)), &[]).await;
        let error = &said.object()["errors"]["adopt"];
        assert_eq!((&error["code"], &error["message"]), (&json!(code), &json!(message)));
        assert_eq!(said.object()["result"], "failed");
        assert_eq!(said.code, Some(4));
        assert!(!said.stdout.contains("eyJ"));
    }
}

#[tokio::test]
async fn a_dump_that_is_no_object_of_strings_is_a_usage_error_and_is_not_quoted() {
    let desk = Desk::new().await;
    for (content, says) in [
        (json!(["eyJh"]), "the dump must be a JSON object"),
        (json!({ "a": { "b": "eyJh" } }), "the dump / <item> must be a string"),
    ] {
        let dump = desk.file("dump.json", &content);
        let said = desk.run(&adopt("amplify-swift", &dump), &[]).await;
        assert_eq!(said.stderr, format!("error: {}: {says}\n", dump.display()));
        assert_eq!((said.code, said.stdout.as_str()), (Some(2), ""));
    }
    let said = desk.run("adopt --from amplify-xamarin dump.json --json", &[]).await;
    assert_eq!(said.object()["result"], "usage");
}
