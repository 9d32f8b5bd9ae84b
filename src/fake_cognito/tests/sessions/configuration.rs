//! The session configurations of the pool and its app client.

use super::*;
use crate::fake_cognito::Operation::{
    GetUserPoolClientSessionConfiguration, GetUserPoolSessionConfiguration, SetUserPoolClientSessionConfiguration,
    SetUserPoolSessionConfiguration,
};

#[tokio::test]
async fn the_defaults_are_awss_and_a_change_replaces_them() {
    let fake = FakeCognito::builder().unsigned_admin().start().await.unwrap();
    let (pool_id, client_id) = (fake.user_pool_id(), fake.client_id());
    let pool = |tracking: &str, max: u32| json!({ "UserPoolId": pool_id, "UserSessionTracking": tracking, "TokenSession": { "MaxPerUser": max } });
    let client = |minutes: u32| json!({ "UserPoolId": pool_id, "ClientId": client_id, "SSOSession": { "MaxValidityMinutes": minutes } });
    assert_eq!(
        admin(&fake, GetUserPoolSessionConfiguration, json!({})).await,
        pool("DISABLED", 20)
    );
    let get_client = json!({ "ClientId": client_id });
    assert_eq!(
        admin(&fake, GetUserPoolClientSessionConfiguration, get_client.clone()).await,
        client(60)
    );

    let refused = admin(&fake, SetUserPoolClientSessionConfiguration, client(5)).await;
    assert_eq!(
        refused["__type"], "OperationNotEnabledException",
        "tracking comes first"
    );
    assert_eq!(
        admin(&fake, SetUserPoolSessionConfiguration, pool("ENABLED", 7)).await,
        pool("ENABLED", 7)
    );
    assert_eq!(
        admin(&fake, SetUserPoolClientSessionConfiguration, client(5)).await,
        client(5)
    );

    // Turned off, the app client's configuration is kept for the next time.
    assert_eq!(
        admin(&fake, SetUserPoolSessionConfiguration, pool("DISABLED", 7)).await,
        pool("DISABLED", 7)
    );
    assert_eq!(
        admin(&fake, GetUserPoolSessionConfiguration, json!({})).await,
        pool("DISABLED", 7)
    );
    assert_eq!(
        admin(&fake, GetUserPoolClientSessionConfiguration, get_client).await,
        client(5)
    );
}

#[tokio::test]
async fn incomplete_or_out_of_range_input_is_refused_and_changes_nothing() {
    let fake = tracking_pool().await;
    let get = async || {
        let client = json!({ "ClientId": fake.client_id() });
        (
            admin(&fake, GetUserPoolSessionConfiguration, json!({})).await,
            admin(&fake, GetUserPoolClientSessionConfiguration, client).await,
        )
    };
    let before = get().await;
    for input in [
        json!({ "UserSessionTracking": "ENABLED" }),
        json!({ "TokenSession": { "MaxPerUser": 5 } }),
        json!({ "UserSessionTracking": "ENABLED", "TokenSession": {} }),
        json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 0 } }),
        json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 101 } }),
        json!({ "UserSessionTracking": "ON", "TokenSession": { "MaxPerUser": 5 } }),
    ] {
        let refused = admin(&fake, SetUserPoolSessionConfiguration, input.clone()).await;
        assert_eq!(refused["__type"], "InvalidParameterException", "{input}");
    }
    for minutes in [json!(-1), json!(129_601), Value::Null] {
        let input = json!({ "ClientId": fake.client_id(), "SSOSession": { "MaxValidityMinutes": minutes } });
        let refused = admin(&fake, SetUserPoolClientSessionConfiguration, input).await;
        assert_eq!(refused["__type"], "InvalidParameterException", "{minutes}");
    }
    let stranger = json!({ "ClientId": "stranger", "SSOSession": { "MaxValidityMinutes": 5 } });
    for operation in [
        SetUserPoolClientSessionConfiguration,
        GetUserPoolClientSessionConfiguration,
    ] {
        assert_eq!(
            admin(&fake, operation, stranger.clone()).await["__type"],
            "ResourceNotFoundException"
        );
    }
    assert_eq!(get().await, before);
}

#[tokio::test]
async fn a_pool_of_the_lite_tier_cannot_be_configured() {
    let fake = tracking_pool().await;
    fake.set_user_pool("UserPoolTier", json!("LITE"));
    let pool = json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 5 } });
    let client = json!({ "ClientId": fake.client_id(), "SSOSession": { "MaxValidityMinutes": 5 } });
    for (operation, input) in [
        (SetUserPoolSessionConfiguration, pool),
        (SetUserPoolClientSessionConfiguration, client),
    ] {
        assert_eq!(
            admin(&fake, operation, input).await["__type"],
            "FeatureUnavailableInTierException"
        );
    }
}
