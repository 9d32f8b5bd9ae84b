//! Runs a scenario, and compares the results with the expected ones.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cognito_signout::fake_cognito::IssuedTokens;
use cognito_signout::ffi::{
    self, AuthError, BrowserAnswer, Problem, RemoteSignOut, Report, SessionState, SignOutOptions, SignOutOthersResult,
    SignOutProgress, SignOutResult, UserSession, Verification,
};
use cognito_signout::{AppReason, BrowserError, Prompt, SessionHolder, SignedInWith, Steps, Tokens, WebPolicy};

use crate::device::Device;
use crate::orders;
use crate::pool;
use crate::ports::name;
use crate::words::{self, Action, Expect, ExpectOthers, Options, Scenario};

pub(crate) async fn run(mut scenario: Scenario) {
    let (actions, events) = (std::mem::take(&mut scenario.actions), scenario.events.take());
    let mut device = Device::new(scenario).await;
    for action in actions {
        let what = format!("{action:?}");
        // A minute is much too long: every call must return by itself.
        let done = tokio::time::timeout(Duration::from_secs(60), device.carry_out(action)).await;
        assert!(done.is_ok(), "no answer to {what}");
    }
    let heard = device.end().await;
    if let Some(events) = events {
        assert_eq!(heard, events);
    }
}

