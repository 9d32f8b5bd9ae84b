//! What the doctor finds in the session configurations of the user pool and the app client, and `--fix session-tracking`.

use std::time::Duration;

use cognito_signout::admin::{AdminClient, AdminError, Change, Examination, Finding, Fix, Severity};
use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, Fault, Operation, ServiceError};
use serde_json::{Value, json};

use crate::client;

const MINUTE: Duration = Duration::from_secs(60);
const GET: Operation = Operation::GetUserPoolSessionConfiguration;
const SET: Operation = Operation::SetUserPoolSessionConfiguration;

/// A pool with hosted pages, at which the users of the app client sign in.
async fn pool_with_pages(with: impl FnOnce(FakeCognitoBuilder) -> FakeCognitoBuilder) -> FakeCognito {
    let fake = with(FakeCognito::builder()).start().await.unwrap();
    fake.set_domain("my-app", 2);
    fake.set_client("AllowedOAuthFlowsUserPoolClient", json!(true));
    fake.set_client("AllowedOAuthFlows", json!(["code"]));
    fake
}

async fn examine(fake: &FakeCognito) -> Examination {
    let (pool, id) = (fake.user_pool_id(), fake.client_id());
    client(fake).examine(&pool, &id, &[]).await.unwrap()
}

/// The finding with this code, if there is one.
fn find<'e>(examination: &'e Examination, code: &str) -> Option<&'e Finding> {
    examination.findings.iter().find(|finding| finding.code == code)
}

/// The severity of the finding with this code, and its words.
#[track_caller]
fn found(examination: &Examination, code: &str) -> (Severity, String) {
    let finding = find(examination, code).unwrap_or_else(|| panic!("no {code} in {examination:?}"));
    let words = format!("{} {}", finding.means, finding.fix.as_deref().unwrap_or_default());
    (finding.severity, words)
}

#[tokio::test]
async fn tracking_is_found_on_with_its_limit() {
    let fake = pool_with_pages(|pool| pool.session_tracking().max_sessions_per_user(3)).await;
    let examination = examine(&fake).await;
    let (severity, words) = found(&examination, "session_tracking_on");
    assert_eq!(severity, Severity::Good);
    assert!(words.contains("session_tracking(true)") && words.contains("WebPolicy::ByRevocation"));
    let (severity, words) = found(&examination, "session_limit");
    assert_eq!(severity, Severity::Note);
    assert!(
        words.contains("at most 3 token sessions") && words.contains("MaxPerUser"),
        "{words}"
    );
    let (severity, words) = found(&examination, "browser_session_life");
    assert_eq!(severity, Severity::Note);
    assert!(words.contains("lasts for 1 hour after a sign-in"), "{words}");
}

#[tokio::test]
async fn tracking_is_found_off_and_the_tier_says_whether_it_can_be_switched_on() {
    let fake = pool_with_pages(|pool| pool.max_sessions_per_user(1)).await;
    let examination = examine(&fake).await;
    let (severity, words) = found(&examination, "session_tracking_off");
    assert_eq!(severity, Severity::Note);
    assert!(words.contains("--fix session-tracking"), "{words}");
    assert!(words.contains("at most 1 token session on"), "{words}");
    assert!(find(&examination, "session_limit").is_none());
    fake.set_user_pool("UserPoolTier", json!("LITE"));
    let (_, words) = found(&examine(&fake).await, "session_tracking_off");
    assert!(
        words.contains("Essentials or Plus") && !words.contains("--fix"),
        "{words}"
    );
}

