//! No secret leaves by accident. Every crate logs everything, and each call that uses the network meets each fault of
//! `FakeCognito`. Then all logs, results, events and requests' URLs are searched for the tokens, the client's secret and the other
//! stored secrets.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests are tests"
)]

use std::collections::HashSet;
use std::fmt::{Debug, Display};
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, SystemTime};

use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, Fault, IssuedTokens, Operation, Tls};
use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::MemoryVault;
use cognito_signout::{
    Auth, AuthConfig, AwsCredentials, Device, HostedUi, Identity, Partial, RevocationRoute, Secret, SignOutOptions,
    SignOutOthersResult, SignOutResult, SignedInWith, Tokens, UnpaidRevocations, Verification,
};
use serde_json::json;
use tracing_subscriber::fmt::format::FmtSpan;

/// This many consecutive characters of a secret are a leak.
const LEAK: usize = 16;

const CLIENT_SECRET: &str = "client+secret/which0nobody0may0see";
const SECRET_ACCESS_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
const SESSION_TOKEN: &str = "IQoJb3JpZ2luX2VjEXAMPLE/session+token/of/the/identity/pool";
const UNKNOWN_SESSION: &str = "tkn0000000000000000000000000";
/// Where a session was last used: personal data.
const IP_ADDRESS: &str = "2001:db8:85a3:8d3:1319:8a2e:370:7348";
const CITY: &str = "Llanfairpwllgwyngyll";
const DEVICE_PASSWORD: &str = "device+password/which0nobody0may0see";

