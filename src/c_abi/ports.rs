//! The facade's ports, each as a question to the host.

use std::sync::Arc;
use std::sync::mpsc::sync_channel;

use serde_json::Value;

use super::host::Host;
use super::questions::Question;
use super::types::Kind;
use super::values::{self, maybe_text, object, text};
use crate::ffi::{
    AppStepCompletion, AppStepFailure, AppStepRunner, Browser, BrowserCompletion, EventListener, ExchangeCompletion,
    HostError, HttpRequest, HttpTransport, SessionState, StateListener, SystemBrowser, Vault,
};
use crate::json::Wiped;
use crate::task;
use crate::transport::TransportError;
use crate::vault::{VaultError, VaultKey};
use crate::{AuthEvent, BrowserError, LeavingSession, RedirectUri, TokenState};
use url::Url;

/// Takes a question back when `closed` returns: nobody waits for its answer any more.
fn take_back_after(host: Arc<Host>, id: u64, closed: impl Future<Output = ()> + Send + 'static) {
    let runtime = host.runtime.clone();
    task::spawn(&runtime, async move {
        tokio::select! {
            () = closed => {}
            // Then the question is gone too.
            () = host.freed.cancelled() => return,
        }
        let runtime = host.runtime.clone();
        task::spawn_blocking(&runtime, move || host.take_back(id));
    });
}

pub(super) struct HostTransport(pub(super) Arc<Host>);

impl HttpTransport for HostTransport {
    fn start(&self, request: Arc<HttpRequest>, completion: Arc<ExchangeCompletion>) -> Result<(), TransportError> {
        let headers = values::list(request.headers(), |header| {
            Value::Array(vec![Value::String(header.name), Value::String(header.value)])
        });
        let body = str::from_utf8(request.body()).map_err(|_| TransportError::Other("the body is not text".into()))?;
        let question = Wiped(object(&mut [
            ("method", Value::String(request.verb())),
            ("url", text(request.url().as_str())),
            ("headers", headers),
            ("body", text(body)),
        ]));
        let id = self.0.ask(Question::Http(Arc::clone(&completion)), question);
        take_back_after(Arc::clone(&self.0), id, async move { completion.closed().await });
        Ok(())
    }
}

pub(super) struct HostVault {
    pub(super) host: Arc<Host>,
    /// Whether others share the storage.
    pub(super) locks: bool,
}

impl HostVault {
    fn ask(
        &self,
        what: &str,
        key: VaultKey,
        record: Option<Vec<u8>>,
        patience: Option<u64>,
    ) -> Result<Option<String>, VaultError> {
        let record = record.map(String::from_utf8).transpose();
        let record = record.map_err(|_| VaultError::Other("the record is not text".into()))?;
        let (sender, answer) = sync_channel(1);
        let mut fields = vec![
            ("do", text(what)),
            ("user_pool_id", Value::String(key.user_pool_id)),
            ("client_id", Value::String(key.client_id)),
        ];
        fields.extend(record.map(|record| ("record", Value::String(record))));
        fields.extend(patience.map(|millis| ("patience", Value::from(millis))));
        self.host.ask(Question::Vault(sender), Wiped(object(&mut fields)));
        let freed = |_| Err(VaultError::Other("the app has freed the handle".into()));
        answer.recv().unwrap_or_else(freed)
    }
}

impl Vault for HostVault {
    fn read(&self, key: VaultKey) -> Result<Option<Vec<u8>>, VaultError> {
        Ok(self.ask("read", key, None, None)?.map(String::into_bytes))
    }

    fn write(&self, key: VaultKey, record: Vec<u8>) -> Result<(), VaultError> {
        self.ask("write", key, Some(record), None).map(drop)
    }

    fn delete(&self, key: VaultKey) -> Result<(), VaultError> {
        self.ask("delete", key, None, None).map(drop)
    }

    fn lock(&self, key: VaultKey, patience: u64) -> Result<(), VaultError> {
        match self.locks {
            true => self.ask("lock", key, None, Some(patience)).map(drop),
            false => Ok(()),
        }
    }

    fn unlock(&self, key: VaultKey) -> Result<(), VaultError> {
        match self.locks {
            true => self.ask("unlock", key, None, None).map(drop),
            false => Ok(()),
        }
    }
}

pub(super) struct HostBrowser(pub(super) Arc<Host>);

impl Browser for HostBrowser {
    fn show(&self, url: Url, redirect: RedirectUri, completion: Arc<BrowserCompletion>) -> Result<(), BrowserError> {
        let question = Wiped(object(&mut [
            ("url", text(url.as_str())),
            ("redirect", Value::String(redirect.to_string())),
        ]));
        let id = self.0.ask(Question::Browser(Arc::clone(&completion)), question);
        take_back_after(Arc::clone(&self.0), id, async move { completion.closed().await });
        Ok(())
    }
}

/// The library's own browser for desktops.
pub(super) struct OwnBrowser(pub(super) Arc<SystemBrowser>);

impl Browser for OwnBrowser {
    fn show(&self, url: Url, redirect: RedirectUri, completion: Arc<BrowserCompletion>) -> Result<(), BrowserError> {
        self.0.show(url.into(), redirect.to_string(), completion);
        Ok(())
    }
}

/// One of the app's own steps.
pub(super) struct Step {
    pub(super) host: Arc<Host>,
    pub(super) name: String,
}

impl AppStepRunner for Step {
    fn start(&self, session: LeavingSession, completion: Arc<AppStepCompletion>) -> Result<(), AppStepFailure> {
        let state = match session.token_state {
            TokenState::Lives => "lives",
            TokenState::MayHaveDied => "may_have_died",
            TokenState::HasDied => "has_died",
        };
        let has_tokens = session.access_token.is_some();
        let question = Wiped(object(&mut [
            ("name", text(&self.name)),
            ("sub", maybe_text(session.sub)),
            ("username", maybe_text(session.username)),
            ("has_tokens", Value::Bool(has_tokens)),
            ("token_state", text(state)),
            ("again", Value::Bool(session.again)),
            ("signed_in_since", Value::Bool(session.signed_in_since)),
        ]));
        let asked = Question::AppStep {
            completion: Arc::clone(&completion),
            access_token: session.access_token,
            id_token: session.id_token,
        };
        let id = self.host.ask(asked, question);
        take_back_after(Arc::clone(&self.host), id, async move { completion.closed().await });
        Ok(())
    }
}

/// Events or states, for one subscription of the host.
pub(super) struct Listener {
    pub(super) host: Arc<Host>,
    pub(super) subscription: u64,
}

impl EventListener for Listener {
    fn on_event(&self, event: AuthEvent) -> Result<(), HostError> {
        let event = Wiped(values::event(event));
        self.host.tell(Kind::Event, self.subscription, Some(event));
        Ok(())
    }

    /// The handle holds its `Auth`: there is no end before it is freed.
    fn on_end(&self) -> Result<(), HostError> {
        Ok(())
    }
}

impl StateListener for Listener {
    fn on_state(&self, state: SessionState) -> Result<(), HostError> {
        let state = Wiped(super::sessions::state(state));
        self.host.tell(Kind::State, self.subscription, Some(state));
        Ok(())
    }

    fn on_end(&self) -> Result<(), HostError> {
        Ok(())
    }
}
