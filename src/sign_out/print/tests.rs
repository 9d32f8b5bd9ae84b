use std::time::{Duration, UNIX_EPOCH};

use serde_json::json;

use super::*;
use crate::app_reason::AppReason;
use crate::browser::BrowserSession;
use crate::error::{ErrorCode, StepError};
use crate::sign_out::facts::TokenKind;
use crate::sign_out::steps::{Skip, StepStatus, Steps};

fn report() -> Report {
    let exp = UNIX_EPOCH + Duration::from_secs(1_795_856_400);
    Report {
        steps: Steps {
            web: StepStatus::Skipped(Skip::ByPolicy),
            commit: StepStatus::Done,
            revoke_token: StepStatus::Failed(ErrorCode::TimedOut),
            ..Steps::default()
        },
        residual: vec![Residual {
            token: TokenKind::Access,
            valid_until: Some(exp),
        }],
        browser_sessions: vec![
            BrowserSession {
                holder: SessionHolder::HostedUi,
                state: BrowserSessionState::Ended,
            },
            BrowserSession {
                holder: SessionHolder::IdentityProvider("My\u{1b}Idp".into()),
                state: BrowserSessionState::MayPersist,
            },
        ],
        app_reason: Some(AppReason::POLICY),
        elapsed: Duration::from_millis(1_234),
        ..Report::default()
    }
}

#[test]
fn a_report_prints_each_step_and_what_is_left() {
    assert_eq!(
        report().to_string(),
        "web skipped:by_policy, commit done, refresh skipped:not_reached, global_sign_out skipped:not_reached, \
         revoke_token failed:timed_out, settle skipped:not_reached; \
         the access token is accepted offline until 2026-11-28T09:00:00Z; \
         the browser's session at My\\u{1b}Idp may persist"
    );
}

#[test]
fn a_session_in_the_browser_that_was_asked_to_end_is_not_printed_as_ended() {
    let report = Report {
        browser_sessions: vec![BrowserSession {
            holder: SessionHolder::HostedUi,
            state: BrowserSessionState::EndRequested,
        }],
        ..Report::default()
    };
    let printed = report.to_string();
    let end = "; the browser's session at the hosted pages was asked to end, and nothing confirms it";
    assert!(printed.ends_with(end), "{printed}");
}

#[test]
fn a_report_is_json_with_times_as_rfc_3339() {
    assert_eq!(
        serde_json::to_value(report()).unwrap(),
        json!({
            "steps": {
                "web": "skipped:by_policy",
                "commit": "done",
                "refresh": "skipped:not_reached",
                "global_sign_out": "skipped:not_reached",
                "revoke_token": "failed:timed_out",
                "settle": "skipped:not_reached",
                "app": {},
            },
            "residual": [{ "token": "access", "valid_until": "2026-11-28T09:00:00Z" }],
            "browser_sessions": [
                { "holder": "hosted_ui", "state": "ended" },
                { "holder": "identity_provider", "provider": "My\u{1b}Idp", "state": "may_persist" },
            ],
            "logout_url": null,
            "next_sign_in": "select_account",
            "app_reason": "policy",
            "elapsed_ms": 1_234,
        })
    );
}

#[test]
fn a_complete_sign_out_never_prints_as_signed_out_alone_while_a_token_is_accepted() {
    let result = SignOutResult::Complete(Complete { report: report() });
    assert!(result.is_complete());
    assert!(
        result
            .to_string()
            .starts_with("signed out; the access token is accepted offline until ")
    );
    let alive = SignOutResult::Complete(Complete {
        report: Report {
            residual: vec![Residual {
                token: TokenKind::Refresh,
                valid_until: None,
            }],
            ..Report::default()
        },
    });
    assert_eq!(
        alive.to_string(),
        "signed out; the refresh token is still alive: Cognito has not revoked it"
    );
    let none = SignOutResult::Complete(Complete {
        report: Report::default(),
    });
    assert_eq!(none.to_string(), "signed out");
}

#[test]
fn a_failed_sign_out_says_that_the_user_is_still_signed_in_and_why() {
    let failed = SignOutResult::Failed(Failed {
        error: StepError::new(ErrorCode::VaultLocked, "the keychain is locked: why"),
        report: report(),
    });
    assert!(!failed.is_complete());
    assert_eq!(
        failed.to_string(),
        "still signed in, nothing has changed: vault_locked: the keychain is locked: why"
    );
}
