//! The app's own push message about a sign-out at the server.

use cognito_signout::{RemoteSignOut, SessionState, SignedInWith, Verification};
use serde_json::Value;

use crate::app::{Responses, SUB, config, run, signed_in};

/// Input: the message. It is verified only if it names the user, and it never ends the session by itself.
pub fn push(data: &[u8]) {
    let message = String::from_utf8_lossy(data);
    run(async {
        let auth = signed_in(config(), SignedInWith::Api, Responses::default()).await;
        match auth.remote_sign_out(&message).await {
            RemoteSignOut::Verified(Verification::Unknown(_)) => assert!(names_the_user(&message), "{message}"),
            RemoteSignOut::Verified(known) => panic!("there is no network: {known:?}"),
            RemoteSignOut::NotRecognized | RemoteSignOut::OtherSession => {}
        }
        assert!(matches!(auth.session().await, SessionState::SignedIn(session) if !session.expired));
    });
}

/// Anywhere in this JSON, or in JSON in its strings.
fn names_the_user(json: &str) -> bool {
    fn does(value: &Value) -> bool {
        match value {
            Value::String(text) => text == SUB || names_the_user(text),
            Value::Array(items) => items.iter().any(does),
            Value::Object(fields) => fields.values().any(does),
            _ => false,
        }
    }
    match serde_json::from_str(json) {
        Ok(value) => does(&value),
        // The library accepts a number that is too large in a member that it does not read.
        Err(_) => json.contains(SUB),
    }
}
