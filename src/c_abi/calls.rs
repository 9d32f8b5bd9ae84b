//! The calls, by their names. Each is the facade's call of that name.

use std::sync::Arc;

use serde_json::Value;

use super::arguments::Fields;
use super::handles::Entry;
use super::host::Host;
use super::kept::{self, Kept};
use super::ports::Listener;
use super::questions::{Question, browser_error};
use super::results::{next_page, others, progress, result, resumed, settled};
use super::sessions as session;
use super::values::{failed, failed_as, list, maybe_secret, object, ok, text};
use crate::adopt::Layout;
use crate::error::ErrorCode;
use crate::ffi::{
    AdoptError, AuthError, BrowserAnswer, LoginPage, PartialSignOut, PartialSignOutOthers, SessionScope, SignOutOptions,
};
use crate::json::Wiped;
use crate::lock::lock;
use crate::{Secret, StepError, WebPolicy, ffi};

impl From<StepError> for AuthError {
    fn from(error: StepError) -> Self {
        Self::InvalidInput { problem: error.into() }
    }
}

/// What a call ends with, besides its value.
enum Failed {
    Auth(AuthError),
    Adopt(AdoptError),
}

impl<E: Into<AuthError>> From<E> for Failed {
    fn from(error: E) -> Self {
        Self::Auth(error.into())
    }
}

/// Carries out a call, as `{"method": "sign_out", "args": {"global": true}}`. `id` is the host's number of it.
pub(super) async fn carry_out(entry: &Entry, id: u64, call: Result<Wiped, &'static str>) -> Wiped {
    let begun = async {
        let mut call = call.map_err(|why| StepError::new(ErrorCode::InvalidInput, format!("the call: {why}")))?;
        let mut call = Fields::of(call.0.take(), "")?;
        let method = call.text("method")?;
        let args = Fields::of(call.any("args"), "args")?;
        call.end()?;
        by_name(entry, id, &method, args).await
    };
    match begun.await {
        Ok(value) => ok(value),
        Err(Failed::Auth(error)) => failed(error),
        Err(Failed::Adopt(error)) => no_session(error),
    }
}

async fn by_name(entry: &Entry, id: u64, method: &str, mut args: Fields) -> Result<Value, Failed> {
    let Entry { auth, config, host } = entry;
    Ok(match method {
        "sign_out" => result(host, auth.sign_out(options(args)?).await),
        "begin_sign_out" => progress(host, auth.begin_sign_out(options(args)?).await),
        "finish_sign_out" => progress(host, auth.finish_sign_out(browser_answer(args)?).await),
        "retry" => result(host, auth.retry(partial(args)?).await),
        "begin_retry" => progress(host, auth.begin_retry(partial(args)?).await),
        "retry_others" => others(host, auth.retry_others(others_left(args)?).await),
        "partial_tokens" => partial_tokens(args)?,
        "release" => {
            kept::release(one_id(args, "partial")?);
            Value::Null
        }
        "store_session" => {
            let tokens = session::read_tokens(&mut args)?;
            let with = session::read_with(&mut args)?;
            args.end()?;
            auth.store_session(tokens, with).await?;
            Value::Null
        }
        "set_identity" => {
            let identity = args.maybe_object("identity")?.map(session::read_identity).transpose()?;
            args.end()?;
            auth.set_identity(identity).await?;
            Value::Null
        }
        "set_device" => {
            let device = args.maybe_object("device")?.map(session::read_device).transpose()?;
            let username = args.text("username")?;
            args.end()?;
            auth.set_device(username, device).await?;
            Value::Null
        }
        "device" => {
            let device = auth.device(one_text(args, "username")?).await?;
            device.map_or(Value::Null, session::device)
        }
        "remote_sign_out" => session::remote_sign_out(auth.remote_sign_out(one_text(args, "message")?).await),
        "classify" => {
            let status = u16::try_from(args.number("status")?).unwrap_or_default();
            let body = args.text("body")?;
            args.end()?;
            text(ffi::classify(status, body).as_str())
        }
        "classify_www_authenticate" => text(ffi::classify_www_authenticate(one_text(args, "header")?).as_str()),
        "end_session" => {
            let (session, linked) = (args.text("id")?, args.flag("linked")?);
            args.end()?;
            auth.end_session(session, linked).await?;
            Value::Null
        }
        "logout_url" => {
            let uri = args.maybe_text("sign_out_uri")?;
            args.end()?;
            Value::String(config.logout_url(uri)?.into())
        }
        "logout_to_login_url" => {
            let page = LoginPage {
                callback_uri: args.maybe_text("callback_uri")?,
                scopes: args.texts("scopes")?,
                state: args.maybe_text("state")?,
            };
            args.end()?;
            Value::String(config.logout_to_login_url(page)?.into())
        }
        "read_session" => {
            let (layout, items, identity_pool_id) = store(args)?;
            let found = config.read_session(layout, items, identity_pool_id);
            session::adopted(found.map_err(Failed::Adopt)?)
        }
        "names_to_forget" => {
            let (layout, items, identity_pool_id) = store(args)?;
            let names = config.names_to_forget(layout, items, identity_pool_id);
            list(names.map_err(Failed::Adopt)?, Value::String)
        }
        "adopt" => {
            let adopted = session::read_adopted(args.object("session")?)?;
            args.end()?;
            session::adoption(auth.adopt(adopted).await)
        }
        "browser_redirected" => {
            let (visit, callback) = (args.id("visit")?, args.text("callback")?);
            args.end()?;
            redirected(host, visit, callback)
        }
        "step_tokens" => step_tokens(host, one_id(args, "step")?)?,
        "subscribe" => {
            let to = one_text(args, "to")?;
            subscribe(entry, id, &to)?
        }
        "unsubscribe" => {
            let subscription = lock(&host.subscriptions).remove(&one_id(args, "subscription")?);
            drop(subscription);
            Value::Null
        }
        "cancel" => {
            let call = lock(&host.calls).get(&one_id(args, "call")?).cloned();
            call.inspect(|call| call.cancel())
                .map_or(Value::Bool(false), |_| Value::Bool(true))
        }
        _ => {
            args.end()?;
            without_arguments(entry, method).await?
        }
    })
}

