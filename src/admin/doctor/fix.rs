//! Changes some of an app client's settings and keeps all others.
//!
//! `UpdateUserPoolClient` resets every setting that is not sent. So the settings that were read are sent back as JSON, and
//! not through the SDK's types: settings newer than the SDK are kept too.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::TimeUnitsType;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::AfterDeserializationInterceptorContextRef;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use serde_json::{Map, Value, json};

use super::super::client::Pool;
use super::super::patience::Patience;
use super::super::{AdminClient, AdminError};
use super::findings::{ACCEPTABLE_LIFE, life};
use crate::lock::lock;
use crate::{ErrorCode, StepError};

/// The members that `DescribeUserPoolClient` returns and `UpdateUserPoolClient` does not accept.
const NOT_SETTINGS: [&str; 5] = [
    "UserPoolId",
    "ClientId",
    "ClientSecret",
    "LastModifiedDate",
    "CreationDate",
];

const HOUR: Duration = Duration::from_secs(60 * 60);

/// A change that the doctor can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fix {
    /// Switches token revocation on.
    Revocation,
    /// Sets the lifetime of access and ID tokens to an hour if it is longer. Does not change refresh tokens.
    TokenValidity,
}

impl Fix {
    /// Every fix.
    pub const ALL: [Self; 2] = [Self::Revocation, Self::TokenValidity];

    /// The fix's name: `revocation`, `token-validity`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::TokenValidity => "token-validity",
        }
    }

    fn apply(self, settings: &mut Map<String, Value>) {
        match self {
            Self::Revocation => {
                settings.insert("EnableTokenRevocation".to_owned(), json!(true));
            }
            Self::TokenValidity => {
                for (setting, unit) in [("AccessTokenValidity", "AccessToken"), ("IdTokenValidity", "IdToken")] {
                    shorten(settings, setting, unit);
                }
            }
        }
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

impl FromStr for Fix {
    type Err = AdminError;

    fn from_str(name: &str) -> Result<Self, AdminError> {
        let fix = Self::ALL.into_iter().find(|fix| fix.as_str() == name);
        fix.ok_or_else(|| AdminError::InvalidInput("fix: must be revocation or token-validity".into()))
    }
}

/// What fixes would change in an app client's settings. Nothing changes until [`AdminClient::apply_fix`].
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    user_pool_id: String,
    client_id: String,
    before: Map<String, Value>,
    after: Map<String, Value>,
}

/// One setting that a [`Change`] changes. Its `Display` is one line for people.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Difference {
    /// The setting's name in AWS's API.
    pub setting: String,
    /// The value before, as JSON; `None` if it is not set.
    pub before: Option<String>,
    /// The value after, as JSON; `None` if it is not set.
    pub after: Option<String>,
    /// Both values with their units, which are separate settings: `24 hours -> 60 minutes`. Only for the lifetimes of tokens.
    pub in_words: Option<String>,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(words) = &self.in_words {
            return write!(f, "{}: {words}", self.setting);
        }
        let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
        write!(f, "{}: {} -> {}", self.setting, value(&self.before), value(&self.after))
    }
}

impl Change {
    /// Whether there is nothing to change.
    pub fn is_empty(&self) -> bool {
        self.before == self.after
    }

    /// The settings that would change.
    pub fn differences(&self) -> Vec<Difference> {
        differences(&self.before, &self.after)
    }
}

