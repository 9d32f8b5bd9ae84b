//! The calls, over a transport that works: what the shared scenarios cannot see.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use cognito_signout::fake_cognito::{Fault, Operation, ServiceError};
use cognito_signout::ffi::{
    Auth, AuthError, AwsCredentials, ConfigOptions, ExchangeCompletion, HttpRequest, HttpTransport, Identity, Problem,
    SecretObject, SignOutOptions, SignOutProgress, SignOutResult, UnpaidRevocations,
};
use cognito_signout::transport::TransportError;
use cognito_signout::{Device, Secret, SignedInWith};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

use crate::host::{App, Online, assert_complete, local, ports, tokens};

#[tokio::test]
async fn a_dropped_caller_stops_nothing() {
    let app = App::over(Online::new()).await;
    let gate = app.fake.on(Operation::RevokeToken).hold();
    {
        let mut call = pin!(app.auth.sign_out(local()));
        poll_fn(|context| {
            assert!(call.as_mut().poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
    }
    tokio::time::timeout(Duration::from_secs(5), gate.reached_by(1))
        .await
        .unwrap();
    gate.open();
    // It joins the running sign-out, or finds it finished.
    assert_complete(&app.auth.sign_out(local()).await);
    assert!(app.is_revoked());
    assert_eq!(app.fake.count(Operation::RevokeToken), 1);
}

/// Holds every request until it is released, and then sends it.
struct Held {
    online: Arc<Online>,
    requests: Arc<Semaphore>,
    released: Arc<Semaphore>,
}

impl HttpTransport for Held {
    fn start(&self, request: Arc<HttpRequest>, completion: Arc<ExchangeCompletion>) -> Result<(), TransportError> {
        let (online, released) = (Arc::clone(&self.online), Arc::clone(&self.released));
        self.online.runtime.spawn(async move {
            released.acquire().await.unwrap().forget();
            online.start(request, completion)
        });
        self.requests.add_permits(1);
        Ok(())
    }
}

/// Each time Cognito refuses after the caller has been dropped, so the debt cannot be handed over.
#[tokio::test]
async fn the_debt_of_a_dropped_caller_stays_on_record() {
    let (requests, released) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
    let transport = Held {
        online: Online::new(),
        requests: Arc::clone(&requests),
        released: Arc::clone(&released),
    };
    let handing_over = ConfigOptions {
        unpaid_revocations: Some(UnpaidRevocations::HandOver),
        ..ConfigOptions::default()
    };
    let app = App::configured(ports(Arc::new(transport)), handing_over).await;
    app.store(SignedInWith::Api).await;
    let calls: [fn(Arc<Auth>) -> JoinHandle<()>; 3] = [
        |auth| tokio::spawn(async move { drop(auth.sign_out(local()).await) }),
        |auth| tokio::spawn(async move { drop(auth.resume().await) }),
        |auth| tokio::spawn(async move { drop(auth.settle_pending().await) }),
    ];
    let refused = Fault::Refuse(ServiceError::Forbidden);
    app.fake.on(Operation::RevokeToken).times(calls.len(), refused);
    for call in calls {
        let asked = async {
            loop {
                let mut caller = call(Arc::clone(&app.auth));
                tokio::select! {
                    request = requests.acquire() => break (caller, request.unwrap().forget()),
                    // The work of the previous call is not finished yet, so this call did not touch it.
                    _ = &mut caller => {}
                }
            }
        };
        let (caller, ()) = tokio::time::timeout(Duration::from_secs(5), asked).await.unwrap();
        caller.abort();
        assert!(caller.await.unwrap_err().is_cancelled());
        released.add_permits(1);
    }
    released.add_permits(1);
    let paid = async { while app.auth.resume().await.unwrap().settled.is_empty() {} };
    tokio::time::timeout(Duration::from_secs(5), paid).await.unwrap();
    assert!(app.is_revoked());
}

#[tokio::test]
async fn identity_and_device_are_read_as_they_were_stored() {
    let app = App::over(Online::new()).await;
    let credentials = AwsCredentials {
        access_key_id: "AKIA".into(),
        secret_access_key: Secret::new("key"),
        session_token: Secret::new("token"),
        expires: 1_900_000_000_000,
    };
    let identity = Identity {
        identity_id: "eu-central-1:1".into(),
        credentials: Some(credentials),
    };
    app.auth.set_identity(Some(identity)).await.unwrap();
    let identity = app.auth.identity().await.unwrap().unwrap();
    let credentials = identity.credentials.unwrap();
    assert_eq!(
        (&*identity.identity_id, credentials.expires),
        ("eu-central-1:1", 1_900_000_000_000)
    );
    assert_eq!(credentials.session_token.reveal(), "token");

    let device = Device::new("key", "group", "password");
    app.auth.set_device("ana".into(), Some(device)).await.unwrap();
    let device = app.auth.device("ana".into()).await.unwrap().unwrap();
    assert_eq!(device.password.reveal(), "password");
}

#[tokio::test]
async fn errors_say_what_to_do_and_print_no_token() {
    let app = App::over(Online::new()).await;
    app.auth.clear_local().await.unwrap();
    let Err(AuthError::SignedOut { problem }) = app.auth.tokens().await else {
        panic!("nobody is signed in")
    };
    assert_eq!(
        (&*problem.code, &*problem.detail, &*problem.recovery),
        ("signed_out", "nobody is signed in", "Sign in.")
    );

    let mut swapped = tokens(&app.issued);
    std::mem::swap(&mut swapped.access_token, &mut swapped.id_token);
    let error = app.auth.store_session(swapped, SignedInWith::Api).await.unwrap_err();
    assert!(matches!(error, AuthError::InvalidInput { .. }));
    let printed = format!("{error} {error:?} {:?}", tokens(&app.issued));
    for secret in app.fake.issued_tokens() {
        assert!(!printed.contains(secret.reveal()));
    }
}

/// Apps show the code and the detail: the code must not appear twice.
#[tokio::test]
async fn the_detail_of_a_problem_does_not_repeat_its_code() {
    let app = App::over(Online::new()).await;
    app.fake
        .on(Operation::InitiateAuth)
        .always(Fault::Refuse(ServiceError::Forbidden));
    let Err(AuthError::Service { problem }) = app.auth.refresh().await else {
        panic!("refused")
    };
    assert_eq!(problem.code, "forbidden");
    assert!(!problem.detail.contains("forbidden"), "{}", problem.detail);
}

#[tokio::test]
async fn a_sign_out_with_a_wrong_option_fails_before_anything_is_done() {
    let app = App::over(Online::new()).await;
    let wrong = |deadline, browser_deadline, reason: Option<&str>| SignOutOptions {
        deadline,
        browser_deadline,
        reason: reason.map(Into::into),
        ..local()
    };
    let (time, word) = (
        "must be a number, and not negative",
        "must be 1 to 32 characters of a to z, 0 to 9, _, . and -",
    );
    for (options, swift, kotlin, must) in [
        (wrong(Some(-1), None, None), "deadline", "deadlineMillis", time),
        (
            wrong(None, Some(i64::MIN), None),
            "browserDeadline",
            "browserDeadlineMillis",
            time,
        ),
        (wrong(None, None, Some("Two words")), "reason", "reason", word),
    ] {
        let begun = app.auth.begin_sign_out(options.clone()).await;
        let SignOutProgress::Finished { result: begun } = begun else {
            panic!("{swift} was accepted")
        };
        for result in [app.auth.sign_out(options).await, begun] {
            let SignOutResult::Failed { error, .. } = result else {
                panic!("{swift} was accepted")
            };
            let error = Problem::from(error);
            assert_eq!((&*error.code, &*error.detail), ("invalid_input", must));
            let setting = error.setting.unwrap();
            assert_eq!((&*setting.swift, &*setting.kotlin), (swift, kotlin));
        }
    }
    assert!(app.is_signed_in().await && !app.is_revoked());
}

#[tokio::test]
async fn a_secret_prints_as_redacted_and_can_be_revealed() {
    let secret = SecretObject::new("eyJraWQ".into());
    assert_eq!(format!("{secret} {secret:?}"), "<redacted> <redacted>");
    assert_eq!(secret.reveal(), "eyJraWQ");
    assert!(*secret == *SecretObject::new("eyJraWQ".into()));
}

#[tokio::test]
async fn at_launch_nothing_is_owed_and_a_purge_sends_nothing() {
    let app = App::over(Online::new()).await;
    let resumed = app.auth.resume().await.unwrap();
    assert!(resumed.settled.is_empty() && resumed.web_step.is_none());
    assert!(app.auth.settle_pending().await.unwrap().is_empty());
    app.auth.purge_local().await.unwrap();
    assert!(!app.is_signed_in().await);
    assert!(!app.is_revoked(), "a purge asks nothing of Cognito");
}
