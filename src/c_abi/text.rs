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

/// Leaves `error` where the host wants it.
///
/// # Safety
/// `place` is null or can be written.
pub(super) unsafe fn leave(error: Wiped, place: *mut *mut c_char) {
    if !place.is_null() {
        let message = Message::new(error).map_or(ptr::null_mut(), Message::into_raw);
        // SAFETY: the caller promises that it can be written.
        unsafe { place.write(message) };
    }
}