async fn without_arguments(entry: &Entry, method: &str) -> Result<Value, AuthError> {
    let Entry { auth, config, host } = entry;
    Ok(match method {
        "config" => object(&mut [
            ("user_pool_id", Value::String(config.user_pool_id())),
            ("region", Value::String(config.region())),
            ("client_id", Value::String(config.client_id())),
            ("endpoint", Value::String(config.endpoint().into())),
            ("connect_timeout", Value::from(config.connect_timeout())),
            ("attempt_timeout", Value::from(config.attempt_timeout())),
            ("sign_out_redirects", list(config.sign_out_redirects(), Value::String)),
        ]),
        "session" => session::state(auth.session().await),
        "tokens" => session::tokens(&auth.tokens().await?),
        "refresh" => session::tokens(&auth.refresh().await?),
        "verify" => session::verification(auth.verify().await),
        "identity" => auth.identity().await?.map_or(Value::Null, session::identity),
        "sessions" => list(auth.sessions().await?, session::user_session),
        "sign_out_others" => others(host, auth.sign_out_others().await),
        "resume" => resumed(host, auth.resume().await?),
        "settle_pending" => settled(host, auth.settle_pending().await?),
        "clear_local" => nothing(auth.clear_local().await)?,
        "purge_local" => nothing(auth.purge_local().await)?,
        "refresh_state" => nothing(auth.refresh_state().await)?,
        "ask_to_unlock_keychain" => nothing(ffi::ask_to_unlock_keychain().await)?,
        "session_ended" => {
            let scope = Waiting(auth.session_scope().await?);
            scope.0.ended().await;
            Value::Null
        }
        "live_objects" => Value::from(ffi::live_objects()),
        _ => {
            let unknown = format!("method: there is no `{method}`");
            return Err(StepError::new(ErrorCode::InvalidInput, unknown).into());
        }
    })
}

/// A caller that waits for the end of a session. Dropping it ends the wait.
struct Waiting(Arc<SessionScope>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.leave();
    }
}

fn nothing(done: Result<(), AuthError>) -> Result<Value, AuthError> {
    done.map(|()| Value::Null)
}

fn one_text(mut args: Fields, name: &str) -> Result<String, StepError> {
    let text = args.text(name)?;
    args.end()?;
    Ok(text)
}

fn one_id(mut args: Fields, name: &str) -> Result<u64, StepError> {
    let id = args.id(name)?;
    args.end()?;
    Ok(id)
}

fn options(mut args: Fields) -> Result<SignOutOptions, StepError> {
    let options = SignOutOptions {
        global: args.flag("global")?,
        web: match args.maybe_text("web")?.as_deref() {
            None => None,
            Some("skip") => Some(WebPolicy::Skip),
            Some("by_revocation") => Some(WebPolicy::ByRevocation),
            Some("best_effort") => Some(WebPolicy::BestEffort),
            Some("required") => Some(WebPolicy::Required),
            Some(_) => return Err(args.wrong("web", "skip, by_revocation, best_effort or required")),
        },
        sign_out_uri: args.maybe_text("sign_out_uri")?,
        deadline: args.maybe_number("deadline")?,
        browser_deadline: args.maybe_number("browser_deadline")?,
        reason: args.maybe_text("reason")?,
    };
    args.end()?;
    Ok(options)
}

