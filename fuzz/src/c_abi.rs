//! What a host sends to the C ABI: settings, calls, and answers to the library's questions.
#![allow(unsafe_code, reason = "it calls the functions as C does")]

use std::collections::{BTreeMap, VecDeque};
use std::ffi::{CStr, CString, c_char};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cognito_signout::c_abi::{
    Handle, Kind, Status, cs_auth_answer, cs_auth_call, cs_auth_free, cs_auth_new, cs_string_free,
};
use serde_json::Value;

use crate::app::with_tokens;
use crate::text::{MARK, assert_silent, first_line};

/// A call that waits for longer is cancelled: it waits for the end of a session, or to send a request again.
const PATIENCE: Duration = Duration::from_millis(200);
/// Much too long for an answer.
const TOO_LONG: Duration = Duration::from_secs(15);
/// The numbers of the calls that cancel another one begin here.
const CANCELS: u64 = 1 << 32;
/// Stands for a number that the library has given: it counts them for a whole process.
const PARTIAL: &str = "{partial}";

/// Input: the settings in the first line, then `call` with a call, or the kind of a question (`http`, `vault`, `browser`, `app_step`)
/// with the answer to the next question of this kind, each in a line. `{access}` and `{id}` are valid tokens, and `{partial}` is the
/// number of the last partial result.
///
/// Settings are a handle or an error. Each call is answered once. An error repeats no value. Nothing comes after the handle is freed.
pub fn c_abi(data: &[u8]) {
    answers(data);
}

/// The answers to the calls.
fn answers(data: &[u8]) -> Vec<Value> {
    let data = with_tokens(data);
    let text = String::from_utf8_lossy(&data).replace('\0', "");
    let (settings, lines) = first_line(&text);
    let lines: Vec<_> = lines.lines().filter_map(|line| line.split_once(' ')).collect();
    let sent = lines.iter().map(|(_, text)| json(&text.replace(PARTIAL, "0")));
    let may_say_the_mark = sent
        .chain([json(settings)])
        .any(|message| is_in_what_is_repeated(&message));
    let Some(mut app) = App::new(settings, may_say_the_mark) else {
        return Vec::new();
    };
    if uses_this_system(&json(settings)) {
        return Vec::new();
    }
    let (calls, answers): (Vec<_>, Vec<_>) = lines.into_iter().partition(|(kind, _)| *kind == "call");
    for (kind, answer) in answers {
        app.answers
            .entry(kind.to_owned())
            .or_default()
            .push_back(answer.to_owned());
    }
    let mut partial = Value::from(0);
    let mut answers = Vec::new();
    for (id, (_, call)) in (1..).zip(calls) {
        let call = call.replace(PARTIAL, &partial.to_string());
        // It opens a prompt on a desktop.
        if json(&call)["method"] == "ask_to_unlock_keychain" {
            continue;
        }
        let answer = app.call(id, &call);
        if let Some(number) = answer.pointer("/ok/partial").filter(|number| number.is_u64()) {
            partial = number.clone();
        }
        answers.push(answer);
    }
    answers
}

/// Null for a text that is no JSON.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// The system's own keychain and browser are not for inputs that anything has made.
fn uses_this_system(settings: &Value) -> bool {
    settings["vault"]["kind"] == "keychain" || settings["browser"]["kind"] == "system"
}

/// Whether the mark is in a name, or in a text that an error repeats on purpose: a method's or a step's name, and what the host says
/// of its own errors.
fn is_in_what_is_repeated(message: &Value) -> bool {
    let has_mark = |value: &Value| value.as_str().is_some_and(|text| text.contains(MARK));
    match message {
        Value::Array(items) => items.iter().any(is_in_what_is_repeated),
        Value::Object(fields) => fields.iter().any(|(name, value)| {
            let is_repeated = ["method", "name", "detail"].contains(&name.as_str());
            name.contains(MARK) || (is_repeated && has_mark(value)) || is_in_what_is_repeated(value)
        }),
        _ => false,
    }
}

/// What a callback gets.
struct Heard {
    kind: Kind,
    id: u64,
    json: Option<String>,
}

/// Who hears the callbacks, by their context.
fn listeners() -> MutexGuard<'static, BTreeMap<u64, Sender<Heard>>> {
    static LISTENERS: Mutex<BTreeMap<u64, Sender<Heard>>> = Mutex::new(BTreeMap::new());
    LISTENERS.lock().unwrap_or_else(PoisonError::into_inner)
}

unsafe extern "C" fn hear(context: u64, kind: Kind, id: u64, json: *mut c_char) {
    // SAFETY: the library gives the string to its callback.
    let json = unsafe { take(json) };
    let Some(listener) = listeners().get(&context).cloned() else {
        eprintln!("a callback of a handle that was freed");
        std::process::abort();
    };
    drop(listener.send(Heard { kind, id, json }));
}

/// Copies a string of the library, and gives it back.
///
/// # Safety
/// Null, or a string of the library that was not given back.
unsafe fn take(json: *mut c_char) -> Option<String> {
    if json.is_null() {
        return None;
    }
    // SAFETY: the caller promises it.
    let text = unsafe { CStr::from_ptr(json) }.to_str().expect("UTF-8").to_owned();
    // SAFETY: as above.
    unsafe { cs_string_free(json) };
    Some(text)
}

fn c_text(text: &str) -> CString {
    CString::new(text).expect("no NUL")
}

struct App {
    handle: Handle,
    context: u64,
    heard: Receiver<Heard>,
    /// What is left to answer, by the kind of the question.
    answers: BTreeMap<String, VecDeque<String>>,
    may_say_the_mark: bool,
}

