//! The same as `memory_after_sign_out.rs`, with the record in a real Secret Service.
//!
//! Needs Debian's `dbus` and `gnome-keyring`, so plain `cargo test` leaves it out: `cargo test --test keychain_memory`.
#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests say what they expect and what they found"
)]

#[path = "support/memory/mod.rs"]
mod memory;
#[path = "support/secret_service.rs"]
mod support;

use cognito_signout::fake_cognito::{FakeCognito, Tls};
use cognito_signout::vault::KeychainVault;
use memory::{copies, is_app, refresh_token, this_test};
use support::{Keyring, in_session};

/// The crate `aes` has up to 64 blocks of 16 bytes on the stack at once, and leaves them there.
const ON_THE_STACK: usize = 64 * 16;

#[test]
fn after_a_sign_out_the_keychain_leaves_at_most_what_the_cipher_had_on_its_stack() {
    in_session(|| {
        if is_app(KeychainVault::native()) {
            return;
        }
        let _keyring = Keyring::start();
        let test = "after_a_sign_out_the_keychain_leaves_at_most_what_the_cipher_had_on_its_stack";
        for kind in ["local", "global"] {
            let [before, after] = copies(
                this_test(test),
                kind,
                FakeCognito::builder().tls(Tls::Trusted),
                refresh_token,
            );
            println!("{kind}: {after:?}");
            assert!(!before.is_empty(), "the search sees nothing");
            let longest = after.iter().map(|copy| copy.bytes).max();
            assert!(longest <= Some(ON_THE_STACK), "{kind}: {after:?}");
        }
    });
}
