//! The doctor: what it finds, and what it fixes.

use std::time::Duration;

use cognito_signout::admin::{AdminError, Examination, Fix, Severity};
use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, Fault, Operation, ServiceError};
use serde_json::{Value, json};

use crate::client;

async fn examine(fake: &FakeCognito, uris: &[&str]) -> Examination {
    let examination = client(fake)
        .examine(&fake.user_pool_id(), &fake.client_id(), uris)
        .await;
    examination.unwrap()
}

async fn pool(with: impl FnOnce(FakeCognitoBuilder) -> FakeCognitoBuilder) -> FakeCognito {
    with(FakeCognito::builder()).start().await.unwrap()
}

/// Severity and code of each finding.
fn seen(examination: &Examination) -> Vec<(Severity, &'static str)> {
    let findings = examination.findings.iter();
    findings.map(|finding| (finding.severity, finding.code)).collect()
}

fn codes(examination: &Examination) -> Vec<&'static str> {
    seen(examination).into_iter().map(|(_, code)| code).collect()
}

fn allow_browser_flow(fake: &FakeCognito) {
    fake.set_client("AllowedOAuthFlowsUserPoolClient", json!(true));
    fake.set_client("AllowedOAuthFlows", json!(["code"]));
}

#[track_caller]
fn means(examination: &Examination, code: &str) -> String {
    let finding = examination.findings.iter().find(|finding| finding.code == code);
    let finding = finding.unwrap_or_else(|| panic!("no {code} in {:?}", seen(examination)));
    format!("{} {}", finding.means, finding.fix.as_deref().unwrap_or_default())
}

#[tokio::test]
async fn an_app_client_as_aws_makes_it_has_nothing_to_warn_of() {
    let examination = examine(&pool(|pool| pool).await, &[]).await;
    assert_eq!(
        seen(&examination),
        [
            (Severity::Good, "revocation_on"),
            (Severity::Note, "access_token_life"),
            (Severity::Note, "id_token_life"),
            (Severity::Note, "refresh_token_life"),
            (Severity::Note, "rotation_off"),
            (Severity::Good, "no_client_secret"),
            (Severity::Note, "no_browser_sign_in"),
            (Severity::Note, "no_hosted_pages"),
            (Severity::Note, "session_tracking_off"),
        ]
    );
    assert_eq!(examination.worst(), Severity::Note);
    assert_eq!(examination.client_name.as_deref(), Some("app"));
    assert!(means(&examination, "access_token_life").contains("for up to 1 hour after the sign-out"));
    assert!(means(&examination, "refresh_token_life").contains("is valid for 30 days"));
}

#[tokio::test]
async fn settings_that_keep_tokens_valid_are_warnings() {
    let lasting = |pool: FakeCognitoBuilder| {
        pool.token_revocation(false)
            .access_token_lifetime(Duration::from_secs(24 * 60 * 60))
            .rotation(Duration::ZERO)
            .client_secret("secret")
    };
    let examination = examine(&pool(lasting).await, &[]).await;
    assert_eq!(
        seen(&examination)[..6],
        [
            (Severity::Problem, "revocation_off"),
            (Severity::Warning, "access_token_life"),
            (Severity::Warning, "id_token_life"),
            (Severity::Warning, "refresh_token_life"),
            (Severity::Warning, "rotation_without_grace"),
            (Severity::Warning, "client_secret"),
        ]
    );
    assert!(means(&examination, "access_token_life").contains("for up to 1 day "));
    assert!(means(&examination, "revocation_off").contains("--fix revocation"));
    let graceful = pool(|pool| pool.rotation(Duration::from_secs(30))).await;
    assert!(means(&examine(&graceful, &[]).await, "rotation_on").contains("30 s more"));
    graceful.set_client("EnableTokenRevocation", Value::Null);
    assert_eq!(
        seen(&examine(&graceful, &[]).await)[0],
        (Severity::Warning, "revocation_not_said")
    );
}

#[tokio::test]
async fn a_lifetime_is_read_in_its_unit_and_defaults_to_awss() {
    let fake = pool(|pool| pool).await;
    for (validity, units, words) in [
        (
            json!(5),
            json!({ "AccessToken": "minutes" }),
            "for up to 5 minutes after",
        ),
        (
            json!(90),
            json!({ "AccessToken": "seconds" }),
            "for up to 90 seconds after",
        ),
        (json!(3), json!({}), "for up to 3 hours after"),
        (json!(1), json!({ "AccessToken": "days" }), "for up to 1 day after"),
        (Value::Null, Value::Null, "for up to 1 hour after"),
    ] {
        fake.set_client("AccessTokenValidity", validity);
        fake.set_client("TokenValidityUnits", units);
        let means = means(&examine(&fake, &[]).await, "access_token_life");
        assert!(means.contains(words), "{means}");
    }
}

