use std::collections::HashSet;

use super::*;
use crate::auth::AuthError;
use crate::browser::BrowserError;
use crate::transport::TransportError;
use crate::vault::VaultError;

#[test]
fn each_code_has_a_string_of_its_own_that_parses_back() {
    let mut seen = HashSet::new();
    for code in ErrorCode::all() {
        let text = code.as_str();
        assert!(seen.insert(text), "{text} is there twice");
        assert!(
            text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
            "{text}"
        );
        assert_eq!(text.parse(), Ok(code));
        assert_eq!(code.to_string(), text);
        assert_eq!(serde_json::to_value(code).unwrap(), text);
    }
    for other in ["", "timed", "Timed_Out", "timed_out ", "no_such_code"] {
        assert_eq!(other.parse::<ErrorCode>(), Err(UnknownErrorCode), "{other}");
    }
}

/// What an operation cannot get over by itself is of no use to try again.
#[test]
fn what_is_final_is_not_retryable() {
    for code in ErrorCode::all().filter(|code| code.is_final()) {
        assert!(!code.is_retryable(), "{code}");
    }
}

#[test]
fn a_recovery_is_a_whole_sentence_that_says_more_than_to_read_the_message() {
    for code in ErrorCode::all() {
        let recovery = code.recovery();
        assert!(recovery.ends_with('.'), "{code}: {recovery}");
        assert!(!recovery.contains("  "), "{code}: {recovery}");
        assert!(!recovery.starts_with("See "), "{code}: {recovery}");
    }
}

/// Whoever prints the code and the message, as everybody does, says the code once.
#[test]
fn no_message_has_its_code_in_it() {
    let why = || "why".to_owned();
    let vault = [
        VaultError::Locked(why()),
        VaultError::Unavailable(why()),
        VaultError::MissingEntitlement(why()),
        VaultError::Corrupt(why()),
        VaultError::NewerVersion { found: 9, known: 1 },
        VaultError::TimedOut,
        VaultError::Other(why()),
    ];
    let transport = [
        TransportError::Connect(why()),
        TransportError::Io(why()),
        TransportError::Tls(why()),
        TransportError::BadResponse(why()),
        TransportError::Other(why()),
    ];
    let browser = [
        BrowserError::Cancelled,
        BrowserError::Unavailable(why()),
        BrowserError::RedirectTaken(why()),
        BrowserError::TimedOut,
    ];
    let steps = vault.iter().cloned().map(StepError::from);
    let steps = steps.chain(transport.into_iter().map(StepError::from));
    let steps: Vec<_> = steps.chain(browser.into_iter().map(StepError::from)).collect();
    for error in &steps {
        assert!(!error.message().contains(error.code().as_str()), "{error}");
        assert_eq!(error.to_string(), format!("{}: {}", error.code(), error.message()));
    }
    let calls = [
        AuthError::SignedOut,
        AuthError::SessionExpired,
        AuthError::InvalidInput(why()),
    ];
    let calls = calls.into_iter().chain(vault.into_iter().map(AuthError::Vault));
    for error in calls.chain(steps.iter().cloned().map(AuthError::Service)) {
        assert!(!error.to_string().contains(error.code().as_str()), "{error}");
        assert_eq!(error.recovery(), error.code().recovery());
    }
    #[cfg(feature = "admin")]
    for error in steps.into_iter().map(crate::admin::AdminError::Service) {
        assert!(!error.to_string().contains(error.code().as_str()), "{error}");
    }
}
