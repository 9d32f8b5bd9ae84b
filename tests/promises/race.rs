//! Promise 3: a token refresh is in progress while a sign-out runs.

use cognito_signout::{AuthError, SessionState, SignOutOptions, SignedInWith};

use crate::life::Life;
use crate::server::TokenKind;
use crate::world::World;
use crate::{Case, auth, knows_every_live_token, live, record_of_a_session, restart};

/// The server has answered a refresh before the sign-out began, and the response arrives just before the sign-out's `uses`-th use
/// of vault or network. False if there were fewer uses.
fn race(case: Case, uses: usize) -> bool {
    let world = World::new(case.tokens, case.rotates, record_of_a_session(case));
    let life = Life::new(&world, 0);
    let in_time = live(&life, async {
        let auth = auth(case, &life);
        life.close_gate();
        let refreshing = tokio::spawn({
            let auth = auth.clone();
            async move { auth.tokens().await }
        });
        life.at_the_gate.notified().await;
        life.open_gate_in(uses);
        let options = if case.global {
            SignOutOptions::global()
        } else {
            SignOutOptions::local()
        };
        let result = auth.sign_out(options).await;
        let in_time = life.open_gate();
        let refreshed = refreshing.await.unwrap();

        let path = format!("{case:?}, the refresh answered at use {uses}: {refreshed:?}, {result:?}");
        assert!(result.signed_out_locally(), "{path}");
        assert_eq!(auth.session().await, SessionState::SignedOut, "3: came back: {path}");
        assert_eq!(auth.tokens().await, Err(AuthError::SignedOut), "3: came back: {path}");
        assert!(
            knows_every_live_token(&world, [&result]),
            "5: a rotated token was forgotten: {path}"
        );
        in_time
    });
    let (after, _) = restart(case, &world, 0);
    assert_eq!(
        after.session,
        SessionState::SignedOut,
        "3: came back after a restart: {case:?}, {uses}"
    );
    assert_eq!(world.disk(), None, "{case:?}, {uses}");
    in_time.unwrap()
}

#[test]
fn a_refresh_in_progress_restores_no_session_whenever_its_response_arrives() {
    let tokens = TokenKind {
        revocable: true,
        admin_scope: true,
        expired: true,
    };
    let mut races = 0;
    for (global, rotates) in [(false, false), (false, true), (true, false), (true, true)] {
        let case = Case {
            global,
            rotates,
            keep: false,
            tokens,
            signed_in_with: SignedInWith::Api,
            web: None,
            tracks: false,
            steps: false,
        };
        races += (0..).take_while(|uses| race(case, *uses)).count();
    }
    println!("{races} races");
    assert!(races > 12, "{races} races");
}
