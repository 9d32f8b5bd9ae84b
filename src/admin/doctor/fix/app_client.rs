//! The settings of an app client.
//!
//! `UpdateUserPoolClient` resets every setting that is not sent. So the settings that were read are sent back as JSON, and
//! not through the SDK's types: settings newer than the SDK are kept too.

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::TimeUnitsType;
use serde::de::IgnoredAny;
use serde_json::{Map, Value, json};

use super::super::findings::{ACCEPTABLE_LIFE, life};
use crate::admin::AdminError;
use crate::admin::client::Pool;
use crate::admin::patience::Patience;
use crate::{ErrorCode, StepError};

/// The members that `DescribeUserPoolClient` returns and `UpdateUserPoolClient` does not accept.
pub(super) const NOT_SETTINGS: [&str; 5] = [
    "UserPoolId",
    "ClientId",
    "ClientSecret",
    "LastModifiedDate",
    "CreationDate",
];

const HOUR: Duration = Duration::from_secs(60 * 60);

/// Everything that `UpdateUserPoolClient` accepts, unchanged.
pub(super) async fn read(pool: &Pool, client_id: &str) -> Result<Map<String, Value>, AdminError> {
    let input = json!({ "UserPoolId": pool.id, "ClientId": client_id });
    let response = Patience::brief().send(|| pool.call("DescribeUserPoolClient", &input));
    let mut response: Value = response.await?;
    let Value::Object(mut client) = response["UserPoolClient"].take() else {
        let message = "the response to DescribeUserPoolClient contains no app client";
        return Err(AdminError::Service(StepError::new(
            ErrorCode::UnexpectedResponse,
            message,
        )));
    };
    client.retain(|member, _| !NOT_SETTINGS.contains(&member.as_str()));
    Ok(client)
}

pub(super) async fn write(pool: &Pool, client_id: &str, mut settings: Map<String, Value>) -> Result<(), AdminError> {
    settings.insert("UserPoolId".to_owned(), json!(pool.id));
    settings.insert("ClientId".to_owned(), json!(client_id));
    let response = Patience::brief().send(|| pool.call("UpdateUserPoolClient", &settings));
    let IgnoredAny = response.await?;
    Ok(())
}

pub(super) fn switch_revocation_on(settings: &mut Map<String, Value>) {
    settings.insert("EnableTokenRevocation".to_owned(), json!(true));
}

/// Shortens the lifetimes of access and ID tokens, if they are longer than acceptable.
pub(super) fn shorten_lives(settings: &mut Map<String, Value>) {
    for (setting, unit) in [("AccessTokenValidity", "AccessToken"), ("IdTokenValidity", "IdToken")] {
        shorten(settings, setting, unit);
    }
}

fn shorten(settings: &mut Map<String, Value>, setting: &str, unit: &str) {
    let validity = settings.get(setting).and_then(Value::as_i64);
    let units = settings.get("TokenValidityUnits");
    let known = units.and_then(|units| units[unit].as_str()).map(TimeUnitsType::from);
    let validity = validity.and_then(|validity| i32::try_from(validity).ok());
    if life(validity, known.as_ref(), (HOUR, HOUR)) <= ACCEPTABLE_LIFE {
        return;
    }
    settings.insert(setting.to_owned(), json!(ACCEPTABLE_LIFE.as_secs() / 60));
    if let Value::Object(units) = settings.entry("TokenValidityUnits").or_insert(json!({})) {
        units.insert(unit.to_owned(), json!("minutes"));
    }
}
