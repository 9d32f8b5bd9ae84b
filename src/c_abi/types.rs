//! What crosses besides JSON. cbindgen reads the comments too: they are written for a reader of the header.

use std::ffi::c_char;

/// The version of this interface. It changes with a change that older code would notice.
pub const CS_ABI_VERSION: u32 = 1;

/// A handle: the session of one app client. 0 means no handle. It is a number, not an address, and is never used twice: a handle that
/// was freed is recognised.
pub type Handle = usize;

/// What a message to the callback is. There may be more kinds in a later version: free the string of one that you do not know.
#[repr(u32)]
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The answer to a call. `id` is the one that you gave to `cs_auth_call`.
    Answer = 1,
    /// A question: an HTTPS request to send.
    Http = 2,
    /// A question: a use of your own vault. It is never taken back: only your answer says what the storage holds now, and the next use
    /// of the record waits for it.
    Vault = 3,
    /// A question: a page to show in the user's browser.
    Browser = 4,
    /// A question: one of your own steps of a sign-out, to be carried out now.
    AppStep = 5,
    /// An event, for the call `subscribe` with this `id`.
    Event = 6,
    /// The session's state, for the call `subscribe` with this `id`.
    State = 7,
}

/// What a function returns.
#[repr(u32)]
#[non_exhaustive]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// Done.
    Ok = 0,
    /// There is no such handle: it was freed, or never made.
    UnknownHandle = 1,
    /// No such question is open: it was answered, taken back, or never asked.
    UnknownQuestion = 2,
    /// The answer is null, is not UTF-8 or not JSON, or is not what the question needs. The question stays open.
    BadAnswer = 3,
    /// A call with this id has not been answered yet. This one is not made.
    IdInUse = 4,
    /// A bug of the library. Please report it.
    Panicked = 5,
}

/// How the library speaks to you. `context` is the number that you gave to `cs_auth_new`.
///
/// The string is yours: give it back by `cs_string_free`, at once or later. It is null where a question is taken back: stop the work for
/// it, and do not answer it any more.
///
/// It is called on threads of the library, one call at a time for each handle, and never from inside a function that you call. It may
/// call every function here. It may block, but then it delays everything else that this handle has to say. No exception may leave it.
pub type Callback = Option<unsafe extern "C" fn(context: u64, kind: Kind, id: u64, json: *mut c_char)>;
