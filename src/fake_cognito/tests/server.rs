//! The handle: how it starts, records, holds requests and goes offline.

use serde_json::json;

use super::*;
use crate::fake_cognito::{Fault, ServiceError};
use crate::{Clock, Secret};

#[tokio::test]
async fn responds_to_several_requests_on_one_connection() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    let mut stream = connect(&fake).await;
    for _ in 0..3 {
        let request = json!({ "AccessToken": tokens.access.reveal() });
        let reply = call_on(&mut stream, Operation::GetUser, &request).await;
        assert_eq!((reply.status(), &reply.json()["Username"]), (200, &json!("ana")));
    }
    let last = "GET / HTTP/1.1\r\nconnection: close\r\n\r\n";
    assert_eq!(exchange(&mut stream, last).await.status(), 404);
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn signs_in_with_the_password_and_refreshes() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "correct horse");
    let sign_in = |password: &str| {
        json!({
            "ClientId": fake.client_id(),
            "AuthFlow": "USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": "ana", "PASSWORD": password },
        })
    };
    let refused = call(&fake, Operation::InitiateAuth, &sign_in("battery staple")).await;
    assert_eq!(
        (refused.status(), refused.json()["message"].as_str()),
        (400, Some("Incorrect username or password."))
    );

    let response = call(&fake, Operation::InitiateAuth, &sign_in("correct horse"))
        .await
        .json();
    let tokens = &response["AuthenticationResult"];
    let refresh = Secret::new(tokens["RefreshToken"].as_str().unwrap());
    assert!(fake.is_access_token_live(&Secret::new(tokens["AccessToken"].as_str().unwrap())));
    assert!(fake.is_refresh_token_live(&refresh));
    assert_eq!(
        (&tokens["ExpiresIn"], &tokens["TokenType"]),
        (&json!(3600), &json!("Bearer"))
    );

    let response = call(&fake, Operation::InitiateAuth, &refresh_request(&fake, &refresh))
        .await
        .json();
    let tokens = &response["AuthenticationResult"];
    assert!(fake.is_access_token_live(&Secret::new(tokens["AccessToken"].as_str().unwrap())));
    assert_eq!(tokens.get("RefreshToken"), None);
}

#[tokio::test]
async fn with_rotation_only_its_own_operation_returns_a_new_refresh_token() {
    let fake = FakeCognito::builder().rotation(Duration::ZERO).start().await.unwrap();
    let tokens = fake.sign_in("ana");
    let refused = call(&fake, Operation::InitiateAuth, &refresh_request(&fake, &tokens.refresh)).await;
    assert_eq!(refused.json()["__type"], "UnsupportedOperationException");

    let request = json!({ "ClientId": fake.client_id(), "RefreshToken": tokens.refresh.reveal() });
    let response = call(&fake, Operation::GetTokensFromRefreshToken, &request).await.json();
    let rotated = Secret::new(response["AuthenticationResult"]["RefreshToken"].as_str().unwrap());
    assert!(fake.is_refresh_token_live(&rotated));
    let reused = call(&fake, Operation::GetTokensFromRefreshToken, &request).await;
    assert_eq!(reused.json()["__type"], "RefreshTokenReuseException");
}

#[tokio::test]
async fn administrators_must_sign_unless_the_pool_is_set_otherwise() {
    for (unsigned_admin, authorization, status) in [
        (false, "", 400),
        (false, "authorization: Bearer x\r\n", 400),
        (false, "authorization: AWS4-HMAC-SHA256 Credential=x\r\n", 200),
        (true, "", 200),
    ] {
        let mut builder = FakeCognito::builder();
        if unsigned_admin {
            builder = builder.unsigned_admin();
        }
        let fake = builder.start().await.unwrap();
        fake.sign_in("ana");
        let body = json!({ "UserPoolId": fake.user_pool_id(), "Username": "ana" }).to_string();
        let target = "x-amz-target: AWSCognitoIdentityProviderService.AdminUserGlobalSignOut";
        let request = format!(
            "POST / HTTP/1.1\r\n{target}\r\n{authorization}content-length: {}\r\n\r\n{body}",
            body.len()
        );
        let reply = exchange(&mut connect(&fake).await, &request).await;
        assert_eq!(reply.status(), status, "{}", reply.text());
        assert_eq!(fake.live_sessions("ana"), usize::from(status != 200));
    }
}

