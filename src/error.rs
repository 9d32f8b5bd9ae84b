//! Error codes: one small set, and for each code what to do.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use crate::end_reason::EndReason;

/// Makes [`ErrorCode`] from one table: each code's variant, its stable string, and what to do.
macro_rules! error_codes {
    (
        apps { $($(#[$doc:meta])* $code:ident = $text:literal, $recovery:literal;)* }
        administrators { $($(#[$admin_doc:meta])* $admin:ident = $admin_text:literal, $admin_recovery:literal;)* }
    ) => {
        /// What went wrong, as a stable code. Every failed step and every error of this library has one. Match on the code;
        /// do not parse messages. Later versions may add codes.
        ///
        /// ```
        /// use cognito_signout::ErrorCode;
        ///
        /// assert_eq!(ErrorCode::TimedOut.as_str(), "timed_out");
        /// assert_eq!("timed_out".parse(), Ok(ErrorCode::TimedOut));
        /// assert!(ErrorCode::TimedOut.is_retryable());
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($(#[$doc])* $code,)*
            $(#[cfg(feature = "admin")] $(#[$admin_doc])* $admin,)*
        }

        impl ErrorCode {
            /// The codes that an app can get. Swift and Kotlin have the same.
            pub(crate) const OF_APPS: &[Self] = &[$(Self::$code,)*];

            #[cfg(feature = "admin")]
            const OF_ADMINISTRATORS: &[Self] = &[$(Self::$admin,)*];
            #[cfg(not(feature = "admin"))]
            const OF_ADMINISTRATORS: &[Self] = &[];

            fn words(self) -> (&'static str, &'static str) {
                match self {
                    $(Self::$code => ($text, $recovery),)*
                    $(#[cfg(feature = "admin")] Self::$admin => ($admin_text, $admin_recovery),)*
                }
            }
        }
    };
}

error_codes! {
    apps {
        /// No connection to Cognito could be made, or it broke. Retry when the device is online.
        NetworkUnavailable = "network_unavailable", "Retry when the device is online.";
        /// The step's time was over before a response came. Retry.
        TimedOut = "timed_out", "Retry. If it happens often, allow a longer deadline.";
        /// The server's certificate was not accepted. Check the device's clock, proxy and trust store.
        UntrustedServer = "untrusted_server", "Check the device's clock, proxy and trust store. Then retry.";
        /// The app's own transport failed: it threw an error, or dropped the request. See the message.
        TransportFailed = "transport_failed",
            "The app's transport failed, not the network: see the message. Fix the transport, then retry.";
        /// Cognito throttles requests. Retry later.
        Throttled = "throttled", "Retry later: Cognito throttles requests.";
        /// Cognito returned a server error (5xx). Retry later.
        ServiceUnavailable = "service_unavailable", "Retry later: Cognito had an internal error.";
        /// The response is not from Cognito: a captive portal or a broken proxy sent it. Retry on another network.
        UnexpectedResponse = "unexpected_response",
            "Retry on another network: something between the app and Cognito sent the response.";
        /// Nobody is signed in. Sign in.
        SignedOut = "signed_out", "Sign in.";
        /// The session has expired or was revoked. Its tokens no longer authorise anything. Sign in again.
        SessionExpired = "session_expired",
            "Sign in again: the tokens of this session no longer authorise anything. If a global sign-out returned this, \
             the user's other sessions may be alive: sign in, then sign out globally again.";
        /// The access token does not have the scope `aws.cognito.signin.user.admin`. Request it at sign-in.
        MissingScope = "missing_scope",
            "Request the scope aws.cognito.signin.user.admin at sign-in: global sign-out and the user's sessions need it.";
        /// The user pool does not track sessions, or not in this Region. Turn on session tracking.
        SessionTrackingOff = "session_tracking_off",
            "Turn on session tracking for the user pool (SetUserPoolSessionConfiguration): it needs the Essentials or Plus \
             tier. If it is on, this may be a replica Region: use the pool's primary Region.";
        /// The server does not know the operations of session management: an older Region, a proxy or an emulator.
        SessionsNotSupported = "sessions_not_supported",
            "Use an endpoint that has ListUserSessions and RevokeUserSession: Amazon Cognito has them since November 2026, \
             and emulators may not.";
        /// The user has no session with this id: it has ended, or it is another user's. Read the list again.
        SessionNotFound = "session_not_found",
            "Read the list of sessions again: this one has ended, or it is not a session of this user.";
        /// It is the session of this app on this device, or the browser's session that it came through. Call `sign_out`.
        OwnSession = "own_session",
            "To end the session of this app on this device, sign out (`sign_out`, `signOut`).";
        /// Token revocation is off for the app client. Turn on `EnableTokenRevocation`.
        RevocationDisabled = "revocation_disabled",
            "Turn on EnableTokenRevocation for the app client. Until then, only a global sign-out ends the refresh token.";
        /// Cognito does not accept this app client: its id or secret is wrong. Check the configuration.
        ClientRejected = "client_rejected",
            "Check the app client's id and secret in the configuration. Then try again: after a sign-out, call `retry` \
             with its result.";
        /// A web application firewall (WAF) or a policy refused the request. Check the user pool's WAF rules.
        Forbidden = "forbidden", "Check the user pool's WAF rules and the account's policies.";
        /// Cognito refused the request for another reason. The message names its exception.
        Refused = "refused",
            "The message names an operation and an exception. Look them up in the Amazon Cognito API reference, and \
             correct the app client, the user or the request. A retry alone does not help.";
        /// A call joined a sign-out too late: it could no longer become global, or no longer end the browser's session. Or a
        /// global sign-out was still owed after its user had signed in again, and it would have ended the new session.
        JoinedTooLate = "joined_too_late",
            "For a global sign-out, sign in again, then start with a global sign-out. For the browser's session, \
             retry, or open the sign-out URL.";
        /// The record keeps no more unpaid sign-outs. This was the oldest, and it is handed over. Retry it, or keep its tokens.
        Displaced = "displaced",
            "Retry it, or keep its tokens until they can be revoked: nothing else has them now.";
        /// One of the app's own steps failed. It is tried again with what else is unpaid.
        AppStepFailed = "app_step_failed",
            "A step of the app's own failed: see the message. It runs again with `retry`, or at the next launch (`resume`).";
        /// A step of the app's own is on record, and no step of this name is registered. Register it.
        AppStepNotRegistered = "app_step_not_registered",
            "Register a step of this name again. If the app does not need it any more, register one that does nothing.";
        /// The task that ran the sign-out was lost: its runtime shut down. Call `resume()`.
        Interrupted = "interrupted",
            "Call `resume`: it pays the debts on record. If the user is still signed in, sign out again.";
        /// The browser step is needed and cannot be carried out. Show the sign-out URL, or choose another policy.
        HostedUiUnavailable = "hosted_ui_unavailable",
            "Do one of these: give the library a browser and a sign-out URI on which the app can receive the \
             callback; show the page in two calls (`begin_sign_out`, `finish_sign_out`); or sign out with another \
             web policy and open the sign-out URL yourself.";
        /// The user closed the browser before the step was complete.
        HostedUiCancelled = "hosted_ui_cancelled", "Ask the user to try again.";
        /// The hosted pages returned an error.
        HostedUiFailed = "hosted_ui_failed",
            "Compare the sign-out URI with the app client's list of sign-out URLs. It must be in the list, with the \
             same trailing slash and the same encoding.";
        /// The browser did not come back in time: the user has probably closed the tab. Ask the user to try again.
        HostedUiTimedOut = "hosted_ui_timed_out",
            "If the browser shows an error page, compare the sign-out URI with the app client's list of sign-out URLs: \
             it must be in the list, with the same trailing slash and the same encoding. Otherwise ask the user to \
             try again, and to keep the tab open until the page says that it can be closed.";
        /// The callback cannot be received: another program uses its port. Close that program, or choose another sign-out URI.
        HostedUiRedirectTaken = "hosted_ui_redirect_taken",
            "Close the program that uses the port of the sign-out URI, or choose a sign-out URI with another port. On \
             Android, another sign-out of the app has opened its page: sign out again when that has ended.";
        /// The session began at the hosted pages, and the configuration does not name them. Add `hosted_ui` to the configuration.
        HostedUiNotConfigured = "hosted_ui_not_configured",
            "Name the hosted pages' domain and a sign-out URI in the configuration, or sign out with the web \
             policy `skip`.";
        /// The keychain is locked. Retry after the device or the keychain is unlocked. On Linux,
        /// `KeychainVault::ask_to_unlock` asks the user.
        VaultLocked = "vault_locked",
            "Retry after the device or keychain is unlocked. In Rust on Linux, `KeychainVault::ask_to_unlock` opens the \
             desktop's prompt.";
        /// No keychain can be reached. On Linux, start a Secret Service; or choose another vault.
        VaultUnavailable = "vault_unavailable",
            "On Linux, start a D-Bus session and a Secret Service, such as GNOME Keyring. Or choose another vault.";
        /// The app has no entitlement for the keychain or the access group.
        VaultMissingEntitlement = "vault_missing_entitlement",
            "Add the keychain access group to the app's entitlements, and sign the app.";
        /// The stored record cannot be read. `purge_local()` removes it.
        RecordCorrupt = "record_corrupt",
            "Restart the app. If the error stays, ask the user, remove the record (`purge_local`, `purgeLocal`) and sign in \
             again.";
        /// The stored record was written by a newer version of this library. Update the app.
        RecordTooNew = "record_too_new", "Update the app: a newer version wrote the record.";
        /// The keychain failed in another way.
        VaultFailed = "vault_failed", "Retry. If it fails again, read the message: it has the keychain's own error.";
        /// A value is not valid. The message names it.
        InvalidInput = "invalid_input",
            "Correct the value that the message names, then call again.";
    }
    administrators {
        /// The user pool has no such user.
        UserNotFound = "user_not_found", "Check the user name. It may be misspelt, or the user may be deleted.";
        /// This Region and account have no such user pool.
        UserPoolNotFound = "user_pool_not_found",
            "Check the user pool's id, and whether the credentials belong to its account.";
        /// There is no such app client, or no such user pool.
        AppClientNotFound = "app_client_not_found", "Check the ids of the user pool and the app client.";
        /// There is no such group, or no such user pool.
        GroupNotFound = "group_not_found", "Check the user pool's id and the group's name.";
        /// No IAM policy allows this action on this user pool.
        AccessDenied = "access_denied", "Allow the action on this user pool in the IAM policy of these credentials.";
        /// There are no AWS credentials.
        NoCredentials = "no_credentials",
            "Sign in (aws sso login), choose a profile (AWS_PROFILE), or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";
        /// The source of the AWS credentials failed, or did not respond in time.
        CredentialsUnavailable = "credentials_unavailable",
            "Retry. If the error stays, sign in (aws sso login), or check the role or the command that the profile \
             names.";
        /// The temporary AWS credentials have expired.
        CredentialsExpired = "credentials_expired", "Renew the credentials (aws sso login), then continue.";
        /// AWS does not accept the credentials.
        CredentialsRejected = "credentials_rejected",
            "Check the access key, its secret, its session token, and the machine's clock.";
        /// The settings of the app client or the user pool have changed since the fix was planned.
        ClientChanged = "client_changed", "Read the difference again, then apply it.";
        /// The fix was sent, but the settings that were read afterwards do not show it.
        FixNotConfirmed = "fix_not_confirmed", "Compare these settings in the console with their old values.";
        /// The journal cannot be used.
        Journal = "journal", "Give each task its own journal, on a disk with free space, and run one task at a time on it.";
        /// The operation is not available for this user pool in this Region: it is a replica Region, or the pool's settings do
        /// not allow it.
        OperationNotEnabled = "operation_not_enabled",
            "Use the user pool's primary Region, or check the user pool's settings.";
        /// The user pool's tier does not have this feature.
        NotInTier = "not_in_tier", "Change the user pool's tier to Essentials or Plus, or do without the feature.";
        /// Cognito cannot read the filter of `ListUsers`.
        FilterRefused = "filter_refused",
            "Write the filter in the syntax of ListUsers: one attribute, = or ^=, and a value in double quotes.";
        /// The named AWS profile does not exist, or has no credentials.
        NoProfile = "no_profile",
            "Check the name (aws configure list-profiles). If the profile needs it, sign in (aws sso login --profile \
             NAME).";
        /// The run ended before it came to this user. No request was sent for them.
        NotTried = "not_tried", "Run the same command again, with the same journal.";
        /// The list of user names says that it is incomplete.
        ListNotWhole = "list_not_whole",
            "Run the command that wrote the list again, with the same journal: it continues with the missing users.";
    }
}

impl ErrorCode {
    /// Every code of this build. The administrators' codes need the feature `admin`.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::OF_APPS.iter().chain(Self::OF_ADMINISTRATORS).copied()
    }

    /// The code as a string that never changes: for logs, metrics and JSON.
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    /// What to do, in a sentence for developers.
    pub fn recovery(self) -> &'static str {
        self.words().1
    }

    /// Whether the same call may succeed later without a change, for example when the network is back or the device is
    /// unlocked. It helps a program to decide about a retry with a pause. `false`: the user, the app, the configuration or
    /// the user pool must change first; see [`recovery`](Self::recovery).
    pub fn is_retryable(self) -> bool {
        let passes = matches!(
            self,
            Self::NetworkUnavailable
                | Self::TimedOut
                | Self::UntrustedServer
                | Self::Throttled
                | Self::ServiceUnavailable
                | Self::UnexpectedResponse
                | Self::Displaced
                | Self::Interrupted
                | Self::VaultLocked
                | Self::VaultFailed
        );
        #[cfg(feature = "admin")]
        let passes = passes || self == Self::CredentialsUnavailable;
        passes
    }

    /// Whether a retry can never succeed.
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
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The string of [`as_str`](ErrorCode::as_str).
impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    /// The code with this string. It must be exactly the string of [`as_str`](Self::as_str).
    fn from_str(text: &str) -> Result<Self, UnknownErrorCode> {
        Self::all().find(|code| code.as_str() == text).ok_or(UnknownErrorCode)
    }
}

/// This build has no [`ErrorCode`] with this string. It may be a code of a later version, or of a feature that is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown error code: it may be from a later version or from another feature")]
pub struct UnknownErrorCode;

/// One failed step: a code for programs and a message for people. It never holds a secret. The server's own message is not
/// repeated, because servers are known to put the token into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepError {
    code: ErrorCode,
    message: String,
    setting: Option<String>,
    end_reason: Option<EndReason>,
}

impl StepError {
    /// `message` must not hold a token or a server's free text.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            setting: None,
            end_reason: None,
        }
    }

    /// It says that the session has ended, for this reason.
    pub(crate) fn because(mut self, reason: Option<EndReason>) -> Self {
        self.end_reason = reason;
        self
    }

    /// Why the session has ended, if that is what it says.
    pub(crate) fn end_reason(&self) -> Option<EndReason> {
        self.end_reason
    }

    /// The setting that is wrong, by its name in Rust.
    pub(crate) fn of_setting(mut self, setting: Option<&str>) -> Self {
        self.setting = setting.map(str::to_owned);
        self
    }

    /// What happened, for programs.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// What happened, for people.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do.
    pub fn recovery(&self) -> &'static str {
        self.code.recovery()
    }

    /// The setting that is wrong, by its name in Rust. The message begins with it. Only an
    /// [`InvalidInput`](ErrorCode::InvalidInput) error has one, if a setting is the cause.
    pub fn setting(&self) -> Option<&str> {
        self.setting.as_deref()
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for StepError {}
