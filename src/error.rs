//! What a failed step says: one small set of codes, each with what to do about it.

use std::fmt;

use crate::claims::ClaimsError;
use crate::config::ConfigError;
use crate::transport::TransportError;
use crate::vault::VaultError;

/// Why a step failed, as a stable code. Match on it; do not parse messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorCode {
    /// No connection to Cognito could be made, or it broke. Retry when the device is online.
    NetworkUnavailable,
    /// The step's time ran out before an answer came. Retry.
    TimedOut,
    /// The server's certificate was not accepted. Check the device's clock, proxy and trust store.
    UntrustedServer,
    /// The transport that the app gave failed by itself: it threw, or let go of the request. See the message.
    TransportFailed,
    /// Cognito is throttling requests. Retry later.
    Throttled,
    /// Cognito answered with a server error (5xx). Retry later.
    ServiceUnavailable,
    /// The answer was not Cognito's: a captive portal, a broken proxy. Retry on another network.
    UnexpectedResponse,
    /// The session has expired or was revoked: its tokens no longer authorise anything. Sign in again.
    SessionExpired,
    /// The access token lacks the scope `aws.cognito.signin.user.admin`. Ask for it at sign-in.
    MissingScope,
    /// Token revocation is switched off for the app client. Switch `EnableTokenRevocation` on.
    RevocationDisabled,
    /// Cognito does not accept this app client: its id or secret is wrong. Check the configuration.
    ClientRejected,
    /// A web application firewall or a policy refused the request. Check the user pool's WAF rules.
    Forbidden,
    /// Cognito refused the request for another reason. See the service's code in the message.
    Refused,
    /// A global request joined a sign-out that had already gone past the point where it could become global.
    JoinedTooLate,
    /// The task that ran the sign-out was lost: its runtime shut down. Call `resume()`.
    Interrupted,
    /// The browser step is needed and could not be carried out. Show the sign-out URL, or choose another policy.
    HostedUiUnavailable,
    /// The user closed the browser before the step had finished.
    HostedUiCancelled,
    /// The hosted pages answered with an error.
    HostedUiFailed,
    /// The browser had not come back when its time was over: a closed tab, most likely. Ask the user to try again.
    HostedUiTimedOut,
    /// The redirect cannot be received: another program has its port. Close that program, or choose another sign-out URI.
    HostedUiRedirectTaken,
    /// The session began at the hosted pages, and the configuration does not name them. Add `hosted_ui` to it.
    HostedUiNotConfigured,
    /// The keychain is locked. Retry after the device or collection is unlocked.
    VaultLocked,
    /// There is no keychain to reach. Start it, or choose another vault.
    VaultUnavailable,
    /// The app is not entitled to the keychain or access group.
    VaultMissingEntitlement,
    /// The stored record cannot be read. `purge_local()` removes it.
    RecordCorrupt,
    /// The stored record was written by a newer version of this library. Update the app.
    RecordTooNew,
    /// The keychain failed in another way.
    VaultFailed,
    /// The input is not what it must be; the message names it.
    InvalidInput,
}