#[tokio::test]
async fn a_browser_session_that_outlives_an_hour_is_a_warning() {
    for (minutes, severity, words) in [
        (0, Severity::Note, "does not use the browser's session"),
        (5, Severity::Note, "lasts for 5 minutes after"),
        (60, Severity::Note, "lasts for 1 hour after"),
        (61, Severity::Warning, "lasts for 61 minutes after"),
        (129_600, Severity::Warning, "lasts for 90 days after"),
    ] {
        let fake = pool_with_pages(|pool| pool.session_tracking().sso_validity(minutes * MINUTE)).await;
        let (found, means) = found(&examine(&fake).await, "browser_session_life");
        assert_eq!(found, severity, "{minutes}");
        assert!(means.contains(words), "{means}");
    }
    let fake = pool_with_pages(|pool| pool.session_tracking().sso_validity(61 * MINUTE)).await;
    let (_, words) = found(&examine(&fake).await, "browser_session_life");
    assert!(words.contains("MaxValidityMinutes to 60 or less") && words.contains("WebPolicy::ByRevocation"));
    // Without sign-ins at the hosted pages there is no browser session.
    fake.set_client("AllowedOAuthFlows", Value::Null);
    assert!(find(&examine(&fake).await, "browser_session_life").is_none());
}

#[tokio::test]
async fn without_tracking_the_browser_session_lasts_an_hour_and_the_dormant_setting_is_named() {
    let fake = pool_with_pages(|pool| pool.sso_validity(2 * 60 * MINUTE)).await;
    let (severity, words) = found(&examine(&fake).await, "browser_session_life");
    assert_eq!(severity, Severity::Note);
    assert!(
        words.contains("for an hour after a sign-in. Once the user pool tracks"),
        "{words}"
    );
    assert!(words.contains("for 2 hours"), "{words}");
    let fake = pool_with_pages(|pool| pool).await;
    let (_, words) = found(&examine(&fake).await, "browser_session_life");
    assert!(words.contains("for an hour") && !words.contains("Once"), "{words}");
}

#[tokio::test]
async fn a_missing_permission_is_a_finding_and_the_rest_is_read() {
    let fake = pool_with_pages(FakeCognitoBuilder::session_tracking).await;
    let denied = || Fault::Refuse(ServiceError::AccessDenied);
    let of_client = Operation::GetUserPoolClientSessionConfiguration;
    fake.on(of_client).always(denied());
    let examination = examine(&fake).await;
    let (severity, words) = found(&examination, "browser_session_life_not_seen");
    assert_eq!(severity, Severity::Note);
    assert!(words.contains("Allow cognito-idp:GetUserPoolClientSessionConfiguration."));
    assert!(find(&examination, "session_tracking_on").is_some());
    fake.on(GET).always(denied());
    let examination = examine(&fake).await;
    let (_, words) = found(&examination, "session_tracking_not_seen");
    assert!(words.contains("Allow cognito-idp:GetUserPoolSessionConfiguration."));
    assert!(found(&examination, "browser_session_life").1.contains("up to 90 days"));
    assert!(find(&examination, "revocation_on").is_some());
}

#[tokio::test]
async fn a_region_without_session_tracking_is_a_finding_and_the_rest_is_read() {
    let fake = pool_with_pages(|pool| pool).await;
    for error in [
        ServiceError::UnknownOperation,
        ServiceError::OperationNotEnabled,
        ServiceError::InvalidParameter,
    ] {
        fake.heal();
        for operation in [GET, Operation::GetUserPoolClientSessionConfiguration] {
            fake.on(operation).always(Fault::Refuse(error));
        }
        let examination = examine(&fake).await;
        let (severity, words) = found(&examination, "session_tracking_not_seen");
        assert_eq!(severity, Severity::Note, "{error:?}");
        assert!(words.contains("This Region may not have session tracking"), "{words}");
        assert!(words.contains("GetUserPoolSessionConfiguration"), "{words}");
        assert!(find(&examination, "revocation_on").is_some());
    }
}

fn configuration(fake: &FakeCognito) -> Value {
    let sent = fake.requests();
    let sent = sent.iter().rfind(|request| request.operation() == Some(SET));
    sent.expect("a configuration was sent").body().clone()
}

