#![allow(unsafe_code, reason = "it calls the functions as C does")]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::CStr;
use std::fs;
use std::path::Path;
use std::ptr::null_mut;

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::c_abi::*;

thread_local! {
    /// Which guard of this thread panics: 1 is the next one, 0 none.
    static PANICS: Cell<u32> = const { Cell::new(0) };
}

/// The first thing that happens inside of each guard.
pub(super) fn panic_if_asked() {
    let left = PANICS.get();
    PANICS.set(left.saturating_sub(1));
    assert_ne!(left, 1, "asked for by a test");
}

/// What `function` returns, though its guard with this number panics.
fn after_a_panic_in<T>(guard: u32, function: impl FnOnce() -> T) -> T {
    PANICS.set(guard);
    let returned = function();
    assert_eq!(PANICS.get(), 0, "it has no guard with this number");
    returned
}

/// `cs_auth_new`, which panics: what it returns, and what it leaves in `*error`.
fn new_after_a_panic_in(guard: u32) -> (Handle, Option<String>) {
    let mut error = null_mut();
    // SAFETY: null is allowed, and `error` can be written.
    let handle = after_a_panic_in(guard, || unsafe { cs_auth_new(null_mut(), None, 0, &raw mut error) });
    let said = (!error.is_null()).then(|| {
        // SAFETY: a string of the library, given back once.
        unsafe {
            let said = CStr::from_ptr(error).to_str().unwrap().to_owned();
            cs_string_free(error);
            said
        }
    });
    (handle, said)
}

/// Each function that is exported, after a panic.
fn functions() -> BTreeMap<&'static str, fn()> {
    // SAFETY of all: null is allowed, and nothing has this handle.
    let functions: [(&str, fn()); _] = [
        ("cs_auth_new", || {
            let (handle, said) = new_after_a_panic_in(1);
            assert_eq!((handle, said), (0, None));
            let (handle, said) = new_after_a_panic_in(2);
            assert_eq!(handle, 0);
            assert!(said.unwrap().contains("a bug of the library: please report it"));
        }),
        ("cs_auth_call", || {
            let status = after_a_panic_in(1, || unsafe { cs_auth_call(0, 1, null_mut()) });
            assert_eq!(status, Status::Panicked);
        }),
        ("cs_auth_answer", || {
            let status = after_a_panic_in(1, || unsafe { cs_auth_answer(0, 1, null_mut()) });
            assert_eq!(status, Status::Panicked);
        }),
        ("cs_auth_free", || {
            assert_eq!(after_a_panic_in(1, || cs_auth_free(0)), Status::Panicked);
        }),
        ("cs_string_free", || {
            after_a_panic_in(1, || unsafe { cs_string_free(null_mut()) });
        }),
        ("cs_dart_init", || {
            after_a_panic_in(1, || unsafe { cs_dart_init(null_mut()) });
        }),
        ("cs_dart_post", || {
            after_a_panic_in(1, || unsafe { cs_dart_post(1, Kind::Answer, 1, null_mut()) });
        }),
    ];
    functions.into()
}

#[test]
fn a_panic_in_any_function_is_told_and_goes_no_further() {
    for (_, panics) in functions() {
        panics();
    }
}

/// What a function does.
#[derive(Debug, PartialEq)]
enum Body {
    /// All of it is inside of a guard.
    Guarded,
    /// It is a constant.
    Constant,
    Else(String),
}

/// The functions for C in `code`, by name.
fn exported(code: &str) -> BTreeMap<String, Body> {
    let tokens: Vec<_> = code.parse::<TokenStream>().unwrap().into_iter().collect();
    let is = |at: usize, word: &str| {
        tokens
            .get(at)
            .is_some_and(|token: &TokenTree| token.to_string() == word)
    };
    let mut functions = BTreeMap::new();
    for at in 0..tokens.len() {
        // A pointer to a function has no name.
        let Some(TokenTree::Ident(name)) = tokens.get(at + 3) else {
            continue;
        };
        if is(at, "extern") && is(at + 2, "fn") {
            let body = tokens[at..].iter().find_map(|token| match token {
                TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => Some(group.stream()),
                _ => None,
            });
            functions.insert(name.to_string(), kind_of(body.unwrap()));
        }
    }
    functions
}

fn kind_of(body: TokenStream) -> Body {
    let tokens: Vec<_> = body.into_iter().collect();
    match &tokens[..] {
        [TokenTree::Ident(guarded), TokenTree::Group(_)] if guarded == "guarded" => Body::Guarded,
        [TokenTree::Ident(_)] => Body::Constant,
        _ => Body::Else(tokens.iter().map(ToString::to_string).collect()),
    }
}

/// So a function that is added is tested above too.
#[test]
fn every_exported_function_is_all_inside_a_guard_and_has_its_panic_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/c_abi");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|extension| extension == "rs"));
    let mut found: BTreeMap<_, _> = files
        .flat_map(|path| exported(&fs::read_to_string(path).unwrap()))
        .collect();
    assert_eq!(found.remove("cs_abi_version"), Some(Body::Constant));
    assert!(found.values().all(|body| *body == Body::Guarded), "{found:#?}");
    let names: BTreeSet<_> = found.keys().map(String::as_str).collect();
    assert_eq!(names, functions().into_keys().collect());
}

/// Else the test above would see nothing.
#[test]
fn a_function_with_something_outside_its_guard_is_noticed() {
    for (code, body) in [
        ("extern \"C\" fn f() -> u32 { guarded(0, || { 1 }) }", "Guarded"),
        ("unsafe extern \"C\" fn f() -> u32 { VERSION }", "Constant"),
        ("extern \"C\" fn f() { before(); guarded((), || {}) }", "Else"),
        ("extern \"C\" fn f() { guarded((), || {}); }", "Else"),
        ("extern \"C\" fn f() {}", "Else"),
    ] {
        let found = exported(code);
        assert!(format!("{:?}", found["f"]).starts_with(body), "{code}: {found:?}");
    }
    assert!(exported("type F = unsafe extern \"C\" fn(u32);").is_empty());
}
