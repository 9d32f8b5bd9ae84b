//! One user, and what can go wrong with it.

use std::io;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognito_signout::admin::{AdminError, Fix};
use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
use cognito_signout::{Claims, ErrorCode, Secret};
use futures_util::TryStreamExt;

use crate::{SECRET_KEY, SESSION_TOKEN, client, client_builder};

const SIGN_OUT: Operation = Operation::AdminUserGlobalSignOut;

#[tokio::test]
async fn a_user_is_signed_out_everywhere_by_name_or_sub() {
    let fake = FakeCognito::start().await.unwrap();
    let client = client(&fake);
    for by_sub in [false, true] {
        let (phone, laptop, other) = (fake.sign_in("ana"), fake.sign_in("ana"), fake.sign_in("bob"));
        let sub = Claims::from_jwt(&phone.access).unwrap().subject().unwrap().to_owned();
        let name = if by_sub { sub.as_str() } else { "ana" };
        assert_eq!(client.is_accepted(&fake.user_pool_id(), &laptop.access).await, Ok(true));

        client.global_sign_out(&fake.user_pool_id(), name).await.unwrap();

        for tokens in [phone, laptop] {
            assert!(!fake.is_refresh_token_live(&tokens.refresh));
            assert_eq!(
                client.is_accepted(&fake.user_pool_id(), &tokens.access).await,
                Ok(false)
            );
        }
        assert!(fake.is_refresh_token_live(&other.refresh));
    }
}

#[tokio::test]
async fn a_disabled_user_can_neither_refresh_nor_sign_in() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    client(&fake).disable_user(&fake.user_pool_id(), "ana").await.unwrap();
    assert!(!fake.is_enabled("ana") && !fake.is_refresh_token_live(&tokens.refresh));
    // A user without a session is a success.
    client(&fake)
        .global_sign_out(&fake.user_pool_id(), "ana")
        .await
        .unwrap();
}

#[tokio::test]
async fn a_request_is_signed_for_the_pools_region_in_its_headers_only() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "");
    client(&fake)
        .global_sign_out(&fake.user_pool_id(), "ana")
        .await
        .unwrap();
    let request = &fake.requests()[0];
    let signature = request.header("authorization").unwrap();
    assert!(
        signature.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"),
        "{signature}"
    );
    assert!(signature.contains("/eu-central-1/cognito-idp/aws4_request, SignedHeaders="));
    assert_eq!(request.header("x-amz-security-token"), Some(SESSION_TOKEN));
    assert_eq!(request.path(), "/");
    assert!(!request.body().to_string().contains(SESSION_TOKEN));
}

#[tokio::test]
async fn a_missing_user_pool_client_and_group_are_distinguished() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "");
    let (client, pool) = (client(&fake), &fake.user_pool_id());
    assert_eq!(
        client.global_sign_out(pool, "nobody").await,
        Err(AdminError::UserNotFound)
    );
    assert_eq!(
        client.global_sign_out("eu-central-1_Other", "ana").await,
        Err(AdminError::PoolNotFound)
    );
    assert_eq!(
        client.plan_fix(pool, "noclient", &[]).await.unwrap_err(),
        AdminError::ClientNotFound
    );
    let members: Result<Vec<String>, _> = client.list_users_in_group(pool, "nogroup").try_collect().await;
    assert_eq!(members, Err(AdminError::GroupNotFound));
}

