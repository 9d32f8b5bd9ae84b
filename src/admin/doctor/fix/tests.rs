//! Which settings are kept, and how each fix changes them.

use std::collections::BTreeSet;

use aws_sdk_cognitoidentityprovider::operation::update_user_pool_client::UpdateUserPoolClientInput;
use aws_sdk_cognitoidentityprovider::types::UserPoolClientType;

use serde_json::json;

use super::app_client::NOT_SETTINGS;
use super::*;

/// The names of a structure's fields, taken from its `Debug`, in a spelling common to both of AWS's.
fn fields(debug: &str) -> BTreeSet<String> {
    let inside = debug.split_once('{').unwrap().1;
    let names = inside.split(',').filter_map(|field| field.split_once(':'));
    names.map(|(name, _)| name.trim().replace('_', "")).collect()
}

#[test]
fn everything_is_sent_back_except_what_the_model_does_not_accept() {
    let client = UserPoolClientType::builder().refresh_token_validity(1).build();
    let described = fields(&format!("{client:?}"));
    let taken = fields(&format!("{:?}", UpdateUserPoolClientInput::builder().build().unwrap()));
    let ids: BTreeSet<String> = ["userpoolid", "clientid"].map(str::to_owned).into();
    let not_taken: BTreeSet<String> = described.difference(&taken).cloned().chain(ids.clone()).collect();
    assert_eq!(not_taken, NOT_SETTINGS.map(str::to_lowercase).into());
    // And everything that can be sent can be read.
    assert!(taken.is_subset(&described), "{:?}", taken.difference(&described));
    assert_eq!(taken.len(), 23);
}

fn changed(fix: Fix, settings: Value) -> Value {
    let Value::Object(mut settings) = settings else {
        panic!("an object")
    };
    fix.apply(&mut settings);
    Value::Object(settings)
}

#[test]
fn revocation_is_switched_on_whatever_it_was() {
    for before in [
        json!({}),
        json!({ "EnableTokenRevocation": false }),
        json!({ "EnableTokenRevocation": true }),
    ] {
        assert_eq!(
            changed(Fix::Revocation, before),
            json!({ "EnableTokenRevocation": true })
        );
    }
}

#[test]
fn only_lifetimes_over_an_hour_are_shortened_each_in_its_unit() {
    let hours = json!({
        "AccessTokenValidity": 24,
        "IdTokenValidity": 1,
        "RefreshTokenValidity": 3650,
        "TokenValidityUnits": { "AccessToken": "hours", "RefreshToken": "days" },
    });
    let shortened = json!({
        "AccessTokenValidity": 60,
        "IdTokenValidity": 1,
        "RefreshTokenValidity": 3650,
        "TokenValidityUnits": { "AccessToken": "minutes", "RefreshToken": "days" },
    });
    assert_eq!(changed(Fix::TokenValidity, hours), shortened);
    for unchanged in [
        json!({}),
        json!({ "AccessTokenValidity": 1 }),
        json!({ "AccessTokenValidity": 3600, "TokenValidityUnits": { "AccessToken": "seconds" } }),
    ] {
        assert_eq!(changed(Fix::TokenValidity, unchanged.clone()), unchanged);
    }
    let without_units = changed(Fix::TokenValidity, json!({ "IdTokenValidity": 2 }));
    assert_eq!(
        without_units,
        json!({ "IdTokenValidity": 60, "TokenValidityUnits": { "IdToken": "minutes" } })
    );
}

#[test]
fn session_tracking_is_switched_on_and_the_limit_is_kept() {
    let off = json!({ "UserSessionTracking": "DISABLED", "TokenSession": { "MaxPerUser": 3 }, "New": [1] });
    let on = json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 3 }, "New": [1] });
    assert_eq!(changed(Fix::SessionTracking, off), on);
    assert_eq!(changed(Fix::SessionTracking, on.clone()), on);
    let defaults = json!({ "UserSessionTracking": "ENABLED", "TokenSession": { "MaxPerUser": 20 } });
    assert_eq!(changed(Fix::SessionTracking, json!({})), defaults);
}

#[test]
fn a_difference_shows_the_values_before_and_after() {
    let change = Change {
        user_pool_id: String::new(),
        subject: Subject::UserPool,
        before: [("Same".to_owned(), json!(1)), ("Old".to_owned(), json!([1]))]
            .into_iter()
            .collect(),
        after: [("Same".to_owned(), json!(1)), ("New".to_owned(), json!("x"))]
            .into_iter()
            .collect(),
    };
    let lines: Vec<_> = change.differences().iter().map(Difference::to_string).collect();
    assert_eq!(lines, ["New: not set -> \"x\"", "Old: [1] -> not set"]);
}
