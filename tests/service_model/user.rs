//! What the library sends for the user's own sessions: each operation succeeds, and meets each error that the model declares
//! for it.

use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
use cognito_signout::vault::MemoryVault;
use cognito_signout::{
    Auth, AuthConfig, EndReason, SignOutOptions, SignOutResult, SignedInWith, Tokens, Verification, WebPolicy,
};

use crate::exchanges::Recording;

/// The library's code for each error, of an operation on sessions and of `RevokeToken`.
const ERRORS: [(ServiceError, &str, &str); 13] = [
    (ServiceError::InvalidParameter, "refused", "refused"),
    (ServiceError::ResourceNotFound, "refused", "client_rejected"),
    (ServiceError::TooManyRequests, "throttled", "throttled"),
    (ServiceError::MissingScope, "missing_scope", "client_rejected"),
    (ServiceError::PasswordResetRequired, "refused", "refused"),
    (ServiceError::UserNotFound, "session_expired", "refused"),
    (ServiceError::UserNotConfirmed, "refused", "refused"),
    (
        ServiceError::OperationNotEnabled,
        "session_tracking_off",
        "revocation_disabled",
    ),
    (
        ServiceError::InternalError,
        "service_unavailable",
        "service_unavailable",
    ),
    (ServiceError::Forbidden, "forbidden", "forbidden"),
    (ServiceError::Unauthorized, "refused", "client_rejected"),
    (ServiceError::UnsupportedOperation, "refused", "revocation_disabled"),
    (ServiceError::UnsupportedTokenType, "refused", "refused"),
];

struct Device {
    fake: FakeCognito,
    auth: Auth,
}

impl Device {
    /// A device on which ana has signed in at the hosted pages.
    async fn new(recording: &Recording) -> Self {
        // The model's minimum for a secret is 24 characters.
        let pool = FakeCognito::builder().client_secret("s3cr3ts3cr3ts3cr3ts3cr3t");
        let pool = pool.session_tracking().max_sessions_per_user(100).session_page_size(2);
        let fake = pool.start().await.expect("the server starts");
        let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id());
        let config = config.client_secret(fake.client_secret().expect("it has a secret"));
        let config = config.endpoint(fake.url().as_str()).session_tracking(true).build();
        let config = config.expect("the configuration is valid");
        let auth = Auth::builder(config, MemoryVault::default(), recording.clone()).clock(fake.clock());
        let device = Self {
            auth: auth.build(),
            fake,
        };
        device.sign_in().await;
        device
    }

    async fn sign_in(&self) {
        let tokens = self.fake.sign_in_through_browser("ana");
        let tokens = Tokens::new(tokens.access, tokens.id, tokens.refresh);
        let stored = self.auth.store_session(tokens, SignedInWith::HostedUi).await;
        stored.expect("the session is stored");
    }

    /// Calls an operation as an app does, and the error's code if it fails.
    async fn call(&self, operation: Operation) -> Result<(), &'static str> {
        let done = match operation {
            Operation::ListUserSessions => self.auth.sessions().await.map(drop),
            Operation::RevokeUserSession => {
                let other = self.fake.sign_in_through_browser("ana");
                let other = self.fake.session_id_of(&other.refresh).expect("sessions are tracked");
                self.auth.end_session(&other, true).await
            }
            _ => return self.sign_out().await,
        };
        done.map_err(|error| error.code().as_str())
    }

    async fn sign_out(&self) -> Result<(), &'static str> {
        let options = SignOutOptions::local().web(WebPolicy::ByRevocation);
        match self.auth.sign_out(options).await {
            SignOutResult::Complete(_) => Ok(()),
            SignOutResult::Partial(partial) => {
                let error = partial.revoke_token_error.as_ref().expect("the revocation failed");
                Err(error.error.code().as_str())
            }
            SignOutResult::Failed(failed) => panic!("{failed:?}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn botocore_accepts_what_an_app_sends() {
    let recording = Recording::new();
    let operations = [
        Operation::ListUserSessions,
        Operation::RevokeUserSession,
        Operation::RevokeToken,
    ];
    for operation in operations {
        let device = Device::new(&recording).await;
        assert_eq!(device.call(operation).await, Ok(()), "{operation:?}");
        for (error, of_sessions, of_revocation) in ERRORS {
            device.sign_in().await;
            let code = match operation {
                Operation::RevokeToken => Err(of_revocation),
                // A session that is in the list, and is not found, has ended.
                Operation::RevokeUserSession if error == ServiceError::ResourceNotFound => Ok(()),
                _ => Err(of_sessions),
            };
            device.fake.on(operation).always(Fault::Refuse(error));
            assert_eq!(device.call(operation).await, code, "{operation:?} {error:?}");
            device.fake.heal();
        }
        device.sign_in().await;
        assert!(device.auth.sign_out_others().await.is_complete());
    }
    recording.check(&operations);
}

#[tokio::test(start_paused = true)]
async fn botocore_accepts_what_verify_sends() {
    let recording = Recording::new();
    let device = Device::new(&recording).await;
    assert_eq!(device.auth.verify().await, Verification::Alive);
    for (error, expected) in [
        (ServiceError::AccessTokenRevoked, "revoked"),
        (ServiceError::MissingScope, "alive"),
        (ServiceError::InvalidAccessToken, "refused"),
        (ServiceError::PasswordResetRequired, "password_reset"),
        (ServiceError::UserNotFound, "user_deleted"),
        (ServiceError::UserNotConfirmed, "refused"),
        (ServiceError::ResourceNotFound, "refused"),
        (ServiceError::InvalidParameter, "refused"),
        (ServiceError::OperationNotEnabled, "refused"),
        (ServiceError::TooManyRequests, "throttled"),
        (ServiceError::InternalError, "service_unavailable"),
        (ServiceError::Forbidden, "forbidden"),
    ] {
        device.fake.on(Operation::GetUser).always(Fault::Refuse(error));
        let said = match device.auth.verify().await {
            Verification::Alive => "alive",
            Verification::Ended(reason) => reason.as_str(),
            Verification::Unknown(error) => error.code().as_str(),
        };
        assert_eq!(said, expected, "{error:?}");
        device.fake.heal();
        // One that has ended is marked.
        device.sign_in().await;
    }
    // The answers of a pool whose user was signed out, disabled, deleted, or must reset the password.
    type Ends = fn(&FakeCognito);
    let gone: [(Ends, EndReason); 4] = [
        (|fake| fake.sign_out_everywhere("ana"), EndReason::Revoked),
        (|fake| fake.set_enabled("ana", false), EndReason::UserDisabled),
        (|fake| fake.require_password_reset("ana"), EndReason::PasswordReset),
        (|fake| fake.delete_user("ana"), EndReason::UserDeleted),
    ];
    for (end, reason) in gone {
        let device = Device::new(&recording).await;
        end(&device.fake);
        assert_eq!(device.auth.verify().await, Verification::Ended(reason));
    }
    recording.check(&[Operation::GetUser]);
}
