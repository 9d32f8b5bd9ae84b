//! Every fault does on the wire what its name says.

use serde_json::json;
use tokio::time::Instant;

use super::*;
use crate::fake_cognito::{Fault, ServiceError, Spelling};
use crate::transport::MAX_RESPONSE_BYTES;

/// What a client hears that refreshes while the fault plays.
async fn refresh_under(fault: Fault) -> Heard {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    fake.on(Operation::InitiateAuth).once(fault);
    ask(&fake, Operation::InitiateAuth, &refresh_request(&fake, &tokens.refresh)).await
}

#[tokio::test(start_paused = true)]
async fn hang_says_nothing_and_stays_connected() {
    let heard = refresh_under(Fault::Hang).await;
    assert_eq!((heard.text().as_str(), heard.ending), ("", Ending::Silence));
}

#[tokio::test(start_paused = true)]
async fn hang_mid_body_stops_half_way_and_stays_connected() {
    let heard = refresh_under(Fault::HangMidBody).await;
    assert_eq!(heard.parts().1.len(), heard.announced().unwrap() / 2);
    assert_eq!(heard.ending, Ending::Silence);
}

#[tokio::test(start_paused = true)]
async fn drip_takes_a_second_for_each_byte() {
    let start = Instant::now();
    let heard = refresh_under(Fault::Drip).await;
    assert_eq!(heard.ending, Ending::Complete);
    assert!(heard.json()["AuthenticationResult"]["AccessToken"].is_string());
    assert_eq!(start.elapsed().as_secs(), heard.bytes.len() as u64);
}

#[tokio::test(start_paused = true)]
async fn reset_and_close_end_the_connection_before_any_byte() {
    for (fault, ending) in [(Fault::Reset, Ending::Reset), (Fault::Close, Ending::Closed)] {
        let heard = refresh_under(fault).await;
        assert_eq!((heard.text().as_str(), heard.ending), ("", ending));
    }
}

#[tokio::test(start_paused = true)]
async fn reset_after_headers_lets_them_through_and_nothing_else() {
    let heard = refresh_under(Fault::ResetAfterHeaders).await;
    assert_eq!((heard.status(), heard.parts().1.as_str()), (200, ""));
    assert_eq!(heard.ending, Ending::Reset);
}

#[tokio::test(start_paused = true)]
async fn close_mid_body_ends_half_way() {
    let heard = refresh_under(Fault::CloseMidBody).await;
    assert_eq!(heard.parts().1.len(), heard.announced().unwrap() / 2);
    assert_eq!(heard.ending, Ending::Closed);
}

#[tokio::test(start_paused = true)]
async fn stale_keep_alive_answers_once_and_breaks_at_the_next_request() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    let request = json!({ "AccessToken": tokens.access.reveal() });
    fake.on(Operation::GetUser).once(Fault::StaleKeepAlive);

    let mut stream = connect(&fake).await;
    let first = ask_on(&mut stream, Operation::GetUser, &request).await;
    assert_eq!((first.status(), first.ending), (200, Ending::Complete));
    let second = ask_on(&mut stream, Operation::GetUser, &request).await;
    assert_eq!((second.text().as_str(), second.ending), ("", Ending::Reset));
    let on_a_new_connection = ask(&fake, Operation::GetUser, &request).await;
    assert_eq!(on_a_new_connection.status(), 200);
}

#[tokio::test(start_paused = true)]
async fn not_http_is_not() {
    let heard = refresh_under(Fault::NotHttp).await;
    assert!(!heard.text().starts_with("HTTP/"));
    assert_eq!(heard.ending, Ending::Closed);
}

#[tokio::test(start_paused = true)]
async fn redirect_names_the_other_host_and_keeps_the_method() {
    let heard = refresh_under(Fault::Redirect("https://elsewhere.invalid/".into())).await;
    assert_eq!(heard.status(), 307);
    assert_eq!(heard.header("location").as_deref(), Some("https://elsewhere.invalid/"));
}

#[tokio::test(start_paused = true)]
async fn oversized_body_is_one_byte_too_long_and_all_there() {
    let heard = refresh_under(Fault::OversizedBody).await;
    assert_eq!(heard.announced(), Some(MAX_RESPONSE_BYTES + 1));
    assert_eq!(
        (heard.ending.eq(&Ending::Complete), heard.json().is_object()),
        (true, true)
    );
}

#[tokio::test(start_paused = true)]
async fn endless_body_announces_no_length_and_does_not_end() {
    let heard = refresh_under(Fault::EndlessBody).await;
    assert_eq!((heard.announced(), heard.status()), (None, 200));
    assert_eq!(heard.ending, Ending::TooMuch);
}

