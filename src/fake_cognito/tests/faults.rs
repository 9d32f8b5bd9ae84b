//! Every fault does on the wire what its name promises.

use serde_json::json;
use tokio::time::Instant;

use super::*;
use crate::fake_cognito::{Fault, ServiceError, Spelling};
use crate::transport::MAX_RESPONSE_BYTES;

/// What a client receives when it refreshes and meets the fault.
async fn refresh_under(fault: Fault) -> Reply {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    fake.on(Operation::InitiateAuth).once(fault);
    call(&fake, Operation::InitiateAuth, &refresh_request(&fake, &tokens.refresh)).await
}

#[tokio::test(start_paused = true)]
async fn hang_sends_nothing_and_stays_connected() {
    let reply = refresh_under(Fault::Hang).await;
    assert_eq!((reply.text().as_str(), reply.ending), ("", Ending::Silence));
}

#[tokio::test(start_paused = true)]
async fn hang_mid_body_stops_half_way_and_stays_connected() {
    let reply = refresh_under(Fault::HangMidBody).await;
    assert_eq!(reply.parts().1.len(), reply.announced().unwrap() / 2);
    assert_eq!(reply.ending, Ending::Silence);
}

#[tokio::test(start_paused = true)]
async fn drip_takes_a_second_for_each_byte() {
    let start = Instant::now();
    let reply = refresh_under(Fault::Drip).await;
    assert_eq!(reply.ending, Ending::Complete);
    assert!(reply.json()["AuthenticationResult"]["AccessToken"].is_string());
    assert_eq!(start.elapsed().as_secs(), reply.bytes.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn reset_and_close_end_the_connection_before_any_byte() {
    for (fault, ending) in [(Fault::Reset, Ending::Reset), (Fault::Close, Ending::Closed)] {
        let reply = refresh_under(fault).await;
        assert_eq!((reply.text().as_str(), reply.ending), ("", ending));
    }
}

#[tokio::test(start_paused = true)]
async fn reset_after_headers_lets_them_through_and_nothing_else() {
    let reply = refresh_under(Fault::ResetAfterHeaders).await;
    assert_eq!((reply.status(), reply.parts().1.as_str()), (200, ""));
    assert_eq!(reply.ending, Ending::Reset);
}

#[tokio::test(start_paused = true)]
async fn close_mid_body_ends_half_way() {
    let reply = refresh_under(Fault::CloseMidBody).await;
    assert_eq!(reply.parts().1.len(), reply.announced().unwrap() / 2);
    assert_eq!(reply.ending, Ending::Closed);
}

#[tokio::test(start_paused = true)]
async fn stale_keep_alive_responds_once_and_breaks_at_the_next_request() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    let request = json!({ "AccessToken": tokens.access.reveal() });
    fake.on(Operation::GetUser).once(Fault::StaleKeepAlive);

    let mut stream = connect(&fake).await;
    let first = call_on(&mut stream, Operation::GetUser, &request).await;
    assert_eq!((first.status(), first.ending), (200, Ending::Complete));
    let second = call_on(&mut stream, Operation::GetUser, &request).await;
    assert_eq!((second.text().as_str(), second.ending), ("", Ending::Reset));
    let on_a_new_connection = call(&fake, Operation::GetUser, &request).await;
    assert_eq!(on_a_new_connection.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn not_http_is_not() {
    let reply = refresh_under(Fault::NotHttp).await;
    assert!(!reply.text().starts_with("HTTP/"));
    assert_eq!(reply.ending, Ending::Closed);
}

#[tokio::test(start_paused = true)]
async fn redirect_names_the_other_host_and_keeps_the_method() {
    let reply = refresh_under(Fault::Redirect("https://elsewhere.invalid/".into())).await;
    assert_eq!(reply.status(), 307);
    assert_eq!(reply.header("location").as_deref(), Some("https://elsewhere.invalid/"));
}

#[tokio::test(start_paused = true)]
async fn oversized_body_is_one_byte_too_long_and_complete() {
    let reply = refresh_under(Fault::OversizedBody).await;
    assert_eq!(reply.announced(), Some(MAX_RESPONSE_BYTES + 1));
    assert_eq!(
        (reply.ending.eq(&Ending::Complete), reply.json().is_object()),
        (true, true)
    );
}

#[tokio::test(start_paused = true)]
async fn endless_body_announces_no_length_and_does_not_end() {
    let reply = refresh_under(Fault::EndlessBody).await;
    assert_eq!((reply.announced(), reply.status()), (None, 200));
    assert_eq!(reply.ending, Ending::TooMuch);
}

#[tokio::test(start_paused = true)]
async fn pages_of_other_servers_are_html_with_the_chosen_status() {
    for (fault, status) in [
        (Fault::CaptivePortal, 200),
        (Fault::HtmlPage(502), 502),
        (Fault::HtmlPage(429), 429),
    ] {
        let reply = refresh_under(fault).await;
        assert_eq!((reply.status(), reply.ending.eq(&Ending::Complete)), (status, true));
        assert!(reply.header("content-type").unwrap().starts_with("text/html"));
        assert!(reply.parts().1.starts_with("<html>"));
    }
}

#[tokio::test(start_paused = true)]
async fn a_response_from_another_server_lacks_cognitos_headers() {
    for fault in [
        Fault::CaptivePortal,
        Fault::EmptyPortal,
        Fault::HtmlPage(502),
        Fault::Redirect("https://elsewhere.invalid/".to_owned()),
    ] {
        let reply = refresh_under(fault.clone()).await;
        assert_eq!(reply.header("x-amzn-requestid"), None, "{fault:?}");
        assert_eq!(reply.ending, Ending::Complete, "{fault:?}");
    }
    let reply = refresh_under(Fault::EmptyPortal).await;
    assert_eq!((reply.status(), reply.parts().1.as_str()), (200, ""));
}

#[tokio::test(start_paused = true)]
async fn truncated_json_has_the_right_length_and_is_cut_off() {
    let reply = refresh_under(Fault::TruncatedJson).await;
    let body = reply.parts().1;
    assert_eq!((reply.status(), reply.announced()), (200, Some(body.len())));
    assert!(body.starts_with('{') && serde_json::from_str::<Value>(&body).is_err());
}

#[tokio::test(start_paused = true)]
async fn empty_body_is_empty() {
    let reply = refresh_under(Fault::EmptyBody).await;
    assert_eq!(
        (reply.status(), reply.announced(), reply.ending),
        (200, Some(0), Ending::Complete)
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_with_status_200_differs_from_an_error_only_in_its_status() {
    let reply = refresh_under(Fault::ErrorWithStatus200(ServiceError::InternalError)).await;
    assert_eq!(reply.status(), 200);
    assert_eq!(reply.json()["__type"], "InternalErrorException");
}

#[tokio::test(start_paused = true)]
async fn every_service_error_is_written_as_aws_does() {
    for error in ServiceError::ALL {
        let reply = refresh_under(Fault::Refuse(error)).await;
        let status = if error == ServiceError::InternalError { 500 } else { 400 };
        assert_eq!(
            (reply.status(), reply.json()),
            (status, json!({ "__type": error.code(), "message": error.message() }))
        );
        assert_eq!(
            reply.header("x-amzn-errortype"),
            Some(format!("{}:", error.code().to_lowercase()))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn each_spelling_writes_the_code_in_one_place_only() {
    let spelled = |spelling| refresh_under(Fault::RefuseSpelled(ServiceError::AccessTokenRevoked, spelling));
    for (spelling, start) in [
        (Spelling::Plain, "NotAuthorizedException"),
        (
            Spelling::Namespaced,
            "com.amazonaws.cognitoidentityprovider#NotAuthorizedException",
        ),
        (Spelling::WithUrl, "NotAuthorizedException:http://"),
    ] {
        let reply = spelled(spelling).await;
        assert!(reply.json()["__type"].as_str().unwrap().starts_with(start));
        assert_eq!(reply.header("x-amzn-errortype"), None);
    }
    let reply = spelled(Spelling::HeaderOnly).await;
    assert_eq!(reply.json(), json!({ "message": "Access Token has been revoked" }));
    assert_eq!(
        reply.header("x-amzn-errortype").as_deref(),
        Some("notauthorizedexception:")
    );
}

#[tokio::test(start_paused = true)]
async fn token_as_message_returns_the_token() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    for (operation, token, request) in [
        (
            Operation::RevokeToken,
            &tokens.refresh,
            revoke_request(&fake, &tokens.refresh),
        ),
        (
            Operation::InitiateAuth,
            &tokens.refresh,
            refresh_request(&fake, &tokens.refresh),
        ),
        (
            Operation::GlobalSignOut,
            &tokens.access,
            json!({ "AccessToken": tokens.access.reveal() }),
        ),
    ] {
        fake.on(operation).once(Fault::TokenAsMessage);
        let response = call(&fake, operation, &request).await.json();
        assert_eq!(
            response,
            json!({ "__type": "NotAuthorizedException", "message": token.reveal() })
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_takes_effect_if_it_shows_the_true_response_or_comes_after_effect() {
    let true_responses = [
        Fault::HangMidBody,
        Fault::Drip,
        Fault::ResetAfterHeaders,
        Fault::CloseMidBody,
        Fault::StaleKeepAlive,
        Fault::TruncatedJson,
        Fault::EmptyBody,
    ];
    let fake = FakeCognito::start().await.unwrap();
    for fault in Fault::all() {
        let [plain, after_effect] = [fake.sign_in("ana").refresh, fake.sign_in("ana").refresh];
        fake.on(Operation::RevokeToken).once(fault.clone());
        call(&fake, Operation::RevokeToken, &revoke_request(&fake, &plain)).await;
        assert_eq!(
            fake.is_refresh_token_live(&plain),
            !true_responses.contains(&fault),
            "{fault:?}"
        );

        fake.on(Operation::RevokeToken).after_effect().once(fault.clone());
        call(&fake, Operation::RevokeToken, &revoke_request(&fake, &after_effect)).await;
        assert!(!fake.is_refresh_token_live(&after_effect), "{fault:?} after effect");
    }
}

#[tokio::test(start_paused = true)]
async fn two_failures_and_then_success() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    fake.on(Operation::RevokeToken).times(2, Fault::HtmlPage(503));
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(
            call(&fake, Operation::RevokeToken, &revoke_request(&fake, &tokens.refresh))
                .await
                .status(),
        );
    }
    assert_eq!(statuses, [503, 503, 200]);
}