fn differences(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<Difference> {
    let mut settings: Vec<&String> = before.keys().chain(after.keys()).collect();
    settings.sort();
    settings.dedup();
    let differing = settings
        .into_iter()
        .filter(|setting| before.get(*setting) != after.get(*setting));
    let text = |value: Option<&Value>| value.map(Value::to_string);
    differing
        .map(|setting| Difference {
            setting: setting.clone(),
            before: text(before.get(setting)),
            after: text(after.get(setting)),
            in_words: match (validity(before, setting), validity(after, setting)) {
                (Some(before), Some(after)) => Some(format!("{before} -> {after}")),
                _ => None,
            },
        })
        .collect()
}

/// How long a kind of token is valid, in the unit of the setting.
fn validity(settings: &Map<String, Value>, setting: &str) -> Option<String> {
    let (unit, default) = match setting {
        "AccessTokenValidity" => ("AccessToken", "hours"),
        "IdTokenValidity" => ("IdToken", "hours"),
        "RefreshTokenValidity" => ("RefreshToken", "days"),
        _ => return None,
    };
    let units = settings.get("TokenValidityUnits");
    let unit = units.and_then(|units| units[unit].as_str()).unwrap_or(default);
    Some(match settings.get(setting) {
        Some(validity) => format!("{validity} {unit}"),
        None => "not set".to_owned(),
    })
}

impl AdminClient {
    /// Reads all settings of an app client, and says what the fixes would change. Needs
    /// `cognito-idp:DescribeUserPoolClient`.
    ///
    /// # Errors
    /// As [`examine`](Self::examine).
    pub async fn plan_fix(&self, user_pool_id: &str, client_id: &str, fixes: &[Fix]) -> Result<Change, AdminError> {
        let before = settings(&self.pool(user_pool_id)?, client_id).await?;
        let mut after = before.clone();
        fixes.iter().for_each(|fix| fix.apply(&mut after));
        Ok(Change {
            user_pool_id: user_pool_id.to_owned(),
            client_id: client_id.to_owned(),
            before,
            after,
        })
    }

    /// Makes the change: reads the settings, sends all of them back, including the changed ones, and reads them again to
    /// confirm the change. Does nothing if the change is empty. Also needs `cognito-idp:UpdateUserPoolClient`.
    ///
    /// Cognito has no conditional update. If somebody else changes a setting between the first reading and the update, within
    /// some tenths of a second, that change is undone, and nothing shows it.
    ///
    /// # Errors
    /// [`AdminError::ClientChanged`] if the settings have changed since the fix was planned: nothing was sent.
    /// [`AdminError::FixNotConfirmed`] if the change was sent, but the settings read afterwards differ, or could not be read:
    /// the update may or may not have been applied. Every other error, as in [`examine`](Self::examine), means that nothing
    /// was changed.
    pub async fn apply_fix(&self, change: &Change) -> Result<(), AdminError> {
        if change.is_empty() {
            return Ok(());
        }
        let pool = self.pool(&change.user_pool_id)?;
        if settings(&pool, &change.client_id).await? != change.before {
            return Err(AdminError::ClientChanged);
        }
        match update(&pool, &change.client_id, change.after.clone()).await {
            // The settings, read again, will show whether it was applied.
            Err(error) if error.leaves_open() => {}
            sent => sent?,
        }
        let now = settings(&pool, &change.client_id).await;
        let now = now.map_err(|_| AdminError::FixNotConfirmed { settings: Vec::new() })?;
        let unexpected = differences(&change.after, &now);
        if unexpected.is_empty() {
            return Ok(());
        }
        Err(AdminError::FixNotConfirmed {
            settings: unexpected.into_iter().map(|difference| difference.setting).collect(),
        })
    }
}

/// Everything that `UpdateUserPoolClient` accepts, unchanged.
async fn settings(pool: &Pool, client_id: &str) -> Result<Map<String, Value>, AdminError> {
    let kept = KeepAppClient::default();
    let request = || {
        let request = pool.sdk.describe_user_pool_client().user_pool_id(&pool.id);
        let request = request.client_id(client_id).customize();
        request.interceptor(kept.clone()).send()
    };
    Patience::brief().send(request).await?;
    let mut client = kept.take().ok_or_else(|| {
        let message = "the response to DescribeUserPoolClient contains no app client";
        AdminError::Service(StepError::new(ErrorCode::UnexpectedResponse, message))
    })?;
    client.retain(|member, _| !NOT_SETTINGS.contains(&member.as_str()));
    Ok(client)
}

async fn update(pool: &Pool, client_id: &str, mut settings: Map<String, Value>) -> Result<(), AdminError> {
    settings.insert("UserPoolId".to_owned(), json!(pool.id));
    settings.insert("ClientId".to_owned(), json!(client_id));
    let body = Value::Object(settings).to_string();
    let request = || {
        let request = pool.sdk.update_user_pool_client().user_pool_id(&pool.id);
        let request = request.client_id(client_id).customize();
        let body = body.clone();
        // Replaces what the SDK wrote, before it is signed.
        let request = request.mutate_request(move |request| {
            request.headers_mut().insert("content-length", body.len().to_string());
            *request.body_mut() = SdkBody::from(body.as_str());
        });
        request.send()
    };
    Patience::brief().send(request).await.map(drop)
}

/// Keeps the app client of a response, as JSON and without its secret.
#[derive(Clone, Default)]
struct KeepAppClient(Arc<Mutex<Option<Map<String, Value>>>>);

impl KeepAppClient {
    fn take(&self) -> Option<Map<String, Value>> {
        lock(&self.0).take()
    }
}

impl fmt::Debug for KeepAppClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeepAppClient")
    }
}

#[dyn_dispatch_hint]
impl Intercept for KeepAppClient {
    fn name(&self) -> &'static str {
        "KeepAppClient"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response: Option<Value> = context
            .response()
            .body()
            .bytes()
            .and_then(|body| serde_json::from_slice(body).ok());
        let client = response.and_then(|mut response| match response["UserPoolClient"].take() {
            Value::Object(mut client) => {
                client.remove("ClientSecret");
                Some(client)
            }
            _ => None,
        });
        *lock(&self.0) = client;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use aws_sdk_cognitoidentityprovider::operation::update_user_pool_client::UpdateUserPoolClientInput;
    use aws_sdk_cognitoidentityprovider::types::UserPoolClientType;

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
    fn a_difference_shows_the_values_before_and_after() {
        let change = Change {
            user_pool_id: String::new(),
            client_id: String::new(),
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
}
