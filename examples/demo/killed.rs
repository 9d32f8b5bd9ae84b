//! A process that is killed in the middle of a sign-out: this program itself, run once more.

use std::error::Error;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use cognito_signout::fake_cognito::Operation;
use cognito_signout::vault::VaultKey;
use cognito_signout::{SessionState, SignOutOptions, UnpaidRevocations};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::show::{Row, millis};
use crate::stage::{Outcome, Stage, name_of, open, steps};

/// The first argument of the process that is to be killed.
pub(crate) const VICTIM: &str = "sign-out-until-killed";

/// How long the parent waits for each thing that the child does.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn killed(stage: &mut Stage) -> Outcome<()> {
    stage
        .show
        .scene("5  The phone's process is killed while it waits for Cognito, then starts again");
    let tokens = stage.phone.sign_in(&stage.fake).await?;
    stage.show.find("vault", &stage.phone.vault()?, "a session, 0 debts");
    let gate = stage.fake.on(Operation::RevokeToken).hold();

    let mut child = start(stage)?;
    let signed_out_after = first_line(&mut child).await?;
    tokio::time::timeout(PATIENCE, gate.reached_by(1)).await?;
    child.kill().await?;
    let status = child.wait().await?;
    stage.show.claim(
        &format!(
            "it signed the device out after {}; then it died of {status}",
            millis(signed_out_after)
        ),
        was_killed(status),
    );
    stage.show.find("asked", &stage.asked(), "RevokeToken (no answer)");
    stage.show.find("vault", &stage.phone.vault()?, "no session, 1 debt");
    let alive = stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the refresh token is still alive at Cognito", alive);

    // The request of the dead process stays at the gate: what follows is this process's own doing.
    stage.fake.heal();
    stage.fake.forget_requests();
    let app = stage.phone.restart(&stage.fake)?;
    let signed_out = app.session().await == SessionState::SignedOut;
    stage.show.claim("after a restart nobody is signed in", signed_out);
    stage.show.tell("resume(), as an app calls it at launch");
    let started = tokio::time::Instant::now();
    let resumed = app.resume().await?.settled;
    let answered_after = started.elapsed();
    let results: Vec<&str> = resumed.iter().map(name_of).collect();
    let result = results.join(", ");
    let steps: Vec<String> = resumed.iter().map(steps).collect();
    let (asked, vault) = (stage.asked(), stage.phone.vault()?);
    stage.show.find("came back", &result, "Complete");
    stage
        .show
        .find("steps", &steps.join("; "), "revoke_token done, settle done");
    stage.show.find("asked", &asked, "RevokeToken 200");
    stage.show.find("vault", &vault, "nothing");
    let dead = !stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the refresh token is dead", dead);
    drop(gate);
    stage.show.row(Row {
        what: "killed, resumed",
        asked,
        result,
        signed_out_after,
        answered_after,
        vault,
    });
    Ok(())
}

/// The child finds the session in the phone's vault: no token stands among its arguments.
fn start(stage: &Stage) -> Outcome<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args([VICTIM, stage.fake.url().as_str()])
        .args([stage.fake.user_pool_id(), stage.fake.client_id()])
        .arg(stage.phone.folder.path())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    Ok(child)
}

/// What the child says: after how many microseconds it was signed out.
async fn first_line(child: &mut Child) -> Outcome<Duration> {
    let stdout = child.stdout.take().ok_or("the child has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await??;
    Ok(Duration::from_micros(line.ok_or("the child said nothing")?.parse()?))
}

#[cfg(unix)]
fn was_killed(status: ExitStatus) -> bool {
    const SIGKILL: i32 = 9;
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGKILL)
}

#[cfg(not(unix))]
fn was_killed(status: ExitStatus) -> bool {
    !status.success()
}

/// The child's part: begins a sign-out, says when the device was signed out, and waits for an answer that never comes.
pub(crate) async fn be_killed(arguments: &[String]) -> Result<(), Box<dyn Error>> {
    let [endpoint, pool, client, folder] = arguments else {
        return Err("the demo starts this itself".into());
    };
    let key = VaultKey {
        user_pool_id: pool.clone(),
        client_id: client.clone(),
    };
    let auth = open(endpoint, &key, Path::new(folder), UnpaidRevocations::HandOver)?;
    let mut events = auth.events();
    let started = tokio::time::Instant::now();
    let event = async {
        events.next().await;
        anstream::println!("{}", started.elapsed().as_micros());
    };
    let (_, result) = tokio::join!(event, auth.sign_out(SignOutOptions::local()));
    Err(format!("nobody killed this process: {}", name_of(&result)).into())
}
