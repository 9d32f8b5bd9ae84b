//! What a host's transport can do, and what comes of it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognito_signout::ffi::{ExchangeCompletion, HttpRequest, HttpTransport, SessionState};
use cognito_signout::transport::TransportError;
use tokio::runtime::Handle;
use tokio::time::timeout;
use uniffi::UnexpectedUniFFICallbackError;

use crate::host::{App, Does, assert_complete, empty, local, unrevoked, within};

/// Far below the ten seconds that a sign-out has.
const AT_ONCE: u64 = 5_000;

/// A transport that keeps what it was given and does nothing.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<Given>>>);

type Given = (Arc<HttpRequest>, Arc<ExchangeCompletion>);

impl Kept {
    fn transport(&self) -> Arc<dyn HttpTransport> {
        let kept = self.clone();
        Arc::new(Does(move |request, completion| {
            kept.0.lock().unwrap().push((request, completion));
            Ok(())
        }))
    }

    fn completions(&self) -> Vec<Arc<ExchangeCompletion>> {
        let kept = self.0.lock().unwrap();
        kept.iter().map(|(_, completion)| Arc::clone(completion)).collect()
    }
}

#[tokio::test]
async fn one_that_throws_is_an_error_of_its_own_and_what_it_said_goes_nowhere() {
    let app = App::over(Arc::new(Does(|_, _| {
        Err(UnexpectedUniFFICallbackError::new("SECRET").into())
    })))
    .await;
    let failed = unrevoked(app.auth.sign_out(local()).await);
    assert_eq!(failed.error.code, "transport_failed");
    assert_eq!(failed.error.detail, "the transport failed: the app's transport threw");
    assert_eq!(failed.refresh_token.reveal(), app.issued.refresh.reveal());
    assert!(!app.is_signed_in().await);
}

#[tokio::test]
async fn one_that_never_answers_is_ended_by_the_deadline_and_told_so() {
    let kept = Kept::default();
    let app = App::over(kept.transport()).await;
    let failed = unrevoked(app.auth.sign_out(within(300)).await);
    assert_eq!(failed.error.code, "timed_out");
    for completion in kept.completions() {
        timeout(Duration::from_millis(AT_ONCE), completion.closed())
            .await
            .unwrap();
        assert!(!completion.succeed(empty(200)), "too late");
    }
}

#[tokio::test]
async fn one_that_blocks_its_thread_holds_up_neither_the_deadline_nor_other_calls() {
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let blocked = Mutex::new(blocked);
    let app = App::over(Arc::new(Does(move |_, _| {
        let _ = blocked.lock().unwrap().recv();
        Ok(())
    })))
    .await;
    let failed = unrevoked(app.auth.sign_out(within(300)).await);
    assert_eq!(failed.error.code, "timed_out");
    assert!(!app.is_signed_in().await);
    drop(release);
}

#[tokio::test]
async fn an_answer_that_is_given_twice_counts_once() {
    let (says, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let app = App::over(Arc::new(Does(move |_, completion: Arc<ExchangeCompletion>| {
        let first = completion.succeed(empty(200));
        let second = completion.succeed(empty(500));
        let third = completion.fail(TransportError::Tls("no".into()));
        says.send([first, second, third]).unwrap();
        Ok(())
    })))
    .await;
    assert_complete(&app.auth.sign_out(local()).await);
    // The sign-out may have ended before the host has tried the other two.
    assert_eq!(heard.recv().await, Some([true, false, false]));
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn an_error_after_an_answer_is_not_heard() {
    let app = App::over(Arc::new(Does(|_, completion: Arc<ExchangeCompletion>| {
        completion.succeed(empty(200));
        Err(UnexpectedUniFFICallbackError::new("after all").into())
    })))
    .await;
    assert_complete(&app.auth.sign_out(local()).await);
}

#[tokio::test]
async fn one_that_is_released_without_a_report_has_failed_at_once() {
    let app = App::over(Arc::new(Does(|_, _| Ok(())))).await;
    let answered = timeout(Duration::from_millis(AT_ONCE), app.auth.sign_out(local())).await;
    let failed = unrevoked(answered.unwrap());
    assert_eq!(
        failed.error.detail,
        "the transport failed: the app's transport released the request without a report"
    );
}

#[tokio::test]
async fn it_may_call_back_into_the_library() {
    let called_back = Arc::new(Mutex::new(Vec::new()));
    let (calls_back, runtime) = (Arc::clone(&called_back), Handle::current());
    let auth = Arc::new(Mutex::new(None));
    let its_auth = Arc::clone(&auth);
    let app = App::over(Arc::new(Does(move |_, completion: Arc<ExchangeCompletion>| {
        let auth: Arc<cognito_signout::ffi::Auth> = its_auth.lock().unwrap().clone().unwrap();
        let state = runtime.block_on(auth.session());
        calls_back
            .lock()
            .unwrap()
            .push(matches!(state, SessionState::SignedOut));
        completion.succeed(empty(200));
        Ok(())
    })))
    .await;
    *auth.lock().unwrap() = Some(Arc::clone(&app.auth));
    assert_complete(&app.auth.sign_out(local()).await);
    assert_eq!(
        *called_back.lock().unwrap(),
        [true],
        "signed out here before anything is asked"
    );
    auth.lock().unwrap().take();
}

#[tokio::test]
async fn a_request_prints_where_it_goes_and_nothing_that_it_carries() {
    let kept = Kept::default();
    let app = App::over(kept.transport()).await;
    let failed = unrevoked(app.auth.sign_out(within(300)).await);
    let (request, _) = kept.0.lock().unwrap()[0].clone();
    assert_eq!(request.to_string(), format!("HttpRequest(POST {})", app.fake.url()));
    assert_eq!(format!("{request:?}"), request.to_string());
    let body = String::from_utf8(request.body()).unwrap();
    assert!(body.contains(&failed.refresh_token.reveal()), "the host can send it");
}