/// The log of every crate of this process, at every level, from `tracing` and from `log`.
fn log() -> &'static Log {
    static LOG: OnceLock<Log> = OnceLock::new();
    LOG.get_or_init(|| {
        let log = Log::default();
        let writer = log.clone();
        tracing_subscriber::fmt()
            .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
            .with_span_events(FmtSpan::NEW | FmtSpan::CLOSE)
            .without_time()
            .with_ansi(false)
            .with_writer(move || writer.clone())
            .init();
        log
    })
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Log {
    fn text(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.text().push_str(&String::from_utf8_lossy(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first word of `text` that contains a piece of a secret, as text or as a list of byte values.
fn leak<'a>(text: &'a str, secrets: &[Secret]) -> Option<&'a str> {
    let pieces: HashSet<&[u8]> = secrets
        .iter()
        .flat_map(|secret| secret.reveal().as_bytes().windows(LEAK))
        .collect();
    let leaks = |bytes: &[u8]| bytes.windows(LEAK).any(|piece| pieces.contains(piece));
    let words: HashSet<&str> = text
        .split(|c: char| !c.is_ascii_alphanumeric() && !"-_.~+/=".contains(c))
        .filter(|word| word.len() >= LEAK)
        .collect();
    let lists: HashSet<&str> = text
        .split(|c: char| !c.is_ascii_digit() && c != ',' && !c.is_ascii_whitespace())
        .filter(|list| list.len() >= 2 * LEAK && list.contains(','))
        .collect();
    let is_list_of_leaked_bytes = |list: &str| {
        let numbers = list.split(',').map(|number| number.trim().parse());
        leaks(&numbers.filter_map(Result::ok).collect::<Vec<u8>>())
    };
    let leaked_word = words.into_iter().find(|word| leaks(word.as_bytes()));
    leaked_word.or_else(|| lists.into_iter().find(|list| is_list_of_leaked_bytes(list)))
}

/// One user pool, one app, and everything that the app received.
struct Scene {
    fake: FakeCognito,
    transport: RustlsTransport,
    route: RevocationRoute,
    vault: MemoryVault,
    told: String,
    /// Where this scene's part of the log begins.
    begin: usize,
}

impl Scene {
    async fn new(pool: FakeCognitoBuilder) -> Self {
        let begin = log().text().len();
        let fake = pool.client_secret(CLIENT_SECRET).start().await.unwrap();
        let transport = RustlsTransport::builder();
        let transport = match fake.root_certificate() {
            Some(root) => transport.add_root_certificate(root),
            None => transport,
        };
        Self {
            fake,
            transport: transport.build(),
            route: RevocationRoute::default(),
            vault: MemoryVault::default(),
            told: String::new(),
            begin,
        }
    }

    fn auth(&self, rotation: bool) -> Auth {
        let config = AuthConfig::builder(self.fake.user_pool_id(), self.fake.client_id())
            .client_secret(CLIENT_SECRET)
            .endpoint(self.fake.url().as_str())
            .hosted_ui(
                HostedUi::builder(self.fake.url().as_str())
                    .sign_out_uri("myapp://out")
                    .build()
                    .unwrap(),
            )
            .revocation_route(self.route)
            .refresh_token_rotation(rotation)
            .unpaid_revocations(UnpaidRevocations::Keep {
                max_age: Duration::from_secs(86_400),
                max_debts: 5,
            })
            .build()
            .unwrap();
        Auth::builder(config, self.vault.clone(), self.transport.clone())
            .clock(self.fake.clock())
            .build()
    }

    fn collect(&mut self, value: &impl Debug) {
        self.told.push_str(&format!("{value:?}\n{value:#?}\n"));
    }

    fn collect_error(&mut self, error: &(impl Display + Debug)) {
        self.told.push_str(&format!("{error}\n"));
        self.collect(error);
    }

    fn collect_result(&mut self, result: &SignOutResult) {
        self.collect(result);
        match result {
            SignOutResult::Complete(_) => {}
            SignOutResult::Partial(partial) => self.collect_partial(partial),
            SignOutResult::Failed(failed) => self.collect_error(&failed.error),
        }
    }

    fn collect_partial(&mut self, partial: &Partial) {
        let revoke = partial.revoke_token_error.as_ref().map(|failed| &failed.error);
        let global = partial.global_sign_out_error.as_ref().map(|failed| &failed.error);
        let cleanup = partial.local_cleanup_error.as_ref().map(|failed| &failed.error);
        for error in [revoke, global, cleanup].into_iter().flatten() {
            self.collect_error(error);
        }
        if let Some(failed) = &partial.revoke_token_error {
            self.told.push_str(&failed.refresh_token.to_string());
        }
    }

    async fn sign_in(&mut self, auth: &Auth) {
        let IssuedTokens { access, id, refresh } = self.fake.sign_in("ana");
        let tokens = Tokens::new(access, id, refresh);
        self.collect(&tokens);
        auth.store_session(tokens, SignedInWith::Api).await.unwrap();
        let credentials = AwsCredentials::new(
            "AKIAIOSFODNN7EXAMPLE",
            SECRET_ACCESS_KEY,
            SESSION_TOKEN,
            SystemTime::now(),
        );
        let identity = Identity::new("eu-central-1:42", Some(credentials));
        self.collect(&identity);
        auth.set_identity(Some(identity)).await.unwrap();
        let device = Device::new("eu-central-1_device", "-group", DEVICE_PASSWORD);
        self.collect(&device);
        auth.set_device("ana", Some(device)).await.unwrap();
    }

    async fn sign_out(&mut self, auth: &Auth, options: SignOutOptions) {
        let result = auth.sign_out(options).await;
        assert!(result.signed_out_locally(), "{result:?}");
        self.collect_result(&result);
        if let SignOutResult::Partial(partial) = &result {
            let retried = auth.retry(partial).await;
            self.collect_result(&retried);
        }
    }

    /// Runs every call that uses the network, one after another, and collects the results.
    async fn drive(&mut self, rotation: bool) {
        let auth = self.auth(rotation);
        let mut events = auth.events();
        self.collect(&auth);

        self.sign_in(&auth).await;
        let verified = auth.verify().await;
        self.collect(&verified);
        if let Verification::Unknown(error) = &verified {
            self.collect_error(error);
        }
        let refreshed = auth.refresh().await;
        self.collect(&refreshed);
        if let Err(error) = &refreshed {
            self.collect_error(error);
        }
        let session = auth.session().await;
        self.collect(&session);
        self.sign_out(&auth, SignOutOptions::local()).await;

        self.sign_in(&auth).await;
        self.sign_out(&auth, SignOutOptions::global()).await;

        self.sign_in(&auth).await;
        self.fake.advance(Duration::from_secs(2 * 60 * 60));
        self.sign_out(&auth, SignOutOptions::global()).await;

        // The next process: once with the fault, once without.
        for _ in 0..2 {
            let auth = self.auth(rotation);
            let mut events = auth.events();
            for result in auth.resume().await.unwrap().settled {
                self.collect_result(&result);
            }
            while let Some(event) = events.try_next() {
                self.collect(&event);
            }
            self.fake.heal();
        }
        while let Some(event) = events.try_next() {
            self.collect(&event);
        }
    }

    /// Lists the user's sessions and ends them, without and with the fault.
    async fn drive_sessions(&mut self, operation: Operation, fault: Fault) {
        let auth = self.auth(false);
        self.sign_in(&auth).await;
        let other = self.fake.sign_in("ana");
        let other = self.fake.session_id_of(&other.refresh).unwrap();
        self.fake.set_session(&other, "LastIPAddress", json!(IP_ADDRESS));
        self.fake.set_session(&other, "LastLocation", json!({ "City": CITY }));
        let listed = auth.sessions().await.unwrap();
        assert!(listed.iter().any(|session| session.city.as_deref() == Some(CITY)));
        self.collect(&listed);

        self.fake.on(operation).always(fault);
        if let Err(error) = auth.sessions().await {
            self.collect_error(&error);
        }
        for id in [&*other, UNKNOWN_SESSION] {
            if let Err(error) = auth.end_session(id, true).await {
                self.collect_error(&error);
            }
        }
        let result = auth.sign_out_others().await;
        self.collect(&result);
        match result {
            SignOutOthersResult::Complete(_) => {}
            SignOutOthersResult::Partial(partial) => {
                for (session, error) in partial.errors() {
                    self.collect(session);
                    self.collect_error(error);
                }
                self.fake.heal();
                self.collect(&auth.retry_others(&partial).await);
            }
            SignOutOthersResult::Failed(failed) => self.collect_error(&failed.error),
        }
    }

    /// Searches everything that was collected in this scene for its secrets. Returns it, so that the caller can check that it is
    /// not empty.
    fn search(mut self, under: &str) -> String {
        self.told.push_str(&distinct_lines(&log().text()[self.begin..]));
        let mut secrets = self.fake.issued_tokens();
        let stored = [CLIENT_SECRET, SECRET_ACCESS_KEY, SESSION_TOKEN, DEVICE_PASSWORD];
        secrets.extend(stored.into_iter().chain([IP_ADDRESS, CITY]).map(Secret::from));
        for request in self.fake.requests() {
            self.told.push_str(&format!("{} {request:?}\n", request.path()));
            let hash = request.body().pointer("/AuthParameters/SECRET_HASH");
            secrets.extend(hash.and_then(|hash| hash.as_str()).map(Secret::from));
            secrets.extend(request.header("authorization").map(Secret::from));
        }
        self.fake.assert_no_token_in_urls();
        let leaked = leak(&self.told, &secrets);
        assert_eq!(leaked, None, "{under}: in {}", line_of(&self.told, leaked));
        self.told
    }
}

/// Most lines of a log repeat. Short lines are kept: they may be parts of one long list.
fn distinct_lines(log: &str) -> String {
    let mut seen = HashSet::new();
    let lines = log.split_inclusive('\n');
    lines
        .filter(|line| line.len() < 2 * LEAK || seen.insert(*line))
        .collect()
}

fn line_of<'a>(text: &'a str, piece: Option<&str>) -> &'a str {
    let mut lines = text.lines();
    lines
        .find(|line| piece.is_some_and(|piece| line.contains(piece)))
        .unwrap_or_default()
}

