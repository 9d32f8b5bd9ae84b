//! Every object that a host has released is freed. It is alone in its process, because it counts all objects.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

#[path = "ffi/host.rs"]
#[allow(dead_code, reason = "made for the tests of the facade, which need more of it")]
mod host;

use std::time::{Duration, Instant};

use cognito_signout::SignedInWith;
use cognito_signout::fake_cognito::{Fault, Operation, ServiceError};
use cognito_signout::ffi::{SignOutResult, live_objects};
use host::{App, Online, local, tokens};

#[tokio::test]
async fn no_object_is_left_after_a_hundred_sign_outs_of_which_half_are_partial_and_retried() {
    let app = App::over(Online::new()).await;
    for round in 0..100 {
        if round % 2 == 0 {
            let refused = Fault::Refuse(ServiceError::Forbidden);
            app.fake.on(Operation::RevokeToken).once(refused);
        }
        let scope = app.auth.session_scope().await.unwrap();
        let result = app.auth.sign_out(local()).await;
        assert!(scope.ended().await.is_some());
        assert_eq!(matches!(result, SignOutResult::Partial { .. }), round % 2 == 0);
        if let SignOutResult::Partial { partial, .. } = result {
            assert!(live_objects() > 1, "the token that is to be revoked, for one");
            assert!(matches!(app.auth.retry(partial).await, SignOutResult::Complete { .. }));
        }
        let issued = tokens(&app.fake.sign_in("ana"));
        app.auth.store_session(issued, SignedInWith::Api).await.unwrap();
    }
    drop(app);
    // Threads of the transport may still hold objects for a moment.
    let patience = Instant::now() + Duration::from_secs(5);
    while live_objects() > 0 && Instant::now() < patience {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(live_objects(), 0);
}
