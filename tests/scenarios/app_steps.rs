//! The app's own steps: when they run, what they are told, what becomes of those that fail, and what is left for a later process.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognito_signout::Phase::{AfterSignOut, WhileTokenLives};
use cognito_signout::fake_cognito::Fault;
use cognito_signout::fake_cognito::Operation::{GetTokensFromRefreshToken, GlobalSignOut, InitiateAuth, RevokeToken};
use cognito_signout::{
    AppStep, Auth, AuthConfig, AuthError, EndReason, LeavingSession, Partial, Phase, SignOutOptions, SignOutResult,
    SignedInWith, TokenState, UnpaidRevocations, Verification,
};
use serde_json::{Value, json};
use tokio::time::Instant;

use crate::device::{Device, REFUSED, TWO_HOURS, complete, of, partial};
use crate::vault::TestVault;

/// What a step does.
#[derive(Debug, Clone, Copy)]
enum Does {
    Well,
    Fails,
    Hangs,
    Panics,
}

/// What the steps of a test were told, in the order in which they ran.
#[derive(Debug, Clone, Default)]
struct Told(Arc<Mutex<Vec<(String, LeavingSession)>>>);

impl Told {
    /// A step that notes what it is told.
    fn step(&self, name: &str, phase: Phase, does: Does) -> AppStep {
        let (told, to_note) = (Arc::clone(&self.0), name.to_owned());
        AppStep::new(name, phase, move |session| {
            told.lock().unwrap().push((to_note.clone(), session));
            async move {
                match does {
                    Does::Well => Ok(()),
                    Does::Fails => Err("the server said no"),
                    Does::Hangs => std::future::pending().await,
                    Does::Panics => panic!("for the test"),
                }
            }
        })
    }

    fn names(&self) -> Vec<String> {
        let told = self.0.lock().unwrap();
        told.iter().map(|(name, _)| name.clone()).collect()
    }

    fn last(&self) -> LeavingSession {
        self.0.lock().unwrap().last().unwrap().1.clone()
    }
}

/// Ana is signed in, and the app has these steps.
async fn device(steps: impl IntoIterator<Item = AppStep>) -> Device {
    let device = Device::new().await.with_steps(steps);
    device.sign_in("ana").await;
    device
}

/// `name status` of each step.
fn app_steps(result: &SignOutResult) -> Vec<String> {
    let steps = result.report().steps.app.iter();
    steps.map(|step| format!("{} {}", step.name, step.status)).collect()
}

/// `name code` of each error.
fn errors(partial: &Partial) -> Vec<String> {
    let errors = partial.app_step_errors.iter();
    errors
        .map(|failed| format!("{} {}", failed.name, failed.error.code()))
        .collect()
}

/// The names that each debt on record owes.
fn on_record(device: &Device) -> Vec<Value> {
    let record = device.vault.record().unwrap_or_else(|| b"{}".to_vec());
    let record: Value = serde_json::from_slice(&record).unwrap();
    let debts = record["pending"].as_array().cloned().unwrap_or_default();
    debts.into_iter().map(|debt| debt["app_steps"].clone()).collect()
}

#[tokio::test]
async fn a_step_gets_the_tokens_when_the_device_is_signed_out_and_before_cognito_is_asked() {
    let told = Told::default();
    let device = device([told.step("push_token", WhileTokenLives, Does::Well)]).await;
    let tokens = device.auth.tokens().await.unwrap();
    let revoking = device.fake.on(RevokeToken).hold();
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    revoking.reached_by(1).await;
    let session = told.last();
    assert_eq!(session.access_token.as_ref(), Some(&tokens.access_token));
    assert_eq!(session.id_token.as_ref(), Some(&tokens.id_token));
    assert_eq!(session.username.as_deref(), Some("ana"));
    assert!(session.sub.is_some());
    assert_eq!(session.token_state, TokenState::Lives);
    assert!(!session.again && !session.signed_in_since);
    revoking.open();
    let result = signing_out.await.unwrap();
    assert_eq!(app_steps(&result), ["push_token done"]);
    complete(result);
    assert_eq!(device.vault.record(), None);
}

