//! What is listed, and in which pages.

use super::*;

#[tokio::test]
async fn an_entry_says_what_aws_says() {
    let fake = tracking_pool().await;
    let api = fake.sign_in("ana");
    let browser = fake.sign_in_through_browser("ana");
    fake.sign_in("bob");

    let listed = list(&fake, &browser).await;
    let sessions = listed["Sessions"].as_array().unwrap();
    assert_eq!((sessions.len(), listed.get("NextToken")), (3, None));
    for session in sessions {
        let id = session["SessionId"].as_str().unwrap();
        let prefix = if session["SessionType"] == "SSO" { "sso" } else { "tkn" };
        assert!(id.starts_with(prefix) && id.len() == 28, "{id}");
        assert!(
            id.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit()),
            "{id}"
        );
        assert_eq!(session["ClientId"], fake.client_id());
        assert_eq!(session["LastLocation"], json!({ "Country": "unknown" }));
        assert_eq!(
            (&session["LastIPAddress"], &session["DeviceType"]),
            (&json!("127.0.0.1"), &json!("unknown"))
        );
        assert!(session["CreateDate"].as_f64().unwrap() > 1.7e9);
    }
    let of = |tokens| entry_in(sessions, &session_id(&fake, tokens));
    assert_eq!(
        (of(&api).get("OriginSessionId"), &of(&api)["IsCurrentSession"]),
        (None, &json!(false))
    );
    assert_eq!(of(&browser)["IsCurrentSession"], true);
    let sso = entry_in(sessions, of(&browser)["OriginSessionId"].as_str().unwrap());
    assert_eq!(
        (sso.get("OriginSessionId"), &sso["IsCurrentSession"]),
        (None, &json!(false))
    );

    let as_admin = admin(&fake, Operation::AdminListUserSessions, json!({ "Username": "ana" })).await;
    let as_admin = as_admin["Sessions"].as_array().unwrap();
    assert_eq!(as_admin.len(), 3);
    assert!(as_admin.iter().all(|session| session["IsCurrentSession"] == false));
    assert_eq!(as_admin, &fake.sessions("ana"));
}

fn entry_in<'s>(sessions: &'s [Value], id: &str) -> &'s Value {
    sessions.iter().find(|session| session["SessionId"] == id).unwrap()
}

#[tokio::test]
async fn a_refresh_keeps_the_session_and_moves_its_last_activity() {
    for (rotation, sso_too) in [(None, false), (Some(HOUR), true)] {
        let fake = match rotation {
            Some(grace) => builder().rotation(grace),
            None => builder(),
        };
        let fake = fake.start().await.unwrap();
        let tokens = fake.sign_in_through_browser("ana");
        let (token_id, sso_id) = (session_id(&fake, &tokens), sso_id(&fake, "ana", &tokens));
        let before = entry(&fake, "ana", &token_id).unwrap();
        fake.advance(MINUTE);

        let body = json!({ "ClientId": fake.client_id(), "RefreshToken": tokens.refresh.reveal() }).to_string();
        let target = "x-amz-target: AWSCognitoIdentityProviderService.GetTokensFromRefreshToken";
        let device = "user-agent: Notes/2 (Android 16)";
        let length = body.len();
        let request = format!("POST / HTTP/1.1\r\n{target}\r\n{device}\r\ncontent-length: {length}\r\n\r\n{body}");
        let reply = exchange(&mut connect(&fake).await, &request).await.json();
        let access = Secret::new(reply["AuthenticationResult"]["AccessToken"].as_str().unwrap());
        assert_eq!(fake.session_id_of(&access), Some(token_id.clone()));

        let after = entry(&fake, "ana", &token_id).unwrap();
        assert_eq!(after["CreateDate"], before["CreateDate"]);
        assert_eq!(after["DeviceType"], "Notes/2 (Android 16)");
        let seconds = |session: &Value| session["LastActiveDate"].as_f64().unwrap();
        assert!(seconds(&after) >= seconds(&before) + 60.0);
        let sso = entry(&fake, "ana", &sso_id).unwrap();
        assert_eq!(seconds(&sso) >= seconds(&before) + 60.0, sso_too);
        assert_eq!(sso["DeviceType"] == "Notes/2 (Android 16)", sso_too);
    }
}

#[tokio::test]
async fn a_user_without_sessions_has_an_empty_list() {
    let fake = tracking_pool().await;
    fake.add_user("ana", "");
    let listed = admin(&fake, Operation::AdminListUserSessions, json!({ "Username": "ana" })).await;
    assert_eq!(listed, json!({ "Sessions": [] }));
    let nobody = admin(&fake, Operation::AdminListUserSessions, json!({ "Username": "nobody" })).await;
    assert_eq!(nobody["__type"], "UserNotFoundException");
}