impl Device {
    async fn carry_out(&mut self, action: Action) {
        let auth = self.auth();
        match action {
            Action::SignIn {
                user,
                with,
                scope,
                through,
                browser,
            } => {
                let tokens = pool::sign_in_to_the_app(&self.fake, &user, scope, through, browser);
                self.store(tokens, with).await;
            }
            Action::SignInElsewhere { user, browser } => drop(pool::sign_in(&self.fake, &user, browser)),
            Action::Server { order } => drop(orders::carry_out(&self.fake, order).await.unwrap()),
            Action::Vault { fails } => *self.vault.failing.lock() = fails,
            Action::Wait { millis } => tokio::time::sleep(Duration::from_millis(millis)).await,
            Action::SignOut {
                options,
                at_once,
                within,
                expect,
            } => {
                let (options, started) = (SignOutOptions::from(options), Instant::now());
                let calls: Vec<_> = (0..at_once)
                    .map(|_| {
                        let (auth, options) = (auth.clone(), options.clone());
                        tokio::spawn(async move { auth.sign_out(options).await })
                    })
                    .collect();
                for call in calls {
                    self.check(call.await.unwrap(), &expect);
                }
                let took = started.elapsed();
                assert!(
                    within.is_none_or(|limit| took < Duration::from_millis(limit)),
                    "{took:?}"
                );
            }
            Action::SignOutJoined {
                options,
                expect,
                joining,
                joined,
            } => {
                let first = tokio::spawn({
                    let auth = auth.clone();
                    async move { auth.sign_out(options.into()).await }
                });
                pool::wait_until(&self.fake, || async { name(&auth.session().await) == "signed_out" }).await;
                let second = auth.sign_out(joining.into()).await;
                self.check(first.await.unwrap(), &expect);
                self.check(second, &joined);
            }
            Action::SignOutCancelled { options } => {
                let caller = tokio::spawn(async move { auth.sign_out(options.into()).await });
                pool::wait_until(&self.fake, || async {
                    name(&self.auth().session().await) == "signed_out"
                })
                .await;
                caller.abort();
                assert!(caller.await.is_err_and(|error| error.is_cancelled()), "it had ended");
            }
            Action::SignOutDuringRefresh { expect } => {
                let refreshing = tokio::spawn({
                    let auth = auth.clone();
                    async move { auth.refresh().await }
                });
                pool::wait_until(&self.fake, || async { !self.fake.requests().is_empty() }).await;
                self.check(auth.sign_out(SignOutOptions::default()).await, &expect);
                // Any result is right. It must return.
                let _ = refreshing.await.unwrap();
            }
            Action::SignOutAmongReads { reads, expect } => {
                let (before, after) = (reads / 2, reads - reads / 2);
                let mut seen = Vec::new();
                for _ in 0..before {
                    seen.push(name(&auth.session().await));
                }
                let signing_out = tokio::spawn({
                    let auth = auth.clone();
                    async move { auth.sign_out(SignOutOptions::default()).await }
                });
                for _ in 0..after {
                    seen.push(name(&auth.session().await));
                }
                self.check(signing_out.await.unwrap(), &expect);
                assert_eq!(seen[0], "signed_in");
                let back = seen.windows(2).any(|two| two == ["signed_out", "signed_in"]);
                assert!(!back && !seen.contains(&"unavailable"), "{seen:?}");
            }
            Action::Retry { expect } => {
                let partial = self.partial.clone().unwrap();
                self.check(auth.retry(partial).await, &expect);
            }
            Action::BeginSignOut { options, shows } => {
                let progress = auth.begin_sign_out(options.into()).await;
                assert_eq!(matches!(progress, SignOutProgress::Show { .. }), shows);
            }
            Action::BeginRetry { shows } => {
                let progress = auth.begin_retry(self.partial.clone().unwrap()).await;
                assert_eq!(matches!(progress, SignOutProgress::Show { .. }), shows);
            }
            Action::FinishSignOut {
                redirected,
                failed,
                ignored,
                expect,
            } => {
                let answer = match (redirected, failed.as_deref()) {
                    (Some(callback), None) => BrowserAnswer::Redirected { callback },
                    (None, Some("cancelled")) => BrowserAnswer::Failed {
                        error: BrowserError::Cancelled,
                    },
                    other => panic!("no answer of a browser: {other:?}"),
                };
                match auth.finish_sign_out(answer).await {
                    SignOutProgress::Finished { result } => self.check(result, &expect.unwrap()),
                    progress => assert!(ignored && matches!(progress, SignOutProgress::Ignored)),
                }
            }
            Action::Resume {
                web_step,
                settled,
                app_reasons,
                eventually,
            } => {
                let mut resumed = auth.resume().await.unwrap();
                while eventually && resumed.settled.is_empty() {
                    // A debt that is being paid is not touched.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    resumed = auth.resume().await.unwrap();
                }
                assert_eq!(resumed.web_step.is_some(), web_step);
                check_settled(&resumed.settled, &settled, app_reasons);
            }
            Action::SettlePending { settled, app_reasons } => {
                check_settled(&auth.settle_pending().await.unwrap(), &settled, app_reasons);
            }
            Action::ClearLocal {} => auth.clear_local().await.unwrap(),
            Action::PurgeLocal {} => auth.purge_local().await.unwrap(),
            Action::Restart { app_steps } => {
                if let Some(steps) = app_steps {
                    self.set_app_steps(steps);
                }
                self.restart();
            }
            Action::AppStepsTold { are, eventually } => {
                pool::is(&self.fake, || self.told.lock().clone(), are, eventually).await
            }
            Action::AnotherHandle {} => self.another_handle(),
            Action::Tokens { expect } => assert_eq!(told(&auth.tokens().await), expect),
            Action::Refresh { expect } => assert_eq!(told(&auth.refresh().await), expect),
            Action::Verify { is } => assert_eq!(said(auth.verify().await), is),
            Action::RemoteSignOut { message, is } => {
                let outcome = auth
                    .remote_sign_out(pool::about_the_session(&message, self.tokens.as_ref()))
                    .await;
                let told = match outcome {
                    RemoteSignOut::NotRecognized => "not_recognized".to_owned(),
                    RemoteSignOut::OtherSession => "other_session".to_owned(),
                    RemoteSignOut::Verified { verification } => format!("verified:{}", said(verification)),
                };
                assert_eq!(told, is);
            }
            Action::Classify { status, body, is } => assert_eq!(ffi::classify(status, body).as_str(), is),
            Action::ClassifyWwwAuthenticate { header, is } => {
                assert_eq!(ffi::classify_www_authenticate(header).as_str(), is);
            }
            Action::SetDevice { key } => {
                let device = cognito_signout::Device::new(key, "group", "password");
                auth.set_device("ana".into(), Some(device)).await.unwrap();
            }
            Action::Device { key } => {
                let device = auth.device("ana".into()).await.unwrap();
                assert_eq!(device.map(|device| device.key), key);
            }
            Action::Session { is, user, eventually } => {
                if eventually {
                    pool::wait_until(&self.fake, || async { name(&auth.session().await) == is }).await;
                }
                let session = auth.session().await;
                assert_eq!(name(&session), is);
                if let (Some(user), SessionState::SignedIn { session }) = (user, session) {
                    assert_eq!(session.username, Some(user));
                }
            }
            Action::Requests { are, eventually } => {
                pool::is(&self.fake, || pool::requests(&self.fake), are, eventually).await
            }
            Action::LiveSessions { user, are, eventually } => {
                pool::is(&self.fake, || self.fake.live_sessions(&user), are, eventually).await
            }
            Action::BrowserSession { user, is, eventually } => {
                pool::is(&self.fake, || self.fake.has_browser_session(&user), is, eventually).await
            }
            Action::Sessions { are, error } => {
                let listed = auth.sessions().await;
                self.check_listed(listed, are, error);
            }
            Action::EndSession { at, id, linked, error } => {
                let id = id.or_else(|| self.listed[at?].id.clone()).unwrap();
                let ended = auth.end_session(id, linked).await;
                assert_eq!(ended.err().map(|error| problem_of(error).code), error);
            }
            Action::SignOutOthers { expect } => {
                let result = auth.sign_out_others().await;
                self.check_others(result, expect);
            }
            Action::RetryOthers { expect } => {
                let result = auth.retry_others(self.others.clone().unwrap()).await;
                self.check_others(result, expect);
            }
            Action::Pages { are } => assert_eq!(*self.pages.lock(), are),
            Action::CalledBack { saw } => assert_eq!(*self.saw.lock(), saw),
        }
    }

