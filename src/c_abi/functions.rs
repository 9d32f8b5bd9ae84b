//! The functions. cbindgen reads the comments too: they are written for a reader of the header.
#![allow(unsafe_code, reason = "it is what a C ABI is made of")]

use std::ffi::c_char;
use std::sync::Arc;

use super::calls;
use super::guard::guarded;
use super::handles::{self, Entry};
use super::host::Host;
use super::settings;
use super::text::{self, leave};
use super::types::{CS_ABI_VERSION, Callback, Handle, Kind, Status};
use super::values::failed;
use crate::error::ErrorCode;
use crate::ffi::runtime::runtime;
use crate::ffi::{Auth, AuthError};
use crate::json::Wiped;
use crate::lock::lock;
use crate::{StepError, task};

/// The version of this interface. Compare it with `CS_ABI_VERSION` before anything else, if you load the library at run time.
#[unsafe(no_mangle)]
pub extern "C" fn cs_abi_version() -> u32 {
    CS_ABI_VERSION
}

/// Makes a handle: the session of one app client. It touches neither network nor keychain.
///
/// `settings` is JSON of the form `settings` in messages.schema.json, for example
/// `{"user_pool_id": "eu-central-1_AbCdEf123", "client_id": "…", "vault": {"kind": "keychain"}}`. It stays yours.
/// Returns 0 if the settings are not valid. Then `*error`, unless `error` is null, is a string of the form `error`, to be given
/// back by `cs_string_free`. Otherwise `*error` is null.
///
/// # Safety
/// `settings` is null or ends with NUL. `callback` can be called from any thread until the handle is freed. `error` is null or can
/// be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_auth_new(
    settings: *const c_char,
    callback: Callback,
    context: u64,
    error: *mut *mut c_char,
) -> Handle {
    guarded(0, || {
        // SAFETY: the caller promises that `error` can be written.
        unsafe { leave(None, error) };
        let bug = interrupted("a bug of the library: please report it");
        let made = guarded(Err(bug), || {
            // SAFETY: the caller promises it.
            let settings = unsafe { text::read(settings) };
            make(settings, callback, context)
        });
        made.unwrap_or_else(|wrong| {
            // SAFETY: as above.
            unsafe { leave(Some(failed(wrong)), error) };
            0
        })
    })
}

fn make(settings: Result<Wiped, &'static str>, callback: Callback, context: u64) -> Result<usize, AuthError> {
    let wrong = |detail: String| StepError::new(ErrorCode::InvalidInput, detail);
    let mut settings = settings.map_err(|why| wrong(format!("the settings: {why}")))?;
    let callback = callback.ok_or_else(|| wrong("callback: it is null".into()))?;
    let handle = handles::next();
    let host = Host::new(handle, callback, context, runtime()?);
    let (config, ports) = settings::read(settings.0.take(), &host)?;
    let auth = Auth::new(Arc::clone(&config), ports)?;
    handles::add(handle, Entry { auth, config, host });
    Ok(handle)
}

/// Begins a call, for example `{"method": "sign_out", "args": {"global": true}}`: the form `call` in messages.schema.json. `call`
/// stays yours. The function returns at once. The callback gets the answer with the kind `CS_KIND_ANSWER` and this `id`: once,
/// also if the call cannot be understood. Choose any `id` that no call is waiting with.
///
/// No answer comes if the function returns something else than `CS_STATUS_OK`, or if the handle is freed before.
///
/// # Safety
/// `call` is null or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_auth_call(auth: Handle, id: u64, call: *const c_char) -> Status {
    guarded(Status::Panicked, || {
        let Some(entry) = handles::find(auth) else {
            return Status::UnknownHandle;
        };
        // SAFETY: the caller promises it.
        let call = unsafe { text::read(call) };
        begin(entry, id, call)
    })
}

fn begin(entry: Entry, id: u64, call: Result<Wiped, &'static str>) -> Status {
    let host = Arc::clone(&entry.host);
    let cancelled = host.freed.child_token();
    let mut calls = lock(&host.calls);
    if calls.contains_key(&id) {
        return Status::IdInUse;
    }
    calls.insert(id, cancelled.clone());
    drop(calls);
    let runtime = host.runtime.clone();
    let work = task::spawn(&runtime, async move {
        tokio::select! {
            answer = calls::carry_out(&entry, id, call) => answer,
            () = cancelled.cancelled() => failed(interrupted("the call was cancelled")),
        }
    });
    task::spawn(&runtime, async move {
        let lost = |_| failed(interrupted("the task that ran the call was lost"));
        let answer = work.await.unwrap_or_else(lost);
        let runtime = host.runtime.clone();
        task::spawn_blocking(&runtime, move || {
            lock(&host.calls).remove(&id);
            host.tell(Kind::Answer, id, Some(answer));
        });
    });
    Status::Ok
}

fn interrupted(why: &str) -> AuthError {
    AuthError::Runtime {
        problem: StepError::new(ErrorCode::Interrupted, why).into(),
    }
}

/// Answers a question, which came to the callback with the id `question`. The forms are `http_answer`, `vault_answer`,
/// `browser_answer` and `app_step_answer` in messages.schema.json. `answer` stays yours. Any thread may answer, at any time, also
/// inside the callback.
///
/// # Safety
/// `answer` is null or ends with NUL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_auth_answer(auth: Handle, question: u64, answer: *const c_char) -> Status {
    guarded(Status::Panicked, || {
        let Some(Entry { host, .. }) = handles::find(auth) else {
            return Status::UnknownHandle;
        };
        // SAFETY: the caller promises it.
        let answer = unsafe { text::read(answer) };
        match answer {
            Ok(answer) => host.answer(question, answer),
            Err(_) if host.is_open(question) => Status::BadAnswer,
            Err(_) => Status::UnknownQuestion,
        }
    })
}

/// Wipes and frees a string that came from the library. Give each string back once. Null is no string, and no error.
///
/// # Safety
/// `string` is null, or came from the library and was not given back before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cs_string_free(string: *mut c_char) {
    guarded((), || {
        // SAFETY: the caller promises it.
        unsafe { text::wipe(string) };
    })
}

/// Frees a handle. After it has returned, the callback is not called any more for this handle: if it is running on another thread, this
/// waits until it returns. So do not hold a lock that your callback takes. The callback itself may also free its handle: then it
/// is the last call.
///
/// A call that was not answered is cut off, and so is every question. A sign-out ends as if the network were gone: what was not
/// revoked stays on record, and the next `resume` or `settle_pending` pays it. So let a sign-out end first.
///
/// A partial result of this handle cannot be retried afterwards, also not by another one. Retry it first.
///
/// Returns `CS_STATUS_UNKNOWN_HANDLE` for a handle that was freed before.
#[unsafe(no_mangle)]
pub extern "C" fn cs_auth_free(auth: Handle) -> Status {
    guarded(Status::Panicked, || match handles::remove(auth) {
        Some(entry) => {
            entry.host.free();
            Status::Ok
        }
        None => Status::UnknownHandle,
    })
}