#[tokio::test]
async fn a_page_has_125_sessions_and_a_token_only_if_there_are_more() {
    // Each sign-in authenticates anew, so each has an SSO session of its own.
    let fake = builder().max_sessions_per_user(100).sso_validity(Duration::ZERO);
    let fake = fake.start().await.unwrap();
    let api = fake.sign_in("ana");
    for _ in 0..62 {
        fake.sign_in_through_browser("ana");
    }
    let full = list(&fake, &api).await;
    assert_eq!(
        (full["Sessions"].as_array().unwrap().len(), full.get("NextToken")),
        (125, None)
    );

    fake.sign_in("ana");
    let first = list(&fake, &api).await;
    assert_eq!(first["Sessions"], full["Sessions"]);
    let next = json!({ "AccessToken": api.access.reveal(), "NextToken": first["NextToken"] });
    let second = call(&fake, Operation::ListUserSessions, &next).await.json();
    assert_eq!(
        (second["Sessions"].as_array().unwrap().len(), second.get("NextToken")),
        (1, None)
    );
}

#[tokio::test]
async fn pages_do_not_shift_when_a_session_ends_and_an_unknown_token_is_refused() {
    let fake = builder().session_page_size(2).start().await.unwrap();
    let sessions: Vec<IssuedTokens> = (0..5).map(|_| fake.sign_in("ana")).collect();
    let page = async |token: Value| {
        let mut input = json!({ "Username": "ana" });
        if !token.is_null() {
            input["NextToken"] = token;
        }
        admin(&fake, Operation::AdminListUserSessions, input).await
    };
    let ids = |page: &Value| -> Vec<String> {
        let sessions = page["Sessions"].as_array().unwrap().iter();
        sessions
            .map(|it| it["SessionId"].as_str().unwrap().to_owned())
            .collect()
    };
    let expected: Vec<String> = sessions.iter().map(|tokens| session_id(&fake, tokens)).collect();
    let first = page(Value::Null).await;
    assert_eq!(ids(&first), expected[..2]);
    revoke_token(&fake, &sessions[0].refresh, None).await;
    let second = page(first["NextToken"].clone()).await;
    assert_eq!(ids(&second), expected[2..4]);
    let third = page(second["NextToken"].clone()).await;
    assert_eq!((ids(&third), third.get("NextToken")), (expected[4..].to_vec(), None));
    for token in ["", "x", "-1"] {
        assert_eq!(
            page(json!(token)).await["__type"],
            "InvalidParameterException",
            "{token}"
        );
    }
}

#[tokio::test]
async fn only_active_sessions_of_this_very_user_are_listed() {
    let fake = builder().refresh_token_lifetime(2 * HOUR).start().await.unwrap();
    let revoked = fake.sign_in("ana");
    fake.sign_in_through_browser("ana");
    revoke_token(&fake, &revoked.refresh, None).await;
    assert_eq!(fake.sessions("ana").len(), 2);
    fake.advance(HOUR);
    assert_eq!(fake.sessions("ana").len(), 1, "the SSO session has expired");
    fake.advance(HOUR);
    assert_eq!(fake.sessions("ana").len(), 0, "the refresh token has expired");

    fake.sign_in_through_browser("bob");
    fake.sign_in_through_browser("ana");
    assert_eq!(fake.sessions("ana").len(), 2, "not those of another user");
    fake.delete_user("ana");
    fake.add_user("ana", "");
    assert_eq!(fake.sessions("ana").len(), 0, "a new user of the same name");
}

#[tokio::test]
async fn a_test_can_change_or_remove_any_member_of_an_entry() {
    let fake = tracking_pool().await;
    let tokens = fake.sign_in("ana");
    let id = session_id(&fake, &tokens);
    fake.set_session(&id, "SessionType", json!("WATCH"));
    fake.set_session(&id, "LastLocation", json!({ "City": null, "Country": "Norway" }));
    for member in [
        "ClientId",
        "CreateDate",
        "LastActiveDate",
        "DeviceType",
        "LastIPAddress",
        "IsCurrentSession",
    ] {
        fake.set_session(&id, member, Value::Null);
    }
    let expected = json!({
        "SessionId": id,
        "SessionType": "WATCH",
        "LastLocation": { "City": null, "Country": "Norway" },
    });
    assert_eq!(list(&fake, &tokens).await, json!({ "Sessions": [expected] }));
    fake.set_session(&id, "SessionId", Value::Null);
    assert_eq!(list(&fake, &tokens).await["Sessions"][0].get("SessionId"), None);
    assert_eq!(fake.live_sessions("ana"), 1);
}

#[tokio::test]
async fn the_list_needs_a_live_access_token_with_the_scope() {
    let fake = tracking_pool().await;
    let browser = fake.sign_in_with_scope("ana", "openid");
    let ended = fake.sign_in("ana");
    revoke_token(&fake, &ended.refresh, None).await;
    for tokens in [&browser, &ended] {
        assert_eq!(list(&fake, tokens).await["__type"], "NotAuthorizedException");
        assert_eq!(
            revoke_session(&fake, tokens, &session_id(&fake, &browser), None).await,
            "NotAuthorizedException"
        );
    }
}
