//! After a sign-out, when everything of it is dropped, no copy of the refresh token is left in the process.
#![cfg(target_os = "linux")]
#![allow(clippy::print_stdout, reason = "a test says what it found")]

#[path = "support/memory/mod.rs"]
mod memory;

use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, IssuedTokens, Tls};
use cognito_signout::vault::MemoryVault;
use memory::{copies, is_app, refresh_token, this_test};

/// The search finds the token while it is in the vault, and nothing afterwards.
#[track_caller]
fn leaves_nothing(test: &str, kind: &str, pool: FakeCognitoBuilder) {
    let [before, after] = copies(this_test(test), kind, pool, refresh_token);
    assert!(!before.is_empty(), "the search sees nothing");
    assert_eq!(after, [], "{kind}");
}

#[test]
fn after_a_local_sign_out_no_copy_of_the_refresh_token_is_left() {
    if !is_app(MemoryVault::default()) {
        let test = "after_a_local_sign_out_no_copy_of_the_refresh_token_is_left";
        leaves_nothing(test, "local", FakeCognito::builder());
    }
}

#[test]
fn after_a_local_sign_out_over_tls_no_copy_of_the_refresh_token_is_left() {
    if !is_app(MemoryVault::default()) {
        let test = "after_a_local_sign_out_over_tls_no_copy_of_the_refresh_token_is_left";
        leaves_nothing(test, "local", FakeCognito::builder().tls(Tls::Trusted));
    }
}

#[test]
fn after_a_global_sign_out_no_copy_of_the_refresh_token_is_left() {
    if !is_app(MemoryVault::default()) {
        let test = "after_a_global_sign_out_no_copy_of_the_refresh_token_is_left";
        leaves_nothing(test, "global", FakeCognito::builder());
    }
}

#[test]
fn after_a_global_sign_out_over_tls_no_copy_of_the_refresh_token_is_left() {
    if !is_app(MemoryVault::default()) {
        let test = "after_a_global_sign_out_over_tls_no_copy_of_the_refresh_token_is_left";
        leaves_nothing(test, "global", FakeCognito::builder().tls(Tls::Trusted));
    }
}

/// The HTTP stack keeps copies of the response that brought the new token (docs/limits.md). This is what that guide advises.
#[test]
fn with_an_allocator_that_wipes_no_copy_of_a_refreshed_token_is_left() {
    if is_app(MemoryVault::default()) {
        return;
    }
    let test = "with_an_allocator_that_wipes_no_copy_of_a_refreshed_token_is_left";
    let pool = || FakeCognito::builder().tls(Tls::Trusted).rotation(Duration::ZERO);
    let all = |fake: &FakeCognito, _: &IssuedTokens| {
        fake.issued_tokens()
            .iter()
            .map(|token| token.reveal().to_owned())
            .collect()
    };
    let [_, without] = copies(this_test(test), "refresh", pool(), all);
    println!("without it: {} copies and pieces: {without:?}", without.len());
    assert!(!without.is_empty(), "the limit is gone: change docs/limits.md");
    let [before, after] = copies(this_test(test), "refresh, wiping", pool(), all);
    assert!(!before.is_empty(), "the search sees nothing");
    assert_eq!(after, []);
}
