//! An app that uses the C ABI: one handle, its calls, and what its callback gets.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::c_char;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::library::{kind, library, status};
use crate::schema;

/// What an app does with what it hears, besides answers to its calls.
pub(crate) trait Host: Send + Sync + 'static {
    /// Null takes a question back.
    fn hears(&self, app: &Arc<App>, kind: u32, id: u64, message: Option<Value>);
}

pub(crate) struct App {
    pub(crate) handle: OnceLock<usize>,
    host: Box<dyn Host>,
    context: u64,
    raw: bool,
    next: AtomicU64,
    waiting: Mutex<HashMap<u64, (String, oneshot::Sender<Value>)>>,
    /// What must not be.
    pub(crate) wrong: Mutex<Vec<String>>,
    /// How often the callback was called.
    pub(crate) heard: AtomicU64,
}

/// What the apps of this process have sent: their settings, and of each method the longest call.
#[derive(Default)]
pub(crate) struct Sent {
    pub(crate) settings: BTreeSet<String>,
    pub(crate) calls: BTreeMap<String, String>,
}

pub(crate) fn sent() -> &'static Mutex<Sent> {
    static SENT: OnceLock<Mutex<Sent>> = OnceLock::new();
    SENT.get_or_init(Mutex::default)
}

type Apps = Mutex<HashMap<u64, Arc<App>>>;

fn apps() -> &'static Apps {
    static APPS: OnceLock<Apps> = OnceLock::new();
    APPS.get_or_init(Apps::default)
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A panic here would end the process.
unsafe extern "C" fn heard(context: u64, kind: u32, id: u64, json: *mut c_char) {
    // SAFETY: the library gives the string to its callback.
    let text = unsafe { library().take(json) };
    let Some(app) = lock(apps()).get(&context).cloned() else {
        eprintln!("a callback of a handle that was freed");
        std::process::abort();
    };
    app.heard.fetch_add(1, Ordering::SeqCst);
    app.hears(
        kind,
        id,
        text.map(|text| serde_json::from_str(&text).unwrap_or(Value::Null)),
    );
}

/// The schema's form for a question, an event or a state.
pub(crate) fn form(kind: u32) -> &'static str {
    match kind {
        kind::HTTP => "http",
        kind::VAULT => "vault",
        kind::BROWSER => "browser",
        kind::APP_STEP => "app_step",
        kind::EVENT => "event",
        _ => "state",
    }
}

impl App {
    pub(crate) fn new(settings: &Value, host: impl Host) -> Result<Arc<Self>, Value> {
        schema::check("settings", settings).unwrap();
        lock(sent()).settings.insert(settings.to_string());
        Self::make(settings, host, false)
    }

    /// Its host gets answers too, and as they are.
    pub(crate) fn raw(settings: &Value, host: impl Host) -> Arc<Self> {
        Self::make(settings, host, true).unwrap()
    }

    /// A callback that must not be called.
    pub(crate) fn nobody() -> crate::library::Callback {
        heard
    }

    fn make(settings: &Value, host: impl Host, raw: bool) -> Result<Arc<Self>, Value> {
        static CONTEXT: AtomicU64 = AtomicU64::new(1);
        let context = CONTEXT.fetch_add(1, Ordering::Relaxed);
        let app = Arc::new(Self {
            handle: OnceLock::new(),
            host: Box::new(host),
            context,
            raw,
            next: AtomicU64::new(1),
            waiting: Mutex::default(),
            wrong: Mutex::default(),
            heard: AtomicU64::new(0),
        });
        lock(apps()).insert(context, Arc::clone(&app));
        let handle = library()
            .make(Some(&settings.to_string()), Some(heard), context)
            .map_err(|error| {
                let error: Value = serde_json::from_str(&error).unwrap();
                schema::check("error", &error).unwrap();
                error["error"].clone()
            })?;
        app.handle.set(handle).unwrap();
        Ok(app)
    }

    pub(crate) fn handle(&self) -> usize {
        // The library may speak before `cs_auth_new` has returned its number to us.
        *self.handle.wait()
    }

    fn hears(self: &Arc<Self>, kind: u32, id: u64, message: Option<Value>) {
        if self.raw {
            return self.host.hears(self, kind, id, message);
        }
        if kind != kind::ANSWER {
            if let Some(message) = &message {
                self.must(schema::check(form(kind), message));
            }
            return self.host.hears(self, kind, id, message);
        }
        let (waiting, message) = (lock(&self.waiting).remove(&id), message.unwrap_or_default());
        match waiting {
            None => self.must(Err(format!("an answer that nobody waits for: {id}"))),
            Some((method, sender)) => {
                self.must(schema::check("answer", &message));
                if let Some(value) = message.get("ok") {
                    self.must(schema::check(&format!("ok.{method}"), value));
                }
                drop(sender.send(message));
            }
        }
    }

    fn must(&self, outcome: Result<(), String>) {
        if let Err(wrong) = outcome {
            eprintln!("{wrong}");
            lock(&self.wrong).push(wrong);
        }
    }

    /// Begins a call. Returns its number, and where its answer comes.
    pub(crate) fn begin(&self, method: &str, args: Value) -> (u64, oneshot::Receiver<Value>) {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let call = json!({ "method": method, "args": args });
        self.must(schema::check("call", &call));
        let text = call.to_string();
        let longest = &mut lock(sent()).calls;
        if longest.get(method).is_none_or(|known| known.len() < text.len()) {
            longest.insert(method.to_owned(), text.clone());
        }
        let (sender, answer) = oneshot::channel();
        lock(&self.waiting).insert(id, (method.to_owned(), sender));
        assert_eq!(library().call(self.handle(), id, Some(&text)), status::OK);
        (id, answer)
    }

    /// A call, to its answer: the value, or the error.
    pub(crate) async fn call(&self, method: &str, args: Value) -> Result<Value, Value> {
        answered(self.begin(method, args).1).await
    }

    /// Answers a question. What the schema does not know is refused, and the question stays open.
    pub(crate) fn answer(&self, kind: u32, question: u64, answer: &Value) -> u32 {
        let form = format!("{}_answer", form(kind));
        self.must(schema::check(&form, answer));
        for spoiled in schema::spoiled(&form, answer) {
            let status = library().answer(self.handle(), question, Some(&spoiled.to_string()));
            if status == status::OK {
                self.must(Err(format!("taken: {spoiled}")));
            }
        }
        library().answer(self.handle(), question, Some(&answer.to_string()))
    }

    /// Frees the handle. From then on, its callback ends the test.
    pub(crate) fn free(&self) {
        assert_eq!(library().free(self.handle()), status::OK);
        lock(apps()).remove(&self.context);
        let wrong = lock(&self.wrong);
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

pub(crate) async fn answered(answer: oneshot::Receiver<Value>) -> Result<Value, Value> {
    let answer = answer.await.expect("no answer");
    match answer.get("ok") {
        Some(value) => Ok(value.clone()),
        None => Err(answer["error"].clone()),
    }
}
