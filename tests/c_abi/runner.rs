//! Runs a scenario through the C ABI, and compares the results with the expected ones.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use cognito_signout::fake_cognito::IssuedTokens;
use serde_json::{Value, json};

use crate::app::{answered, lock};
use crate::device::Device;
use crate::orders;
use crate::pool;
use crate::words::{self, Action, Expect, ExpectOthers, Options, Scenario};

pub(crate) async fn run(mut scenario: Scenario) {
    let (actions, events) = (std::mem::take(&mut scenario.actions), scenario.events.take());
    let mut device = Device::new(scenario).await;
    for action in actions {
        let what = format!("{action:?}");
        // A minute is much too long: every call must be answered by itself.
        let done = tokio::time::timeout(Duration::from_secs(60), device.carry_out(action)).await;
        assert!(done.is_ok(), "no answer to {what}");
    }
    if let Some(events) = events {
        // An event comes soon after what it tells. One too many comes before the answer to a later call.
        let all = || async { lock(&device.seen.heard).len() >= events.len() };
        pool::wait_until(&device.fake, all).await;
        device.session().await;
        assert_eq!(*lock(&device.seen.heard), events);
    }
    device.end();
}

/// A text in a message.
fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("not a text: {value}"))
}

fn arguments(options: Options) -> Value {
    json!({
        "global": options.global,
        "web": options.web.map(|policy| match policy {
            words::WebPolicy::Skip => "skip",
            words::WebPolicy::ByRevocation => "by_revocation",
            words::WebPolicy::BestEffort => "best_effort",
            words::WebPolicy::Required => "required",
        }),
        "deadline": options.deadline,
        "browser_deadline": options.browser_deadline,
        "reason": options.reason,
    })
}

impl Device {
    async fn ok(&self, method: &str, args: Value) -> Value {
        let answer = self.app.call(method, args).await;
        answer.unwrap_or_else(|error| panic!("{method}: {error}"))
    }

    async fn session(&self) -> String {
        word(&self.ok("session", json!({})).await["state"]).to_owned()
    }

    async fn is_signed_out(&self) {
        pool::wait_until(&self.fake, || async { self.session().await == "signed_out" }).await;
    }

