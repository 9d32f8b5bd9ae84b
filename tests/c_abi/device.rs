//! An app on a device with its own user pool, as a scenario describes them.

use std::sync::{Arc, Mutex};

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};
use cognito_signout::transport::{HttpRequest, HttpTransport as _, RustlsTransport, TransportError};
use serde_json::{Value, json};
use tokio::runtime::Handle;

use crate::app::{App, Host, lock};
use crate::library::{kind, status};
use crate::pool;
use crate::words::{self, Scenario};

#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) record: Mutex<Option<String>>,
    pub(crate) failing: Mutex<words::VaultFailures>,
    pub(crate) pages: Mutex<usize>,
    pub(crate) saw: Mutex<Vec<String>>,
    pub(crate) heard: Mutex<Vec<String>>,
    pub(crate) told: Mutex<Vec<String>>,
}

pub(crate) struct Device {
    pub(crate) fake: FakeCognito,
    pub(crate) app: Arc<App>,
    apps: Vec<Arc<App>>,
    process: u64,
    pub(crate) seen: Arc<Seen>,
    pub(crate) tokens: Option<IssuedTokens>,
    pub(crate) partial: Value,
    pub(crate) others: Value,
    pub(crate) listed: Vec<Value>,
    scenario: Scenario,
}

impl Device {
    pub(crate) async fn new(scenario: Scenario) -> Self {
        let fake = pool::start(&scenario.pool).await;
        let seen = Arc::<Seen>::default();
        let (app, process) = (handle(&fake, &scenario, &seen, 1), 1);
        let mut device = Self {
            fake,
            app: Arc::clone(&app),
            apps: vec![app],
            process,
            seen,
            tokens: None,
            partial: Value::Null,
            others: Value::Null,
            listed: Vec::new(),
            scenario,
        };
        device.listen().await;
        device
    }

    pub(crate) fn set_app_steps(&mut self, steps: Vec<words::AppStep>) {
        self.scenario.app_steps = steps;
    }

    /// Another process of the app, on the same keychain. The earlier one does not end: it only is not used any more.
    pub(crate) async fn restart(&mut self) {
        self.process += 1;
        self.another_handle();
        self.listen().await;
    }

    pub(crate) fn another_handle(&mut self) {
        self.app = handle(&self.fake, &self.scenario, &self.seen, self.process);
        self.apps.push(Arc::clone(&self.app));
    }

    async fn listen(&mut self) {
        self.app.call("subscribe", json!({ "to": "events" })).await.unwrap();
    }

    pub(crate) fn end(self) {
        self.apps.iter().for_each(|app| app.free());
    }
}

/// Each device has vaults of its own.
fn identity(fake: &FakeCognito, process: u64) -> u64 {
    u64::from(fake.url().port().unwrap()) * 1000 + process
}

fn handle(fake: &FakeCognito, scenario: &Scenario, seen: &Arc<Seen>, process: u64) -> Arc<App> {
    let mut settings = json!({
        "user_pool_id": fake.user_pool_id(),
        "client_id": fake.client_id(),
        "endpoint": fake.url().as_str(),
        "client_secret": scenario.client_secret,
        "refresh_token_rotation": scenario.rotation,
        "session_tracking": scenario.session_tracking,
        "vault": { "kind": "host", "identity": identity(fake, process), "locks": true },
        "app_steps": scenario.app_steps.iter().map(|step| json!({
            "name": step.name,
            "phase": match step.phase {
                words::Phase::WhileTokenLives => "while_token_lives",
                words::Phase::AfterSignOut => "after_sign_out",
            },
            "time_limit": step.time_limit,
        })).collect::<Vec<_>>(),
    });
    if let Some(keep) = &scenario.keep_unpaid {
        settings["unpaid_revocations"] =
            json!({ "kind": "keep", "max_age": keep.max_age, "max_debts": keep.max_debts });
    } else if scenario.hand_over {
        settings["unpaid_revocations"] = json!({ "kind": "hand_over" });
    }
    if scenario.pool_domain {
        settings["revocation_route"] = json!("pool_domain");
    }
    if scenario.browser.is_some() {
        settings["browser"] = json!({ "kind": "host" });
    }
    if scenario.hosted_ui {
        settings["hosted_ui"] = json!({ "domain": "auth.example.com", "sign_out_uris": ["myapp://signed-out"] });
        if let Some(name) = &scenario.provider_logout {
            settings["hosted_ui"]["providers"] = json!({ name: { "kind": "saml_single_logout" } });
        }
    }
    let host = Ports {
        does: scenario.transport,
        browser: scenario.browser,
        listener: scenario.listener,
        steps: scenario.app_steps.clone(),
        real: Arc::new(RustlsTransport::new()),
        tokio: Handle::current(),
        seen: Arc::clone(seen),
    };
    App::new(&settings, host).unwrap()
}

