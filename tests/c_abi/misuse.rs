//! What a host does wrong is an error, and never a crash; and what the header promises about callbacks.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::transport::RustlsTransport;
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::app::{App, Host, answered, lock, sent};
use crate::apps::{deaf, quiet, refused, settings, signed_in, store};
use crate::device::exchange;
use crate::library::{kind, library, status};
use crate::schema::{self, UNKNOWN};
use crate::secret_service::without_a_bus;

/// What is sent as it is, without the schema's check. The answer's error, if an answer comes.
fn send(app: &App, id: u64, call: Option<&str>) -> u32 {
    library().call(app.handle(), id, call)
}

/// A host that only collects the answers to `send`.
fn collecting() -> (Arc<App>, mpsc::Receiver<(u64, Value)>) {
    let (sender, answers) = mpsc::channel();
    let sender = Mutex::new(sender);
    let host = move |_: &Arc<App>, _: u32, id: u64, message: Option<Value>| {
        drop(lock(&sender).send((id, message.unwrap_or_default())));
    };
    (App::raw(&settings(), host), answers)
}

fn next(answers: &mpsc::Receiver<(u64, Value)>) -> (u64, Value) {
    answers.recv_timeout(Duration::from_secs(20)).expect("no answer")
}

#[test]
fn the_header_has_the_version_of_the_library() {
    let header = include_str!("../../bindings/c/include/cognito_signout.h");
    assert!(header.contains(&format!("#define CS_ABI_VERSION {}", library().abi_version())));
}

