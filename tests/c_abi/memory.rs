//! After a sign-out of a program in C, no copy of a token is left in its memory: neither in use nor in a block that was freed.

#[allow(dead_code, reason = "other tests search for the refresh token alone")]
#[path = "../support/memory/copies.rs"]
mod copies;
#[path = "../support/memory/search.rs"]
mod search;

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};

use crate::programs::{Build, compiled};

fn all(_: &FakeCognito, issued: &IssuedTokens) -> Vec<String> {
    let tokens = [&issued.access, &issued.id, &issued.refresh];
    tokens.map(|token| token.reveal().to_owned()).into()
}

/// The program is signed in, with the record in its own memory; it asks for the tokens, of the session, of an app step and of the
/// partial result; and it wipes what is its own.
#[test]
fn after_a_sign_out_no_copy_of_a_token_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let program = compiled(&["tests/memory.c"], &[], folder.path(), Build::Search);
    let [before, after] = copies::copies(program, "", FakeCognito::builder(), all);
    assert!(!before.is_empty(), "the search sees nothing");
    assert_eq!(after, []);
}
