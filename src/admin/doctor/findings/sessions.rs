//! What the session configurations mean for a sign-out.

use std::time::Duration;

use super::super::Finding;
use super::super::Severity::{Good, Note, Warning};
use super::super::facts::{Sessions, Tracking};
use super::{HOUR, finding, in_words, not_seen};
use crate::admin::AdminError;

pub(super) fn tracking(sessions: &Sessions) -> Vec<Finding> {
    match &sessions.tracking {
        Ok(tracking) if tracking.is_on => vec![
            finding(
                "session_tracking_on",
                Good,
                "The user pool tracks sessions. With session_tracking(true) in the app's configuration, a sign-out asks Cognito \
                 to end the browser's session too, and opens no page (WebPolicy::ByRevocation). Single sessions can be listed \
                 and ended.",
            ),
            limit(tracking),
        ],
        Ok(tracking) => vec![off(tracking, sessions.is_lite)],
        Err(error) => vec![not_read(
            "session_tracking_not_seen",
            "whether the user pool tracks sessions",
            error,
        )],
    }
}

fn off(tracking: &Tracking, is_lite: bool) -> Finding {
    let means = "The user pool does not track sessions: only /logout, opened in that browser, ends a browser's session at the \
                 hosted pages, and single sessions cannot be listed or ended.";
    let finding = finding("session_tracking_off", Note, means);
    if is_lite {
        return finding.fix(
            "The tier Lite does not have session tracking: change the user pool's tier to Essentials or Plus first.",
        );
    }
    finding.fix(format!(
        "Switch it on (--fix session-tracking), and set session_tracking(true) in the app's configuration. A user then has {}. \
         AWS does not say what happens to sessions that began before.",
        at_most(tracking.max_per_user)
    ))
}

/// The limit evicts: an app can find itself signed out.
fn limit(tracking: &Tracking) -> Finding {
    let means = format!(
        "A user has {}: a further sign-in ends the one that was used least recently, and that app then reports that its session \
         has expired.",
        at_most(tracking.max_per_user)
    );
    finding("session_limit", Note, means)
}

fn at_most(sessions: u64) -> String {
    let plural = if sessions == 1 { "" } else { "s" };
    format!("at most {sessions} token session{plural} on all apps together (MaxPerUser)")
}

/// For an app client whose users sign in at the hosted pages.
pub(super) fn browser_session_life(sessions: &Sessions) -> Finding {
    let code = "browser_session_life";
    let tracking = match &sessions.tracking {
        Ok(tracking) => tracking,
        Err(_) => {
            let means = "The browser's session at the hosted pages lasts for an hour after a sign-in, or, if the user pool tracks \
                         sessions, as long as the app client allows, up to 90 days.";
            return finding(code, Note, means);
        }
    };
    match (tracking.is_on, &sessions.sso_validity) {
        (true, Ok(Duration::ZERO)) => finding(
            code,
            Note,
            "This app client does not use the browser's session: each sign-in asks for the password. The session exists, and \
             other app clients of the user pool may use it (MaxValidityMinutes).",
        ),
        (true, Ok(life)) if *life > HOUR => finding(
            code,
            Warning,
            format!(
                "The browser's session at the hosted pages lasts for {} after a sign-in. Until then, if a sign-out does not end it \
                 too, whoever uses that browser signs in again without a password.",
                in_words(*life)
            ),
        )
        .fix(
            "Set SSOSession.MaxValidityMinutes to 60 or less, or end the browser's session at each sign-out \
             (WebPolicy::ByRevocation, or /logout).",
        ),
        (true, Ok(life)) => finding(
            code,
            Note,
            format!(
                "The browser's session at the hosted pages lasts for {} after a sign-in.",
                in_words(*life)
            ),
        ),
        (false, Ok(life)) if *life != HOUR => finding(
            code,
            Note,
            format!(
                "The browser's session at the hosted pages lasts for an hour after a sign-in. Once the user pool tracks sessions, \
                 it lasts for {}: the app client's MaxValidityMinutes then applies.",
                in_words(*life)
            ),
        ),
        (false, _) => finding(
            code,
            Note,
            "The browser's session at the hosted pages lasts for an hour after a sign-in.",
        ),
        (true, Err(error)) => not_read(
            "browser_session_life_not_seen",
            "how long the browser's session at the hosted pages lasts, which is up to 90 days",
            error,
        ),
    }
}

fn not_read(code: &'static str, what: &str, error: &AdminError) -> Finding {
    match error {
        AdminError::AccessDenied { action } => not_seen(code, what, action),
        error => finding(code, Note, format!("Cognito does not say {what}: {error}."))
            .fix("This Region may not have session tracking yet."),
    }
}