#[tokio::test]
async fn a_sign_out_uri_is_compared_with_the_list_exactly() {
    let fake = pool(|pool| pool).await;
    fake.set_domain("my-app", 2);
    // Without browser sign-ins the app client needs no sign-out URI.
    assert!(!codes(&examine(&fake, &[]).await).contains(&"no_sign_out_uris"));
    allow_browser_flow(&fake);
    assert!(seen(&examine(&fake, &[]).await).contains(&(Severity::Warning, "no_sign_out_uris")));
    fake.set_client("LogoutURLs", json!(["myapp://out", "https://app.example/Bye?x=a%20b"]));
    let listed = examine(&fake, &["myapp://out"]).await;
    assert!(seen(&listed).contains(&(Severity::Good, "sign_out_uri_listed")));
    for (uri, hint) in [
        ("myapp://out/", "The list has myapp://out,"),
        (
            "https://app.example/bye?x=a b",
            "The list has https://app.example/Bye?x=a%20b,",
        ),
        ("https://elsewhere.example/", "exactly as the app sends it"),
    ] {
        let examination = examine(&fake, &[uri]).await;
        assert!(
            seen(&examination).contains(&(Severity::Problem, "sign_out_uri_not_listed")),
            "{uri}"
        );
        let means = means(&examination, "sign_out_uri_not_listed");
        assert!(means.contains(hint), "{means}");
    }
}

#[tokio::test]
async fn managed_login_and_the_classic_pages_are_distinguished() {
    let fake = pool(|pool| pool).await;
    for (version, code) in [(1, "classic_hosted_ui"), (2, "managed_login")] {
        fake.set_domain("my-app", version);
        fake.set_client("AllowedOAuthFlows", Value::Null);
        assert!(!codes(&examine(&fake, &[]).await).contains(&code));
        allow_browser_flow(&fake);
        let means = means(&examine(&fake, &[]).await, code);
        assert!(means.contains("/logout, opened in a browser, ends") && means.contains("prompt=login"));
    }
}

