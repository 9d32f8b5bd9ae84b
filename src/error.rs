//! What a failed step says: one small set of codes, each with what to do about it.

#[cfg(test)]
mod tests;

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

/// Makes [`ErrorCode`] of one table: each code's variant, the string that never changes, and what to do about it.
macro_rules! error_codes {
    (
        apps { $($(#[$doc:meta])* $code:ident = $text:literal, $recovery:literal;)* }
        administrators { $($(#[$admin_doc:meta])* $admin:ident = $admin_text:literal, $admin_recovery:literal;)* }
    ) => {
        /// What went wrong, as a stable code: of a failed step, and of every error that a call gives. Match on it; do not
        /// parse messages. Later versions may have more of them.
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
            /// Those that an app can meet; Swift and Kotlin have the same.
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
        /// The step's time ran out before an answer came. Retry.
        TimedOut = "timed_out", "Retry; if it happens often, allow a longer deadline.";
        /// The server's certificate was not accepted. Check the device's clock, proxy and trust store.
        UntrustedServer = "untrusted_server", "Check the device's clock, its proxy and its trust store; then retry.";
        /// The transport that the app gave failed by itself: it threw, or let go of the request. See the message.
        TransportFailed = "transport_failed",
            "The transport that the app gave failed, not the network: see the message. Correct the transport, \
             then retry.";
        /// Cognito is throttling requests. Retry later.
        Throttled = "throttled", "Retry later: Cognito is limiting requests.";
        /// Cognito answered with a server error (5xx). Retry later.
        ServiceUnavailable = "service_unavailable", "Retry later: Cognito had an internal error.";
        /// The answer was not Cognito's: a captive portal, a broken proxy. Retry on another network.
        UnexpectedResponse = "unexpected_response",
            "Retry on another network: something between the app and Cognito answered in its place.";
        /// Nobody is signed in. Sign in.
        SignedOut = "signed_out", "Sign in.";
        /// The session has expired or was revoked: its tokens no longer authorise anything. Sign in again.
        SessionExpired = "session_expired", "Sign in again: the tokens of this session no longer authorise anything.";
        /// The access token lacks the scope `aws.cognito.signin.user.admin`. Ask for it at sign-in.
        MissingScope = "missing_scope",
            "Ask for the scope aws.cognito.signin.user.admin at sign-in; global sign-out needs it.";
        /// Token revocation is switched off for the app client. Switch `EnableTokenRevocation` on.
        RevocationDisabled = "revocation_disabled", "Switch EnableTokenRevocation on for the app client.";
        /// Cognito does not accept this app client: its id or secret is wrong. Check the configuration.
        ClientRejected = "client_rejected",
            "Check the app client's id and secret in the configuration; then retry with the token.";
        /// A web application firewall or a policy refused the request. Check the user pool's WAF rules.
        Forbidden = "forbidden", "Check the user pool's WAF rules and the account's policies.";
        /// Cognito refused the request for another reason. The message names its exception.
        Refused = "refused",
            "Look up the exception that the message names in the Amazon Cognito API reference, under the \
             operation named there. Correct the app client, the user or the request accordingly; a retry alone \
             does not help.";
        /// A call joined a sign-out that could not do more any longer: become global, or end the browser's session too. Or a
        /// global sign-out was still owed when its user had signed in again, and would have ended that session.
        JoinedTooLate = "joined_too_late",
            "For a global sign-out, sign in again and ask for it first. For the browser's session, open the sign-out \
             URL, or retry.";
        /// This device keeps no more unpaid sign-outs, and this was the oldest: it is handed over. Retry it, or keep its tokens.
        Displaced = "displaced",
            "Retry it, or keep its tokens until they can be revoked: they are nowhere else now.";
        /// The task that ran the sign-out was lost: its runtime shut down. Call `resume()`.
        Interrupted = "interrupted",
            "Call `resume`, which pays what is on record; if the user is still signed in, sign out again.";
        /// The browser step is needed and could not be carried out. Show the sign-out URL, or choose another policy.
        HostedUiUnavailable = "hosted_ui_unavailable",
            "Show the page in two calls (`begin_sign_out`, `finish_sign_out`), give the library a browser and a \
             sign-out URI that it can come back to, or sign out with another web policy and open the sign-out URL \
             yourself.";
        /// The user closed the browser before the step had finished.
        HostedUiCancelled = "hosted_ui_cancelled", "Ask the user to try again.";
        /// The hosted pages answered with an error.
        HostedUiFailed = "hosted_ui_failed",
            "Compare the sign-out URI with the app client's list: a trailing slash, the encoding, or it is not \
             there.";
        /// The browser had not come back when its time was over: a closed tab, most likely. Ask the user to try again.
        HostedUiTimedOut = "hosted_ui_timed_out",
            "If the browser shows an error page, compare the sign-out URI with the app client's list: a trailing \
             slash, the encoding, or it is not there. Else ask the user to try again, and to leave the tab open \
             until it says that it can be closed.";
        /// The redirect cannot be received: another program has its port. Close that program, or choose another sign-out URI.
        HostedUiRedirectTaken = "hosted_ui_redirect_taken",
            "Close the program that has the sign-out URI's port, or choose a sign-out URI with another.";
        /// The session began at the hosted pages, and the configuration does not name them. Add `hosted_ui` to it.
        HostedUiNotConfigured = "hosted_ui_not_configured",
            "Name the hosted pages' domain and a sign-out URI in the configuration, or sign out with the web \
             policy `skip`.";
        /// The keychain is locked. Retry after the device or collection is unlocked.
        VaultLocked = "vault_locked", "Retry after the device or keychain is unlocked.";
        /// There is no keychain to reach. Start it, or choose another vault.
        VaultUnavailable = "vault_unavailable", "Start the platform's keychain, or choose another vault.";
        /// The app is not entitled to the keychain or access group.
        VaultMissingEntitlement = "vault_missing_entitlement",
            "Add the keychain access group to the app's entitlements and sign it.";
        /// The stored record cannot be read. `purge_local()` removes it.
        RecordCorrupt = "record_corrupt",
            "If it stays so after a restart, ask the user, remove it (`purge_local`, `purgeLocal`) and sign in again.";
        /// The stored record was written by a newer version of this library. Update the app.
        RecordTooNew = "record_too_new", "Update the app: a newer version wrote the record.";
        /// The keychain failed in another way.
        VaultFailed = "vault_failed", "Retry; if it fails again, the message has what the keychain said.";
        /// The input is not what it must be; the message names it.
        InvalidInput = "invalid_input",
            "Give the value that the message names as the message asks for it, then call again.";
    }
    administrators {
        /// The user pool has no such user.
        UserNotFound = "user_not_found", "Check the user name: it may be misspelt, or the user deleted.";
        /// There is no such user pool in this Region and account.
        UserPoolNotFound = "user_pool_not_found",
            "Check the user pool's id, and that the credentials are for its account.";
        /// The user pool has no such app client, or there is no such user pool.
        AppClientNotFound = "app_client_not_found", "Check the ids of the user pool and the app client.";
        /// The user pool has no such group, or there is no such user pool.
        GroupNotFound = "group_not_found", "Check the user pool's id and the group's name.";
        /// No IAM policy allows this action on this user pool.
        AccessDenied = "access_denied", "Allow the action on this user pool in the IAM policy of these credentials.";
        /// There are no AWS credentials.
        NoCredentials = "no_credentials",
            "Sign in (aws sso login), choose a profile (AWS_PROFILE), or set AWS_ACCESS_KEY_ID and its siblings.";
        /// What has the AWS credentials failed, or did not give them in time.
        CredentialsUnavailable = "credentials_unavailable",
            "Try again; if it stays, sign in (aws sso login), or look at the role or command that the profile \
             names.";
        /// The temporary AWS credentials are over.
        CredentialsExpired = "credentials_expired", "Renew the credentials (aws sso login), then go on.";
        /// AWS does not accept the credentials.
        CredentialsRejected = "credentials_rejected",
            "Check the access key, its secret and session token, and the machine's clock.";
        /// The app client's settings were changed since the fix was planned.
        ClientChanged = "client_changed", "Look at the difference again, then apply it.";
        /// The fix was sent, and could not be seen in the settings that were read afterwards.
        FixNotConfirmed = "fix_not_confirmed", "Compare these settings in the console with what they were.";
        /// The journal cannot be used.
        Journal = "journal", "Give each task a journal of its own, on a disk with room, and run it once at a time.";
        /// The service does not carry this operation out for this user pool here: a replica Region, or the pool's settings.
        OperationNotEnabled = "operation_not_enabled",
            "Ask in the user pool's primary Region, or look at what the user pool is set up for.";
        /// Cognito cannot read the filter of `ListUsers`.
        FilterRefused = "filter_refused",
            "Write the filter as ListUsers takes it: one attribute, = or ^=, and a value in double quotes.";
        /// The AWS profile that was asked for by name does not exist, or has no credentials.
        NoProfile = "no_profile",
            "Check the name (aws configure list-profiles), and sign in if it needs that (aws sso login --profile \
             NAME).";
        /// The run ended before this user's turn came. Nothing was sent for them.
        NotTried = "not_tried", "Run the same again, with the same journal.";
        /// The list of user names says of itself that it is not whole.
        ListNotWhole = "list_not_whole",
            "Run the command that wrote the list again, with the same journal: it goes on with everyone.";
    }
}

impl ErrorCode {
    /// Every code that this build of the library has: those of `admin` only with that feature.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::OF_APPS.iter().chain(Self::OF_ADMINISTRATORS).copied()
    }

    /// The code as a string that never changes: for logs, metrics and JSON.
    pub fn as_str(self) -> &'static str {
        self.words().0
    }

    /// What to do about it, in a sentence for developers.
    pub fn recovery(self) -> &'static str {
        self.words().1
    }

    /// Whether the same call may succeed later by itself: when the network is back, the device is unlocked, Cognito has
    /// time. For a program that decides whether to try again with a pause. `false` where the user, the app, the
    /// configuration or the user pool has to change first; see [`recovery`](Self::recovery).
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
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// As [`as_str`](ErrorCode::as_str) gives it.
impl Serialize for ErrorCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for ErrorCode {
    type Err = UnknownErrorCode;

    /// The code of this string. Only the exact string of [`as_str`](Self::as_str) is one.
    fn from_str(text: &str) -> Result<Self, UnknownErrorCode> {
        Self::all().find(|code| code.as_str() == text).ok_or(UnknownErrorCode)
    }
}

/// The string is no [`ErrorCode`] that this build of the library knows: a later version's, or one of a feature that is off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an error code that this version knows")]
pub struct UnknownErrorCode;

/// One failed step: what happened, in a code for programs and a message for people. Never holds a secret: what the
/// server said in its own words is not repeated, since servers have been seen to put the token into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepError {
    code: ErrorCode,
    message: String,
    setting: Option<String>,
}

impl StepError {
    /// `message` must not hold anything that a token or a server's free text could have got into.
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            setting: None,
        }
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

    /// What to do about it.
    pub fn recovery(&self) -> &'static str {
        self.code.recovery()
    }

    /// The setting that is wrong, by its name in Rust; the message begins with it. For
    /// [`InvalidInput`](ErrorCode::InvalidInput), where it is a setting.
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
