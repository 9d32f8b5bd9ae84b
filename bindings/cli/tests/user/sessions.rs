//! Where the user is signed in, and ending other sessions; a sign-out by revocation.

use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
use serde_json::{Value, json};

use crate::desk::Desk;

/// A desk at a pool that tracks sessions.
async fn desk() -> Desk {
    Desk::over(FakeCognito::builder().session_tracking().start().await.unwrap())
}

#[tokio::test]
async fn the_list_of_sessions_is_json_without_ip_addresses_unless_they_are_to_be_revealed() {
    let desk = desk().await;
    let (session, tokens) = desk.session("ana.json", "api");
    let id = desk.fake.session_id_of(&tokens.refresh).unwrap();
    desk.fake.set_session(&id, "LastIPAddress", json!("198.51.100.7"));
    let said = desk.run("sessions --json", &[&session]).await;
    assert_eq!(said.code, Some(0));
    let object = said.object();
    assert_eq!(object["result"], "complete");
    let listed = &object["sessions"][0];
    let names: Vec<&str> = listed.as_object().unwrap().keys().map(String::as_str).collect();
    let mut expected = vec![
        "id",
        "kind",
        "client_id",
        "created",
        "last_active",
        "device",
        "city",
        "country",
        "origin",
        "current",
    ];
    expected.sort_unstable();
    assert_eq!(names, expected);
    assert_eq!((&listed["id"], &listed["kind"]), (&json!(id), &json!("token")));
    assert_eq!(
        (&listed["current"], &listed["client_id"]),
        (&json!(true), &json!(desk.fake.client_id()))
    );
    assert!(!said.stdout.contains("198.51.100.7"), "{}", said.stdout);
    let revealed = desk.run("sessions --json --reveal", &[&session]).await;
    assert_eq!(revealed.object()["sessions"][0]["ip_address"], "198.51.100.7");

    let text = desk.run("sessions", &[&session]).await;
    assert!(text.stdout.contains("Where you are signed in"), "{}", text.stdout);
    assert!(
        text.stdout.contains(&format!("{id} (token, this session)")),
        "{}",
        text.stdout
    );
    assert!(!text.stdout.contains("198.51.100.7"), "{}", text.stdout);
}

#[tokio::test]
async fn another_session_can_be_ended_and_ones_own_is_refused_with_what_to_do() {
    let desk = desk().await;
    let (session, own) = desk.session("ana.json", "api");
    let other = desk.fake.sign_in("ana");
    let id = desk.fake.session_id_of(&other.refresh).unwrap();
    let said = desk.run(&format!("end-session {id} --json"), &[&session]).await;
    assert_eq!((said.code, &said.object()["result"]), (Some(0), &json!("complete")));
    assert!(!desk.fake.is_refresh_token_live(&other.refresh));

    let id = desk.fake.session_id_of(&own.refresh).unwrap();
    let said = desk
        .run(&format!("end-session {id} --linked --json"), &[&session])
        .await;
    assert_eq!(said.code, Some(4));
    let error = &said.object()["errors"]["end_session"];
    assert_eq!(error["code"], "own_session");
    assert!(error["recovery"].as_str().unwrap().contains("sign_out"), "{error}");

    let said = desk.run("end-session nonsense --json", &[&session]).await;
    assert_eq!((said.code, &said.object()["result"]), (Some(2), &json!("usage")));
}

#[tokio::test]
async fn signing_out_the_others_lists_each_and_is_partial_if_one_is_left() {
    let desk = desk().await;
    let (session, own) = desk.session("ana.json", "api");
    let others = [desk.fake.sign_in("ana"), desk.fake.sign_in("ana")];
    desk.fake
        .on(Operation::RevokeUserSession)
        .once(Fault::Refuse(ServiceError::Forbidden));
    let said = desk.run("sign-out --others --json", &[&session]).await;
    assert_eq!((said.code, &said.object()["result"]), (Some(3), &json!("partial")));
    let left: Vec<Value> = said.object()["sessions"].as_array().unwrap().clone();
    let ended = left.iter().filter(|session| session["ended"] == true).count();
    assert_eq!((left.len(), ended), (2, 1));
    assert!(left.iter().any(|session| session["error"]["code"] == "forbidden"));

    let said = desk.run("sign-out --others", &[&session]).await;
    assert_eq!(said.code, Some(0));
    assert!(said.stdout.contains("Signed out everywhere else"), "{}", said.stdout);
    assert!(
        others
            .iter()
            .all(|other| !desk.fake.is_refresh_token_live(&other.refresh))
    );
    assert!(desk.fake.is_refresh_token_live(&own.refresh));

    for options in ["--global", "--web skip", "--deadline 1s"] {
        let said = desk
            .run(&format!("sign-out --others {options} --json"), &[&session])
            .await;
        assert_eq!(
            (said.code, &said.object()["result"]),
            (Some(2), &json!("usage")),
            "{options}"
        );
    }
}

#[tokio::test]
async fn without_tracking_the_error_says_how_to_turn_it_on() {
    let (desk, session, _) = Desk::signed_in().await;
    for command in ["sessions", "sign-out --others"] {
        let said = desk.run(command, &[&session]).await;
        assert_eq!(said.code, Some(4), "{command}");
        assert!(said.stdout.contains("session_tracking_off"), "{}", said.stdout);
        assert!(
            said.stdout.contains("SetUserPoolSessionConfiguration"),
            "{}",
            said.stdout
        );
    }
}

#[tokio::test]
async fn a_browser_session_is_ended_by_revocation_if_the_option_says_that_sessions_are_tracked() {
    for options in ["--session-tracking", "--session-tracking --web by-revocation"] {
        let desk = desk().await;
        let tokens = desk.fake.sign_in_through_browser("ana");
        let session = desk.write_session("ana.json", &tokens, "hosted_ui");
        let said = desk.run(&format!("sign-out {options} --json"), &[&session]).await;
        let object = said.object();
        assert_eq!(
            (said.code, &object["result"]),
            (Some(0), &json!("complete")),
            "{object}"
        );
        assert_eq!(object["steps"]["web"], "requested");
        assert_eq!(object["web"]["sessions"][0]["state"], "end_requested");
        assert_eq!(object["web"]["next_sign_in_prompt"], "login");
        assert!(!desk.fake.has_browser_session("ana"));
    }
}

#[tokio::test]
async fn by_revocation_is_refused_if_the_options_do_not_say_that_sessions_are_tracked() {
    let desk = desk().await;
    let (session, tokens) = desk.session("ana.json", "hosted_ui");
    let said = desk.run("sign-out --web by-revocation --json", &[&session]).await;
    let object = said.object();
    assert_eq!((said.code, &object["result"]), (Some(4), &json!("failed")));
    let message = object["errors"]["commit"]["message"].as_str().unwrap();
    assert!(message.starts_with("session_tracking: must be true"), "{message}");
    assert!(desk.fake.is_refresh_token_live(&tokens.refresh));
}
