//! Strings that cross: JSON that ends with NUL. They can contain tokens, so ours are wiped.
#![allow(unsafe_code, reason = "a C string is a pointer")]

use std::ffi::{CStr, CString, c_char};
use std::ptr;

use zeroize::Zeroize;

use crate::json::{Wiped, to_wiped_json};

/// The host's string as JSON. The error says what it is instead, and repeats nothing of it.
///
/// # Safety
/// Null, or a string that ends with NUL and is not changed meanwhile.
pub(super) unsafe fn read(json: *const c_char) -> Result<Wiped, &'static str> {
    if json.is_null() {
        return Err("it is null, and not JSON");
    }
    // SAFETY: the caller promises that it ends with NUL.
    let text = unsafe { CStr::from_ptr(json) };
    let text = text.to_str().map_err(|_| "it is not UTF-8")?;
    Wiped::parse(text).map_err(|_| "it is not JSON")
}

/// A message of the library. Dropping it wipes it.
pub(super) struct Message(CString);

impl Message {
    pub(super) fn new(value: Wiped) -> Option<Self> {
        let mut json = to_wiped_json(&value.0).ok()?;
        // With room for the NUL, so that the bytes need not move. JSON writes a NUL in a text as `\u0000`.
        let mut text = Vec::with_capacity(json.len() + 1);
        text.append(&mut json);
        CString::new(text).ok().map(Self)
    }

    /// For the host, which gives it back by [`wipe`].
    pub(super) fn into_raw(self) -> *mut c_char {
        let mut message = self;
        std::mem::take(&mut message.0).into_raw()
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        std::mem::take(&mut self.0).into_bytes().zeroize();
    }
}

/// Wipes and frees a message that the host gives back.
///
/// # Safety
/// Null, or from [`Message::into_raw`] and not given back before.
pub(super) unsafe fn wipe(json: *mut c_char) {
    if !json.is_null() {
        // SAFETY: the caller promises where it comes from.
        drop(Message(unsafe { CString::from_raw(json) }));
    }
}

/// Leaves `error` where the host wants it. No error is a null.
///
/// # Safety
/// `place` is null or can be written.
pub(super) unsafe fn leave(error: Option<Wiped>, place: *mut *mut c_char) {
    if !place.is_null() {
        let message = error.and_then(Message::new).map_or(ptr::null_mut(), Message::into_raw);
        // SAFETY: the caller promises that it can be written.
        unsafe { place.write(message) };
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_no_json_is_told_without_a_word_of_it() {
        let read = |json: &CStr| {
            // SAFETY: it ends with NUL.
            let read = unsafe { read(json.as_ptr()) };
            read.map(|value| value.0.clone())
        };
        assert_eq!(read(c"{\"a\": [1]}"), Ok(json!({ "a": [1] })));
        assert_eq!(read(c"hunter2"), Err("it is not JSON"));
        assert_eq!(read(c"\xff"), Err("it is not UTF-8"));
        // SAFETY: null is allowed.
        assert!(unsafe { super::read(ptr::null()) }.is_err());
    }

    /// The host's copy of a message that it gives back.
    fn given_back(json: *mut c_char) -> String {
        // SAFETY: it is a message, given back once.
        unsafe {
            let text = CStr::from_ptr(json).to_str().unwrap().to_owned();
            wipe(json);
            text
        }
    }

    #[test]
    fn a_message_crosses_as_it_is_and_comes_back() {
        for value in [json!({ "token": "a\0\"é" }), json!(null), json!("")] {
            let message = Message::new(Wiped(value.clone())).unwrap();
            let text = given_back(message.into_raw());
            assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        }
        drop(Message::new(Wiped(json!("never sent"))));
        // SAFETY: null is no message.
        unsafe { wipe(ptr::null_mut()) };
    }

    #[test]
    fn an_error_is_left_where_the_host_wants_it_or_nowhere() {
        let mut place = ptr::null_mut();
        // SAFETY: null, or a place that can be written.
        unsafe {
            leave(Some(Wiped(json!({ "error": 1 }))), &raw mut place);
            assert_eq!(given_back(place), "{\"error\":1}");
            leave(None, &raw mut place);
            assert!(place.is_null());
            leave(Some(Wiped(json!("nobody wants it"))), ptr::null_mut());
        }
    }
}