#[tokio::test]
async fn a_malformed_pool_id_or_user_name_is_not_sent() {
    let fake = FakeCognito::start().await.unwrap();
    let client = client(&fake);
    for pool in ["", "nopool", "eu-central-1_", "../_x"] {
        let error = client.global_sign_out(pool, "ana").await.unwrap_err();
        assert_eq!(error.code().as_str(), "invalid_input");
    }
    for user in ["", "ana bob", "ana\n", &"x".repeat(129)] {
        let error = client.global_sign_out(&fake.user_pool_id(), user).await.unwrap_err();
        assert_eq!(error.code().as_str(), "invalid_input");
        assert!(user.is_empty() || !error.to_string().contains(user));
    }
    assert!(fake.requests().is_empty());
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let fake = FakeCognito::start().await.unwrap();
    for operation in Operation::ALL {
        fake.on(operation).always(Fault::Refuse(ServiceError::AccessDenied));
    }
    let (client, pool, id) = (client(&fake), &fake.user_pool_id(), &fake.client_id());
    let denied = |error: AdminError| match error {
        AdminError::AccessDenied { action } => action,
        other => panic!("{other:?}"),
    };
    let listed: Result<Vec<String>, _> = client.list_users(pool, None).try_collect().await;
    let members: Result<Vec<String>, _> = client.list_users_in_group(pool, "g").try_collect().await;
    let actions = [
        client.global_sign_out(pool, "ana").await.unwrap_err(),
        client.disable_user(pool, "ana").await.unwrap_err(),
        listed.unwrap_err(),
        members.unwrap_err(),
        client.examine(pool, id, &[]).await.unwrap_err(),
        client.plan_fix(pool, id, &[Fix::Revocation]).await.unwrap_err(),
        client.plan_fix(pool, id, &[Fix::SessionTracking]).await.unwrap_err(),
        client.estimated_users(pool).await.unwrap_err(),
    ];
    assert_eq!(
        actions.map(denied),
        [
            "cognito-idp:AdminUserGlobalSignOut",
            "cognito-idp:AdminDisableUser",
            "cognito-idp:ListUsers",
            "cognito-idp:ListUsersInGroup",
            "cognito-idp:DescribeUserPoolClient",
            "cognito-idp:DescribeUserPoolClient",
            "cognito-idp:GetUserPoolSessionConfiguration",
            "cognito-idp:DescribeUserPool",
        ]
    );
}

#[tokio::test]
async fn errors_of_the_credentials_are_distinguished_and_not_retried() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "");
    for (refusal, expected) in [
        (ServiceError::ExpiredToken, AdminError::CredentialsExpired),
        (ServiceError::UnrecognizedClient, AdminError::CredentialsRejected),
        (ServiceError::InvalidSignature, AdminError::CredentialsRejected),
        (
            ServiceError::MissingAuthenticationToken,
            AdminError::CredentialsRejected,
        ),
    ] {
        fake.forget_requests();
        fake.on(SIGN_OUT).once(Fault::Refuse(refusal));
        let answer = client(&fake).global_sign_out(&fake.user_pool_id(), "ana").await;
        assert_eq!(answer, Err(expected));
        assert_eq!(fake.count(SIGN_OUT), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_5xx_and_a_broken_connection_are_retried_four_times() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "");
    let (client, pool) = (client(&fake), &fake.user_pool_id());
    for (fault, code) in [
        (Fault::Refuse(ServiceError::TooManyRequests), ErrorCode::Throttled),
        (Fault::HtmlPage(429), ErrorCode::Throttled),
        (
            Fault::Refuse(ServiceError::InternalError),
            ErrorCode::ServiceUnavailable,
        ),
        (Fault::HtmlPage(503), ErrorCode::ServiceUnavailable),
        (Fault::Reset, ErrorCode::NetworkUnavailable),
    ] {
        fake.on(SIGN_OUT).times(4, fault.clone());
        assert_eq!(client.global_sign_out(pool, "ana").await, Ok(()), "{fault:?}");
        fake.forget_requests();
        fake.on(SIGN_OUT).times(5, fault.clone());
        let error = client.global_sign_out(pool, "ana").await.unwrap_err();
        assert!(
            matches!(&error, AdminError::Service(error) if error.code() == code),
            "{error:?}"
        );
        assert_eq!(error.code(), code);
        assert_eq!(fake.count(SIGN_OUT), 5);
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_and_other_failures_count_together() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "");
    for _ in 0..5 {
        fake.on(SIGN_OUT).once(Fault::HtmlPage(429));
        fake.on(SIGN_OUT).once(Fault::HtmlPage(503));
    }
    let error = client(&fake).global_sign_out(&fake.user_pool_id(), "ana").await;
    assert_eq!(error.unwrap_err().code(), ErrorCode::Throttled);
    assert_eq!(fake.count(SIGN_OUT), 5);
}

