//! the program: `sessions`, `end-session` and `sign-out --others-than`.

use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
use serde_json::json;

use crate::desk::Desk;

async fn desk() -> Desk {
    Desk::over(FakeCognito::builder().session_tracking().start().await.unwrap())
}

fn id(desk: &Desk, tokens: &cognito_signout::fake_cognito::IssuedTokens) -> String {
    desk.fake.session_id_of(&tokens.refresh).unwrap()
}

#[tokio::test]
async fn the_list_shows_ip_addresses_only_if_asked_to() {
    let desk = desk().await;
    let tokens = desk.fake.sign_in_through_browser("ana");
    let id = id(&desk, &tokens);
    desk.fake.set_session(&id, "LastIPAddress", json!("192.0.2.7"));
    desk.fake
        .set_session(&id, "LastLocation", json!({ "City": "Oslo", "Country": "Norway" }));
    let said = desk.run("sessions ana --json").await;
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    let object = said.object();
    assert_eq!(object["result"], "complete");
    let sessions = object["sessions"].as_array().unwrap();
    let session = sessions.iter().find(|session| session["id"] == id.as_str()).unwrap();
    let members: Vec<&String> = session.as_object().unwrap().keys().collect();
    let mut expected = [
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
    assert_eq!(members, expected);
    assert_eq!(
        (&session["kind"], &session["current"]),
        (&json!("token"), &json!(false))
    );
    assert!(!said.stdout.contains("192.0.2.7"));

    let revealed = desk.run("sessions ana --json --reveal").await.object();
    let sessions = revealed["sessions"].as_array().unwrap();
    assert!(
        sessions.iter().any(|session| session["ip_address"] == "192.0.2.7"),
        "{revealed}"
    );

    let said = desk.run("sessions ana").await;
    assert!(said.stdout.contains("  2 sessions\n"), "{}", said.stdout);
    assert!(said.stdout.contains(&format!("  {id} (token) ")), "{}", said.stdout);
    assert!(said.stdout.contains("in Oslo, Norway"), "{}", said.stdout);
    assert!(!said.stdout.contains("192.0.2.7"));
    let said = desk.run("sessions ana --reveal").await;
    assert!(said.stdout.contains("IP address 192.0.2.7"), "{}", said.stdout);
}

#[tokio::test]
async fn one_session_ends() {
    let desk = desk().await;
    let (first, second) = (desk.fake.sign_in("ana"), desk.fake.sign_in_through_browser("ana"));
    let said = desk.run(&format!("end-session ana {} --json", id(&desk, &first))).await;
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    assert_eq!(
        said.object()["ended"],
        json!({ "id": id(&desk, &first), "linked": false })
    );
    assert!(!desk.fake.is_refresh_token_live(&first.refresh));
    assert!(desk.fake.is_refresh_token_live(&second.refresh));

    let said = desk
        .run(&format!("end-session ana {} --linked", id(&desk, &second)))
        .await;
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    assert!(
        said.stdout
            .contains("has ended at Cognito; services that verify tokens offline")
    );
    assert!(
        said.stdout.contains("linked to it end within a few seconds"),
        "{}",
        said.stdout
    );
    assert!(!desk.fake.has_browser_session("ana"));

    let again = desk.run(&format!("end-session ana {} --json", id(&desk, &first))).await;
    assert_eq!(
        (again.code, &again.object()["errors"]["end_session"]["code"]),
        (Some(4), &json!("session_not_found"))
    );
    assert_eq!(desk.run("end-session ana mine --json").await.code, Some(2));
}

#[tokio::test]
async fn all_other_sessions_end() {
    let desk = desk().await;
    let (kept, other) = (desk.fake.sign_in("ana"), desk.fake.sign_in("ana"));
    let kept_id = id(&desk, &kept);
    let others = format!("sign-out ana --others-than {kept_id}");
    let said = desk.run(&format!("{others} --json")).await;
    assert_eq!(said.code, Some(0), "{}", said.stdout);
    let object = said.object();
    assert_eq!(object["kept"], kept_id.as_str());
    let sessions = object["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(
        (&sessions[0]["id"], &sessions[0]["ended"]),
        (&json!(id(&desk, &other)), &json!(true))
    );
    assert!(desk.fake.is_refresh_token_live(&kept.refresh) && !desk.fake.is_refresh_token_live(&other.refresh));

    let said = desk.run(&others).await;
    assert_eq!(said.code, Some(0));
    assert!(said.stdout.contains("no other session"), "{}", said.stdout);
    let said = desk.run(&format!("{others} --disable --json")).await;
    assert_eq!(said.code, Some(2));
}

#[tokio::test]
async fn sessions_that_are_left_decide_the_exit_code() {
    let desk = desk().await;
    let kept = id(&desk, &desk.fake.sign_in("ana"));
    let (first, _second) = (desk.fake.sign_in("ana"), desk.fake.sign_in("ana"));
    desk.fake
        .set_session(&id(&desk, &first), "SessionType", json!("DEVICE"));
    let others = format!("sign-out ana --others-than {kept}");
    let said = desk.run(&format!("{others} --json")).await;
    let object = said.object();
    assert_eq!((said.code, &object["result"]), (Some(3), &json!("partial")));
    let sessions = object["sessions"].as_array().unwrap();
    let left = sessions.iter().find(|session| session["ended"] == false).unwrap();
    assert_eq!(left["kind"], "DEVICE");
    assert_eq!(left["error"]["code"], "unexpected_response");

    desk.fake.sign_in("ana");
    let denied = Fault::Refuse(ServiceError::AccessDenied);
    desk.fake.on(Operation::AdminRevokeUserSession).always(denied);
    let said = desk.run(&others).await;
    assert_eq!(said.code, Some(4), "{}", said.stdout);
    assert!(
        said.stdout.contains("cognito-idp:AdminRevokeUserSession"),
        "{}",
        said.stdout
    );
    assert!(!said.stdout.contains("verify tokens offline"), "{}", said.stdout);
}

#[tokio::test]
async fn a_pool_that_does_not_track_sessions_is_named() {
    let desk = Desk::new().await;
    desk.fake.sign_in("ana");
    for command in ["sessions ana", "end-session ana tknaaaaaaaaaaaaaaaaaaaaaaaaa"] {
        let said = desk.run(&format!("{command} --json")).await;
        assert_eq!(said.code, Some(4));
        assert!(said.stdout.contains("session_tracking_off"), "{}", said.stdout);
    }
}