#[tokio::test]
async fn the_commit_writes_the_names_and_the_user_is_signed_out_while_a_step_runs() {
    let told = Told::default();
    let device = device([
        told.step("hangs", WhileTokenLives, Does::Hangs),
        told.step("cache", AfterSignOut, Does::Well),
    ])
    .await;
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    while told.names().is_empty() {
        tokio::task::yield_now().await;
    }
    assert_eq!(on_record(&device), [json!(["hangs", "cache"])]);
    device.killed().assert_signed_out().await;
    device.assert_asked(&[]);
    signing_out.abort();
}

#[tokio::test]
async fn a_step_after_sign_out_runs_when_cognito_has_been_asked_and_gets_no_token() {
    let told = Told::default();
    let device = device([told.step("cache", AfterSignOut, Does::Well)]).await;
    let revoking = device.fake.on(RevokeToken).hold();
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    revoking.reached_by(1).await;
    assert!(told.names().is_empty());
    revoking.open();
    complete(signing_out.await.unwrap());
    let session = told.last();
    assert_eq!((&session.access_token, &session.id_token), (&None, &None));
    assert_eq!(
        (session.username.as_deref(), session.token_state),
        (Some("ana"), TokenState::HasDied)
    );
}

#[tokio::test]
async fn an_access_token_that_has_expired_is_refreshed_for_the_steps_that_need_it_and_for_no_others() {
    let told = Told::default();
    let device = device([told.step("push_token", WhileTokenLives, Does::Well)]).await;
    let old = device.auth.tokens().await.unwrap().access_token;
    device.advance(TWO_HOURS);
    complete(device.sign_out().await);
    assert!(told.last().access_token.is_some_and(|token| token != old));
    assert_eq!(told.last().token_state, TokenState::Lives);
    device.assert_asked(&[InitiateAuth, RevokeToken]);

    let device = self::device([told.step("cache", AfterSignOut, Does::Well)]).await;
    device.advance(TWO_HOURS);
    complete(device.sign_out().await);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn a_global_sign_out_refreshes_once_for_the_steps_and_for_itself() {
    let told = Told::default();
    let device = device([told.step("push_token", WhileTokenLives, Does::Well)]).await;
    device.advance(TWO_HOURS);
    complete(device.sign_out_globally().await);
    device.assert_asked(&[InitiateAuth, GlobalSignOut, RevokeToken]);
}

#[tokio::test]
async fn a_step_is_told_if_the_access_token_has_expired_and_could_not_be_renewed() {
    let told = Told::default();
    let device = device([told.step("push_token", WhileTokenLives, Does::Well)]).await;
    device.advance(TWO_HOURS);
    device.fake.on(InitiateAuth).always(REFUSED);
    let result = device.sign_out().await;
    assert_eq!(told.last().token_state, TokenState::HasDied);
    assert_eq!(app_steps(&result), ["push_token done"]);
    complete(result);
}

#[tokio::test]
async fn a_step_is_told_if_cognito_has_said_that_the_session_has_ended() {
    let told = Told::default();
    let device = device([told.step("push_token", WhileTokenLives, Does::Well)]).await;
    device.fake.sign_out_everywhere("ana");
    assert_eq!(device.auth.verify().await, Verification::Ended(EndReason::Revoked));
    complete(device.sign_out().await);
    assert_eq!(told.last().token_state, TokenState::HasDied);
}

#[tokio::test]
async fn a_step_that_fails_makes_the_result_partial_and_a_retry_runs_it_again_and_no_other() {
    let told = Told::default();
    let device = device([
        told.step("fails", WhileTokenLives, Does::Fails),
        told.step("well", WhileTokenLives, Does::Well),
        told.step("after", AfterSignOut, Does::Well),
    ])
    .await;
    let result = device.sign_out().await;
    assert_eq!(
        app_steps(&result),
        ["fails failed:app_step_failed", "well done", "after done"]
    );
    let failed = partial(result);
    assert_eq!(errors(&failed), ["fails app_step_failed"]);
    assert_eq!(failed.app_step_errors[0].error.message(), "the server said no");
    assert!(failed.kept && failed.revoke_token_error.is_none());
    assert_eq!(on_record(&device), [json!(["fails"])]);

    let healed = device.with_steps([
        told.step("fails", WhileTokenLives, Does::Well),
        told.step("well", WhileTokenLives, Does::Well),
    ]);
    let retried = healed.auth.retry(&failed).await;
    assert_eq!(app_steps(&retried), ["fails done"]);
    complete(retried);
    assert_eq!(told.names(), ["fails", "well", "after", "fails"]);
    assert_eq!(
        (told.last().again, told.last().token_state),
        (true, TokenState::HasDied)
    );
    assert_eq!(device.vault.record(), None);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_hangs_uses_a_third_of_the_time_and_harms_no_other_step() {
    let told = Told::default();
    let device = device([
        told.step("hangs", WhileTokenLives, Does::Hangs).time_limit(TWO_HOURS),
        told.step("well", WhileTokenLives, Does::Well),
        told.step("panics", WhileTokenLives, Does::Panics),
    ])
    .await;
    let started = Instant::now();
    let options = SignOutOptions::local().deadline(Duration::from_secs(10));
    let result = device.auth.sign_out(options).await;
    // Two seconds are the keychain's.
    assert!(
        started.elapsed() <= Duration::from_secs(8) / 3 + Duration::from_millis(100),
        "{:?}",
        started.elapsed()
    );
    assert_eq!(
        app_steps(&result),
        ["hangs failed:timed_out", "well done", "panics failed:app_step_failed"]
    );
    assert_eq!(partial(result).revoke_token_error.map(|failed| failed.error), None);
    assert_eq!(device.fake.live_sessions("ana"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_step_has_a_time_limit_of_its_own_and_is_dropped_when_it_is_over() {
    struct Dropped(Arc<Mutex<bool>>);
    impl Drop for Dropped {
        fn drop(&mut self) {
            *self.0.lock().unwrap() = true;
        }
    }
    let dropped = Arc::new(Mutex::new(false));
    let in_step = Arc::clone(&dropped);
    let step = AppStep::new("slow", AfterSignOut, move |_| {
        let guard = Dropped(Arc::clone(&in_step));
        async move {
            let _guard = guard;
            std::future::pending::<Result<(), String>>().await
        }
    });
    let device = device([step.time_limit(Duration::from_secs(1))]).await;
    let started = Instant::now();
    let slow = partial(device.sign_out().await);
    assert_eq!(errors(&slow), ["slow timed_out"]);
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    assert!(*dropped.lock().unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_step_that_blocks_its_thread_holds_up_neither_the_result_nor_another_step() {
    let (release, blocked) = std::sync::mpsc::channel::<()>();
    let blocked = Mutex::new(blocked);
    let step = AppStep::new("blocks", WhileTokenLives, move |_| {
        let _ = blocked.lock().unwrap().recv();
        async { Ok::<_, String>(()) }
    });
    let told = Told::default();
    let device = device([
        step.time_limit(Duration::from_millis(200)),
        told.step("well", WhileTokenLives, Does::Well),
    ])
    .await;
    let result = device
        .auth
        .sign_out(SignOutOptions::local().deadline(Duration::from_secs(3)))
        .await;
    assert_eq!(app_steps(&result), ["blocks failed:timed_out", "well done"]);
    drop(release);
}

#[tokio::test(start_paused = true)]
async fn a_step_may_call_the_library_and_waits_only_for_itself() {
    let slot: Arc<Mutex<Option<Auth>>> = Arc::default();
    let calls = Arc::clone(&slot);
    let step = AppStep::new("calls", WhileTokenLives, move |_| {
        let auth = calls.lock().unwrap().clone().unwrap();
        async move {
            if auth.tokens().await != Err(AuthError::SignedOut) {
                return Err("a session is still there");
            }
            let _ = auth.sign_out(SignOutOptions::local()).await;
            Ok(())
        }
    });
    let device = device([step]).await;
    *slot.lock().unwrap() = Some(device.auth.clone());
    let result = partial(device.sign_out().await);
    assert_eq!(errors(&result), ["calls timed_out"]);
    assert_eq!(device.fake.live_sessions("ana"), 0);
    *slot.lock().unwrap() = None;
}

#[tokio::test]
async fn a_text_that_contains_a_token_is_left_out() {
    let step = AppStep::new("leaks", WhileTokenLives, |session: LeavingSession| async move {
        let token = session.access_token.map(|token| token.reveal().to_owned());
        Err::<(), _>(format!("GET /forget?token={}", token.unwrap_or_default()))
    });
    let device = device([step]).await;
    let token = device.auth.tokens().await.unwrap().access_token;
    let result = device.sign_out().await;
    let text = format!("{result} {result:?}");
    assert!(!text.contains(token.reveal()));
    assert_eq!(
        partial(result).app_step_errors[0].error.message(),
        "the step failed. Its error text contained a token, and is left out"
    );
}

#[tokio::test]
async fn after_a_kill_the_next_process_runs_what_is_owed_and_says_that_the_token_may_have_died() {
    let told = Told::default();
    let device = device([
        told.step("hangs", WhileTokenLives, Does::Hangs),
        told.step("cache", AfterSignOut, Does::Well),
    ])
    .await;
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    while told.names().is_empty() {
        tokio::task::yield_now().await;
    }
    let next = device.killed().with_steps([
        told.step("hangs", WhileTokenLives, Does::Well),
        told.step("cache", AfterSignOut, Does::Well),
    ]);
    signing_out.abort();
    let mut settled = next.auth.resume().await.unwrap().settled;
    assert_eq!(app_steps(&settled[0]), ["hangs done", "cache done"]);
    complete(settled.remove(0));
    assert_eq!(told.names(), ["hangs", "hangs", "cache"]);
    let (_, session) = told.0.lock().unwrap()[1].clone();
    assert!(session.again && session.access_token.is_some());
    assert_eq!(session.token_state, TokenState::MayHaveDied);
    assert_eq!(next.vault.record(), None);
}

#[tokio::test]
async fn a_name_that_nobody_registers_is_reported_and_kept_until_somebody_does() {
    let told = Told::default();
    let device = device([told.step("gone", WhileTokenLives, Does::Fails)]).await;
    partial(device.sign_out().await);

    let without = device.killed().with_steps([]);
    let mut settled = without.auth.resume().await.unwrap().settled;
    assert_eq!(app_steps(&settled[0]), ["gone owed"]);
    let owed = partial(settled.remove(0));
    assert_eq!(errors(&owed), ["gone app_step_not_registered"]);
    assert!(owed.kept);
    assert_eq!(on_record(&without), [json!(["gone"])]);

    let again = without
        .killed()
        .with_steps([told.step("gone", AfterSignOut, Does::Well)]);
    complete(again.auth.resume().await.unwrap().settled.remove(0));
    assert_eq!(again.vault.record(), None);
}

#[tokio::test]
async fn what_nobody_registers_is_given_up_only_when_its_age_is_over_and_somebody_is_told() {
    let keep = UnpaidRevocations::Keep {
        max_age: TWO_HOURS,
        max_debts: 5,
    };
    let told = Told::default();
    let pool = cognito_signout::fake_cognito::FakeCognito::builder();
    let device = Device::at(pool, |config| config.unpaid_revocations(keep)).await;
    let device = device.with_steps([told.step("gone", AfterSignOut, Does::Fails)]);
    device.sign_in("ana").await;
    partial(device.sign_out().await);
    device.advance(2 * TWO_HOURS);
    let without = device.killed().with_steps([]);
    // A debt is given up at the second try after its age.
    assert!(partial(without.auth.resume().await.unwrap().settled.remove(0)).kept);
    let given_up = partial(without.auth.resume().await.unwrap().settled.remove(0));
    assert_eq!(
        (given_up.kept, errors(&given_up)),
        (false, vec!["gone app_step_not_registered".to_owned()])
    );
    assert_eq!(without.vault.record(), None);
}

#[tokio::test]
async fn a_step_that_is_paid_later_is_told_that_somebody_has_signed_in_since() {
    let told = Told::default();
    let device = device([told.step("cache", AfterSignOut, Does::Fails)]).await;
    partial(device.sign_out().await);
    let next = device.with_steps([told.step("cache", AfterSignOut, Does::Well)]);
    let bob = next.fake.sign_in("bob");
    next.auth.store_session(of(&bob), SignedInWith::Api).await.unwrap();
    complete(next.auth.settle_pending().await.unwrap().remove(0));
    assert!(told.last().signed_in_since);
    assert_eq!(told.last().username.as_deref(), Some("ana"));
}

#[tokio::test]
async fn a_step_alone_settles_no_revocation() {
    let told = Told::default();
    let device = device([told.step("cache", AfterSignOut, Does::Fails)]).await;
    partial(device.sign_out().await);
    let next = device.with_steps([told.step("cache", AfterSignOut, Does::Well)]);
    let mut events = next.auth.events();
    complete(next.auth.settle_pending().await.unwrap().remove(0));
    assert_eq!(events.try_next(), None);
    device.assert_asked(&[RevokeToken]);
}

#[tokio::test]
async fn with_hand_over_the_caller_gets_the_names_and_can_retry_them() {
    let told = Told::default();
    let pool = cognito_signout::fake_cognito::FakeCognito::builder();
    let device = Device::at(pool, |config| config.unpaid_revocations(UnpaidRevocations::HandOver)).await;
    let device = device.with_steps([told.step("cache", AfterSignOut, Does::Fails)]);
    device.sign_in("ana").await;
    let handed_over = partial(device.sign_out().await);
    assert!(!handed_over.kept);
    assert_eq!(device.vault.record(), None);
    let next = device.with_steps([told.step("cache", AfterSignOut, Does::Well)]);
    complete(next.auth.retry(&handed_over).await);
    assert_eq!(told.names(), ["cache", "cache"]);
}

#[tokio::test]
async fn the_oldest_debt_that_makes_room_hands_its_names_over() {
    let keep = UnpaidRevocations::Keep {
        max_age: 10 * TWO_HOURS,
        max_debts: 1,
    };
    let told = Told::default();
    let pool = cognito_signout::fake_cognito::FakeCognito::builder();
    let device = Device::at(pool, |config| config.unpaid_revocations(keep)).await;
    let device = device.with_steps([told.step("cache", AfterSignOut, Does::Fails)]);
    for _ in 0..2 {
        device.sign_in("ana").await;
        let result = partial(device.sign_out().await);
        if let [displaced] = &result.displaced[..] {
            assert_eq!(errors(displaced), ["cache displaced"]);
            let next = device.with_steps([told.step("cache", AfterSignOut, Does::Well)]);
            complete(next.auth.retry(displaced).await);
            return;
        }
        device.advance(Duration::from_secs(60));
    }
    panic!("nothing was displaced");
}

#[tokio::test]
async fn a_debt_that_owes_a_step_alone_makes_room_before_an_older_one_with_a_live_token() {
    let keep = UnpaidRevocations::Keep {
        max_age: 10 * TWO_HOURS,
        max_debts: 2,
    };
    let pool = cognito_signout::fake_cognito::FakeCognito::builder();
    let device = Device::at(pool, |config| config.unpaid_revocations(keep)).await;
    device.sign_in("ana").await;
    let mut record: Value = serde_json::from_slice(&device.vault.record().unwrap()).unwrap();
    let debt = |id: u64, revoke: bool, steps: &[&str]| {
        let tokens = device.fake.sign_in("ana");
        json!({
            "id": id, "since": id, "attempts": 1, "signed_in_with": "api", "username": "ana", "device_key": null,
            "tokens": {
                "access_token": tokens.access.reveal(),
                "id_token": tokens.id.reveal(),
                "refresh_token": tokens.refresh.reveal(),
            },
            "global": false, "revoke": revoke, "app_steps": steps,
        })
    };
    record["pending"] = json!([debt(1, true, &[]), debt(2, false, &["older"])]);
    let device = device.with_vault(TestVault::holding(record.to_string().into_bytes()));
    let told = Told::default();
    let device = device.with_steps([told.step("cache", AfterSignOut, Does::Fails)]);
    let result = partial(device.sign_out().await);
    assert_eq!(
        result.displaced.iter().flat_map(errors).collect::<Vec<_>>(),
        ["older displaced"]
    );
    assert!(result.displaced[0].revoke_token_error.is_none());
}

#[tokio::test]
async fn a_sign_out_that_finds_nobody_signed_in_or_fails_runs_no_step() {
    let told = Told::default();
    let device = Device::new()
        .await
        .with_steps([told.step("cache", AfterSignOut, Does::Well)]);
    let result = device.sign_out().await;
    assert_eq!(app_steps(&result), ["cache skipped:no_session"]);
    device.sign_in("ana").await;
    let locked = cognito_signout::vault::VaultError::Locked("for now".into());
    device.vault.refuse(crate::vault::Use::Write, locked);
    let result = device.sign_out().await;
    assert_eq!(app_steps(&result), ["cache skipped:not_reached"]);
    assert!(told.names().is_empty());
}

#[tokio::test]
async fn a_session_that_another_sign_in_replaces_owes_no_steps() {
    let told = Told::default();
    let device = device([told.step("cache", AfterSignOut, Does::Well)]).await;
    device.sign_in("bob").await;
    assert_eq!(on_record(&device), [Value::Null]);
    complete(device.auth.settle_pending().await.unwrap().remove(0));
    assert!(told.names().is_empty());
}

#[tokio::test]
async fn the_steps_run_to_their_end_if_the_caller_is_gone() {
    let told = Told::default();
    let device = device([told.step("push_token", WhileTokenLives, Does::Well)]).await;
    let revoking = device.fake.on(RevokeToken).hold();
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    revoking.reached_by(1).await;
    signing_out.abort();
    revoking.open();
    while device.vault.record().is_some() {
        tokio::task::yield_now().await;
    }
    assert_eq!(told.names(), ["push_token"]);
}

#[tokio::test]
async fn a_name_that_is_empty_or_taken_or_not_a_word_is_refused() {
    let told = Told::default();
    let device = Device::new().await;
    let config = AuthConfig::builder(device.fake.user_pool_id(), device.fake.client_id())
        .build()
        .unwrap();
    let new = || {
        let transport = cognito_signout::transport::RustlsTransport::new();
        let auth = Auth::builder(config.clone(), device.vault.clone(), transport);
        auth.sign_out_step(told.step("taken", AfterSignOut, Does::Well))
            .unwrap()
    };
    let long = "x".repeat(65);
    for name in ["", "two words", "taken", "revoke_token", &long] {
        let refused = new().sign_out_step(told.step(name, AfterSignOut, Does::Well));
        assert!(matches!(refused, Err(AuthError::InvalidInput(_))), "{name:?}");
    }
    assert!(
        new()
            .sign_out_step(told.step("a-Z_0.9", WhileTokenLives, Does::Well))
            .is_ok()
    );
}

/// A new refresh token whose response is lost could never be revoked.
#[tokio::test]
async fn with_rotation_an_expired_access_token_is_renewed_only_for_a_global_sign_out() {
    let told = Told::default();
    let device = Device::with_rotation().await;
    let device = device.with_steps([told.step("push_token", WhileTokenLives, Does::Well)]);
    device.sign_in("ana").await;
    device.advance(TWO_HOURS);
    complete(device.sign_out().await);
    assert_eq!(told.last().token_state, TokenState::HasDied);
    device.assert_asked(&[RevokeToken]);

    device.sign_in("ana").await;
    device.advance(TWO_HOURS);
    complete(device.sign_out_globally().await);
    assert_eq!(told.last().token_state, TokenState::Lives);
    device.assert_asked(&[RevokeToken, GetTokensFromRefreshToken, GlobalSignOut, RevokeToken]);
    assert_eq!(device.fake.live_sessions("ana"), 0);
}

#[tokio::test]
async fn a_step_and_a_revocation_that_both_fail_are_both_owed_and_both_retried() {
    let told = Told::default();
    let device = device([told.step("push_token", WhileTokenLives, Does::Fails)]).await;
    device.fake.on(RevokeToken).once(REFUSED);
    let both = partial(device.sign_out().await);
    assert!(both.revoke_token_error.is_some());
    assert_eq!(errors(&both), ["push_token app_step_failed"]);
    device.fake.on(RevokeToken).once(Fault::Refuse(
        cognito_signout::fake_cognito::ServiceError::InvalidParameter,
    ));
    let next = device.with_steps([told.step("push_token", WhileTokenLives, Does::Well)]);
    let left = partial(next.auth.retry(&both).await);
    assert!(left.revoke_token_error.is_some() && left.app_step_errors.is_empty());
    assert_eq!(told.last().token_state, TokenState::MayHaveDied);
    complete(next.auth.retry(&left).await);
    assert_eq!(told.names().len(), 2);
}
