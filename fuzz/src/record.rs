//! The decoder of the record, through a vault that holds whatever it likes.

use cognito_signout::vault::VaultError;
use cognito_signout::{AuthError, ErrorCode, SessionState, SignOutOptions, SignOutResult};

use crate::app::{Responses, auth, config, record_in, revoked, run, vault_with, with_tokens};
use crate::text::assert_silent;

/// Input: a record, with `{access}` and `{id}` for valid tokens. Whoever finds what is no record says so with a typed error, and leaves
/// it as it is; or it is a record after all, and the user can sign out, without a network and at a server that revokes every token.
pub fn record(data: &[u8]) {
    let data = with_tokens(data);
    for post in [None, Some(revoked())] {
        run(sign_out_of(&data, Responses { get: None, post }));
    }
}

async fn sign_out_of(data: &[u8], responses: Responses) {
    let vault = vault_with(data);
    let auth = auth(config(), &vault, responses);
    let is_untouched = || record_in(&vault).as_deref() == Some(data);
    let session = auth.session().await;
    if let SessionState::Unavailable(error) = &session {
        assert_silent(error);
    }
    if let Err(error) = auth.tokens().await {
        assert_silent(&error);
    }
    if let Err(error) = auth.device("ana").await {
        assert_silent(&error);
    }
    assert!(is_untouched(), "reading has changed the record");

    match auth.sign_out(SignOutOptions::local()).await {
        // The record is one, with a session of the hosted pages, which this app does not have.
        SignOutResult::Failed(failed) if failed.error.code() == ErrorCode::HostedUiNotConfigured => {
            assert!(is_untouched(), "`Failed`, and the record has changed");
            assert_eq!(auth.purge_local().await, Ok(()));
        }
        SignOutResult::Failed(failed) => {
            assert_silent(&failed.error);
            let expected = match session {
                SessionState::Unavailable(VaultError::Corrupt(_)) => ErrorCode::RecordCorrupt,
                SessionState::Unavailable(VaultError::NewerVersion { .. }) => ErrorCode::RecordTooNew,
                other => panic!("{other:?}, and signing out failed: {failed:?}"),
            };
            assert_eq!(failed.error.code(), expected);
            assert!(is_untouched(), "`Failed`, and the record has changed");
            // What cannot be read is not written over either, but can be removed.
            assert!(matches!(auth.set_device("ana", None).await, Err(AuthError::Vault(_))));
            assert!(matches!(auth.resume().await, Err(AuthError::Vault(_))));
            assert!(is_untouched());
            assert_eq!(auth.purge_local().await, Ok(()));
        }
        SignOutResult::Complete(_) | SignOutResult::Partial(_) => {
            let _resumed = auth.resume().await.expect("the record was read before");
        }
    }
    assert_eq!(auth.session().await, SessionState::SignedOut);
}
