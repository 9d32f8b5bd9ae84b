//! What Android's crash report says of a panic.
//!
//! In the AAR's library a panic ends the process (docs/decisions/0004-size-and-panics.md), and Android would report its text. A
//! panic of another crate can repeat what that crate worked on, for example a token. So the report gets the place alone.
#![allow(
    unsafe_code,
    reason = "Android runs a function when it loads the library, and has one for the report"
)]

use std::ffi::{CString, c_char};
use std::{panic, process};

/// Android calls the functions in this section when it loads the library, before any other function of it.
// SAFETY: the section is a list of pointers to functions of C, and this is one. It needs nothing that is not there yet.
#[used]
#[unsafe(link_section = ".init_array")]
static ON_LOAD: extern "C" fn() = report_only_the_place;

unsafe extern "C" {
    /// Of Android's C library, from API 21 on.
    fn android_set_abort_message(message: *const c_char);
}

/// Holds for the library that contains this crate. The app's other libraries have hooks of their own.
extern "C" fn report_only_the_place() {
    panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map(|place| format!("cognito-signout panicked at {place}"));
        if let Ok(message) = CString::new(place.unwrap_or_default()) {
            // SAFETY: the message ends with a zero byte, and Android copies it.
            unsafe { android_set_abort_message(message.as_ptr()) };
        }
        // Otherwise the standard library reports the panic's text.
        process::abort();
    }));
}