/// What the app gives the library. It does what the scenario says.
struct Ports {
    does: words::Transport,
    browser: Option<words::Browser>,
    listener: Option<words::Listener>,
    steps: Vec<words::AppStep>,
    real: Arc<RustlsTransport>,
    tokio: Handle,
    seen: Arc<Seen>,
}

impl Host for Ports {
    fn hears(&self, app: &Arc<App>, kind: u32, id: u64, message: Option<Value>) {
        // What is taken back is not answered any more. An answer would be refused.
        let Some(message) = message else { return };
        let app = Arc::clone(app);
        match kind {
            kind::HTTP => self.send(app, id, message),
            // Later and on another thread, as an asynchronous store does.
            kind::VAULT => {
                let answer = vault(&self.seen, &message);
                self.tokio.spawn(async move { app.answer(kind, id, &answer) });
            }
            kind::BROWSER => {
                *lock(&self.seen.pages) += 1;
                self.tokio.spawn(show(self.browser, app, id, message));
            }
            kind::APP_STEP => self.carry_out(app, id, message),
            kind::EVENT => {
                let word = event(&message);
                let signs_out = word == "signed_in" && self.listener == Some(words::Listener::SignsOut);
                lock(&self.seen.heard).push(word);
                if signs_out {
                    self.tokio.spawn(async move { app.call("sign_out", json!({})).await });
                }
            }
            _ => {}
        }
    }
}

/// What a port of C's reports when it has failed in a way of its own: there are no exceptions in C.
fn thrown(case: &str) -> Value {
    json!({ "error": { "case": case } })
}

impl Ports {
    fn send(&self, app: Arc<App>, id: u64, message: Value) {
        let (does, real, seen) = (self.does, Arc::clone(&self.real), Arc::clone(&self.seen));
        self.tokio.spawn(async move {
            match does {
                words::Transport::Throws => drop(app.answer(kind::HTTP, id, &thrown("other"))),
                words::Transport::NeverCompletes | words::Transport::LetsGo => {}
                words::Transport::CallsBack => {
                    saw_session(&app, &seen).await;
                    app.answer(kind::HTTP, id, &exchange(&real, &message).await);
                }
                words::Transport::CompletesTwice => {
                    let answer = exchange(&real, &message).await;
                    assert_eq!(app.answer(kind::HTTP, id, &answer), status::OK);
                    let late = json!({ "error": { "case": "other", "detail": "late" } });
                    assert_eq!(app.answer(kind::HTTP, id, &late), status::UNKNOWN_QUESTION);
                }
                words::Transport::Real => drop(app.answer(kind::HTTP, id, &exchange(&real, &message).await)),
            }
        });
    }

    fn carry_out(&self, app: Arc<App>, id: u64, message: Value) {
        lock(&self.seen.told).push(told(&message));
        let step = self.steps.iter().find(|step| message["name"] == *step.name);
        let (does, seen) = (step.unwrap().does, Arc::clone(&self.seen));
        self.tokio.spawn(async move {
            let ok = json!({ "ok": null });
            let failed = |detail: String| json!({ "error": { "case": "failed", "detail": detail } });
            let answer = match does {
                words::StepDoes::Well => ok,
                words::StepDoes::Fails => failed("for the test".into()),
                words::StepDoes::Leaks => {
                    let tokens = app.call("step_tokens", json!({ "step": id })).await.unwrap();
                    failed(format!("sent {}", tokens["access_token"].as_str().unwrap()))
                }
                words::StepDoes::Throws => thrown("failed"),
                words::StepDoes::Hangs | words::StepDoes::LetsGo => return,
                words::StepDoes::CompletesTwice => {
                    assert_eq!(app.answer(kind::APP_STEP, id, &ok), status::OK);
                    assert_eq!(app.answer(kind::APP_STEP, id, &ok), status::UNKNOWN_QUESTION);
                    return;
                }
                words::StepDoes::CallsBack => {
                    saw_session(&app, &seen).await;
                    ok
                }
                words::StepDoes::SignsOut => {
                    app.call("sign_out", json!({})).await.unwrap();
                    ok
                }
            };
            app.answer(kind::APP_STEP, id, &answer);
        });
    }
}