/// The clock is paused, so a hang takes no time.
#[tokio::test(start_paused = true)]
async fn no_secret_is_in_any_log_error_event_or_url_for_any_fault() {
    log();
    let asked = [
        Operation::InitiateAuth,
        Operation::GetTokensFromRefreshToken,
        Operation::GetUser,
        Operation::GlobalSignOut,
        Operation::RevokeToken,
    ];
    let mut all = String::new();
    for (number, fault) in Fault::all().into_iter().enumerate() {
        let rotation = number % 2 == 1;
        let pool = FakeCognito::builder();
        let mut scene = Scene::new(if rotation { pool.rotation(Duration::ZERO) } else { pool }).await;
        for operation in asked {
            scene.fake.on(operation).always(fault.clone());
        }
        scene.drive(rotation).await;
        for operation in [asked[usize::from(rotation)], asked[2], asked[3], asked[4]] {
            assert!(scene.fake.count(operation) > 0, "{operation:?} did not meet {fault:?}");
        }
        all += &scene.search(&format!("{fault:?}"));
    }
    for tls in Tls::FAULTS.into_iter().chain([Tls::Trusted]) {
        let mut scene = Scene::new(FakeCognito::builder().tls(tls)).await;
        scene.drive(false).await;
        all += &scene.search(&format!("{tls:?}"));
    }

    // Each source was really collected.
    for source in [
        "reqwest::connect",
        "hyper_util::client",
        "rustls::client",
        "cognito_signout::sign_out::driver",
        "RevocationSettled",
        "SessionExpired",
        "<redacted>",
        "untrusted_server",
        "timed_out",
        "network_unavailable",
        "unexpected_response",
        "service_unavailable",
        "throttled",
        "client_rejected",
        "NotAuthorizedException",
    ] {
        assert!(all.contains(source), "nothing was collected from {source}");
    }
}

