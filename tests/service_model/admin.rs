//! The administrator's session operations: each succeeds, and meets each error that the model declares for it.

use cognito_signout::admin::{AdminClient, AdminError, Fix};
use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};

use crate::exchanges::{KEY, Recording, SECRET_KEY};

const SESSION_TOKEN: &str = "FwoGZXIvYXdzEXAMPLESESSIONTOKEN";

/// The library's code for each error. The script knows which the model declares for an operation.
const ERRORS: [(ServiceError, &str); 9] = [
    (ServiceError::InvalidParameter, "refused"),
    (ServiceError::ResourceNotFound, "user_pool_not_found"),
    (ServiceError::TooManyRequests, "throttled"),
    (ServiceError::UserDisabled, "refused"),
    (ServiceError::UserNotFound, "user_not_found"),
    (ServiceError::OperationNotEnabled, "operation_not_enabled"),
    (ServiceError::InternalError, "service_unavailable"),
    (ServiceError::ConcurrentModification, "client_changed"),
    (ServiceError::FeatureUnavailableInTier, "not_in_tier"),
];

struct Desk {
    fake: FakeCognito,
    client: AdminClient,
    pool: String,
    client_id: String,
}

impl Desk {
    async fn new(recording: &Recording) -> Self {
        let fake = FakeCognito::builder().session_tracking().session_page_size(2);
        let fake = fake.start().await.expect("the server starts");
        let client = AdminClient::builder(recording.clone());
        let client = client.credentials(KEY, SECRET_KEY, Some(SESSION_TOKEN.into()));
        let client = client.endpoint(fake.url().as_str()).expect("a loopback host");
        Self {
            client: client.build(),
            pool: fake.user_pool_id(),
            client_id: fake.client_id(),
            fake,
        }
    }

    /// A new session's id.
    fn begin(&self) -> String {
        let tokens = self.fake.sign_in_through_browser("ana");
        self.fake.session_id_of(&tokens.refresh).expect("sessions are tracked")
    }

    /// Calls an operation as an administrator does, and the error's code if it fails.
    async fn call(&self, operation: Operation) -> Result<(), &'static str> {
        let Self {
            client,
            pool,
            client_id,
            ..
        } = self;
        let done: Result<(), AdminError> = match operation {
            Operation::AdminListUserSessions => client.sessions(pool, "ana").await.map(drop),
            Operation::AdminRevokeUserSession => client.end_session(pool, "ana", &self.begin(), true).await,
            Operation::GetUserPoolSessionConfiguration => client
                .plan_fix(pool, client_id, &[Fix::SessionTracking])
                .await
                .map(drop),
            Operation::SetUserPoolSessionConfiguration => {
                self.fake.set_session_tracking(false);
                let change = client.plan_fix(pool, client_id, &[Fix::SessionTracking]).await;
                client.apply_fix(&change.expect("the configuration is read")).await
            }
            // The doctor goes on after an error.
            _ => client.examine(pool, client_id, &[]).await.map(drop),
        };
        done.map_err(|error| error.code().as_str())
    }
}

#[tokio::test(start_paused = true)]
async fn botocore_accepts_what_an_administrator_sends_and_its_signature() {
    let recording = Recording::new();
    let operations = [
        Operation::AdminListUserSessions,
        Operation::AdminRevokeUserSession,
        Operation::GetUserPoolSessionConfiguration,
        Operation::SetUserPoolSessionConfiguration,
        Operation::GetUserPoolClientSessionConfiguration,
    ];
    for operation in operations {
        let desk = Desk::new(&recording).await;
        // More than a page.
        for _ in 0..3 {
            desk.begin();
        }
        assert_eq!(desk.call(operation).await, Ok(()), "{operation:?}");
        for (error, code) in ERRORS {
            let code = match (operation, error) {
                (Operation::GetUserPoolClientSessionConfiguration, _) => Ok(()),
                (Operation::AdminRevokeUserSession, ServiceError::ResourceNotFound) => Err("session_not_found"),
                (
                    Operation::AdminListUserSessions | Operation::AdminRevokeUserSession,
                    ServiceError::OperationNotEnabled,
                ) => Err("session_tracking_off"),
                // Whether it had an effect is open, so the configuration is read again.
                (Operation::SetUserPoolSessionConfiguration, ServiceError::InternalError) => Err("fix_not_confirmed"),
                _ => Err(code),
            };
            desk.fake.on(operation).always(Fault::Refuse(error));
            assert_eq!(desk.call(operation).await, code, "{operation:?} {error:?}");
            desk.fake.heal();
        }
        // All sessions but one: browsers' with the linked ones, and apps'.
        desk.fake.set_session_tracking(true);
        let kept = desk.begin();
        let ended = desk.client.end_other_sessions(&desk.pool, "ana", &kept).await;
        let ended = ended.expect("sessions are tracked").into_iter();
        assert_eq!(ended.filter(|outcome| outcome.result.is_err()).count(), 0);
    }
    recording.check(&operations);
}