    async fn store(&mut self, tokens: IssuedTokens, with: words::SignedInWith) {
        let given = Tokens::new(tokens.access.clone(), tokens.id.clone(), tokens.refresh.clone());
        self.auth().store_session(given, with.into()).await.unwrap();
        self.tokens = Some(tokens);
    }

    /// Checks what was expected, and what is true for every result: each error says what happened and what to do, has the token or
    /// URL to do it by hand, and repeats no token.
    fn check(&mut self, result: SignOutResult, expect: &Expect) {
        let (case, mut problems) = (case(&result), Vec::<(&str, Problem)>::new());
        if let Some(expected) = &expect.result {
            assert_eq!(case, expected);
        }
        if let Some(locally) = expect.signed_out_locally {
            assert_eq!(case != "failed", locally);
        }
        let report = match result {
            SignOutResult::Complete { report } => report,
            SignOutResult::Failed { error, report } => {
                assert_eq!(Some(error.code().as_str()), expect.error.as_deref());
                problems.push(("error", error.into()));
                report
            }
            SignOutResult::Partial {
                revoke_token_error,
                global_sign_out_error,
                hosted_ui_error,
                app_step_errors,
                local_cleanup_error,
                kept,
                displaced,
                report,
                partial,
            } => {
                if let Some(expected) = expect.kept {
                    assert_eq!(kept, expected);
                }
                assert_eq!(displaced.len(), expect.displaced);
                let is_partial = |older: &SignOutResult| matches!(older, SignOutResult::Partial { .. });
                assert!(displaced.iter().all(is_partial));
                let carried = self.tokens.as_ref().filter(|_| !expect.tokens_replaced);
                if let Some(failed) = revoke_token_error {
                    let token = failed.refresh_token.reveal();
                    assert!(carried.is_none_or(|tokens| tokens.refresh.reveal() == token));
                    problems.push(("revoke_token", failed.error.into()));
                }
                if let Some(failed) = global_sign_out_error {
                    let token = failed.access_token.reveal();
                    assert!(carried.is_none_or(|tokens| tokens.access.reveal() == token));
                    problems.push(("global_sign_out", failed.error.into()));
                }
                if let Some(failed) = hosted_ui_error {
                    assert!(
                        failed
                            .url
                            .unwrap()
                            .as_str()
                            .starts_with("https://auth.example.com/logout?")
                    );
                    problems.push(("hosted_ui", failed.error.into()));
                }
                if let Some(failed) = local_cleanup_error {
                    problems.push(("local_cleanup", failed.error.into()));
                }
                assert!(
                    !(problems.is_empty() && app_step_errors.is_empty()),
                    "partial without an error"
                );
                if expect.result.is_some() {
                    let errors: BTreeMap<_, _> =
                        problems.iter().map(|(name, problem)| (*name, &*problem.code)).collect();
                    assert!(same(&expect.errors, &errors), "{errors:?}, not {:?}", expect.errors);
                    let of_steps = app_step_errors.iter();
                    let of_steps: BTreeMap<_, _> = of_steps
                        .map(|failed| (&*failed.name, failed.error.code().as_str()))
                        .collect();
                    assert!(same(&expect.app_step_errors, &of_steps), "{of_steps:?}");
                }
                let of_steps = app_step_errors.into_iter();
                problems.extend(of_steps.map(|failed| ("app_steps", failed.error.into())));
                self.partial = Some(partial);
                report
            }
        };
        self.check_report(&report, expect);
        for (_, problem) in problems {
            self.check_problem(&problem);
        }
    }