impl App {
    fn new(settings: &str, may_say_the_mark: bool) -> Option<Self> {
        static CONTEXT: AtomicU64 = AtomicU64::new(1);
        let context = CONTEXT.fetch_add(1, Ordering::Relaxed);
        let (sender, heard) = channel();
        listeners().insert(context, sender);
        let mut app = Self {
            handle: 0,
            context,
            heard,
            answers: BTreeMap::new(),
            may_say_the_mark,
        };
        let (settings, mut error) = (c_text(settings), null_mut());
        // SAFETY: the settings end with NUL, `error` can be written, and the callback is there for ever.
        app.handle = unsafe { cs_auth_new(settings.as_ptr(), Some(hear), context, &raw mut error) };
        // SAFETY: null, or a string of the library.
        match unsafe { take(error) } {
            None => {
                assert_ne!(app.handle, 0, "no handle, and no error");
                Some(app)
            }
            Some(error) => {
                assert_eq!(app.handle, 0, "a handle, and an error: {error}");
                let error = app.read(&error);
                assert!(
                    error["error"]["case"].is_string() && error["error"]["code"] != "interrupted",
                    "{error}"
                );
                None
            }
        }
    }

    /// A message of the library. Its errors say nothing that they were given.
    fn read(&self, message: &str) -> Value {
        fn details<'a>(message: &'a Value, found: &mut Vec<&'a Value>) {
            match message {
                Value::Array(items) => items.iter().for_each(|item| details(item, found)),
                Value::Object(fields) => {
                    found.extend(["detail", "recovery"].iter().filter_map(|name| fields.get(*name)));
                    fields.values().for_each(|value| details(value, found));
                }
                _ => {}
            }
        }
        let message: Value = serde_json::from_str(message).expect("a message is JSON");
        if !self.may_say_the_mark {
            let mut found = Vec::new();
            details(&message, &mut found);
            found.into_iter().for_each(assert_silent);
        }
        message
    }

    /// Makes a call, and answers questions until it is answered.
    fn call(&mut self, id: u64, call: &str) -> Value {
        let is_cut_off = |answer: &Value| answer["error"]["code"] == "interrupted";
        self.begin(id, call);
        let mut cancelled = json(call)["method"] == "cancel";
        loop {
            let Ok(heard) = self.heard.recv_timeout(if cancelled { TOO_LONG } else { PATIENCE }) else {
                assert!(!cancelled, "no answer to {call}");
                cancelled = true;
                self.begin(
                    CANCELS + id,
                    &format!("{{\"method\":\"cancel\",\"args\":{{\"call\":{id}}}}}"),
                );
                continue;
            };
            let message = heard.json.as_deref().map(|message| self.read(message));
            match (heard.kind, message) {
                (Kind::Answer, Some(answer)) => {
                    let fields = answer.as_object().expect("an answer is an object");
                    assert!(
                        fields.len() == 1 && (fields.contains_key("ok") || fields.contains_key("error")),
                        "{answer}"
                    );
                    if heard.id == id {
                        // Else a task of the library has panicked.
                        assert!(cancelled || !is_cut_off(&answer), "{call}: {answer}");
                        return answer;
                    }
                    assert!(heard.id > CANCELS, "{call} was answered twice: {answer}");
                }
                (Kind::Event | Kind::State, Some(_)) => {}
                (kind, Some(_)) => self.answer(kind, heard.id),
                // The question is taken back.
                (_, None) => {}
            }
        }
    }

    fn begin(&self, id: u64, call: &str) {
        let call = c_text(call);
        // SAFETY: the call ends with NUL.
        assert_eq!(unsafe { cs_auth_call(self.handle, id, call.as_ptr()) }, Status::Ok);
    }

    /// Answers with what the input has for this kind. If it has nothing, or nothing that fits, with the simplest answer.
    fn answer(&mut self, kind: Kind, question: u64) {
        let (name, simplest) = match kind {
            Kind::Http => ("http", r#"{"error":{"case":"other"}}"#),
            Kind::Vault => ("vault", r#"{"ok":null}"#),
            Kind::Browser => ("browser", r#"{"error":{"case":"cancelled"}}"#),
            _ => ("app_step", r#"{"ok":null}"#),
        };
        let answer = |answer: &str| {
            let answer = c_text(answer);
            // SAFETY: the answer ends with NUL.
            let status = unsafe { cs_auth_answer(self.handle, question, answer.as_ptr()) };
            assert!(
                matches!(status, Status::Ok | Status::UnknownQuestion | Status::BadAnswer),
                "{status:?}"
            );
            status != Status::BadAnswer
        };
        let next = self.answers.get_mut(name).and_then(VecDeque::pop_front);
        if !next.is_some_and(|next| answer(&next)) {
            assert!(answer(simplest), "{simplest} is no answer");
        }
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if self.handle != 0 {
            assert_eq!(cs_auth_free(self.handle), Status::Ok);
        }
        listeners().remove(&self.context);
    }
}

/// So the corpus reaches what lies behind the readers.
#[test]
fn the_seeds_with_a_sign_out_end_as_they_should() {
    let results = |seed: &[u8]| -> Vec<_> {
        let answers = answers(seed);
        let results = answers.iter().filter_map(|answer| answer["ok"]["result"].as_str());
        results.map(ToOwned::to_owned).collect()
    };
    assert_eq!(results(include_bytes!("../corpus/c_abi/sign-out")), ["complete"]);
    assert_eq!(
        results(include_bytes!("../corpus/c_abi/partial-and-retry")),
        ["partial", "complete"]
    );
}
