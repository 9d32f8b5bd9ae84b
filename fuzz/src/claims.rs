//! The reader of JWT claims.

use std::time::{Duration, SystemTime};

use cognito_signout::{Claims, Secret};

use crate::app::with_payload;
use crate::text::assert_silent;

/// Input: a token, or the payload of one.
pub fn claims(data: &[u8]) {
    for token in [String::from_utf8_lossy(data).into_owned(), with_payload(data)] {
        match Claims::from_jwt(&Secret::new(token)) {
            Ok(claims) => {
                // What the rest of the library does with claims must hold for any that were read.
                claims.expired_at(SystemTime::now(), Duration::MAX);
                claims.can_sign_out_globally();
                assert!(claims.scopes().all(|scope| !scope.is_empty()));
                assert_ne!(claims.identity_provider(), Some(""));
            }
            Err(error) => assert_silent(&error),
        }
    }
}