async fn plan(fake: &FakeCognito) -> (AdminClient, Change) {
    let (client, pool, id) = (client(fake), fake.user_pool_id(), fake.client_id());
    let change = client.plan_fix(&pool, &id, &[Fix::SessionTracking]).await;
    (client, change.unwrap())
}

#[tokio::test]
async fn the_fix_switches_tracking_on_and_keeps_the_limit() {
    let fake = pool_with_pages(|pool| pool.max_sessions_per_user(7)).await;
    let (client, change) = plan(&fake).await;
    assert_eq!(change.subject(), "user pool");
    let lines: Vec<String> = change.differences().iter().map(ToString::to_string).collect();
    assert_eq!(lines, ["UserSessionTracking: \"DISABLED\" -> \"ENABLED\""]);
    assert_eq!(fake.count(SET), 0);
    client.apply_fix(&change).await.unwrap();
    let expected = json!({
        "UserPoolId": fake.user_pool_id(),
        "UserSessionTracking": "ENABLED",
        "TokenSession": { "MaxPerUser": 7 },
    });
    assert_eq!(configuration(&fake), expected);
    assert!(find(&examine(&fake).await, "session_tracking_on").is_some());
    let (client, change) = plan(&fake).await;
    assert!(change.is_empty());
    client.apply_fix(&change).await.unwrap();
    assert_eq!(fake.count(SET), 1);
}

#[tokio::test]
async fn the_fix_is_not_sent_if_the_configuration_has_changed_since() {
    let fake = pool_with_pages(|pool| pool).await;
    let (client, change) = plan(&fake).await;
    let (_, other) = plan(&fake).await;
    client.apply_fix(&other).await.unwrap();
    assert_eq!(client.apply_fix(&change).await, Err(AdminError::ClientChanged));
    assert_eq!(fake.count(SET), 1);
    // Somebody else is changing it at this moment.
    let fake = pool_with_pages(|pool| pool).await;
    let (client, change) = plan(&fake).await;
    fake.on(SET).always(Fault::Refuse(ServiceError::ConcurrentModification));
    assert_eq!(client.apply_fix(&change).await, Err(AdminError::ClientChanged));
}

#[tokio::test]
async fn the_fix_is_refused_for_a_tier_without_tracking_and_without_permission() {
    let fake = pool_with_pages(|pool| pool).await;
    fake.set_user_pool("UserPoolTier", json!("LITE"));
    let (client, change) = plan(&fake).await;
    let error = client.apply_fix(&change).await.unwrap_err();
    assert_eq!(error, AdminError::NotInTier);
    assert_eq!(error.code().as_str(), "not_in_tier");
    fake.on(SET).always(Fault::Refuse(ServiceError::AccessDenied));
    let action = "cognito-idp:SetUserPoolSessionConfiguration".to_owned();
    assert_eq!(
        client.apply_fix(&change).await,
        Err(AdminError::AccessDenied { action })
    );
    assert!(find(&examine(&fake).await, "session_tracking_off").is_some());
}

#[tokio::test(start_paused = true)]
async fn the_fix_without_a_response_is_confirmed_by_the_configuration() {
    let fake = pool_with_pages(|pool| pool).await;
    let (client, change) = plan(&fake).await;
    let settings = vec!["UserSessionTracking".to_owned()];
    fake.on(SET).once(Fault::Hang);
    assert_eq!(
        client.apply_fix(&change).await,
        Err(AdminError::FixNotConfirmed { settings })
    );
    fake.on(SET).after_effect().once(Fault::Hang);
    assert_eq!(client.apply_fix(&change).await, Ok(()));
}

#[tokio::test]
async fn the_fix_of_the_pool_does_not_mix_with_those_of_the_app_client() {
    let fake = FakeCognito::start().await.unwrap();
    let (pool, id) = (fake.user_pool_id(), fake.client_id());
    let planned = client(&fake).plan_fix(&pool, &id, &Fix::ALL).await;
    assert!(matches!(planned, Err(AdminError::InvalidInput(_))));
    assert!(fake.requests().is_empty());
}