impl ErrorCode {
    /// The code as a string that never changes: for logs, metrics and JSON.
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    /// What to do about it, in a sentence for developers.
    pub fn recovery(self) -> &'static str {
        self.words().1
    }

    /// Whether trying the same again is of no use.
    pub(crate) fn is_final(self) -> bool {
        matches!(
            self,
            Self::SessionExpired
                | Self::MissingScope
                | Self::RevocationDisabled
                | Self::JoinedTooLate
                | Self::InvalidInput
        )
    }

    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NetworkUnavailable => ("network_unavailable", "Retry when the device is online."),
            Self::TimedOut => ("timed_out", "Retry; if it happens often, allow a longer deadline."),
            Self::UntrustedServer => (
                "untrusted_server",
                "Check the device's clock, its proxy and its trust store; then retry.",
            ),
            Self::TransportFailed => (
                "transport_failed",
                "See the message: the fault is the transport's, not the network's. Mend it; then retry.",
            ),
            Self::Throttled => ("throttled", "Retry later: Cognito is limiting requests."),
            Self::ServiceUnavailable => ("service_unavailable", "Retry later: Cognito had an internal error."),
            Self::UnexpectedResponse => (
                "unexpected_response",
                "Retry on another network: something between the app and Cognito answered in its place.",
            ),
            Self::SessionExpired => (
                "session_expired",
                "Sign in again: the tokens of this session no longer authorise anything.",
            ),
            Self::MissingScope => (
                "missing_scope",
                "Ask for the scope aws.cognito.signin.user.admin at sign-in; global sign-out needs it.",
            ),
            Self::RevocationDisabled => (
                "revocation_disabled",
                "Switch EnableTokenRevocation on for the app client.",
            ),
            Self::ClientRejected => (
                "client_rejected",
                "Check the app client's id and secret in the configuration; then retry with the token.",
            ),
            Self::Forbidden => (
                "forbidden",
                "Check the user pool's WAF rules and the account's policies.",
            ),
            Self::Refused => ("refused", "See the service's code in the message."),
            Self::JoinedTooLate => (
                "joined_too_late",
                "Sign in again and ask for a global sign-out first: the local one had already revoked this session.",
            ),
            Self::Interrupted => (
                "interrupted",
                "Call `resume`, which pays what is on record; if the user is still signed in, sign out again.",
            ),
            Self::HostedUiUnavailable => (
                "hosted_ui_unavailable",
                "Open the sign-out URL in the browser, or sign out with another web policy.",
            ),
            Self::HostedUiCancelled => ("hosted_ui_cancelled", "Ask the user to try again."),
            Self::HostedUiFailed => (
                "hosted_ui_failed",
                "Compare the sign-out URI with the app client's list: a trailing slash, the encoding, or it is not there.",
            ),
            Self::HostedUiTimedOut => (
                "hosted_ui_timed_out",
                "If the browser shows an error page, compare the sign-out URI with the app client's list: a trailing slash, \
                 the encoding, or it is not there. Else ask the user to try again, and to leave the tab open until it \
                 says that it can be closed.",
            ),
            Self::HostedUiRedirectTaken => (
                "hosted_ui_redirect_taken",
                "Close the program that has the sign-out URI's port, or choose a sign-out URI with another.",
            ),
            Self::HostedUiNotConfigured => (
                "hosted_ui_not_configured",
                "Name the hosted pages' domain and a sign-out URI in the configuration, or sign out with the web policy `skip`.",
            ),
            Self::VaultLocked => ("vault_locked", "Retry after the device or keychain is unlocked."),
            Self::VaultUnavailable => (
                "vault_unavailable",
                "Start the platform's keychain, or choose another vault.",
            ),
            Self::VaultMissingEntitlement => (
                "vault_missing_entitlement",
                "Add the keychain access group to the app's entitlements and sign it.",
            ),
            Self::RecordCorrupt => (
                "record_corrupt",
                "Purge the record (`purge_local`, `purgeLocal`) and sign in again.",
            ),
            Self::RecordTooNew => ("record_too_new", "Update the app: a newer version wrote the record."),
            Self::VaultFailed => (
                "vault_failed",
                "Retry; if it stays, see the message for what the keychain said.",
            ),
            Self::InvalidInput => ("invalid_input", "Correct what the message names."),
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One failed step: what happened, in a code for programs and a message for people. Never holds a secret: what the
/// server said in its own words is not repeated, since servers have been seen to put the token into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepError {
    code: ErrorCode,
    message: String,
}

impl StepError {
    /// `message` must not hold anything that a token or a server's free text could have got into.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }

    /// What happened, for programs.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// What happened, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn recovery(&self) -> &'static str {
        self.code.recovery()
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for StepError {}

impl From<VaultError> for StepError {
    fn from(error: VaultError) -> Self {
        let code = match error {
            VaultError::Locked(_) => ErrorCode::VaultLocked,
            VaultError::Unavailable(_) => ErrorCode::VaultUnavailable,
            VaultError::MissingEntitlement(_) => ErrorCode::VaultMissingEntitlement,
            VaultError::Corrupt(_) => ErrorCode::RecordCorrupt,
            VaultError::NewerVersion { .. } => ErrorCode::RecordTooNew,
            VaultError::TimedOut => ErrorCode::TimedOut,
            VaultError::Other(_) => ErrorCode::VaultFailed,
        };
        Self::new(code, error.to_string())
    }
}

impl From<TransportError> for StepError {
    fn from(error: TransportError) -> Self {
        let code = match error {
            TransportError::Connect(_) | TransportError::Io(_) => ErrorCode::NetworkUnavailable,
            TransportError::Other(_) => ErrorCode::TransportFailed,
            TransportError::Tls(_) => ErrorCode::UntrustedServer,
            TransportError::BadResponse(_) => ErrorCode::UnexpectedResponse,
        };
        Self::new(code, error.to_string())
    }
}

impl From<ConfigError> for StepError {
    fn from(error: ConfigError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

impl From<ClaimsError> for StepError {
    fn from(error: ClaimsError) -> Self {
        Self::new(error.code(), error.to_string())
    }
}