async fn saw_session(app: &App, seen: &Seen) {
    let session = app.call("session", json!({})).await.unwrap();
    lock(&seen.saw).push(session["state"].as_str().unwrap().to_owned());
}

/// Sends a request of the library, and returns the answer to its question.
pub(crate) async fn exchange(real: &RustlsTransport, request: &Value) -> Value {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let headers = request["headers"].as_array().unwrap().iter();
    let sent = HttpRequest {
        method: text(&request["method"]),
        url: request["url"].as_str().unwrap().parse().unwrap(),
        headers: headers.map(|pair| (text(&pair[0]), text(&pair[1]))).collect(),
        body: text(&request["body"]).into_bytes().into(),
    };
    match real.send(sent).await {
        Ok(response) => json!({ "ok": {
            "status": response.status,
            "headers": response.headers,
            "body": String::from_utf8_lossy(&response.body),
        } }),
        Err(error) => {
            let (case, detail) = match error {
                TransportError::Connect(detail) => ("connect", detail),
                TransportError::Io(detail) => ("io", detail),
                TransportError::Tls(detail) => ("tls", detail),
                TransportError::BadResponse(detail) => ("bad_response", detail),
                other => ("other", other.to_string()),
            };
            json!({ "error": { "case": case, "detail": detail } })
        }
    }
}

fn vault(seen: &Seen, question: &Value) -> Value {
    let mut record = lock(&seen.record);
    let used = match question["do"].as_str() {
        Some("read") => words::VaultUse::Read,
        Some("write") => words::VaultUse::Write,
        Some("delete") => words::VaultUse::Delete,
        _ => return json!({ "ok": null }),
    };
    let case = match lock(&seen.failing).get(&used) {
        None => None,
        Some(words::VaultFailure::Locked) => Some("locked"),
        Some(words::VaultFailure::Other | words::VaultFailure::Throws) => Some("other"),
    };
    if let Some(case) = case {
        return json!({ "error": { "case": case, "detail": "for the test" } });
    }
    match used {
        words::VaultUse::Read => json!({ "ok": *record }),
        words::VaultUse::Write => {
            *record = Some(question["record"].as_str().unwrap().to_owned());
            json!({ "ok": null })
        }
        words::VaultUse::Delete => {
            *record = None;
            json!({ "ok": null })
        }
    }
}

async fn show(does: Option<words::Browser>, app: Arc<App>, id: u64, page: Value) {
    let redirect = page["redirect"].as_str().unwrap();
    let redirected = |callback: String| app.call("browser_redirected", json!({ "visit": id, "callback": callback }));
    let fails = |case: &str| app.answer(kind::BROWSER, id, &json!({ "error": { "case": case } }));
    match does.unwrap() {
        words::Browser::ComesBack => drop(redirected(redirect.into()).await),
        words::Browser::ComesBackTwice => {
            drop(redirected(redirect.into()).await);
            drop(redirected(redirect.into()).await);
            fails("cancelled");
        }
        words::Browser::ComesBackWithError => drop(redirected(format!("{redirect}?error=server_error")).await),
        words::Browser::Cancelled => drop(fails("cancelled")),
        words::Browser::Unavailable | words::Browser::Throws => drop(fails("unavailable")),
        words::Browser::NeverComesBack => {}
    }
}

/// As `push_token lives again`.
fn told(step: &Value) -> String {
    let flags = [
        ("has_tokens", " with_tokens"),
        ("again", " again"),
        ("signed_in_since", " signed_in_since"),
    ];
    let flags = flags
        .into_iter()
        .filter_map(|(field, flag)| (step[field] == true).then_some(flag));
    let (name, state) = (step["name"].as_str().unwrap(), step["token_state"].as_str().unwrap());
    format!("{name} {state}{}", flags.collect::<String>())
}

/// As `signed_out:local:timeout`.
fn event(event: &Value) -> String {
    let parts = ["event", "reason", "app_reason"]
        .into_iter()
        .filter_map(|part| event[part].as_str());
    parts.collect::<Vec<_>>().join(":")
}