#[tokio::test(start_paused = true)]
async fn every_operation_of_a_single_call_retries_a_failing_service() {
    let fake = FakeCognito::start().await.unwrap();
    let tokens = fake.sign_in("ana");
    fake.set_domain("my-app", 2);
    fake.add_identity_provider("Google", "Google", serde_json::json!({}));
    let (client, pool, id) = (client(&fake), &fake.user_pool_id(), &fake.client_id());
    for operation in Operation::ALL {
        fake.on(operation).times(4, Fault::HtmlPage(503));
    }
    assert_eq!(client.is_accepted(pool, &tokens.access).await, Ok(true));
    client.disable_user(pool, "ana").await.unwrap();
    client.estimated_users(pool).await.unwrap();
    fake.on(Operation::DescribeUserPool).times(4, Fault::HtmlPage(503));
    client.examine(pool, id, &[]).await.unwrap();
    let change = client.plan_fix(pool, id, &[Fix::TokenValidity]).await.unwrap();
    assert!(change.is_empty());
    fake.set_client("EnableTokenRevocation", false.into());
    let change = client.plan_fix(pool, id, &[Fix::Revocation]).await.unwrap();
    client.apply_fix(&change).await.unwrap();
    let change = client.plan_fix(pool, id, &[Fix::SessionTracking]).await.unwrap();
    client.apply_fix(&change).await.unwrap();
    for operation in [
        Operation::GetUser,
        Operation::AdminDisableUser,
        Operation::DescribeUserPoolDomain,
        Operation::DescribeIdentityProvider,
        Operation::UpdateUserPoolClient,
        Operation::GetUserPoolClientSessionConfiguration,
        Operation::SetUserPoolSessionConfiguration,
    ] {
        assert_eq!(fake.count(operation), 5, "{operation:?}");
    }
}