    fn check_report(&self, report: &Report, expect: &Expect) {
        for (step, expected) in &expect.steps {
            assert_eq!(&status(&report.steps, step), expected, "{step}");
        }
        if let Some(expected) = &expect.app_steps {
            let steps = report.steps.app.iter();
            let steps: BTreeMap<_, _> = steps.map(|step| (step.name.clone(), step.status.to_string())).collect();
            assert_eq!(&steps, expected);
        }
        if let Some(residual) = &expect.residual {
            let exposed: Vec<_> = report.residual.iter().map(|residual| residual.token.as_str()).collect();
            assert_eq!(&exposed, residual);
        }
        if let Some(everywhere) = expect.everywhere {
            assert_eq!(report.signed_out_everywhere, everywhere);
        }
        if let Some(expected) = &expect.browser_sessions {
            let states = report.browser_sessions.iter().map(|session| {
                let holder = match &session.holder {
                    SessionHolder::HostedUi => "hosted_ui".to_owned(),
                    SessionHolder::IdentityProvider(name) => name.clone(),
                    other => panic!("not in the list's words: {other:?}"),
                };
                (holder, session.state.as_str().to_owned())
            });
            assert_eq!(&states.collect::<BTreeMap<_, _>>(), expected);
        }
        if let Some(expected) = &expect.next_sign_in {
            let prompt = report.next_sign_in.map_or("none", Prompt::as_str);
            assert_eq!(prompt, expected);
        }
        if let Some(expected) = &expect.app_reason {
            assert_eq!(&app_reason(report), expected);
        }
    }

    /// Checks a list of sessions: each has an id, and none shows its IP address in `Debug`.
    fn check_listed(
        &mut self,
        listed: Result<Vec<UserSession>, AuthError>,
        are: Option<Vec<String>>,
        error: Option<String>,
    ) {
        let listed = match listed {
            Ok(listed) => listed,
            Err(failed) => {
                assert_eq!(Some(problem_of(failed).code), error);
                return;
            }
        };
        let kinds = listed.iter().map(|session| {
            let kind = session.kind.as_str();
            if session.is_current {
                format!("{kind}:current")
            } else {
                kind.to_owned()
            }
        });
        assert_eq!(Some(kinds.collect()), are);
        for session in &listed {
            assert!(session.id.is_some() && session.ip_address.is_some());
            assert!(!format!("{session:?}").contains("127.0.0.1"), "{session:?}");
        }
        self.listed = listed;
    }

    fn check_others(&mut self, result: SignOutOthersResult, expect: ExpectOthers) {
        let (case, sessions, error) = match result {
            SignOutOthersResult::Complete { sessions } => ("complete", sessions, None),
            SignOutOthersResult::Partial { sessions, partial } => {
                self.others = Some(partial);
                ("partial", sessions, None)
            }
            SignOutOthersResult::Failed { problem } => ("failed", Vec::new(), Some(problem.code)),
        };
        assert_eq!((case, error), (&*expect.result, expect.error));
        let left = sessions.iter().filter_map(|ended| ended.error.as_ref());
        let left: Vec<_> = left.map(|error| error.code().as_str()).collect();
        assert_eq!(left, expect.left);
        assert_eq!(sessions.len() - left.len(), expect.ended);
    }

