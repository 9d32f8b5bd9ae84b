//! Changes some settings of an app client or a user pool, and keeps all others.
//!
//! Cognito has only operations that replace all settings. So a fix reads them, changes some, and sends all of them back.

mod app_client;
mod session_tracking;
#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde_json::{Map, Value};

use super::super::client::Pool;
use super::super::{AdminClient, AdminError};

/// A change that the doctor can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fix {
    /// Switches token revocation on, for the app client.
    Revocation,
    /// Sets the lifetime of the app client's access and ID tokens to an hour if it is longer. Does not change refresh tokens.
    TokenValidity,
    /// Switches session tracking on, for the whole user pool, and keeps the limit of sessions for each user. AWS does not
    /// say which claims the tokens then have, or what happens to sessions that began before.
    SessionTracking,
}

impl Fix {
    /// Every fix.
    pub const ALL: [Self; 3] = [Self::Revocation, Self::TokenValidity, Self::SessionTracking];

    /// The fix's name: `revocation`, `token-validity`, `session-tracking`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Revocation => "revocation",
            Self::TokenValidity => "token-validity",
            Self::SessionTracking => "session-tracking",
        }
    }

    fn apply(self, settings: &mut Map<String, Value>) {
        match self {
            Self::Revocation => app_client::switch_revocation_on(settings),
            Self::TokenValidity => app_client::shorten_lives(settings),
            Self::SessionTracking => session_tracking::switch_on(settings),
        }
    }
}

impl FromStr for Fix {
    type Err = AdminError;

    fn from_str(name: &str) -> Result<Self, AdminError> {
        let fix = Self::ALL.into_iter().find(|fix| fix.as_str() == name);
        fix.ok_or_else(|| {
            AdminError::InvalidInput("fix: must be revocation, token-validity or session-tracking".into())
        })
    }
}

/// Whose settings a [`Change`] replaces.
#[derive(Debug, Clone, PartialEq)]
enum Subject {
    AppClient { client_id: String },
    UserPool,
}

impl Subject {
    /// Of these fixes. Without any fix it is the app client.
    fn of(fixes: &[Fix], client_id: &str) -> Result<Self, AdminError> {
        let of_pool = fixes.iter().filter(|fix| **fix == Fix::SessionTracking).count();
        if of_pool == 0 {
            let client_id = client_id.to_owned();
            return Ok(Self::AppClient { client_id });
        }
        if of_pool == fixes.len() {
            return Ok(Self::UserPool);
        }
        Err(AdminError::InvalidInput(
            "fix: session-tracking changes the user pool, and the other fixes change the app client: apply it alone"
                .into(),
        ))
    }

    async fn read(&self, pool: &Pool) -> Result<Map<String, Value>, AdminError> {
        match self {
            Self::AppClient { client_id } => app_client::read(pool, client_id).await,
            Self::UserPool => session_tracking::read(pool).await,
        }
    }

    async fn write(&self, pool: &Pool, settings: Map<String, Value>) -> Result<(), AdminError> {
        match self {
            Self::AppClient { client_id } => app_client::write(pool, client_id, settings).await,
            Self::UserPool => session_tracking::write(pool, settings).await,
        }
    }
}

/// What fixes would change in the settings of an app client or a user pool. Nothing changes until
/// [`AdminClient::apply_fix`].
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    user_pool_id: String,
    subject: Subject,
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
    /// Whose settings would change: `app client` or `user pool`.
    pub fn subject(&self) -> &'static str {
        match self.subject {
            Subject::AppClient { .. } => "app client",
            Subject::UserPool => "user pool",
        }
    }

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
    /// Reads the settings that the fixes concern, and says what the fixes would change. Needs
    /// `cognito-idp:DescribeUserPoolClient`, or for [`Fix::SessionTracking`] `cognito-idp:GetUserPoolSessionConfiguration`.
    ///
    /// # Errors
    /// As [`examine`](Self::examine); [`AdminError::InvalidInput`] if [`Fix::SessionTracking`], which changes the user pool,
    /// comes with another fix.
    pub async fn plan_fix(&self, user_pool_id: &str, client_id: &str, fixes: &[Fix]) -> Result<Change, AdminError> {
        let subject = Subject::of(fixes, client_id)?;
        let before = subject.read(&self.pool(user_pool_id)?).await?;
        let mut after = before.clone();
        fixes.iter().for_each(|fix| fix.apply(&mut after));
        Ok(Change {
            user_pool_id: user_pool_id.to_owned(),
            subject,
            before,
            after,
        })
    }

    /// Makes the change: reads the settings, sends all of them back, including the changed ones, and reads them again to
    /// confirm the change. Does nothing if the change is empty. Also needs `cognito-idp:UpdateUserPoolClient`, or for
    /// [`Fix::SessionTracking`] `cognito-idp:SetUserPoolSessionConfiguration`.
    ///
    /// Cognito has no conditional update. If somebody else changes a setting between the first reading and the update, within
    /// some tenths of a second, that change is undone, and nothing shows it.
    ///
    /// # Errors
    /// [`AdminError::ClientChanged`] if the settings have changed since the fix was planned, or if somebody else is changing
    /// them now. [`AdminError::NotInTier`] if the user pool's tier lacks session tracking.
    /// [`AdminError::FixNotConfirmed`] if the change was sent, but the settings read afterwards differ, or could not be read:
    /// the update may or may not have been applied. Every other error, as in [`examine`](Self::examine), means that nothing
    /// was changed.
    pub async fn apply_fix(&self, change: &Change) -> Result<(), AdminError> {
        if change.is_empty() {
            return Ok(());
        }
        let pool = self.pool(&change.user_pool_id)?;
        if change.subject.read(&pool).await? != change.before {
            return Err(AdminError::ClientChanged);
        }
        match change.subject.write(&pool, change.after.clone()).await {
            // The settings, read again, will show whether it was applied.
            Err(error) if error.leaves_open() => {}
            sent => sent?,
        }
        let now = change.subject.read(&pool).await;
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