#[tokio::test]
async fn an_unknown_operation_and_a_body_that_is_not_json_are_refused() {
    let fake = FakeCognito::start().await.unwrap();
    let mut stream = connect(&fake).await;
    for (target, body, error) in [
        (
            "AWSCognitoIdentityProviderService.DeletePool",
            "{}",
            ServiceError::UnknownOperation,
        ),
        ("RevokeToken", "{}", ServiceError::UnknownOperation),
        (
            "AWSCognitoIdentityProviderService.RevokeToken",
            "<html>",
            ServiceError::Serialization,
        ),
        (
            "AWSCognitoIdentityProviderService.RevokeToken",
            "{}",
            ServiceError::InvalidParameter,
        ),
    ] {
        let length = body.len();
        let request = format!("POST / HTTP/1.1\r\nx-amz-target: {target}\r\ncontent-length: {length}\r\n\r\n{body}");
        assert_eq!(exchange(&mut stream, &request).await.json()["__type"], error.code());
    }
}

#[tokio::test]
async fn going_offline_refuses_and_drops_connections_and_online_uses_the_same_port() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    let request = json!({ "AccessToken": tokens.access.reveal() });
    let mut stream = connect(&fake).await;
    assert_eq!(call_on(&mut stream, Operation::GetUser, &request).await.status(), 200);

    fake.go_offline().await.unwrap();
    fake.go_offline().await.unwrap();
    let refused = TcpStream::connect(fake.address).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    let dropped = call_on(&mut stream, Operation::GetUser, &request).await;
    assert!(dropped.bytes.is_empty() && dropped.ending != Ending::Silence);

    fake.go_online().await.unwrap();
    fake.go_online().await.unwrap();
    assert_eq!(call(&fake, Operation::GetUser, &request).await.status(), 200);
}

#[tokio::test]
async fn dropping_the_handle_ends_the_server() {
    let fake = FakeCognito::start().await.unwrap();
    let address = fake.address;
    let mut stream = connect(&fake).await;
    call_on(&mut stream, Operation::GetUser, &json!({})).await;
    drop(fake);
    tokio::task::yield_now().await;
    assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(
        TcpStream::connect(address).await.unwrap_err().kind(),
        ErrorKind::ConnectionRefused
    );
}

