//! What a host's transport can do wrong, and the result.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognito_signout::ffi::{ExchangeCompletion, HttpRequest, HttpTransport};
use cognito_signout::transport::TransportError;
use tokio::time::timeout;
use uniffi::UnexpectedUniFFICallbackError;

use crate::host::{App, Does, assert_complete, empty, local, unrevoked, within};

/// Much shorter than a sign-out's ten seconds.
const AT_ONCE: u64 = 5_000;

/// A transport that keeps its requests and does nothing.
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
async fn a_transport_that_throws_has_its_own_error_and_its_text_is_not_repeated() {
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
async fn a_transport_that_never_completes_is_closed_at_the_deadline() {
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
async fn a_transport_that_blocks_its_thread_delays_neither_the_deadline_nor_other_calls() {
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
async fn only_the_first_completion_counts() {
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
    // The sign-out may end before the host has tried the other two.
    assert_eq!(heard.recv().await, Some([true, false, false]));
    assert!(heard.try_recv().is_err());
}

#[tokio::test]
async fn an_error_after_a_completion_has_no_effect() {
    let app = App::over(Arc::new(Does(|_, completion: Arc<ExchangeCompletion>| {
        completion.succeed(empty(200));
        Err(UnexpectedUniFFICallbackError::new("after all").into())
    })))
    .await;
    assert_complete(&app.auth.sign_out(local()).await);
}

#[tokio::test]
async fn a_transport_that_releases_its_request_without_a_report_fails_at_once() {
    let app = App::over(Arc::new(Does(|_, _| Ok(())))).await;
    let answered = timeout(Duration::from_millis(AT_ONCE), app.auth.sign_out(local())).await;
    let failed = unrevoked(answered.unwrap());
    assert_eq!(
        failed.error.detail,
        "the transport failed: the app's transport released the request without a report"
    );
}

#[tokio::test]
async fn a_request_prints_its_url_and_nothing_else() {
    let kept = Kept::default();
    let app = App::over(kept.transport()).await;
    let failed = unrevoked(app.auth.sign_out(within(300)).await);
    let (request, _) = kept.0.lock().unwrap()[0].clone();
    assert_eq!(request.to_string(), format!("HttpRequest(POST {})", app.fake.url()));
    assert_eq!(format!("{request:?}"), request.to_string());
    let body = str::from_utf8(request.body()).unwrap();
    assert!(body.contains(failed.refresh_token.reveal()), "the host can send it");
}
