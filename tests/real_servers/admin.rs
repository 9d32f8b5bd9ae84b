//! The administrator's side at ministack and moto. Both have `AdminUserGlobalSignOut`, and each describes app clients in its own
//! way.

use cognito_signout::admin::{AdminClient, AdminError, Fix, Severity, SignOutMany};
use cognito_signout::transport::RustlsTransport;
use serde_json::{Value, json};

use crate::support::conformance::{PASSWORD, UserPool};
use crate::support::servers::AppClient::Confidential;
use crate::support::servers::RealServer;
use crate::support::wire::{Tokens, Wire, http_client, secret_hash};

fn client(server: &RealServer) -> AdminClient {
    // The credentials of ministack's root. ministack checks the signature.
    let client = AdminClient::builder(RustlsTransport::new()).credentials("test", "test", None);
    client.endpoint(&server.endpoint).unwrap().build()
}

/// Whether the server still accepts the access token.
async fn is_accepted(server: &RealServer, tokens: &Tokens) -> bool {
    let token = tokens.access.as_str().into();
    match client(server).is_accepted(&server.user_pool_id, &token).await {
        Ok(accepted) => accepted,
        // moto refuses with the token as the message, which does not say that it was revoked.
        Err(error) => {
            assert_eq!(error.code().as_str(), "refused");
            false
        }
    }
}

async fn refreshes(server: &RealServer, tokens: &Tokens) -> bool {
    let secret = server.client_secret.as_deref().unwrap();
    let hash = secret_hash(secret, &tokens.username, &server.client_id);
    let parameters = json!({ "REFRESH_TOKEN": tokens.refresh, "SECRET_HASH": hash });
    let flow = "REFRESH_TOKEN_AUTH";
    let body = json!({ "ClientId": server.client_id, "AuthFlow": flow, "AuthParameters": parameters });
    Wire::new(&server.endpoint).call("InitiateAuth", body).await.is_ok()
}

async fn one_user_is_signed_out(server: RealServer) {
    server.add_user("ana", PASSWORD).await;
    server.add_user("bob", PASSWORD).await;
    let (phone, laptop, other) = (
        server.sign_in("ana").await,
        server.sign_in("ana").await,
        server.sign_in("bob").await,
    );
    assert!(is_accepted(&server, &phone).await && refreshes(&server, &laptop).await);
    let (client, pool) = (client(&server), &server.user_pool_id);

    client.global_sign_out(pool, "ana").await.unwrap();

    for tokens in [&phone, &laptop] {
        assert!(!is_accepted(&server, tokens).await && !refreshes(&server, tokens).await);
    }
    assert!(is_accepted(&server, &other).await && refreshes(&server, &other).await);
    assert_eq!(
        client.global_sign_out(pool, "nobody").await,
        Err(AdminError::UserNotFound)
    );
    assert_eq!(
        client.global_sign_out("us-east-1_NoSuchOne", "ana").await,
        Err(AdminError::PoolNotFound)
    );
}

async fn everyone_is_signed_out(server: RealServer) {
    for user in 0..70 {
        let user = json!({ "Username": format!("user-{user:02}"), "MessageAction": "SUPPRESS" });
        server.admin("AdminCreateUser", user).await;
    }
    server.add_user("ana", PASSWORD).await;
    let tokens = server.sign_in("ana").await;
    server.admin("CreateGroup", json!({ "GroupName": "staff" })).await;
    let member = json!({ "GroupName": "staff", "Username": "user-07" });
    server.admin("AdminAddUserToGroup", member).await;
    let (client, pool) = (client(&server), &server.user_pool_id);
    let folder = tempfile::tempdir().unwrap();
    let run = || {
        let run = SignOutMany::new(client.clone(), pool).unwrap().rate(1000.0).unwrap();
        run.journal(folder.path().join("journal")).continue_journal(true)
    };

    let staff = client.list_users_in_group(pool, "staff");
    assert_eq!(run().start(staff).await.unwrap().finish().await.signed_out, 1);
    let summary = run().start(client.list_users(pool, None)).await.unwrap().finish().await;

    assert!(summary.is_complete(), "{summary:?}");
    assert_eq!((summary.signed_out, summary.already_done), (70, 1));
    assert!(!is_accepted(&server, &tokens).await);
    client.disable_user(pool, "ana").await.unwrap();
    assert_eq!(
        server.admin("AdminGetUser", json!({ "Username": "ana" })).await["Enabled"],
        false
    );
}

/// The app client's settings at the server, without those that change by themselves.
async fn settings(server: &RealServer) -> Value {
    let mut answer = server
        .admin("DescribeUserPoolClient", json!({ "ClientId": server.client_id }))
        .await;
    let mut client = answer["UserPoolClient"].take();
    client.as_object_mut().unwrap().remove("LastModifiedDate");
    client
}

