//! The words of `bindings/scenarios.json`; `bindings/scenarios.md` explains them.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::orders::Order;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct List {
    #[serde(rename = "about")]
    _about: String,
    pub(crate) scenarios: Vec<Scenario>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    pub(crate) name: String,
    pub(crate) peers: Option<u8>,
    #[serde(default)]
    pub(crate) pool: Pool,
    pub(crate) client_secret: Option<String>,
    #[serde(default)]
    pub(crate) hosted_ui: bool,
    #[serde(default)]
    pub(crate) rotation: bool,
    pub(crate) keep_unpaid: Option<KeepUnpaid>,
    #[serde(default)]
    pub(crate) hand_over: bool,
    #[serde(default)]
    pub(crate) session_tracking: bool,
    #[serde(default)]
    pub(crate) pool_domain: bool,
    pub(crate) provider_logout: Option<String>,
    #[serde(default)]
    pub(crate) not_in: Vec<Language>,
    pub(crate) browser: Option<Browser>,
    #[serde(default)]
    pub(crate) transport: Transport,
    pub(crate) listener: Option<Listener>,
    #[serde(default)]
    pub(crate) app_steps: Vec<AppStep>,
    pub(crate) events: Option<Vec<String>>,
    pub(crate) actions: Vec<Action>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Pool {
    pub(crate) client_secret: Option<String>,
    pub(crate) no_revocation: bool,
    pub(crate) rotation: Option<u64>,
    pub(crate) access_token_lifetime: Option<u64>,
    pub(crate) session_tracking: bool,
    pub(crate) max_sessions_per_user: Option<usize>,
    pub(crate) session_page_size: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct KeepUnpaid {
    pub(crate) max_age: i64,
    pub(crate) max_debts: i32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Language {
    C,
    Dart,
    Rust,
    Kotlin,
    Swift,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Browser {
    ComesBack,
    ComesBackTwice,
    ComesBackWithError,
    Cancelled,
    Unavailable,
    Throws,
    NeverComesBack,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Transport {
    #[default]
    Real,
    Throws,
    NeverCompletes,
    LetsGo,
    CompletesTwice,
    CallsBack,
}

#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Listener {
    SignsOut,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct AppStep {
    pub(crate) name: String,
    #[serde(default)]
    pub(crate) phase: Phase,
    #[serde(default)]
    pub(crate) does: StepDoes,
    pub(crate) time_limit: Option<i64>,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Phase {
    #[default]
    WhileTokenLives,
    AfterSignOut,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StepDoes {
    #[default]
    Well,
    Fails,
    Leaks,
    Throws,
    Hangs,
    LetsGo,
    CompletesTwice,
    CallsBack,
    SignsOut,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VaultUse {
    Read,
    Write,
    Delete,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum VaultFailure {
    Locked,
    Other,
    Throws,
}

pub(crate) type VaultFailures = BTreeMap<VaultUse, VaultFailure>;

#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum SignedInWith {
    #[default]
    Api,
    HostedUi,
    HostedUiPrivate,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WebPolicy {
    Skip,
    ByRevocation,
    BestEffort,
    Required,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Options {
    pub(crate) global: bool,
    pub(crate) web: Option<WebPolicy>,
    pub(crate) deadline: Option<i64>,
    pub(crate) browser_deadline: Option<i64>,
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Expect {
    pub(crate) result: Option<String>,
    pub(crate) signed_out_locally: Option<bool>,
    #[serde(default)]
    pub(crate) errors: BTreeMap<String, String>,
    pub(crate) error: Option<String>,
    #[serde(default)]
    pub(crate) steps: BTreeMap<String, String>,
    pub(crate) app_steps: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub(crate) app_step_errors: BTreeMap<String, String>,
    pub(crate) residual: Option<Vec<String>>,
    pub(crate) everywhere: Option<bool>,
    pub(crate) kept: Option<bool>,
    #[serde(default)]
    pub(crate) displaced: usize,
    #[serde(default)]
    pub(crate) tokens_replaced: bool,
    pub(crate) browser_sessions: Option<BTreeMap<String, String>>,
    pub(crate) next_sign_in: Option<String>,
    pub(crate) app_reason: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExpectOthers {
    pub(crate) result: String,
    #[serde(default)]
    pub(crate) ended: usize,
    #[serde(default)]
    pub(crate) left: Vec<String>,
    pub(crate) error: Option<String>,
}

fn ana() -> String {
    "ana".into()
}

fn once() -> usize {
    1
}

#[allow(clippy::large_enum_variant, reason = "each is read once and used once")]
#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Action {
    SignIn {
        #[serde(default = "ana")]
        user: String,
        #[serde(default)]
        with: SignedInWith,
        scope: Option<String>,
        through: Option<String>,
        #[serde(default)]
        browser: bool,
    },
    SignInElsewhere {
        #[serde(default = "ana")]
        user: String,
        #[serde(default)]
        browser: bool,
    },
    Server {
        order: Order,
    },
    Vault {
        fails: VaultFailures,
    },
    Wait {
        millis: u64,
    },
    SignOut {
        #[serde(default)]
        options: Options,
        #[serde(default = "once")]
        at_once: usize,
        within: Option<u64>,
        expect: Expect,
    },
    SignOutJoined {
        #[serde(default)]
        options: Options,
        expect: Expect,
        #[serde(default)]
        joining: Options,
        joined: Expect,
    },
    SignOutCancelled {
        #[serde(default)]
        options: Options,
    },
    SignOutDuringRefresh {
        expect: Expect,
    },
    SignOutAmongReads {
        reads: usize,
        expect: Expect,
    },
    Retry {
        expect: Expect,
    },
    BeginSignOut {
        #[serde(default)]
        options: Options,
        shows: bool,
    },
    BeginRetry {
        shows: bool,
    },
    FinishSignOut {
        redirected: Option<String>,
        failed: Option<String>,
        #[serde(default)]
        ignored: bool,
        expect: Option<Expect>,
    },
    Resume {
        web_step: bool,
        settled: Vec<String>,
        app_reasons: Option<Vec<String>>,
        #[serde(default)]
        eventually: bool,
    },
    SettlePending {
        settled: Vec<String>,
        app_reasons: Option<Vec<String>>,
    },
    ClearLocal {},
    PurgeLocal {},
    Restart {
        app_steps: Option<Vec<AppStep>>,
    },
    AppStepsTold {
        are: Vec<String>,
        #[serde(default)]
        eventually: bool,
    },
    AnotherHandle {},
    Tokens {
        expect: String,
    },
    Refresh {
        expect: String,
    },
    Verify {
        is: String,
    },
    RemoteSignOut {
        message: String,
        is: String,
    },
    Classify {
        status: u16,
        body: String,
        is: String,
    },
    ClassifyWwwAuthenticate {
        header: String,
        is: String,
    },
    SetDevice {
        key: String,
    },
    Device {
        key: Option<String>,
    },
    Session {
        is: String,
        user: Option<String>,
        #[serde(default)]
        eventually: bool,
    },
    Requests {
        are: Vec<String>,
        #[serde(default)]
        eventually: bool,
    },
    LiveSessions {
        #[serde(default = "ana")]
        user: String,
        are: usize,
        #[serde(default)]
        eventually: bool,
    },
    BrowserSession {
        #[serde(default = "ana")]
        user: String,
        is: bool,
        #[serde(default)]
        eventually: bool,
    },
    Sessions {
        are: Option<Vec<String>>,
        error: Option<String>,
    },
    EndSession {
        at: Option<usize>,
        id: Option<String>,
        #[serde(default)]
        linked: bool,
        error: Option<String>,
    },
    SignOutOthers {
        expect: ExpectOthers,
    },
    RetryOthers {
        expect: ExpectOthers,
    },
    Pages {
        are: usize,
    },
    CalledBack {
        saw: Vec<String>,
    },
}