#[tokio::test]
async fn a_missing_refresh_flow_and_remembered_devices_are_findings() {
    let fake = pool(|pool| pool).await;
    let finds = async |flows: Value| {
        fake.set_client("ExplicitAuthFlows", flows);
        seen(&examine(&fake, &[]).await).contains(&(Severity::Warning, "refresh_not_allowed"))
    };
    assert!(finds(json!(["ALLOW_USER_SRP_AUTH"])).await);
    for allowed in [
        Value::Null,
        json!([]),
        json!(["USER_PASSWORD_AUTH"]),
        json!(["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]),
    ] {
        assert!(!finds(allowed.clone()).await, "{allowed}");
    }
    // With rotation another operation refreshes.
    fake.set_client(
        "RefreshTokenRotation",
        json!({ "Feature": "ENABLED", "RetryGracePeriodSeconds": 9 }),
    );
    assert!(!finds(json!(["ALLOW_USER_SRP_AUTH"])).await);

    assert!(!codes(&examine(&fake, &[]).await).contains(&"devices_remembered"));
    fake.set_user_pool("DeviceConfiguration", json!({ "ChallengeRequiredOnNewDevice": true }));
    assert!(seen(&examine(&fake, &[]).await).contains(&(Severity::Note, "devices_remembered")));
}

#[tokio::test]
async fn global_sign_out_needs_a_scope_that_browser_sign_ins_must_ask_for() {
    let fake = pool(|pool| pool).await;
    fake.set_client("AllowedOAuthFlowsUserPoolClient", json!(true));
    fake.set_client("AllowedOAuthFlows", json!(["code"]));
    for (scopes, expected) in [
        (json!(["openid"]), (Severity::Warning, "scope_missing")),
        (
            json!(["openid", "aws.cognito.signin.user.admin"]),
            (Severity::Good, "scope_allowed"),
        ),
    ] {
        fake.set_client("AllowedOAuthScopes", scopes);
        assert!(seen(&examine(&fake, &[]).await).contains(&expected));
    }
    fake.set_client("AllowedOAuthFlows", json!(["implicit"]));
    assert!(seen(&examine(&fake, &[]).await).contains(&(Severity::Warning, "implicit_flow")));
}

#[tokio::test]
async fn sessions_that_survive_at_identity_providers_are_findings() {
    let fake = pool(|pool| pool).await;
    fake.set_client("SupportedIdentityProviders", json!(["COGNITO"]));
    fake.add_identity_provider("Okta", "SAML", json!({ "IDPSignout": "true" }));
    fake.add_identity_provider("AdFs", "SAML", json!({}));
    fake.add_identity_provider("Google", "Google", json!({}));
    let names = json!(["COGNITO", "Okta", "AdFs", "Google", "Gone"]);
    fake.set_client("SupportedIdentityProviders", names);
    let examination = examine(&fake, &[]).await;
    assert_eq!(
        seen(&examination)[9..],
        [
            (Severity::Good, "saml_single_logout_on"),
            (Severity::Warning, "saml_single_logout_off"),
            (Severity::Note, "provider_session_survives"),
            (Severity::Warning, "provider_gone"),
        ]
    );
    assert!(means(&examination, "saml_single_logout_on").contains("by HTTP POST"));
}

#[tokio::test]
async fn what_the_credentials_may_not_read_is_a_finding_and_the_rest_is_read() {
    let fake = pool(|pool| pool).await;
    fake.add_identity_provider("Okta", "SAML", json!({}));
    let denied = Fault::Refuse(ServiceError::AccessDenied);
    fake.on(Operation::DescribeUserPool).always(denied.clone());
    fake.on(Operation::DescribeIdentityProvider).always(denied);
    let examination = examine(&fake, &[]).await;
    assert!(means(&examination, "hosted_pages_not_seen").contains("Allow cognito-idp:DescribeUserPool."));
    assert!(means(&examination, "provider_not_seen").contains("Allow cognito-idp:DescribeIdentityProvider."));
    assert_eq!(seen(&examination)[0].1, "revocation_on");
}

const OF_APP_CLIENT: [Fix; 2] = [Fix::Revocation, Fix::TokenValidity];

/// Sets every setting that AWS has to a value that is not its default, and one that AWS does not have yet.
fn set_everything(fake: &FakeCognito) {
    let settings = json!({
        "ClientName": "an app",
        "RefreshTokenValidity": 77,
        "AccessTokenValidity": 12,
        "IdTokenValidity": 600,
        "TokenValidityUnits": { "AccessToken": "hours", "IdToken": "minutes", "RefreshToken": "hours" },
        "ReadAttributes": ["email", "name"],
        "WriteAttributes": ["name"],
        "ExplicitAuthFlows": ["ALLOW_USER_SRP_AUTH"],
        "SupportedIdentityProviders": ["COGNITO", "Okta"],
        "CallbackURLs": ["myapp://in"],
        "LogoutURLs": ["myapp://out"],
        "DefaultRedirectURI": "myapp://in",
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "AllowedOAuthFlowsUserPoolClient": true,
        "AnalyticsConfiguration": { "ApplicationId": "a", "RoleArn": "r", "ExternalId": "e", "UserDataShared": true },
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": false,
        "EnablePropagateAdditionalUserContextData": true,
        "AuthSessionValidity": 5,
        "RefreshTokenRotation": { "Feature": "ENABLED", "RetryGracePeriodSeconds": 9 },
        "SettingOfTheFuture": { "On": true, "List": [1, "two", null] },
    });
    for (setting, value) in settings.as_object().unwrap() {
        fake.set_client(setting, value.clone());
    }
}

#[tokio::test]
async fn a_fix_changes_what_it_says_and_nothing_else() {
    let fake = pool(|pool| pool.client_secret("secret")).await;
    set_everything(&fake);
    let mut expected = fake.client_settings();
    let (client, pool, id) = (client(&fake), fake.user_pool_id(), fake.client_id());

    let change = client.plan_fix(&pool, &id, &OF_APP_CLIENT).await.unwrap();
    let lines: Vec<String> = change.differences().iter().map(ToString::to_string).collect();
    assert_eq!(
        lines,
        [
            "AccessTokenValidity: 12 hours -> 60 minutes",
            "EnableTokenRevocation: false -> true",
            "IdTokenValidity: 600 minutes -> 60 minutes",
            r#"TokenValidityUnits: {"AccessToken":"hours","IdToken":"minutes","RefreshToken":"hours"} -> {"AccessToken":"minutes","IdToken":"minutes","RefreshToken":"hours"}"#,
        ]
    );
    assert_eq!(fake.client_settings(), expected, "planning changes nothing");

    client.apply_fix(&change).await.unwrap();
    for (setting, value) in [
        ("AccessTokenValidity", json!(60)),
        ("IdTokenValidity", json!(60)),
        ("EnableTokenRevocation", json!(true)),
    ] {
        expected[setting] = value;
    }
    expected["TokenValidityUnits"]["AccessToken"] = json!("minutes");
    expected["LastModifiedDate"] = fake.client_settings()["LastModifiedDate"].clone();
    assert_eq!(fake.client_settings(), expected);
    // The secret is neither kept nor sent.
    let sent = fake
        .requests()
        .into_iter()
        .rfind(|request| request.operation() == Some(Operation::UpdateUserPoolClient));
    assert!(sent.unwrap().body().get("ClientSecret").is_none());
    assert!(!format!("{change:?}").contains("\"secret\""));
    // It took effect: tokens can be revoked now.
    assert!(seen(&examine(&fake, &[]).await).contains(&(Severity::Good, "revocation_on")));
    let again = client.plan_fix(&pool, &id, &OF_APP_CLIENT).await.unwrap();
    assert!(again.is_empty());
    client.apply_fix(&again).await.unwrap();
    assert_eq!(fake.count(Operation::UpdateUserPoolClient), 1);
}

#[tokio::test]
async fn a_fix_is_not_sent_if_the_settings_have_changed_since() {
    let fake = pool(|pool| pool.token_revocation(false)).await;
    let (client, pool, id) = (client(&fake), fake.user_pool_id(), fake.client_id());
    let change = client.plan_fix(&pool, &id, &[Fix::Revocation]).await.unwrap();
    fake.set_client("CallbackURLs", json!(["myapp://new"]));
    assert_eq!(client.apply_fix(&change).await, Err(AdminError::ClientChanged));
    assert_eq!(fake.count(Operation::UpdateUserPoolClient), 0);
    assert_eq!(fake.client_settings()["EnableTokenRevocation"], false);
}

#[tokio::test]
async fn a_setting_that_differs_after_the_fix_is_named() {
    let fake = pool(|pool| pool.token_revocation(false)).await;
    let (client, pool, id) = (client(&fake), fake.user_pool_id(), fake.client_id());
    let change = client.plan_fix(&pool, &id, &[Fix::Revocation]).await.unwrap();
    let gate = fake.on(Operation::UpdateUserPoolClient).after_effect().hold();
    let applying = tokio::spawn(async move { client.apply_fix(&change).await });
    gate.reached_by(1).await;
    // The request is counted as it arrives at the gate, and takes effect before it waits there.
    fake.set_client("LogoutURLs", json!(["myapp://other"]));
    gate.open();
    let settings = vec!["LogoutURLs".to_owned()];
    assert_eq!(applying.await.unwrap(), Err(AdminError::FixNotConfirmed { settings }));
}

#[tokio::test(start_paused = true)]
async fn a_fix_without_a_response_is_confirmed_by_the_settings() {
    let fake = pool(|pool| pool.token_revocation(false)).await;
    let (client, pool, id) = (client(&fake), fake.user_pool_id(), fake.client_id());
    let change = client.plan_fix(&pool, &id, &[Fix::Revocation]).await.unwrap();
    let update = || fake.on(Operation::UpdateUserPoolClient);
    let settings = vec!["EnableTokenRevocation".to_owned()];
    update().once(Fault::Hang);
    assert_eq!(
        client.apply_fix(&change).await,
        Err(AdminError::FixNotConfirmed { settings })
    );
    update().after_effect().once(Fault::Hang);
    assert_eq!(client.apply_fix(&change).await, Ok(()));
    assert_eq!(fake.client_settings()["EnableTokenRevocation"], true);
}

#[tokio::test]
async fn a_fix_that_is_denied_names_the_permission() {
    let fake = pool(|pool| pool.token_revocation(false)).await;
    let (client, pool, id) = (client(&fake), fake.user_pool_id(), fake.client_id());
    let change = client.plan_fix(&pool, &id, &[Fix::Revocation]).await.unwrap();
    fake.on(Operation::UpdateUserPoolClient)
        .always(Fault::Refuse(ServiceError::AccessDenied));
    let action = "cognito-idp:UpdateUserPoolClient".to_owned();
    assert_eq!(
        client.apply_fix(&change).await,
        Err(AdminError::AccessDenied { action })
    );
}
