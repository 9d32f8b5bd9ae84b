//! The library as C sees it: a file that is loaded, and its functions by name. Nothing here is linked with the crate's own C ABI.

use std::env;
use std::ffi::{CStr, CString, c_char};
use std::sync::OnceLock;

use libloading::{Library as File, Symbol};

/// As in the header.
pub(crate) type Callback = unsafe extern "C" fn(context: u64, kind: u32, id: u64, json: *mut c_char);

pub(crate) struct Library {
    abi_version: unsafe extern "C" fn() -> u32,
    new: unsafe extern "C" fn(*const c_char, Option<Callback>, u64, *mut *mut c_char) -> usize,
    call: unsafe extern "C" fn(usize, u64, *const c_char) -> u32,
    answer: unsafe extern "C" fn(usize, u64, *const c_char) -> u32,
    free: unsafe extern "C" fn(usize) -> u32,
    string_free: unsafe extern "C" fn(*mut c_char),
}

/// What the functions return.
pub(crate) mod status {
    pub(crate) const OK: u32 = 0;
    pub(crate) const UNKNOWN_HANDLE: u32 = 1;
    pub(crate) const UNKNOWN_QUESTION: u32 = 2;
    pub(crate) const BAD_ANSWER: u32 = 3;
    pub(crate) const ID_IN_USE: u32 = 4;
}

/// The kinds of messages.
pub(crate) mod kind {
    pub(crate) const ANSWER: u32 = 1;
    pub(crate) const HTTP: u32 = 2;
    pub(crate) const VAULT: u32 = 3;
    pub(crate) const BROWSER: u32 = 4;
    pub(crate) const APP_STEP: u32 = 5;
    pub(crate) const EVENT: u32 = 6;
    pub(crate) const STATE: u32 = 7;
}

/// The file that `cargo xtask c --test` has built.
pub(crate) fn library() -> &'static Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let path = env::var_os("COGNITO_SIGNOUT_C").expect("run me by `cargo xtask c --test`");
        let path = std::path::Path::new(&path)
            .join("lib")
            .join(libloading::library_filename("cognito_signout"));
        // SAFETY: the library's initialisers do nothing.
        let file = Box::leak(Box::new(unsafe { File::new(path) }.unwrap()));
        fn function<T: Copy + 'static>(file: &'static File, name: &str) -> T {
            // SAFETY: the types above are those of the header.
            let symbol: Symbol<'static, T> = unsafe { file.get(name.as_bytes()) }.unwrap();
            *symbol
        }
        Library {
            abi_version: function(file, "cs_abi_version"),
            new: function(file, "cs_auth_new"),
            call: function(file, "cs_auth_call"),
            answer: function(file, "cs_auth_answer"),
            free: function(file, "cs_auth_free"),
            string_free: function(file, "cs_string_free"),
        }
    })
}

/// A text for C, or null.
fn pointer(text: &Option<CString>) -> *const c_char {
    text.as_ref().map_or(std::ptr::null(), |text| text.as_ptr())
}

fn c_text(text: Option<&str>) -> Option<CString> {
    text.map(|text| CString::new(text).unwrap())
}

// SAFETY of all: each text ends with NUL and lives as long as the call, and each string that comes is given back once.
impl Library {
    pub(crate) fn abi_version(&self) -> u32 {
        unsafe { (self.abi_version)() }
    }

    pub(crate) fn make(
        &self,
        settings: Option<&str>,
        callback: Option<Callback>,
        context: u64,
    ) -> Result<usize, String> {
        // No string: the library must leave one there, or null.
        let (settings, mut error) = (c_text(settings), std::ptr::without_provenance_mut(1));
        match unsafe { (self.new)(pointer(&settings), callback, context, &raw mut error) } {
            0 => Err(unsafe { self.take(error) }.unwrap_or_default()),
            handle => {
                assert!(error.is_null());
                Ok(handle)
            }
        }
    }

    pub(crate) fn call(&self, handle: usize, id: u64, call: Option<&str>) -> u32 {
        let call = c_text(call);
        unsafe { (self.call)(handle, id, pointer(&call)) }
    }

    pub(crate) fn answer(&self, handle: usize, question: u64, answer: Option<&str>) -> u32 {
        let answer = c_text(answer);
        unsafe { (self.answer)(handle, question, pointer(&answer)) }
    }

    /// Texts that are not UTF-8.
    pub(crate) fn call_with_bytes(&self, handle: usize, id: u64, call: &[u8]) -> u32 {
        let call = CString::new(call).unwrap();
        unsafe { (self.call)(handle, id, call.as_ptr()) }
    }

    pub(crate) fn free(&self, handle: usize) -> u32 {
        unsafe { (self.free)(handle) }
    }

    /// Copies a string of the library and gives it back.
    ///
    /// # Safety
    /// Null, or a string of the library that was not given back.
    pub(crate) unsafe fn take(&self, json: *mut c_char) -> Option<String> {
        if json.is_null() {
            return None;
        }
        let text = unsafe { CStr::from_ptr(json) }.to_str().unwrap().to_owned();
        unsafe { (self.string_free)(json) };
        Some(text)
    }
}
