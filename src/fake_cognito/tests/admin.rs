//! The administrators' operations.

use super::*;
use crate::Clock;
use crate::fake_cognito::operation::Caller;

/// A pool that accepts unsigned administrators' operations.
async fn pool() -> FakeCognito {
    FakeCognito::builder().unsigned_admin().start().await.unwrap()
}

async fn admin(fake: &FakeCognito, operation: Operation, mut input: Value) -> Value {
    input["UserPoolId"] = json!(fake.user_pool_id());
    call(fake, operation, &input).await.json()
}

fn names(page: &Value) -> Vec<&str> {
    let users = page["Users"].as_array().unwrap();
    users.iter().map(|user| user["Username"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn an_update_resets_settings_that_it_does_not_send_and_keeps_those_that_no_update_can_send() {
    let fake = pool().await;
    let before = fake.client_settings();
    fake.set_client("CallbackURLs", json!(["myapp://in"]));
    let update = json!({ "ClientId": fake.client_id(), "EnableTokenRevocation": false, "AccessTokenValidity": 2 });
    admin(&fake, Operation::UpdateUserPoolClient, update).await;
    let modified = fake
        .clock()
        .now()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap()
        .as_secs();
    let expected = json!({
        "UserPoolId": fake.user_pool_id(),
        "ClientId": fake.client_id(),
        "ClientName": before["ClientName"],
        "CreationDate": before["CreationDate"],
        "LastModifiedDate": modified,
        "EnableTokenRevocation": false,
        "AccessTokenValidity": 2,
    });
    assert_eq!(fake.client_settings(), expected);
    let described = json!({ "ClientId": fake.client_id() });
    let described = admin(&fake, Operation::DescribeUserPoolClient, described).await;
    assert_eq!(described["UserPoolClient"], expected);
    // New tokens follow: they last two hours and cannot be revoked.
    let claims = crate::Claims::from_jwt(&fake.sign_in("ana").access).unwrap();
    assert!(claims.origin_jti().is_none());
    let life = claims.expires_at().duration_since(fake.clock().now()).unwrap();
    assert!((7190..=7200).contains(&life.as_secs()), "{life:?}");
}

#[tokio::test]
async fn users_are_listed_in_pages_until_there_are_no_more() {
    let fake = pool().await;
    ["cy", "ana", "dan", "bob"]
        .iter()
        .for_each(|name| fake.add_user(name, ""));
    let first = admin(&fake, Operation::ListUsers, json!({ "Limit": 2 })).await;
    assert_eq!(names(&first), ["ana", "bob"]);
    let next = json!({ "Limit": 2, "PaginationToken": first["PaginationToken"] });
    let second = admin(&fake, Operation::ListUsers, next).await;
    assert_eq!(names(&second), ["cy", "dan"]);
    assert!(second.get("PaginationToken").is_none());
}

#[tokio::test]
async fn a_filter_finds_by_value_or_start_and_an_unknown_filter_is_refused() {
    let fake = pool().await;
    ["ana", "anton", "bob"].iter().for_each(|name| fake.add_user(name, ""));
    admin(&fake, Operation::AdminDisableUser, json!({ "Username": "bob" })).await;
    for (filter, expected) in [
        (r#"username = "ana""#, &["ana"][..]),
        (r#"username ^= "an""#, &["ana", "anton"]),
        (r#"status = "Disabled""#, &["bob"]),
        (r#"cognito:user_status = "CONFIRMED""#, &["ana", "anton", "bob"]),
    ] {
        let page = admin(&fake, Operation::ListUsers, json!({ "Filter": filter })).await;
        assert_eq!(names(&page), expected, "{filter}");
    }
    for filter in ["ana", "shoe_size = \"44\"", "username = ana"] {
        let refused = admin(&fake, Operation::ListUsers, json!({ "Filter": filter })).await;
        assert_eq!(refused["__type"], "InvalidParameterException");
    }
}

#[tokio::test]
async fn a_disabled_user_can_neither_sign_in_nor_refresh() {
    let fake = pool().await;
    fake.add_user("ana", "Passw0rd!x");
    let tokens = fake.sign_in("ana");
    admin(&fake, Operation::AdminDisableUser, json!({ "Username": "ana" })).await;
    let password = json!({ "USERNAME": "ana", "PASSWORD": "Passw0rd!x" });
    let sign_in = json!({ "ClientId": fake.client_id(), "AuthFlow": "USER_PASSWORD_AUTH", "AuthParameters": password });
    for request in [sign_in, refresh_request(&fake, &tokens.refresh)] {
        let refused = call(&fake, Operation::InitiateAuth, &request).await.json();
        assert_eq!(refused["message"], "User is disabled.");
    }
}

#[tokio::test]
async fn every_administrators_operation_needs_a_signature_and_its_own_pool() {
    let signed_only = FakeCognito::start().await.unwrap();
    let open = pool().await;
    for operation in Operation::ALL
        .into_iter()
        .filter(|operation| operation.caller() == Caller::Admin)
    {
        let unsigned = admin(&signed_only, operation, json!({})).await;
        assert_eq!(
            unsigned["__type"], "MissingAuthenticationTokenException",
            "{operation:?}"
        );
        // A domain is looked up without the pool.
        if operation != Operation::DescribeUserPoolDomain {
            let elsewhere = call(&open, operation, &json!({ "UserPoolId": "eu-central-1_Other" })).await;
            assert_eq!(elsewhere.json()["__type"], "ResourceNotFoundException", "{operation:?}");
        }
    }
}

#[tokio::test]
async fn a_fake_without_a_record_works_the_same() {
    let fake = FakeCognito::builder()
        .unsigned_admin()
        .without_record()
        .start()
        .await
        .unwrap();
    fake.add_user("ana", "");
    admin(&fake, Operation::AdminUserGlobalSignOut, json!({ "Username": "ana" })).await;
    assert_eq!((fake.admin_sign_outs("ana"), fake.admin_sign_outs_in_all()), (1, 1));
    assert!(fake.requests().is_empty());
}