#[test]
fn settings_that_cannot_be_used_are_an_error_that_names_them() {
    for (settings, told) in [
        (None, "null"),
        (Some("{"), "not JSON"),
        (Some("[]"), "an object"),
        (Some("{}"), "user_pool_id"),
        (Some(r#"{"user_pool_id":1}"#), "user_pool_id: it must be a text"),
        (
            Some(r#"{"user_pool_id":"nonsense","client_id":"a","vault":{"kind":"memory"}}"#),
            "user_pool_id",
        ),
        (Some(r#"{"user_pool_id":"eu-central-1_A","client_id":"a"}"#), "vault"),
        (
            Some(r#"{"user_pool_id":"eu-central-1_A","client_id":"a","vault":{"kind":"safe"}}"#),
            "vault.kind",
        ),
        (
            Some(r#"{"user_pool_id":"eu-central-1_A","client_id":"a","vault":{"kind":"memory","x":1}}"#),
            "vault.x",
        ),
        (
            Some(r#"{"user_pool_id":"eu-central-1_A","client_id":"a","vault":{"kind":"memory"},"regoin":"x"}"#),
            "regoin",
        ),
        (
            Some(r#"{"amplify_json":"{}","client_id":"a","vault":{"kind":"memory"}}"#),
            "client_id: it must be null",
        ),
        (
            Some(r#"{"user_pool_id":"eu-central-1_A","client_id":"a","vault":{"kind":"memory"},"connect_timeout":-1}"#),
            "connect_timeout",
        ),
    ] {
        let error = library().make(settings, Some(App::nobody()), 0).unwrap_err();
        assert!(error.contains(told), "{settings:?}: {error}");
    }
    let no_callback = library().make(Some(&settings().to_string()), None, 0).unwrap_err();
    assert!(no_callback.contains("callback"), "{no_callback}");
}

#[test]
fn a_setting_that_is_null_counts_as_unset() {
    let settings = json!({
        "amplify_json": include_str!("../files/amplify_outputs.json"),
        "user_pool_id": null,
        "client_id": null,
        "client_secret": null,
        "browser": null,
        "vault": { "kind": "memory" },
    });
    App::new(&settings, deaf).unwrap().free();
}

#[test]
fn a_call_that_cannot_be_understood_is_answered_with_an_error() {
    let (app, answers) = collecting();
    let calls = [
        (None, "null"),
        (Some("sign out"), "not JSON"),
        (Some("[]"), "an object"),
        (Some("{}"), "method"),
        (Some(r#"{"method":"sing_out"}"#), "sing_out"),
        (Some(r#"{"method":"sign_out","arguments":{}}"#), "arguments"),
        (Some(r#"{"method":"sign_out","args":[]}"#), "args"),
        (Some(r#"{"method":"sign_out","args":{"globl":true}}"#), "args.globl"),
        (Some(r#"{"method":"sign_out","args":{"global":"yes"}}"#), "args.global"),
        (Some(r#"{"method":"sign_out","args":{"web":"maybe"}}"#), "args.web"),
        (Some(r#"{"method":"session","args":{"fast":true}}"#), "args.fast"),
        (Some(r#"{"method":"retry","args":{"partial":99}}"#), "args.partial"),
        (
            Some(r#"{"method":"retry_others","args":{"partial":99}}"#),
            "args.partial",
        ),
        (
            Some(r#"{"method":"partial_tokens","args":{"partial":99}}"#),
            "args.partial",
        ),
        (Some(r#"{"method":"step_tokens","args":{"step":99}}"#), "args.step"),
        (Some(r#"{"method":"subscribe","args":{"to":"news"}}"#), "args.to"),
    ];
    for (id, (call, told)) in (1..).zip(calls) {
        assert_eq!(send(&app, id, call), status::OK);
        let (answered, answer) = next(&answers);
        assert_eq!(
            (answered, &answer["error"]["case"]),
            (id, &json!("invalid_input")),
            "{answer}"
        );
        assert!(
            answer["error"]["detail"].as_str().unwrap().contains(told),
            "{call:?}: {answer}"
        );
    }
    assert_eq!(library().call_with_bytes(app.handle(), 50, b"\xff"), status::OK);
    assert!(next(&answers).1["error"]["detail"].as_str().unwrap().contains("UTF-8"));
    app.free();
}

/// Each setting and each call that this process has sent, with something more. (`App::answer` does the same with each answer.)
pub(crate) fn what_the_schema_does_not_know_is_refused() {
    let (settings, calls) = {
        let sent = lock(sent());
        (sent.settings.clone(), sent.calls.clone())
    };
    let spoiled = |form: &'static str, text: &str| schema::spoiled(form, &serde_json::from_str(text).unwrap());
    for spoiled in settings.iter().flat_map(|text| spoiled("settings", text)) {
        let made = library().make(Some(&spoiled.to_string()), Some(App::nobody()), 0);
        assert!(made.is_err_and(|error| error.contains("invalid_input")), "{spoiled}");
    }
    let (app, answers) = collecting();
    for (id, spoiled) in (1..).zip(calls.values().flat_map(|text| spoiled("call", text))) {
        assert_eq!(send(&app, id, Some(&spoiled.to_string())), status::OK);
        let error = &next(&answers).1["error"];
        assert_eq!(error["case"], "invalid_input", "{spoiled}");
        let has_unknown_field = spoiled.to_string().contains(&format!("\"{UNKNOWN}\":"));
        let told = error["detail"].as_str().unwrap().contains(UNKNOWN);
        assert!(told || !has_unknown_field, "{spoiled}: {error}");
    }
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_repeats_no_token() {
    let (app, answers) = collecting();
    let call = r#"{"method":"store_session","args":{"access_token":"SECRET","id_token":["SECRET"],"SECRET":1}}"#;
    send(&app, 1, Some(call));
    let answer = tokio::task::spawn_blocking(move || next(&answers).1).await.unwrap();
    assert!(!answer.to_string().contains("SECRET"), "{answer}");
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_a_call_that_waits_cannot_be_used_again() {
    let fake = FakeCognito::builder().start().await.unwrap();
    // It never answers a request.
    let app = signed_in(&fake, deaf).await;
    let (id, call) = app.begin("sign_out", json!({ "deadline": 1500 }));
    let again = json!({ "method": "session" }).to_string();
    assert_eq!(send(&app, id, Some(&again)), status::ID_IN_USE);
    assert_eq!(answered(call).await.unwrap()["result"], "partial");
    app.free();
}

#[test]
fn a_handle_that_was_freed_or_never_made_is_recognised() {
    let app = quiet();
    let handle = app.handle();
    app.free();
    for handle in [handle, 0, usize::MAX] {
        assert_eq!(
            library().call(handle, 1, Some(r#"{"method":"session"}"#)),
            status::UNKNOWN_HANDLE
        );
        assert_eq!(
            library().answer(handle, 1, Some(r#"{"ok":null}"#)),
            status::UNKNOWN_HANDLE
        );
        assert_eq!(library().free(handle), status::UNKNOWN_HANDLE);
    }
}

/// A host that shows the first request to the test, and does not answer it.
type Questions = mpsc::Receiver<(u64, Option<Value>)>;

fn asking() -> (impl Host, Questions) {
    let (sender, questions) = mpsc::channel();
    let sender = Mutex::new(sender);
    let host = move |_: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
        if kind == kind::HTTP {
            drop(lock(&sender).send((id, message)));
        }
    };
    (host, questions)
}

fn asked(questions: &Questions) -> (u64, Option<Value>) {
    questions.recv_timeout(Duration::from_secs(20)).expect("no question")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_takes_one_answer_and_only_one_that_it_needs() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let (host, questions) = asking();
    let app = signed_in(&fake, host).await;
    let call = app.begin("sign_out", json!({})).1;
    let (id, request) = asked(&questions);
    for bad in [
        None,
        Some("{"),
        Some("[]"),
        Some("{}"),
        Some(r#"{"ok":null}"#),
        Some(r#"{"ok":{"status":"200","headers":[],"body":""}}"#),
        Some(r#"{"ok":{"status":99999,"headers":[],"body":""}}"#),
        Some(r#"{"ok":{"status":200,"headers":[["a"]],"body":""}}"#),
        Some(r#"{"ok":{"status":200,"headers":{},"body":""}}"#),
        Some(r#"{"ok":{"status":200,"headers":[],"body":"","x":1}}"#),
        Some(r#"{"error":{"case":"bored"}}"#),
        Some(r#"{"error":{}}"#),
    ] {
        assert_eq!(library().answer(app.handle(), id, bad), status::BAD_ANSWER, "{bad:?}");
    }
    assert_eq!(
        library().answer(app.handle(), id + 1000, Some(r#"{"ok":null}"#)),
        status::UNKNOWN_QUESTION
    );
    let answer = exchange(&RustlsTransport::new(), &request.unwrap()).await;
    assert_eq!(app.answer(kind::HTTP, id, &answer), status::OK);
    assert_eq!(app.answer(kind::HTTP, id, &answer), status::UNKNOWN_QUESTION);
    assert_eq!(answered(call).await.unwrap()["result"], "complete");
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_taken_back_when_the_time_is_over() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let (host, questions) = asking();
    let app = signed_in(&fake, host).await;
    let (started, call) = (Instant::now(), app.begin("sign_out", json!({ "deadline": 1500 })).1);
    let (id, request) = asked(&questions);
    assert!(request.is_some());
    assert_eq!(answered(call).await.unwrap()["result"], "partial");
    assert!(started.elapsed() < Duration::from_secs(15));
    // A second attempt may have been asked for too.
    let mut taken_back = Vec::new();
    while !taken_back.contains(&id) {
        let (id, message) = asked(&questions);
        taken_back.extend(message.is_none().then_some(id));
    }
    let late = json!({ "error": { "case": "connect" } });
    assert_eq!(app.answer(kind::HTTP, id, &late), status::UNKNOWN_QUESTION);
    app.free();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handle_can_be_freed_in_its_own_callback_which_is_then_the_last() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let (sender, freed) = mpsc::channel();
    let sender = Mutex::new(sender);
    let host = move |app: &Arc<App>, kind: u32, _: u64, _: Option<Value>| {
        if kind == kind::HTTP {
            app.free();
            let _ = lock(&sender).send(());
        }
    };
    let app = signed_in(&fake, host).await;
    let many: Vec<_> = (0..20).map(|_| app.begin("session", json!({}))).collect();
    let _call = app.begin("sign_out", json!({}));
    freed.recv_timeout(Duration::from_secs(20)).expect("it hangs");
    let heard = app.heard.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(app.heard.load(Ordering::SeqCst), heard);
    drop(many);
}

#[tokio::test(flavor = "multi_thread")]
async fn freeing_a_handle_waits_for_the_callback_that_is_running() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let (sender, entered) = mpsc::channel();
    let (sender, returned) = (Mutex::new(sender), Arc::new(AtomicBool::new(false)));
    let returns = Arc::clone(&returned);
    let host = move |_: &Arc<App>, kind: u32, _: u64, _: Option<Value>| {
        if kind == kind::HTTP {
            let _ = lock(&sender).send(());
            std::thread::sleep(Duration::from_millis(300));
            returns.store(true, Ordering::SeqCst);
        }
    };
    let app = signed_in(&fake, host).await;
    let _call = app.begin("sign_out", json!({}));
    entered.recv_timeout(Duration::from_secs(20)).expect("no question");
    app.free();
    assert!(returned.load(Ordering::SeqCst));
}

/// In `app.rs`, a callback of a handle that was freed ends the process.
#[tokio::test(flavor = "multi_thread")]
async fn no_callback_comes_after_a_handle_is_freed_while_much_is_going_on() {
    let fake = Arc::new(FakeCognito::builder().start().await.unwrap());
    let rounds = (0..50).map(|round| {
        let fake = Arc::clone(&fake);
        tokio::spawn(async move {
            let (tokio, real) = (Handle::current(), Arc::new(RustlsTransport::new()));
            let host = move |app: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
                if let (kind::HTTP, Some(request)) = (kind, message) {
                    let (app, real) = (Arc::clone(app), Arc::clone(&real));
                    tokio.spawn(async move {
                        let answer = exchange(&real, &request).await;
                        library().answer(app.handle(), id, Some(&answer.to_string()))
                    });
                }
            };
            let app = signed_in(&fake, host).await;
            app.call("subscribe", json!({ "to": "events" })).await.unwrap();
            app.call("subscribe", json!({ "to": "states" })).await.unwrap();
            let calls: Vec<_> = (0..20).map(|_| app.begin("session", json!({}))).collect();
            let _call = app.begin("sign_out", json!({}));
            tokio::time::sleep(Duration::from_micros(200 * round)).await;
            app.free();
            drop(calls);
        })
    });
    for round in rounds.collect::<Vec<_>>() {
        round.await.unwrap();
    }
}

/// In a process of its own, because the library counts all objects.
#[test]
fn what_is_freed_leaves_nothing_behind() {
    without_a_bus(|| {
        nothing_is_left_behind();
    });
}

#[tokio::main]
async fn nothing_is_left_behind() {
    let fake = FakeCognito::builder().start().await.unwrap();
    let witness = quiet();
    let live = async || witness.call("live_objects", json!({})).await.unwrap().as_u64().unwrap();
    let before = live().await;
    for _ in 0..20 {
        // A partial sign-out that nobody releases, an open question, calls that wait, and a subscription.
        let (sender, questions) = mpsc::channel();
        let sender = Mutex::new(sender);
        let host = move |app: &Arc<App>, kind: u32, id: u64, message: Option<Value>| {
            // A revocation fails. A refresh stays open.
            match (kind, message) {
                (kind::HTTP, Some(request)) if request.to_string().contains("RevokeToken") => {
                    app.answer(kind, id, &refused());
                }
                (kind::HTTP, message) => drop(lock(&sender).send((id, message))),
                _ => {}
            }
        };
        let app = signed_in(&fake, host).await;
        app.call("subscribe", json!({ "to": "events" })).await.unwrap();
        let partial = app.call("sign_out", json!({})).await.unwrap();
        assert_eq!(partial["result"], "partial");
        store(&fake, &app).await;
        let _waits = app.begin("session_ended", json!({}));
        let _open = app.begin("refresh", json!({}));
        asked(&questions);
        app.free();
    }
    assert_eq!(before, 2, "the witness itself: a configuration and a session");
    let patience = Instant::now() + Duration::from_secs(20);
    // What a handle had begun may make an object more after its end, for a moment.
    while live().await > before {
        assert!(Instant::now() < patience, "{} objects are left", live().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    witness.free();
}