    fn check_problem(&self, problem: &Problem) {
        assert!(
            !problem.detail.is_empty() && !problem.recovery.is_empty(),
            "{problem:?}"
        );
        let told = format!("{problem:?}");
        assert!(!told.contains("SECRET"), "{told}");
        for token in self.fake.issued_tokens() {
            assert!(!told.contains(token.reveal()), "a token is repeated");
        }
    }
}

/// Whether the errors are the same, each with its code or with `any`.
fn same(expected: &BTreeMap<String, String>, errors: &BTreeMap<&str, &str>) -> bool {
    let alike = |((name, code), (came, with)): ((&String, &String), (&&str, &&str))| {
        name == came && (code == "any" || code == with)
    };
    expected.len() == errors.len() && expected.iter().zip(errors).all(alike)
}

fn case(result: &SignOutResult) -> &'static str {
    match result {
        SignOutResult::Complete { .. } => "complete",
        SignOutResult::Partial { .. } => "partial",
        SignOutResult::Failed { .. } => "failed",
    }
}

/// The app's reason in a report, or `none`.
fn app_reason(report: &Report) -> String {
    report.app_reason.as_ref().map_or("none".into(), AppReason::to_string)
}

fn check_settled(results: &[SignOutResult], settled: &[String], app_reasons: Option<Vec<String>>) {
    assert_eq!(results.iter().map(case).collect::<Vec<_>>(), settled);
    let reports = results.iter().map(|result| match result {
        SignOutResult::Complete { report }
        | SignOutResult::Partial { report, .. }
        | SignOutResult::Failed { report, .. } => report,
    });
    if let Some(expected) = app_reasons {
        assert_eq!(reports.map(app_reason).collect::<Vec<_>>(), expected);
    }
}

fn status(steps: &Steps, name: &str) -> String {
    let step = steps.named().into_iter().find(|(step, _)| *step == name);
    step.unwrap_or_else(|| panic!("no step: {name}")).1.to_string()
}

fn problem_of(error: AuthError) -> Problem {
    match error {
        AuthError::SignedOut { problem }
        | AuthError::SessionExpired { problem }
        | AuthError::Vault { problem }
        | AuthError::Service { problem }
        | AuthError::InvalidInput { problem }
        | AuthError::Runtime { problem } => problem,
    }
}

fn told(tokens: &Result<Tokens, AuthError>) -> &'static str {
    match tokens {
        Ok(_) => "given",
        Err(AuthError::SignedOut { .. }) => "signed_out",
        Err(AuthError::SessionExpired { .. }) => "session_expired",
        Err(AuthError::Vault { .. }) => "vault",
        Err(AuthError::Service { .. }) => "service",
        Err(AuthError::InvalidInput { .. }) => "invalid_input",
        Err(AuthError::Runtime { .. }) => "runtime",
    }
}

impl From<Options> for SignOutOptions {
    fn from(options: Options) -> Self {
        Self {
            global: options.global,
            web: options.web.map(|policy| match policy {
                words::WebPolicy::Skip => WebPolicy::Skip,
                words::WebPolicy::ByRevocation => WebPolicy::ByRevocation,
                words::WebPolicy::BestEffort => WebPolicy::BestEffort,
                words::WebPolicy::Required => WebPolicy::Required,
            }),
            sign_out_uri: None,
            deadline: options.deadline,
            browser_deadline: options.browser_deadline,
            reason: options.reason,
        }
    }
}

impl From<words::SignedInWith> for SignedInWith {
    fn from(with: words::SignedInWith) -> Self {
        match with {
            words::SignedInWith::Api => Self::Api,
            words::SignedInWith::HostedUi => Self::HostedUi,
            words::SignedInWith::HostedUiPrivate => Self::HostedUiPrivate,
        }
    }
}

fn said(verification: Verification) -> String {
    match verification {
        Verification::Alive => "alive".to_owned(),
        Verification::Ended { reason } => format!("ended:{reason}"),
        Verification::Unknown { problem } => {
            assert!(!problem.detail.is_empty() && !problem.recovery.is_empty());
            format!("unknown:{}", problem.code)
        }
    }
}