#[tokio::test(start_paused = true)]
async fn delays_every_response() {
    let fake = FakeCognito::builder()
        .delay(Duration::from_millis(100))
        .start()
        .await
        .unwrap();
    let tokens = fake.sign_in("ana");
    let start = tokio::time::Instant::now();
    call(&fake, Operation::RevokeToken, &revoke_request(&fake, &tokens.refresh)).await;
    assert!(start.elapsed() >= Duration::from_millis(100));
    fake.set_delay(Duration::from_secs(30));
    call(&fake, Operation::RevokeToken, &revoke_request(&fake, &tokens.refresh)).await;
    assert!(start.elapsed() >= Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_gate_holds_requests_until_it_opens() {
    let fake = FakeCognito::start().await.unwrap();
    let [before, after] = [fake.sign_in("ana").refresh, fake.sign_in("ana").refresh];
    for (token, live_at_the_gate) in [(&before, true), (&after, false)] {
        fake.heal();
        let on = fake.on(Operation::RevokeToken);
        let gate = if live_at_the_gate {
            on.hold()
        } else {
            on.after_effect().hold()
        };
        let request = revoke_request(&fake, token);
        let asking = call(&fake, Operation::RevokeToken, &request);
        let watching = async {
            gate.reached_by(1).await;
            tokio::time::sleep(Duration::from_secs(30)).await;
            assert_eq!(fake.is_refresh_token_live(token), live_at_the_gate);
            gate.open();
        };
        let (reply, ()) = tokio::join!(asking, watching);
        assert_eq!((reply.status(), fake.is_refresh_token_live(token)), (200, false));
    }
}

#[tokio::test]
async fn records_requests_in_order() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    call(
        &fake,
        Operation::GlobalSignOut,
        &json!({ "AccessToken": tokens.access.reveal() }),
    )
    .await;
    call(&fake, Operation::RevokeToken, &revoke_request(&fake, &tokens.refresh)).await;
    fake.on(Operation::GetUser).once(Fault::Reset);
    call(&fake, Operation::GetUser, &json!({})).await;

    assert_eq!(
        fake.operations(),
        [Operation::GlobalSignOut, Operation::RevokeToken, Operation::GetUser]
    );
    assert_eq!(
        (fake.count(Operation::RevokeToken), fake.count(Operation::InitiateAuth)),
        (1, 0)
    );
    let requests = fake.requests();
    assert!(requests[0].at() <= requests[1].at());
    assert_eq!(requests[1].body()["Token"], tokens.refresh.reveal());
    assert_eq!(requests[1].header("Host"), Some("fake"));
    assert_eq!((requests[1].method(), requests[1].path()), ("POST", "/"));
    assert_eq!(
        [requests[0].status(), requests[1].status(), requests[2].status()],
        [Some(200), Some(200), None]
    );
    assert_eq!(
        format!("{:?}", requests[1]),
        "POST / RevokeToken {ClientId, Token} -> 200"
    );
    fake.forget_requests();
    assert_eq!(fake.requests().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn no_debug_output_contains_a_token_whatever_fails() {
    let fake = FakeCognito::builder().client_secret("hidden").start().await.unwrap();
    let tokens = fake.sign_in("ana");
    for fault in Fault::all() {
        fake.on(Operation::RevokeToken).once(fault);
        call(&fake, Operation::RevokeToken, &revoke_request(&fake, &tokens.refresh)).await;
    }
    exchange(
        &mut connect(&fake).await,
        &format!("GET /?t={} HTTP/1.1\r\n\r\n", tokens.access.reveal()),
    )
    .await;
    let printed = format!("{fake:?} {:?} {:?} {tokens:?}", fake.requests(), fake.shared);
    for secret in [&tokens.access, &tokens.refresh, &tokens.id, &Secret::new("hidden")] {
        assert!(!printed.contains(secret.reveal()));
    }
}

#[tokio::test]
#[should_panic(expected = "a token is in the URL of Some(GET /logout HostedLogout -> 400)")]
async fn a_token_in_a_url_is_noticed() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    exchange(&mut connect(&fake).await, "GET /logout?client_id=x HTTP/1.1\r\n\r\n").await;
    fake.assert_no_token_in_urls();
    let request = format!("GET /logout?token={} HTTP/1.1\r\n\r\n", tokens.refresh.reveal());
    exchange(&mut connect(&fake).await, &request).await;
    fake.assert_no_token_in_urls();
}

#[tokio::test]
async fn tokens_expire_by_a_clock_that_the_library_can_share() {
    let fake = FakeCognito::start().await.unwrap();
    let (tokens, clock) = (fake.sign_in("ana"), fake.clock());
    let before = clock.now();
    fake.advance(Duration::from_secs(60 * 60));
    assert!(clock.now() >= before + Duration::from_secs(60 * 60));
    assert!(!fake.is_access_token_live(&tokens.access));
    assert!(fake.is_refresh_token_live(&tokens.refresh));
    clock.rewind(Duration::from_secs(2 * 60 * 60));
    assert!(clock.now() < before);
    assert!(fake.is_access_token_live(&tokens.access));
}
