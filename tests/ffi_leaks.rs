//! Every object that a host has released is freed. It is alone in its process, because it counts all objects.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests say what they expect")]

#[path = "ffi/host.rs"]
#[allow(dead_code, reason = "made for the tests of the facade, which need more of it")]
mod host;

use std::time::{Duration, Instant};

use cognito_signout::SignedInWith;
use cognito_signout::fake_cognito::{Fault, Operation, ServiceError};
use cognito_signout::ffi::{SignOutOthersResult, SignOutResult, live_objects};
use host::{App, Online, local, tokens};

#[tokio::test]
async fn no_object_is_left_after_a_hundred_rounds_of_which_half_are_partial_and_retried() {
    let app = App::tracking_sessions(Online::new()).await;
    for round in 0..100 {
        if round % 2 == 0 {
            let refused = Fault::Refuse(ServiceError::Forbidden);
            app.fake.on(Operation::RevokeToken).once(refused.clone());
            app.fake.on(Operation::RevokeUserSession).once(refused);
        }
        app.fake.sign_in("ana");
        assert_eq!(app.auth.sessions().await.unwrap().len(), 2);
        let others = app.auth.sign_out_others().await;
        assert_eq!(matches!(others, SignOutOthersResult::Partial { .. }), round % 2 == 0);
        if let SignOutOthersResult::Partial { partial, .. } = others {
            let others = app.auth.retry_others(partial).await;
            assert!(matches!(others, SignOutOthersResult::Complete { .. }));
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