async fn the_doctor_fixes_what_it_finds_and_nothing_else(server: RealServer) {
    let update = json!({
        "ClientId": server.client_id,
        "ClientName": "client",
        "ExplicitAuthFlows": ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "CallbackURLs": ["https://app.example/in"],
        "LogoutURLs": ["https://app.example/out"],
        "AllowedOAuthFlows": ["code"],
        "AllowedOAuthScopes": ["openid"],
        "AllowedOAuthFlowsUserPoolClient": true,
        "SupportedIdentityProviders": ["COGNITO"],
        "RefreshTokenValidity": 7,
        "AccessTokenValidity": 12,
        "IdTokenValidity": 30,
        "TokenValidityUnits": { "AccessToken": "hours", "IdToken": "minutes", "RefreshToken": "days" },
        "PreventUserExistenceErrors": "ENABLED",
        "EnableTokenRevocation": false,
        "ReadAttributes": ["email"],
        "WriteAttributes": ["email"],
    });
    server.admin("UpdateUserPoolClient", update).await;
    let mut expected = settings(&server).await;
    let (client, pool, id) = (client(&server), &server.user_pool_id, &server.client_id);

    let before = client
        .examine(pool, id, &["https://app.example/out", "https://app.example/out/"])
        .await;
    let before = before.unwrap();
    let has = |severity, code| {
        let mut findings = before.findings.iter();
        findings.any(|finding| (finding.severity, finding.code) == (severity, code))
    };
    for (severity, code) in [
        (Severity::Problem, "revocation_off"),
        (Severity::Warning, "access_token_life"),
        (Severity::Note, "id_token_life"),
        (Severity::Warning, "client_secret"),
        (Severity::Warning, "scope_missing"),
        (Severity::Note, "no_hosted_pages"),
        (Severity::Good, "sign_out_uri_listed"),
        (Severity::Problem, "sign_out_uri_not_listed"),
    ] {
        assert!(has(severity, code), "{code} is missing: {before:?}");
    }

    let change = client
        .plan_fix(pool, id, &[Fix::Revocation, Fix::TokenValidity])
        .await
        .unwrap();
    client.apply_fix(&change).await.unwrap();

    expected["EnableTokenRevocation"] = json!(true);
    expected["AccessTokenValidity"] = json!(60);
    expected["TokenValidityUnits"]["AccessToken"] = json!("minutes");
    assert_eq!(settings(&server).await, expected);
    let after = client.examine(pool, id, &[]).await.unwrap();
    assert_eq!(after.findings[0].code, "revocation_on");
}

/// Makes an IAM user at ministack who may do one action. Returns the user's access key and secret key.
async fn iam_user(server: &RealServer, action: &str) -> (String, String) {
    let policy = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Action": action, "Resource": "*" }],
    });
    let policy = policy.to_string();
    let root = "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/iam/aws4_request, SignedHeaders=host, Signature=0";
    let mut answers = Vec::new();
    for (action, more) in [
        ("CreateUser", None),
        ("PutUserPolicy", Some(("PolicyName", "PolicyDocument"))),
        ("CreateAccessKey", None),
    ] {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.extend_pairs([("Action", action), ("UserName", "admin"), ("Version", "2010-05-08")]);
        if let Some((name, document)) = more {
            form.extend_pairs([(name, "policy"), (document, policy.as_str())]);
        }
        let request = http_client().post(&server.endpoint).header("authorization", root);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.body(form.finish()).send().await.unwrap();
        assert_eq!(answer.status(), 200, "{action}");
        answers.push(answer.text().await.unwrap());
    }
    let element = |name: &str| {
        let (_, rest) = answers[2].split_once(&format!("<{name}>")).unwrap();
        rest.split('<').next().unwrap().to_owned()
    };
    (element("AccessKeyId"), element("SecretAccessKey"))
}

/// ministack checks the signatures and the policies of IAM users, but not those of root.
#[tokio::test]
async fn ministack_accepts_the_signature_and_names_what_the_policy_lacks() {
    let server = RealServer::ministack(Confidential).await;
    server.add_user("ana", PASSWORD).await;
    let (key, secret) = iam_user(&server, "cognito-idp:AdminDisableUser").await;
    let with = |key: &str, secret: &str| {
        let client = AdminClient::builder(RustlsTransport::new()).credentials(key, secret, None);
        client.endpoint(&server.endpoint).unwrap().build()
    };
    let pool = &server.user_pool_id;
    let client = with(&key, &secret);
    client.disable_user(pool, "ana").await.unwrap();
    let action = "cognito-idp:AdminUserGlobalSignOut".to_owned();
    assert_eq!(
        client.global_sign_out(pool, "ana").await,
        Err(AdminError::AccessDenied { action })
    );
    let rejected = Err(AdminError::CredentialsRejected);
    assert_eq!(with(&key, "another secret").disable_user(pool, "ana").await, rejected);
    assert_eq!(with("AKIDUNKNOWN", &secret).disable_user(pool, "ana").await, rejected);
}

#[tokio::test]
async fn ministack_signs_one_user_out() {
    one_user_is_signed_out(RealServer::ministack(Confidential).await).await;
}

#[tokio::test]
async fn moto_signs_one_user_out() {
    one_user_is_signed_out(RealServer::moto(Confidential).await).await;
}

#[tokio::test]
async fn ministack_signs_everyone_out() {
    everyone_is_signed_out(RealServer::ministack(Confidential).await).await;
}

#[tokio::test]
async fn moto_signs_everyone_out() {
    everyone_is_signed_out(RealServer::moto(Confidential).await).await;
}

#[tokio::test]
async fn the_doctor_at_ministack() {
    the_doctor_fixes_what_it_finds_and_nothing_else(RealServer::ministack(Confidential).await).await;
}

#[tokio::test]
async fn the_doctor_at_moto() {
    the_doctor_fixes_what_it_finds_and_nothing_else(RealServer::moto(Confidential).await).await;
}