fn browser_answer(mut args: Fields) -> Result<BrowserAnswer, StepError> {
    let answer = match args.maybe_object("error")? {
        Some(error) => BrowserAnswer::Failed {
            error: browser_error(error)?,
        },
        None => BrowserAnswer::Redirected {
            callback: args.text("callback")?,
        },
    };
    args.end()?;
    Ok(answer)
}

fn released(name: &str) -> StepError {
    let unknown = format!("args.{name}: nothing has this number, or it was released");
    StepError::new(ErrorCode::InvalidInput, unknown)
}

fn partial(args: Fields) -> Result<Arc<PartialSignOut>, StepError> {
    match kept::find(one_id(args, "partial")?) {
        Some(Kept::Partial { partial, .. }) => Ok(partial),
        _ => Err(released("partial")),
    }
}

fn others_left(args: Fields) -> Result<Arc<PartialSignOutOthers>, StepError> {
    match kept::find(one_id(args, "partial")?) {
        Some(Kept::Others(partial)) => Ok(partial),
        _ => Err(released("partial")),
    }
}

fn partial_tokens(args: Fields) -> Result<Value, StepError> {
    match kept::find(one_id(args, "partial")?) {
        Some(Kept::Partial {
            refresh_token,
            access_token,
            ..
        }) => Ok(object(&mut [
            ("refresh_token", maybe_secret(refresh_token.as_ref())),
            ("access_token", maybe_secret(access_token.as_ref())),
        ])),
        _ => Err(released("partial")),
    }
}

fn step_tokens(host: &Host, step: u64) -> Result<Value, StepError> {
    match lock(&host.questions).get(&step).map(|asked| &asked.question) {
        Some(Question::AppStep {
            access_token, id_token, ..
        }) => Ok(object(&mut [
            ("access_token", maybe_secret(access_token.as_ref())),
            ("id_token", maybe_secret(id_token.as_ref())),
        ])),
        _ => Err(released("step")),
    }
}

fn redirected(host: &Host, visit: u64, callback: String) -> Value {
    let completion = match lock(&host.questions).get(&visit).map(|asked| &asked.question) {
        Some(Question::Browser(completion)) => Arc::clone(completion),
        // It was taken back: the sign-out does not wait for the browser any more.
        _ => return next_page(crate::NextPage::Ignored),
    };
    next_page(completion.redirected(callback))
}

fn subscribe(entry: &Entry, id: u64, to: &str) -> Result<Value, StepError> {
    let Entry { auth, host, .. } = entry;
    let listener = Arc::new(Listener {
        host: Arc::clone(host),
        subscription: id,
    });
    let subscription = match to {
        "events" => auth.subscribe(listener, false),
        "states" => auth.subscribe_states(listener, false),
        _ => {
            return Err(StepError::new(
                ErrorCode::InvalidInput,
                "args.to: it must be events or states",
            ));
        }
    };
    let earlier = lock(&host.subscriptions).insert(id, subscription);
    drop(earlier);
    Ok(Value::Null)
}

type Store = (Layout, std::collections::HashMap<String, Secret>, Option<String>);

fn store(mut args: Fields) -> Result<Store, StepError> {
    let name = args.text("layout")?;
    let layout = Layout::ALL.into_iter().find(|layout| layout.as_str() == name);
    let layout = layout.ok_or_else(|| args.wrong("layout", "the name of a layout, such as amplify-flutter"))?;
    let items = args.object("items")?.each();
    let items = items.map(|(name, value)| match value {
        Value::String(value) => Ok((name, Secret::new(value))),
        _ => Err(args.wrong("items", "an object of texts")),
    });
    let items = items.collect::<Result<_, _>>()?;
    let identity_pool_id = args.maybe_text("identity_pool_id")?;
    args.end()?;
    Ok((layout, items, identity_pool_id))
}

fn no_session(error: AdoptError) -> Wiped {
    match error {
        AdoptError::NobodySignedIn { problem } => failed_as("nobody_signed_in", problem),
        AdoptError::Guest { problem } => failed_as("guest", problem),
        AdoptError::Federated { problem } => failed_as("federated", problem),
        AdoptError::OtherConfiguration { problem } => failed_as("other_configuration", problem),
        AdoptError::Missing { problem } => failed_as("missing", problem),
        AdoptError::Invalid { problem } => failed_as("invalid", problem),
    }
}