#[tokio::test(start_paused = true)]
async fn pages_of_others_are_html_with_the_status_asked_for() {
    for (fault, status) in [
        (Fault::CaptivePortal, 200),
        (Fault::HtmlPage(502), 502),
        (Fault::HtmlPage(429), 429),
    ] {
        let heard = refresh_under(fault).await;
        assert_eq!((heard.status(), heard.ending.eq(&Ending::Complete)), (status, true));
        assert!(heard.header("content-type").unwrap().starts_with("text/html"));
        assert!(heard.parts().1.starts_with("<html>"));
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_answers_in_cognitos_place_does_not_have_its_headers() {
    for fault in [
        Fault::CaptivePortal,
        Fault::EmptyPortal,
        Fault::HtmlPage(502),
        Fault::Redirect("https://elsewhere.invalid/".to_owned()),
    ] {
        let heard = refresh_under(fault.clone()).await;
        assert_eq!(heard.header("x-amzn-requestid"), None, "{fault:?}");
        assert_eq!(heard.ending, Ending::Complete, "{fault:?}");
    }
    let heard = refresh_under(Fault::EmptyPortal).await;
    assert_eq!((heard.status(), heard.parts().1.as_str()), (200, ""));
}

#[tokio::test(start_paused = true)]
async fn truncated_json_has_the_right_length_and_no_end() {
    let heard = refresh_under(Fault::TruncatedJson).await;
    let body = heard.parts().1;
    assert_eq!((heard.status(), heard.announced()), (200, Some(body.len())));
    assert!(body.starts_with('{') && serde_json::from_str::<Value>(&body).is_err());
}

#[tokio::test(start_paused = true)]
async fn empty_body_is_empty() {
    let heard = refresh_under(Fault::EmptyBody).await;
    assert_eq!(
        (heard.status(), heard.announced(), heard.ending),
        (200, Some(0), Ending::Complete)
    );
}

#[tokio::test(start_paused = true)]
async fn an_error_with_status_200_is_an_error_in_all_but_its_status() {
    let heard = refresh_under(Fault::ErrorWithStatus200(ServiceError::InternalError)).await;
    assert_eq!(heard.status(), 200);
    assert_eq!(heard.json()["__type"], "InternalErrorException");
}

#[tokio::test(start_paused = true)]
async fn every_service_error_is_spelled_as_aws_does() {
    for error in ServiceError::ALL {
        let heard = refresh_under(Fault::Refuse(error)).await;
        let status = if error == ServiceError::InternalError { 500 } else { 400 };
        assert_eq!(
            (heard.status(), heard.json()),
            (status, json!({ "__type": error.code(), "message": error.message() }))
        );
        assert_eq!(
            heard.header("x-amzn-errortype"),
            Some(format!("{}:", error.code().to_lowercase()))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn each_spelling_stands_alone() {
    let spelled = |spelling| refresh_under(Fault::RefuseSpelled(ServiceError::AccessTokenRevoked, spelling));
    for (spelling, start) in [
        (Spelling::Plain, "NotAuthorizedException"),
        (
            Spelling::Namespaced,
            "com.amazonaws.cognitoidentityprovider#NotAuthorizedException",
        ),
        (Spelling::WithUrl, "NotAuthorizedException:http://"),
    ] {
        let heard = spelled(spelling).await;
        assert!(heard.json()["__type"].as_str().unwrap().starts_with(start));
        assert_eq!(heard.header("x-amzn-errortype"), None);
    }
    let heard = spelled(Spelling::HeaderOnly).await;
    assert_eq!(heard.json(), json!({ "message": "Access Token has been revoked" }));
    assert_eq!(
        heard.header("x-amzn-errortype").as_deref(),
        Some("notauthorizedexception:")
    );
}

#[tokio::test(start_paused = true)]
async fn token_as_message_gives_the_token_back() {
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
        let answer = ask(&fake, operation, &request).await.json();
        assert_eq!(
            answer,
            json!({ "__type": "NotAuthorizedException", "message": token.reveal() })
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_fault_takes_effect_where_it_shows_the_true_answer_or_is_told_to() {
    let true_answers = [
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
        ask(&fake, Operation::RevokeToken, &revoke_request(&fake, &plain)).await;
        assert_eq!(
            fake.is_refresh_token_live(&plain),
            !true_answers.contains(&fault),
            "{fault:?}"
        );

        fake.on(Operation::RevokeToken).after_effect().once(fault.clone());
        ask(&fake, Operation::RevokeToken, &revoke_request(&fake, &after_effect)).await;
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
            ask(&fake, Operation::RevokeToken, &revoke_request(&fake, &tokens.refresh))
                .await
                .status(),
        );
    }
    assert_eq!(statuses, [503, 503, 200]);
}