/// The SDK has one quota of retries for the whole process; these retries must not depend on it.
#[tokio::test(start_paused = true)]
async fn many_failed_calls_leave_the_next_call_its_retries() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "");
    let (client, pool) = (client(&fake), &fake.user_pool_id());
    fake.on(SIGN_OUT).always(Fault::HtmlPage(503));
    // More retries than the SDK's quota has tokens.
    for _ in 0..30 {
        client.global_sign_out(pool, "ana").await.unwrap_err();
    }
    fake.heal();
    fake.on(SIGN_OUT).times(4, Fault::HtmlPage(503));
    assert_eq!(client.global_sign_out(pool, "ana").await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_response_that_does_not_come_ends_in_time_and_is_not_retried() {
    let fake = FakeCognito::start().await.unwrap();
    fake.on(SIGN_OUT).always(Fault::Hang);
    let client = client_builder(&fake)
        .attempt_timeout(Duration::from_secs(2))
        .unwrap()
        .build();
    let started = tokio::time::Instant::now();
    let error = client.global_sign_out(&fake.user_pool_id(), "ana").await.unwrap_err();
    assert_eq!(error.code().as_str(), "timed_out");
    assert!(started.elapsed() < Duration::from_secs(3), "{:?}", started.elapsed());
    assert_eq!(fake.count(SIGN_OUT), 1);
}

#[tokio::test]
async fn an_error_with_status_200_or_in_any_spelling_is_an_error() {
    let fake = FakeCognito::start().await.unwrap();
    fake.add_user("ana", "");
    let (client, pool) = (client(&fake), &fake.user_pool_id());
    fake.on(SIGN_OUT)
        .once(Fault::ErrorWithStatus200(ServiceError::AccessDenied));
    assert_eq!(
        client.global_sign_out(pool, "ana").await.unwrap_err().code(),
        ErrorCode::AccessDenied
    );
    for spelling in cognito_signout::fake_cognito::Spelling::ALL {
        fake.on(SIGN_OUT)
            .once(Fault::RefuseSpelled(ServiceError::UserNotFound, spelling));
        assert_eq!(client.global_sign_out(pool, "ana").await, Err(AdminError::UserNotFound));
    }
}

#[tokio::test]
async fn an_error_does_not_repeat_the_servers_words() {
    let fake = FakeCognito::start().await.unwrap();
    fake.on(SIGN_OUT).once(Fault::TokenAsMessage);
    let answer = client(&fake)
        .global_sign_out(&fake.user_pool_id(), "a-secret-name")
        .await;
    let error = answer.unwrap_err();
    assert_eq!(error.code().as_str(), "refused");
    assert!(!format!("{error} {error:?}").contains("a-secret-name"));
}

#[tokio::test]
async fn a_token_that_cannot_be_checked_is_an_error() {
    let fake = FakeCognito::start().await.unwrap();
    let (client, pool) = (client(&fake), &fake.user_pool_id());
    let code = async |token: &Secret| client.is_accepted(pool, token).await.unwrap_err().code().as_str();
    assert_eq!(code(&"garbage".into()).await, "refused");
    assert_eq!(
        code(&fake.sign_in_with_scope("ana", "openid").access).await,
        "missing_scope"
    );
    let tokens = fake.sign_in("ana");
    fake.advance(Duration::from_secs(2 * 60 * 60));
    assert_eq!(code(&tokens.access).await, "session_expired");
}

/// Everything that this thread logs, at any level.
#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn of_this_thread() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_ansi(false)
            .with_writer(move || writer.clone());
        (log, tracing::subscriber::set_default(subscriber.finish()))
    }

    #[track_caller]
    pub(crate) fn assert_without(&self, secrets: &[(&str, &str)]) {
        let log = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        assert!(log.contains("AdminUserGlobalSignOut"), "nothing was logged");
        for (what, secret) in secrets {
            let line = log.lines().find(|line| line.contains(secret));
            assert!(
                line.is_none(),
                "{what} is logged: {}",
                line.unwrap().replace(secret, "<IT>")
            );
        }
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// tracing notes for a whole process whether anybody wants a line, and the threads of other tests take part in that. So this test is
/// alone in its process.
#[test]
fn no_credential_no_token_and_no_client_secret_is_logged_at_any_level() {
    let mut alone = Command::new(std::env::current_exe().unwrap());
    let output = alone
        .args(["client::what_is_logged", "--exact", "--ignored", "--nocapture"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

#[tokio::test]
#[ignore = "run by the test above, in a process of its own"]
async fn what_is_logged() {
    let (log, _logging) = Log::of_this_thread();
    let client_secret = "client+secret/which0nobody0may0see";
    let fake = FakeCognito::builder()
        .client_secret(client_secret)
        .session_tracking()
        .start()
        .await
        .unwrap();
    let tokens = fake.sign_in("ana");
    let (client, pool, id) = (client(&fake), &fake.user_pool_id(), &fake.client_id());
    client.is_accepted(pool, &tokens.access).await.unwrap();
    let session = fake.session_id_of(&tokens.refresh).unwrap();
    let ip_address = "192.0.2.77";
    fake.set_session(&session, "LastIPAddress", ip_address.into());
    let sessions = client.sessions(pool, "ana").await.unwrap();
    assert_eq!(sessions[0].ip_address.as_ref().unwrap().reveal(), ip_address);
    client.end_session(pool, "ana", &session, false).await.unwrap();
    client.global_sign_out(pool, "ana").await.unwrap();
    client.examine(pool, id, &[]).await.unwrap();
    let change = client
        .plan_fix(pool, id, &[Fix::Revocation, Fix::TokenValidity])
        .await
        .unwrap();

    let told = format!("{client:?} {change:?} {sessions:?}");
    let secrets = [
        ("the secret key", SECRET_KEY),
        ("the session token", SESSION_TOKEN),
        ("the client's secret", client_secret),
        ("the access token", tokens.access.reveal()),
        ("the IP address", ip_address),
    ];
    log.assert_without(&secrets);
    for (what, secret) in secrets {
        assert!(!told.contains(secret), "{what} is told");
    }
}
