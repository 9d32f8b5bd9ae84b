//! How a result and its report print, and their JSON. Neither contains a token.

#[cfg(test)]
mod tests;

use std::fmt::{self, Display};

use serde::ser::{Serialize, SerializeStruct, Serializer};

use super::facts::Residual;
use super::outcome::{Complete, Failed, Partial, Report, SignOutResult};
use crate::browser::{BrowserSessionState, SessionHolder};
use crate::clock::rfc3339;

/// One line: what was achieved, what failed, and what others may still accept.
impl Display for SignOutResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Complete(complete) => complete.fmt(f),
            Self::Partial(partial) => partial.fmt(f),
            Self::Failed(failed) => failed.fmt(f),
        }
    }
}

impl Display for Complete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.report.signed_out_everywhere() {
            "signed out everywhere"
        } else {
            "signed out"
        })?;
        self.report.what_is_left(f)
    }
}

impl Display for Partial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("signed out of this device")?;
        for (step, error) in self.errors() {
            write!(f, "; {step} failed: {error}")?;
        }
        if self.kept {
            f.write_str("; what is owed is on record and is tried again")?;
        } else if self.revoke_token_error.is_some() {
            f.write_str("; its tokens are only in this result")?;
        } else if self.global_sign_out_error.is_some() && self.report.steps.session_is_revoked() {
            f.write_str(
                "; global_sign_out cannot be retried, because this session is revoked: sign in again, then sign out globally",
            )?;
        }
        if !self.displaced.is_empty() {
            write!(
                f,
                "; older unpaid sign-outs that were handed over in this result to make room on this device: {}",
                self.displaced.len()
            )?;
        }
        self.report.what_is_left(f)
    }
}

impl Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "still signed in, nothing has changed: {}", self.error)
    }
}

/// One line: each step, and what others may still accept.
impl Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps.fmt(f)?;
        self.what_is_left(f)
    }
}

impl Report {
    fn what_is_left(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Residual { token, valid_until } in &self.residual {
            match *valid_until {
                Some(time) => write!(f, "; the {token} token is accepted offline until {}", rfc3339(time))?,
                None => write!(f, "; the {token} token is still alive: Cognito has not revoked it")?,
            }
        }
        for session in &self.browser_sessions {
            let what_is_left = match session.state {
                BrowserSessionState::Ended => continue,
                BrowserSessionState::EndRequested => "was asked to end, and nothing confirms it",
                BrowserSessionState::MayPersist => "may persist",
            };
            f.write_str("; the browser's session at ")?;
            match &session.holder {
                SessionHolder::HostedUi => f.write_str("the hosted pages")?,
                // The name comes from the token's issuer: none of its control characters may reach a terminal.
                SessionHolder::IdentityProvider(name) => write!(f, "{}", name.escape_debug())?,
            }
            write!(f, " {what_is_left}")?;
        }
        Ok(())
    }
}

/// `steps`, `residual`, `browser_sessions`, `logout_url`, `next_sign_in`, `app_reason` and `elapsed_ms`. Times are RFC 3339 in UTC, to the
/// second, as `2026-11-21T09:00:00Z`; a missing value is `null`.
///
/// ```
/// # use cognito_signout::Report;
/// let json = serde_json::to_value(Report::default())?;
/// assert_eq!(json["steps"]["revoke_token"], "skipped:not_reached");
/// assert_eq!(json["elapsed_ms"], 0);
/// # Ok::<(), serde_json::Error>(())
/// ```
impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut report = serializer.serialize_struct("Report", 7)?;
        report.serialize_field("steps", &self.steps)?;
        report.serialize_field("residual", &self.residual)?;
        report.serialize_field("browser_sessions", &self.browser_sessions)?;
        report.serialize_field("logout_url", &self.logout_url)?;
        report.serialize_field("next_sign_in", &self.next_sign_in())?;
        report.serialize_field("app_reason", &self.app_reason)?;
        report.serialize_field(
            "elapsed_ms",
            &u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX),
        )?;
        report.end()
    }
}
