//! What the demo shows, one function a scene. Ana uses a phone and a laptop.

use std::time::Duration;

use cognito_signout::fake_cognito::{Fault, Operation, ServiceError};
use cognito_signout::{AuthError, AuthEvent, DEFAULT_DEADLINE, SessionState, SignOutOptions, SignOutResult};

use crate::stage::{Expected, Outcome, Stage, name_of, sign_out, steps};

pub(crate) async fn local(stage: &mut Stage) -> Outcome<()> {
    stage.show.scene("1  Ana signs out of her phone; her laptop lives on");
    let tokens = stage.phone.sign_in(&stage.fake).await?;
    let elsewhere = stage.laptop.sign_in(&stage.fake).await?;
    let done = sign_out(&stage.phone.auth, SignOutOptions::local()).await?;
    let expected = Expected {
        what: "local",
        asked: "RevokeToken 200",
        result: "Complete",
        steps: "commit done, revoke_token done, settle done",
        vault: "nothing",
    };
    let vault = stage.phone.vault()?;
    stage.review(&done, vault, &tokens, DEFAULT_DEADLINE, &expected);
    let dead = !stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the phone's refresh token is dead", dead);
    let refreshed = stage.laptop.auth.refresh().await.is_ok();
    let alive = refreshed && stage.fake.is_refresh_token_live(&elsewhere.refresh);
    stage.show.claim("the laptop can still refresh its tokens", alive);
    Ok(())
}

pub(crate) async fn global(stage: &mut Stage) -> Outcome<()> {
    stage.show.scene("2  Ana signs out everywhere, on her laptop");
    let elsewhere = stage.phone.sign_in(&stage.fake).await?;
    let mut events = stage.laptop.auth.events();
    let tokens = stage.laptop.sign_in(&stage.fake).await?;
    let settled = tokio::time::timeout(DEFAULT_DEADLINE, async {
        while events.next().await? != AuthEvent::RevocationSettled {}
        Some(())
    });
    stage
        .show
        .tell("the session that this one replaced is revoked in the background");
    settled.await?.ok_or("the events ended")?;
    stage.show.find("vault", &stage.laptop.vault()?, "a session, 0 debts");
    stage.show.tell("now the laptop signs out");
    stage.fake.forget_requests();
    let done = sign_out(&stage.laptop.auth, SignOutOptions::global()).await?;
    let expected = Expected {
        what: "global",
        asked: "GlobalSignOut 200, RevokeToken 200",
        result: "Complete",
        steps: "commit done, global_sign_out done, revoke_token done, settle done",
        vault: "nothing",
    };
    let vault = stage.laptop.vault()?;
    stage.review(&done, vault, &tokens, DEFAULT_DEADLINE, &expected);
    let dead = stage.fake.live_sessions("ana") == 0 && !stage.fake.is_refresh_token_live(&elsewhere.refresh);
    stage.show.claim("no session of hers is left at Cognito", dead);
    let told = stage.phone.auth.refresh().await;
    stage.show.claim(
        "the phone learns it at its next refresh: the session has expired",
        told == Err(AuthError::SessionExpired),
    );
    let kept = matches!(stage.phone.auth.session().await, SessionState::SignedIn(session) if session.expired);
    stage.show.claim(
        "it is marked so and not removed: only an explicit call signs anyone out",
        kept,
    );
    stage.phone.auth.clear_local().await?;
    stage.show.find("clear_local", &stage.phone.vault()?, "nothing");
    Ok(())
}

pub(crate) async fn revoke_refused(stage: &mut Stage) -> Outcome<()> {
    stage.show.scene("3  Cognito refuses to revoke: Partial, then retry");
    let tokens = stage.phone.sign_in(&stage.fake).await?;
    stage
        .fake
        .on(Operation::RevokeToken)
        .always(Fault::Refuse(ServiceError::TooManyRequests));
    let done = sign_out(&stage.phone.auth, SignOutOptions::local()).await?;
    let expected = Expected {
        what: "revoke refused",
        asked: "RevokeToken 400 ×3",
        result: "Partial",
        steps: "commit done, revoke_token failed:throttled, settle done",
        vault: "nothing",
    };
    let vault = stage.phone.vault()?;
    stage.review(&done, vault, &tokens, DEFAULT_DEADLINE, &expected);
    let SignOutResult::Partial(partial) = &done.result else {
        return Ok(());
    };
    let handed_over = (partial.revoke_token_error.as_ref())
        .is_some_and(|failed| stage.fake.is_refresh_token_live(&failed.refresh_token));
    stage.show.claim(
        "the result carries the refresh token, which is still alive",
        handed_over,
    );
    if let Some(failed) = &partial.revoke_token_error {
        stage
            .show
            .tell(&format!("what to do, it says: {}", failed.error.recovery()));
    }
    stage.fake.heal();
    let again = stage.phone.auth.retry(partial).await;
    stage.show.find("retry", name_of(&again), "Complete");
    let dead = !stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the refresh token is dead", dead);
    Ok(())
}

pub(crate) async fn offline(stage: &mut Stage) -> Outcome<()> {
    stage
        .show
        .scene("4  The laptop is offline, and its app keeps what it could not pay");
    let tokens = stage.laptop.sign_in(&stage.fake).await?;
    stage.fake.go_offline().await?;
    let done = sign_out(&stage.laptop.auth, SignOutOptions::local()).await?;
    let expected = Expected {
        what: "offline",
        asked: "nothing",
        result: "Partial",
        steps: "commit done, revoke_token failed:network_unavailable, settle done",
        vault: "no session, 1 debt",
    };
    let vault = stage.laptop.vault()?;
    stage.review(&done, vault, &tokens, DEFAULT_DEADLINE, &expected);
    stage.fake.go_online().await?;
    stage.show.tell("online again: settle_pending()");
    let settled = stage.laptop.auth.settle_pending().await?;
    let settled: Vec<&str> = settled.iter().map(name_of).collect();
    stage.show.find("came back", &settled.join(", "), "Complete");
    stage.show.find("asked", &stage.asked(), "RevokeToken 200");
    stage.show.find("vault", &stage.laptop.vault()?, "nothing");
    let dead = !stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the refresh token is dead", dead);
    Ok(())
}

pub(crate) async fn hanging_server(stage: &mut Stage) -> Outcome<()> {
    stage
        .show
        .scene("6  Cognito takes the request and never answers; the app allows 2 s");
    let tokens = stage.phone.sign_in(&stage.fake).await?;
    stage.fake.on(Operation::RevokeToken).always(Fault::Hang);
    let deadline = Duration::from_secs(2);
    let done = sign_out(&stage.phone.auth, SignOutOptions::local().deadline(deadline)).await?;
    let expected = Expected {
        what: "server hangs",
        asked: "RevokeToken (no answer) ×2",
        result: "Partial",
        steps: "commit done, revoke_token failed:timed_out, settle done",
        vault: "nothing",
    };
    let vault = stage.phone.vault()?;
    stage.review(&done, vault, &tokens, deadline, &expected);
    stage.fake.heal();
    if let SignOutResult::Partial(partial) = &done.result {
        let again = stage.phone.auth.retry(partial).await;
        stage.show.find("retry", name_of(&again), "Complete");
        stage
            .show
            .find("steps", &steps(&again), "revoke_token done, settle done");
    }
    Ok(())
}
