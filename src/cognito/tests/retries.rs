//! How often a request is sent, and for how long.

use tokio::time::Instant;

use super::*;
use crate::cognito::retry::FIRST_BACKOFF;

#[tokio::test(start_paused = true)]
async fn a_retry_sends_the_same_request_again() {
    for route in ROUTES {
        let transport = Scripted::new([Act::Answer(answer(502, "<html>")), ok()]);
        let client = client(revoking_by(route).client_secret("s3cr3t"), &transport);
        client.revoke_token(&TOKEN.into(), false, TIME).await.unwrap();
        let asked = transport.asked();
        assert_eq!(asked.len(), 2, "{route:?}");
        assert_eq!(
            (&asked[0].url, &asked[0].headers, &asked[0].body),
            (&asked[1].url, &asked[1].headers, &asked[1].body)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_that_may_pass_is_tried_three_times() {
    let fail = |error: fn(String) -> TransportError| Act::Fail(error("broke".into()));
    for route in ROUTES {
        let of_the_route = match route {
            RevocationRoute::UserPoolsApi => [
                (refused("InternalErrorException"), ErrorCode::ServiceUnavailable),
                (refused("TooManyRequestsException"), ErrorCode::Throttled),
                (
                    Act::Answer(answer(200, r#"{"__type":"TooManyRequestsException"}"#)),
                    ErrorCode::Throttled,
                ),
            ]
            .to_vec(),
            RevocationRoute::PoolDomain => [
                (
                    Act::Answer(answer(500, r#"{"error":"server_error"}"#)),
                    ErrorCode::ServiceUnavailable,
                ),
                (
                    Act::Answer(answer(429, r#"{"error":"slow_down"}"#)),
                    ErrorCode::Throttled,
                ),
            ]
            .to_vec(),
        };
        let of_both = [
            (fail(TransportError::Connect), ErrorCode::NetworkUnavailable),
            (fail(TransportError::Io), ErrorCode::NetworkUnavailable),
            (Act::Answer(answer(500, "<html>")), ErrorCode::ServiceUnavailable),
            (Act::Answer(answer(503, "")), ErrorCode::ServiceUnavailable),
            (Act::Answer(answer(429, "")), ErrorCode::Throttled),
        ];
        for (act, code) in of_both.into_iter().chain(of_the_route) {
            let begun = Instant::now();
            assert_eq!(revoke(route, [act.clone()]).await, (Err(code), 3), "{route:?} {act:?}");
            let backoff = FIRST_BACKOFF * 3;
            assert!(begun.elapsed() <= backoff, "{act:?} took {:?}", begun.elapsed());
            let twice = [act.clone(), act.clone(), ok()];
            assert_eq!(revoke(route, twice).await, (Ok(()), 3), "{route:?} {act:?}");
            assert_eq!(
                revoke(route, [act.clone(), ok()]).await,
                (Ok(()), 2),
                "{route:?} {act:?}"
            );
        }
    }
}

/// More errors of the pool's domain are in `oauth2_revoke/tests.rs`.
#[tokio::test(start_paused = true)]
async fn a_failure_that_stays_is_tried_once() {
    let mut definite_500 = refusal("UnsupportedOperationException", "");
    definite_500.status = 500;
    let of_the_api = [
        (
            Act::Answer(answer(200, r#"{"__type":"UnauthorizedException"}"#)),
            ErrorCode::ClientRejected,
        ),
        (Act::Answer(definite_500), ErrorCode::RevocationDisabled),
        (refused("ForbiddenException"), ErrorCode::Forbidden),
        (refused("InvalidParameterException"), ErrorCode::Refused),
    ];
    for (act, code) in of_the_api {
        let result = revoke(RevocationRoute::UserPoolsApi, [act.clone(), ok()]).await;
        assert_eq!(result, (Err(code), 1), "{act:?}");
    }
    let fail = |error: fn(String) -> TransportError| Act::Fail(error("broke".into()));
    let of_both = [
        (fail(TransportError::Tls), ErrorCode::UntrustedServer),
        (fail(TransportError::BadResponse), ErrorCode::UnexpectedResponse),
        (fail(TransportError::Other), ErrorCode::TransportFailed),
        (Act::Answer(answer(302, "")), ErrorCode::UnexpectedResponse),
        (Act::Answer(answer(200, "<html>")), ErrorCode::UnexpectedResponse),
        (Act::Answer(answer(200, r#"{"trunca"#)), ErrorCode::UnexpectedResponse),
        (Act::Answer(answer(0, "")), ErrorCode::UnexpectedResponse),
    ];
    for (act, code) in of_both {
        for route in ROUTES {
            assert_eq!(
                revoke(route, [act.clone(), ok()]).await,
                (Err(code), 1),
                "{route:?} {act:?}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_response_is_sent_again() {
    for route in ROUTES {
        assert_eq!(revoke(route, [Act::Hang, ok()]).await, (Ok(()), 2), "{route:?}");
        let begun = Instant::now();
        assert_eq!(
            revoke(route, [Act::Hang]).await,
            (Err(ErrorCode::TimedOut), 2),
            "{route:?}"
        );
        assert_eq!(begun.elapsed(), TIME, "{route:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_without_a_response_is_sent_again_after_half_of_the_time() {
    let seconds = Duration::from_secs_f64;
    // The default time of a step that is the only one, that has one step after it, and that has two: `Deadline::bound`.
    for (time, spent) in [(8., 4.), (16. / 3., 8. / 3.), (4., 2.), (1., 0.5)] {
        let transport = Scripted::new([Act::Hang, ok()]);
        let client = client(config(), &transport);
        let begun = Instant::now();
        assert_eq!(client.revoke_token(&TOKEN.into(), false, seconds(time)).await, Ok(()));
        assert_eq!(transport.asked().len(), 2);
        let elapsed = begun.elapsed().as_secs_f64();
        assert!((elapsed - spent).abs() < 0.01, "{elapsed} s of {time} s");
    }
}

#[tokio::test(start_paused = true)]
async fn every_idempotent_operation_is_sent_again() {
    let client = || client(config(), &Scripted::new([Act::Hang, tokens()]));
    assert_eq!(client().revoke_token(&TOKEN.into(), false, TIME).await, Ok(()));
    let signed_out = client().global_sign_out(&TOKEN.into(), TIME).await;
    assert_eq!(signed_out, Ok(GlobalSignOut::Done));
    let refreshed = client().refresh(&TOKEN.into(), None, None, TIME).await;
    assert_eq!(refreshed.unwrap().access_token.reveal(), NEW_ACCESS);
}

/// The first request may have ended the token of a second one.
#[tokio::test(start_paused = true)]
async fn a_refresh_that_rotates_is_not_sent_again_and_has_all_the_time() {
    for (time, spent) in [(3, 3), (8, 4)] {
        let transport = Scripted::new([Act::Hang, tokens()]);
        let client = client(config().refresh_token_rotation(true), &transport);
        let begun = Instant::now();
        let answer = client
            .refresh(&TOKEN.into(), None, None, Duration::from_secs(time))
            .await;
        assert_eq!(answer.unwrap_err().code(), ErrorCode::TimedOut);
        assert_eq!(transport.asked().len(), 1);
        assert_eq!(begun.elapsed().as_secs(), spent, "of {time} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_never_responds_fails_within_the_time() {
    let second = Duration::from_secs(1);
    for (time, timeout, attempts, spent) in [(8, 4, 2, 8), (8, 60, 2, 8), (8, 1, 3, 3), (10, 4, 3, 10), (4, 3, 2, 4)] {
        let transport = Scripted::new([Act::Hang]);
        let client = client(config().attempt_timeout(timeout * second), &transport);
        let begun = Instant::now();
        let answer = client.revoke_token(&TOKEN.into(), false, time * second).await;
        assert_eq!(answer.unwrap_err().code(), ErrorCode::TimedOut);
        let case = format!("{timeout} s of {time} s");
        assert_eq!(transport.asked().len(), attempts, "{case}");
        assert_eq!(begun.elapsed().as_secs(), spent, "{case}");
    }
}

#[tokio::test(start_paused = true)]
async fn failures_and_missing_responses_can_follow_each_other() {
    let busy = || Act::Answer(answer(503, ""));
    let api = RevocationRoute::UserPoolsApi;
    assert_eq!(revoke(api, [busy(), Act::Hang, ok()]).await, (Ok(()), 3));
    assert_eq!(revoke(api, [Act::Hang, busy(), ok()]).await, (Ok(()), 3));
    assert_eq!(
        revoke(api, [Act::Hang, refused("ForbiddenException")]).await,
        (Err(ErrorCode::Forbidden), 2)
    );
}

/// The SDK's own quota would be used up after 50 of these.
#[tokio::test(start_paused = true)]
async fn failures_leave_later_operations_their_retries() {
    let offline = Scripted::new([Act::Fail(TransportError::Connect("offline".into()))]);
    let client = client(config(), &offline);
    for _ in 0..100 {
        let _ = client.revoke_token(&TOKEN.into(), false, TIME).await;
    }
    assert_eq!(offline.asked().len(), 300);
}
