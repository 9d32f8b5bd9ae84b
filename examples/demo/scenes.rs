//! What the demo shows, one function a scene. Ana uses a phone and a laptop.

use std::time::Duration;

use cognito_signout::fake_cognito::{Fault, Operation, ServiceError};
use cognito_signout::{
    AuthError, AuthEvent, BrowserSessionState, DEFAULT_DEADLINE, SessionKind, SessionState, SignOutOptions,
    SignOutOthersResult, SignOutResult,
};

use crate::stage::{Expected, On, Outcome, Stage, name_of, steps};

const LOCAL: Expected = Expected {
    scene: "local",
    deadline: DEFAULT_DEADLINE,
    requests: "RevokeToken 200",
    result: "Complete",
    steps: "commit done, revoke_token done, settle done",
    vault: "nothing",
};
const GLOBAL: Expected = Expected {
    scene: "global",
    requests: "GlobalSignOut 200, RevokeToken 200",
    steps: "commit done, global_sign_out done, revoke_token done, settle done",
    ..LOCAL
};
const REVOKE_REFUSED: Expected = Expected {
    scene: "revoke refused",
    requests: "RevokeToken 400 ×3",
    result: "Partial",
    steps: "commit done, revoke_token failed:throttled, settle done",
    vault: "no session, 1 debt",
    ..LOCAL
};
const OFFLINE: Expected = Expected {
    scene: "offline",
    requests: "nothing",
    result: "Partial",
    steps: "commit done, revoke_token failed:network_unavailable, settle done",
    vault: "no session, 1 debt",
    ..LOCAL
};
const BY_REVOCATION: Expected = Expected {
    scene: "by revocation",
    steps: "web requested, commit done, revoke_token done, settle done",
    ..LOCAL
};
const SERVER_HANGS: Expected = Expected {
    scene: "server hangs",
    deadline: Duration::from_secs(2),
    requests: "RevokeToken (no response) ×2",
    result: "Partial",
    steps: "commit done, revoke_token failed:timed_out, settle done",
    vault: "no session, 1 debt",
};