/// The same for a revocation at the pool's domain.
#[tokio::test(start_paused = true)]
async fn a_revocation_at_the_pools_domain_shows_no_secret_for_any_fault() {
    log();
    let mut all = String::new();
    for fault in Fault::all() {
        let mut scene = Scene::new(FakeCognito::builder()).await;
        scene.route = RevocationRoute::PoolDomain;
        scene.fake.on(Operation::OAuth2Revoke).always(fault.clone());
        scene.drive(false).await;
        assert!(scene.fake.count(Operation::OAuth2Revoke) > 0, "not met: {fault:?}");
        assert_eq!(scene.fake.count(Operation::RevokeToken), 0);
        all += &scene.search(&format!("{fault:?}"));
    }
    for source in [
        "client_rejected",
        "revocation_disabled",
        "refused",
        "unexpected_response",
        "/oauth2/revoke",
    ] {
        assert!(all.contains(source), "nothing was collected from {source}");
    }
}

/// The same for the user's sessions, also for the places and IP addresses in their list.
#[tokio::test(start_paused = true)]
async fn the_users_sessions_show_no_secret_and_no_place_for_any_fault() {
    log();
    let mut all = String::new();
    for operation in [Operation::ListUserSessions, Operation::RevokeUserSession] {
        for fault in Fault::all() {
            let mut scene = Scene::new(FakeCognito::builder().session_tracking()).await;
            scene.drive_sessions(operation, fault.clone()).await;
            assert!(scene.fake.count(operation) > 0, "{operation:?} did not meet {fault:?}");
            all += &scene.search(&format!("{operation:?}, {fault:?}"));
        }
    }
    for source in [
        "UserSession",
        "EndedSession",
        "session_tracking_off",
        "SessionNotFound",
        "throttled",
        "unexpected_response",
        "network_unavailable",
    ] {
        assert!(all.contains(source), "nothing was collected from {source}");
    }
}

#[test]
fn a_leak_would_be_seen() {
    let token = Secret::new("a-token-of-this-test.which-nobody-issued.and-nobody-else-looks-for");
    let secrets = [token.clone(), Secret::new("another secret that is nowhere")];
    let part = &token.reveal()[10..30];
    assert_eq!(leak(&format!("a token: {token} {token:?}"), &secrets), None);
    assert!(leak(&format!("a token: {}", token.reveal()), &secrets).is_some());
    assert!(leak(&format!(r#"Body(Once(Some(b"{{\"Token\":\"{part}\"}}")))"#), &secrets).is_some());
    assert!(leak(&format!("https://example.com/?token={part}&more"), &secrets).is_some());
    assert!(leak(&format!("Body({:?})", part.as_bytes()), &secrets).is_some());
    assert!(leak(&format!("Body({:#?})", part.as_bytes()), &secrets).is_some());

    // Both logging crates write into the log that is searched.
    log();
    tracing::trace!(token = token.reveal(), "by tracing");
    ::log::trace!("by log: {part}");
    let text = log().text().clone();
    let line = |way: &str| text.lines().find(|line| line.contains(way)).unwrap_or_default();
    assert!(leak(line("by tracing"), &secrets).is_some());
    assert!(leak(line("by log"), &secrets).is_some());
}
