//! What a user gives to the program: files, the environment, the standard input; and mistakes in them.

use std::path::Path;
use std::time::Duration;

use cognito_signout::fake_cognito::FakeCognito;
use serde_json::json;

use crate::desk::Desk;

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
async fn a_session_is_read_from_the_standard_input_too() {
    let (desk, session, tokens) = Desk::signed_in().await;
    let said = desk.run_reading("sign-out --json --session -", &session).await;
    assert_eq!(said.object()["result"], "complete");
    assert!(!desk.fake.is_refresh_token_live(&tokens.refresh));
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
