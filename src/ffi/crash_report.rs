//! What Android's crash report says of a panic.
//!
//! In the AAR's library a panic ends the process (docs/decisions/0004-size-and-panics.md), and Android would report its text. A
//! panic of another crate can repeat what that crate worked on, for example a token. So the report gets the place alone.

use std::ffi::{CStr, CString, c_char};
use std::{panic, process};

/// Holds for this library only: the app's other libraries have hooks of their own.
pub(super) fn names_only_the_place() {
    panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|place| format!("cognito-signout panicked at {place}"));
        if let Ok(message) = CString::new(place.unwrap_or_default()) {
            report(&message);
        }
        // Otherwise the standard library reports the panic's text.
        process::abort();
    }));
}

#[allow(unsafe_code, reason = "a function of Android's C library")]
fn report(message: &CStr) {
    unsafe extern "C" {
        /// From API 21 on.
        fn android_set_abort_message(message: *const c_char);
    }
    // SAFETY: the message ends with a zero byte, and Android copies it.
    unsafe { android_set_abort_message(message.as_ptr()) };
}