pub(crate) async fn local(stage: &mut Stage) -> Outcome<()> {
    stage
        .show
        .scene("1  Ana signs out on her phone; her laptop stays signed in");
    let tokens = stage.phone.sign_in(&stage.fake).await?;
    let elsewhere = stage.laptop.sign_in(&stage.fake).await?;
    let _result = stage
        .sign_out(On::Phone, SignOutOptions::local(), &tokens, &LOCAL)
        .await?;
    let dead = !stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the phone's refresh token is revoked", dead);
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
        .tell("she has signed in again: the laptop's old session is revoked in the background");
    settled.await?.ok_or("the events ended")?;
    stage.show.find("vault", &stage.laptop.vault()?, "a session, 0 debts");
    stage.show.tell("now the laptop signs out");
    stage.fake.forget_requests();
    let _result = stage
        .sign_out(On::Laptop, SignOutOptions::global(), &tokens, &GLOBAL)
        .await?;
    let dead = stage.fake.live_sessions("ana") == 0 && !stage.fake.is_refresh_token_live(&elsewhere.refresh);
    stage.show.claim("Cognito has no session of hers any more", dead);
    let told = stage.phone.auth.refresh().await;
    stage.show.claim(
        "the phone's next refresh says that its session has expired",
        told == Err(AuthError::SessionExpired),
    );
    let kept = matches!(stage.phone.auth.session().await, SessionState::SignedIn(session) if session.expired);
    stage.show.claim(
        "the phone marks its session as expired and keeps it: only an explicit call signs anyone out",
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
    let result = stage
        .sign_out(On::Phone, SignOutOptions::local(), &tokens, &REVOKE_REFUSED)
        .await?;
    let SignOutResult::Partial(partial) = &result else {
        return Ok(());
    };
    let alive = (partial.revoke_token_error.as_ref())
        .is_some_and(|failed| stage.fake.is_refresh_token_live(&failed.refresh_token));
    stage.show.claim(
        "the refresh token is still alive; the result has it, and it is kept on record",
        alive && partial.kept,
    );
    if let Some(failed) = &partial.revoke_token_error {
        stage
            .show
            .tell(&format!("the error says what to do: {}", failed.error.recovery()));
    }
    stage.fake.heal();
    let again = stage.phone.auth.retry(partial).await;
    stage.show.find("retry", name_of(&again), "Complete");
    stage.show.find("vault", &stage.phone.vault()?, "nothing");
    let dead = !stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the refresh token is revoked", dead);
    Ok(())
}

pub(crate) async fn offline(stage: &mut Stage) -> Outcome<()> {
    stage
        .show
        .scene("4  The laptop is offline: its app keeps what it owes, and pays it later");
    let tokens = stage.laptop.sign_in(&stage.fake).await?;
    stage.fake.go_offline().await?;
    let _result = stage
        .sign_out(On::Laptop, SignOutOptions::local(), &tokens, &OFFLINE)
        .await?;
    stage.fake.go_online().await?;
    stage.show.tell("online again: settle_pending()");
    let settled = stage.laptop.auth.settle_pending().await?;
    let settled: Vec<&str> = settled.iter().map(name_of).collect();
    stage.show.find("result", &settled.join(", "), "Complete");
    stage.show.find("requests", &stage.requests(), "RevokeToken 200");
    stage.show.find("vault", &stage.laptop.vault()?, "nothing");
    let dead = !stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the refresh token is revoked", dead);
    Ok(())
}

pub(crate) async fn hanging_server(stage: &mut Stage) -> Outcome<()> {
    stage
        .show
        .scene("6  Cognito accepts the request and never responds; the deadline is 2 s");
    let tokens = stage.phone.sign_in(&stage.fake).await?;
    stage.fake.on(Operation::RevokeToken).always(Fault::Hang);
    let result = stage
        .sign_out(On::Phone, SignOutOptions::local(), &tokens, &SERVER_HANGS)
        .await?;
    stage.fake.heal();
    if let SignOutResult::Partial(partial) = &result {
        let again = stage.phone.auth.retry(partial).await;
        stage.show.find("retry", name_of(&again), "Complete");
        stage
            .show
            .find("steps", &steps(&again), "revoke_token done, settle done");
    }
    Ok(())
}

pub(crate) async fn by_revocation(stage: &mut Stage) -> Outcome<()> {
    stage
        .show
        .scene("7  Ana signed in in the laptop's browser. She signs out her phone, then the laptop: no page opens");
    let elsewhere = stage.phone.sign_in(&stage.fake).await?;
    let tokens = stage.laptop.sign_in_through_browser(&stage.fake).await?;
    let laptop = &stage.laptop.auth;
    let sessions = laptop.sessions().await?;
    let count = |kind| sessions.iter().filter(|session| session.kind == kind).count();
    let listed = format!(
        "{} apps, {} browser",
        count(SessionKind::Token),
        count(SessionKind::Sso)
    );
    stage.show.find("signed in", &listed, "2 apps, 1 browser");
    let others = laptop.sign_out_others().await;
    let ended = match &others {
        SignOutOthersResult::Complete(complete) => complete.sessions.len(),
        _ => 0,
    };
    stage.show.find("others ended", &ended.to_string(), "1");
    let dead = !stage.fake.is_refresh_token_live(&elsewhere.refresh);
    stage.show.claim("the phone's refresh token is revoked", dead);
    stage.show.tell("now the laptop signs out");
    stage.fake.forget_requests();
    let result = stage
        .sign_out(On::Laptop, SignOutOptions::local(), &tokens, &BY_REVOCATION)
        .await?;
    let browser = result.report().browser_sessions.first();
    stage.show.claim(
        "the report says that the end of the browser's session was requested, not that it has ended",
        browser.is_some_and(|session| session.state == BrowserSessionState::EndRequested),
    );
    stage.show.claim(
        "Cognito has ended it: the next sign-in in that browser asks for the password",
        !stage.fake.has_browser_session("ana"),
    );
    stage.phone.auth.clear_local().await?;
    Ok(())
}