    async fn carry_out(&mut self, action: Action) {
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
            Action::Vault { fails } => *lock(&self.seen.failing) = fails,
            Action::Wait { millis } => tokio::time::sleep(Duration::from_millis(millis)).await,
            Action::SignOut {
                options,
                at_once,
                within,
                expect,
            } => {
                let (options, started) = (arguments(options), Instant::now());
                let calls: Vec<_> = (0..at_once)
                    .map(|_| self.app.begin("sign_out", options.clone()).1)
                    .collect();
                for call in calls {
                    let result = answered(call).await.unwrap();
                    self.check(&result, &expect).await;
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
                let first = self.app.begin("sign_out", arguments(options)).1;
                self.is_signed_out().await;
                let second = self.ok("sign_out", arguments(joining)).await;
                let first = answered(first).await.unwrap();
                self.check(&first, &expect).await;
                self.check(&second, &joined).await;
            }
            Action::SignOutCancelled { options } => {
                let (id, call) = self.app.begin("sign_out", arguments(options));
                self.is_signed_out().await;
                assert_eq!(self.ok("cancel", json!({ "call": id })).await, true, "it had ended");
                assert_eq!(answered(call).await.unwrap_err()["case"], "runtime");
            }
            Action::SignOutDuringRefresh { expect } => {
                let refreshing = self.app.begin("refresh", json!({})).1;
                pool::wait_until(&self.fake, || async { !self.fake.requests().is_empty() }).await;
                let result = self.ok("sign_out", json!({})).await;
                self.check(&result, &expect).await;
                // Any result is right. It must come.
                let _ = answered(refreshing).await;
            }
            Action::SignOutAmongReads { reads, expect } => {
                let (before, after) = (reads / 2, reads - reads / 2);
                let mut seen = Vec::new();
                for _ in 0..before {
                    seen.push(self.session().await);
                }
                let signing_out = self.app.begin("sign_out", json!({})).1;
                for _ in 0..after {
                    seen.push(self.session().await);
                }
                let result = answered(signing_out).await.unwrap();
                self.check(&result, &expect).await;
                assert_eq!(seen[0], "signed_in");
                let back = seen.windows(2).any(|two| two == ["signed_out", "signed_in"]);
                assert!(!back && !seen.iter().any(|state| state == "unavailable"), "{seen:?}");
            }
            Action::Retry { expect } => {
                let result = self.ok("retry", json!({ "partial": self.partial })).await;
                self.check(&result, &expect).await;
            }
            Action::BeginSignOut { options, shows } => {
                let progress = self.ok("begin_sign_out", arguments(options)).await;
                assert_eq!(progress["progress"] == "show", shows);
            }
            Action::BeginRetry { shows } => {
                let progress = self.ok("begin_retry", json!({ "partial": self.partial })).await;
                assert_eq!(progress["progress"] == "show", shows);
            }
            Action::FinishSignOut {
                redirected,
                failed,
                ignored,
                expect,
            } => {
                let args = match (redirected, failed) {
                    (Some(callback), None) => json!({ "callback": callback }),
                    (None, Some(case)) => json!({ "error": { "case": case } }),
                    other => panic!("no answer of a browser: {other:?}"),
                };
                let progress = self.ok("finish_sign_out", args).await;
                match word(&progress["progress"]) {
                    "finished" => self.check(&progress["result"], &expect.unwrap()).await,
                    other => assert!(ignored && other == "ignored", "{other}"),
                }
            }
            Action::Resume {
                web_step,
                settled,
                app_reasons,
                eventually,
            } => {
                let mut resumed = self.ok("resume", json!({})).await;
                while eventually && resumed["settled"] == json!([]) {
                    // A debt that is being paid is not touched.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    resumed = self.ok("resume", json!({})).await;
                }
                assert_eq!(!resumed["web_step"].is_null(), web_step);
                check_settled(&resumed["settled"], &settled, app_reasons);
            }
            Action::SettlePending { settled, app_reasons } => {
                check_settled(&self.ok("settle_pending", json!({})).await, &settled, app_reasons);
            }
            Action::ClearLocal {} => drop(self.ok("clear_local", json!({})).await),
            Action::PurgeLocal {} => drop(self.ok("purge_local", json!({})).await),
            Action::Restart { app_steps } => {
                if let Some(steps) = app_steps {
                    self.set_app_steps(steps);
                }
                self.restart().await;
            }
            Action::AppStepsTold { are, eventually } => {
                pool::is(&self.fake, || lock(&self.seen.told).clone(), are, eventually).await
            }
            Action::AnotherHandle {} => self.another_handle(),
            Action::Tokens { expect } => assert_eq!(told(&self.app.call("tokens", json!({})).await), expect),
            Action::Refresh { expect } => assert_eq!(told(&self.app.call("refresh", json!({})).await), expect),
            Action::Verify { is } => assert_eq!(said(&self.ok("verify", json!({})).await), is),
            Action::RemoteSignOut { message, is } => {
                let message = pool::about_the_session(&message, self.tokens.as_ref());
                let outcome = self.ok("remote_sign_out", json!({ "message": message })).await;
                let told = match word(&outcome["outcome"]) {
                    "verified" => format!("verified:{}", said(&outcome["said"])),
                    other => other.to_owned(),
                };
                assert_eq!(told, is);
            }
            Action::Classify { status, body, is } => {
                assert_eq!(self.ok("classify", json!({ "status": status, "body": body })).await, is);
            }
            Action::ClassifyWwwAuthenticate { header, is } => {
                assert_eq!(
                    self.ok("classify_www_authenticate", json!({ "header": header })).await,
                    is
                );
            }
            Action::SetDevice { key } => {
                let device = json!({ "key": key, "group_key": "group", "password": "password" });
                self.ok("set_device", json!({ "username": "ana", "device": device }))
                    .await;
            }
            Action::Device { key } => {
                let device = self.ok("device", json!({ "username": "ana" })).await;
                assert_eq!(device["key"].as_str(), key.as_deref());
            }
            Action::Session { is, user, eventually } => {
                if eventually {
                    pool::wait_until(&self.fake, || async { self.session().await == is }).await;
                }
                let session = self.ok("session", json!({})).await;
                assert_eq!(word(&session["state"]), is);
                if let (Some(user), true) = (user, session["session"].is_object()) {
                    assert_eq!(session["session"]["username"], user);
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
            Action::Sessions { are, error } => match self.app.call("sessions", json!({})).await {
                Err(failed) => assert_eq!(failed["code"].as_str(), error.as_deref()),
                Ok(listed) => self.check_listed(&listed, are),
            },
            Action::EndSession { at, id, linked, error } => {
                let id = id.map_or_else(|| self.listed[at.unwrap()]["id"].clone(), Value::String);
                let ended = self
                    .app
                    .call("end_session", json!({ "id": id, "linked": linked }))
                    .await;
                let code = ended.err().map(|error| word(&error["code"]).to_owned());
                assert_eq!(code, error);
            }
            Action::SignOutOthers { expect } => {
                let result = self.ok("sign_out_others", json!({})).await;
                self.check_others(&result, &expect);
            }
            Action::RetryOthers { expect } => {
                let result = self.ok("retry_others", json!({ "partial": self.others })).await;
                self.check_others(&result, &expect);
            }
            Action::Pages { are } => assert_eq!(*lock(&self.seen.pages), are),
            Action::CalledBack { saw } => assert_eq!(*lock(&self.seen.saw), saw),
        }
    }

    async fn store(&mut self, tokens: IssuedTokens, with: words::SignedInWith) {
        let args = json!({
            "access_token": tokens.access.reveal(),
            "id_token": tokens.id.reveal(),
            "refresh_token": tokens.refresh.reveal(),
            "signed_in_with": match with {
                words::SignedInWith::Api => "api",
                words::SignedInWith::HostedUi => "hosted_ui",
                words::SignedInWith::HostedUiPrivate => "hosted_ui_private",
            },
        });
        self.ok("store_session", args).await;
        self.tokens = Some(tokens);
    }

    /// Checks what was expected, and what is true for every result: each error says what happened and what to do, the tokens come
    /// when they are asked for, and no message repeats one.
    async fn check(&mut self, result: &Value, expect: &Expect) {
        let case = word(&result["result"]);
        if let Some(expected) = &expect.result {
            assert_eq!(case, expected);
        }
        if let Some(locally) = expect.signed_out_locally {
            assert_eq!(case != "failed", locally);
        }
        assert_eq!(
            result["error"]["code"].as_str(),
            expect.error.as_deref().filter(|_| case == "failed")
        );
        if case == "partial" {
            self.check_partial(result, expect).await;
        }
        check_report(&result["report"], expect);
        self.check_texts(result);
    }

    async fn check_partial(&mut self, result: &Value, expect: &Expect) {
        if let Some(expected) = expect.kept {
            assert_eq!(result["kept"], expected);
        }
        let displaced = result["displaced"].as_array().unwrap();
        assert_eq!(displaced.len(), expect.displaced);
        assert!(displaced.iter().all(|older| older["result"] == "partial"));
        let tokens = self.ok("partial_tokens", json!({ "partial": result["partial"] })).await;
        let carried = self.tokens.as_ref().filter(|_| !expect.tokens_replaced);
        for (error, token) in [
            ("revoke_token_error", "refresh_token"),
            ("global_sign_out_error", "access_token"),
        ] {
            assert_eq!(result[error].is_null(), tokens[token].is_null(), "{error}");
            let issued = carried.map(|issued| match token {
                "refresh_token" => &issued.refresh,
                _ => &issued.access,
            });
            let comes = tokens[token].as_str();
            assert!(comes.is_none() || issued.is_none_or(|issued| comes == Some(issued.reveal())));
        }
        if let Some(url) = result["hosted_ui_error"]["url"].as_str() {
            assert!(url.starts_with("https://auth.example.com/logout?"));
        }
        let code = |problem: &Value| problem["code"].as_str().map(ToOwned::to_owned);
        let errors = [
            ("revoke_token", code(&result["revoke_token_error"])),
            ("global_sign_out", code(&result["global_sign_out_error"])),
            ("hosted_ui", code(&result["hosted_ui_error"]["error"])),
            ("local_cleanup", code(&result["local_cleanup_error"])),
        ];
        let errors: BTreeMap<_, _> = errors
            .into_iter()
            .filter_map(|(name, code)| Some((name.to_owned(), code?)))
            .collect();
        let of_steps = result["app_step_errors"].as_array().unwrap().iter();
        let of_steps: BTreeMap<_, _> = of_steps
            .map(|failed| {
                (
                    word(&failed["name"]).to_owned(),
                    word(&failed["error"]["code"]).to_owned(),
                )
            })
            .collect();
        assert!(!(errors.is_empty() && of_steps.is_empty()), "partial without an error");
        if expect.result.is_some() {
            assert!(same(&expect.errors, &errors), "{errors:?}, not {:?}", expect.errors);
            assert!(same(&expect.app_step_errors, &of_steps), "{of_steps:?}");
        }
        self.partial = result["partial"].clone();
    }

    /// Each problem says what happened and what to do. No text is a token, or what a port has thrown.
    fn check_texts(&self, result: &Value) {
        fn problems(value: &Value) {
            match value {
                Value::Object(fields) => {
                    if fields.contains_key("recovery") {
                        assert!(
                            !word(&fields["detail"]).is_empty() && !word(&fields["recovery"]).is_empty(),
                            "{value}"
                        );
                    }
                    fields.values().for_each(problems);
                }
                Value::Array(values) => values.iter().for_each(problems),
                _ => {}
            }
        }
        problems(result);
        let told = result.to_string();
        assert!(!told.contains("SECRET"), "{told}");
        for token in self.fake.issued_tokens() {
            assert!(!told.contains(token.reveal()), "a token is repeated");
        }
    }

    fn check_listed(&mut self, listed: &Value, are: Option<Vec<String>>) {
        let listed = listed.as_array().unwrap();
        let kinds = listed.iter().map(|session| {
            let kind = word(&session["kind"]);
            match session["is_current"] == true {
                true => format!("{kind}:current"),
                false => kind.to_owned(),
            }
        });
        assert_eq!(Some(kinds.collect()), are);
        assert!(
            listed
                .iter()
                .all(|session| session["id"].is_string() && session["ip_address"].is_string())
        );
        self.listed = listed.clone();
    }

    fn check_others(&mut self, result: &Value, expect: &ExpectOthers) {
        assert_eq!(word(&result["result"]), expect.result);
        assert_eq!(result["problem"]["code"].as_str(), expect.error.as_deref());
        if result["partial"].is_number() {
            self.others = result["partial"].clone();
        }
        let sessions = result["sessions"].as_array().map(Vec::as_slice).unwrap_or_default();
        let left = sessions.iter().filter_map(|ended| ended["error"]["code"].as_str());
        let left: Vec<_> = left.collect();
        assert_eq!(left, expect.left);
        assert_eq!(sessions.len() - left.len(), expect.ended);
    }
}

fn check_report(report: &Value, expect: &Expect) {
    for (step, expected) in &expect.steps {
        assert_eq!(report["steps"][step], **expected, "{step}");
    }
    if let Some(expected) = &expect.app_steps {
        let steps = report["app_steps"].as_array().unwrap().iter();
        let steps: BTreeMap<_, _> = steps
            .map(|step| (word(&step["name"]).to_owned(), word(&step["status"]).to_owned()))
            .collect();
        assert_eq!(&steps, expected);
    }
    if let Some(residual) = &expect.residual {
        let exposed = report["residual"].as_array().unwrap().iter();
        assert_eq!(
            &exposed
                .map(|residual| word(&residual["token"]).to_owned())
                .collect::<Vec<_>>(),
            residual
        );
    }
    if let Some(everywhere) = expect.everywhere {
        assert_eq!(report["signed_out_everywhere"], everywhere);
    }
    if let Some(expected) = &expect.browser_sessions {
        let states = report["browser_sessions"].as_array().unwrap().iter();
        let states = states.map(|session| {
            let holder = session["provider"].as_str().unwrap_or("hosted_ui");
            (holder.to_owned(), word(&session["state"]).to_owned())
        });
        assert_eq!(&states.collect::<BTreeMap<_, _>>(), expected);
    }
    if let Some(expected) = &expect.next_sign_in {
        assert_eq!(report["next_sign_in"].as_str().unwrap_or("none"), expected);
    }
    if let Some(expected) = &expect.app_reason {
        assert_eq!(report["app_reason"].as_str().unwrap_or("none"), expected);
    }
}

/// Whether the errors are the same, each with its code or with `any`.
fn same(expected: &BTreeMap<String, String>, errors: &BTreeMap<String, String>) -> bool {
    let alike = |((name, code), (came, with)): ((&String, &String), (&String, &String))| {
        name == came && (code == "any" || code == with)
    };
    expected.len() == errors.len() && expected.iter().zip(errors).all(alike)
}

fn check_settled(results: &Value, settled: &[String], app_reasons: Option<Vec<String>>) {
    let results = results.as_array().unwrap();
    assert_eq!(
        results.iter().map(|result| word(&result["result"])).collect::<Vec<_>>(),
        settled
    );
    if let Some(expected) = app_reasons {
        let reasons = results
            .iter()
            .map(|result| result["report"]["app_reason"].as_str().unwrap_or("none"));
        assert_eq!(reasons.collect::<Vec<_>>(), expected);
    }
}

fn told(tokens: &Result<Value, Value>) -> &str {
    match tokens {
        Ok(_) => "given",
        Err(error) => word(&error["case"]),
    }
}

fn said(verification: &Value) -> String {
    match word(&verification["verification"]) {
        "ended" => format!("ended:{}", word(&verification["reason"])),
        "unknown" => format!("unknown:{}", word(&verification["problem"]["code"])),
        alive => alive.to_owned(),
    }
}
