//! A process that is killed in the middle of a sign-out: this program, started again as a child.

use std::path::Path;
use std::process::{ExitCode, ExitStatus, Stdio};
use std::time::Duration;

use cognito_signout::fake_cognito::Operation;
use cognito_signout::vault::VaultKey;
use cognito_signout::{SessionState, SignOutOptions};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use crate::show::{Row, millis};
use crate::stage::{Outcome, Stage, name_of, open, steps};

/// The first argument of the process that will be killed.
pub(crate) const VICTIM: &str = "sign-out-until-killed";

/// How long the parent waits for each step of the child.
const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn killed(stage: &mut Stage) -> Outcome<()> {
    stage
        .show
        .scene("5  The phone's process is killed while it waits for Cognito, then starts again");
    let tokens = stage.phone.sign_in(&stage.fake).await?;
    stage.show.find("vault", &stage.phone.vault()?, "a session, 0 debts");
    let gate = stage.fake.on(Operation::RevokeToken).hold();

    let pool = [stage.fake.user_pool_id(), stage.fake.client_id()];
    let arguments = [VICTIM, stage.fake.url().as_str(), &pool[0], &pool[1]];
    let mut child = start(&arguments, stage.phone.folder.path())?;
    let signed_out_after = Duration::from_micros(first_line(&mut child).await?.parse()?);
    tokio::time::timeout(PATIENCE, gate.reached_by(1)).await?;
    child.kill().await?;
    let status = child.wait().await?;
    stage.show.claim(
        &format!(
            "it signed this device out after {}; then it was killed ({status})",
            millis(signed_out_after)
        ),
        was_killed(status),
    );
    stage
        .show
        .find("requests", &stage.requests(), "RevokeToken (no response)");
    stage.show.find("vault", &stage.phone.vault()?, "no session, 1 debt");
    let alive = stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the refresh token is still alive at Cognito", alive);

    // The killed process's request stays at the gate: all requests from now on are this process's.
    stage.fake.heal();
    stage.fake.forget_requests();
    let app = stage.phone.restart(&stage.fake)?;
    let signed_out = app.session().await == SessionState::SignedOut;
    stage.show.claim("after the restart nobody is signed in", signed_out);
    stage.show.tell("resume(), as an app calls it at launch");
    let started = tokio::time::Instant::now();
    let resumed = app.resume().await?.settled;
    let returned_after = started.elapsed();
    let results: Vec<&str> = resumed.iter().map(name_of).collect();
    let result = results.join(", ");
    let steps: Vec<String> = resumed.iter().map(steps).collect();
    let (requests, vault) = (stage.requests(), stage.phone.vault()?);
    stage.show.find("result", &result, "Complete");
    stage
        .show
        .find("steps", &steps.join("; "), "revoke_token done, settle done");
    stage.show.find("requests", &requests, "RevokeToken 200");
    stage.show.find("vault", &vault, "nothing");
    let dead = !stage.fake.is_refresh_token_live(&tokens.refresh);
    stage.show.claim("the refresh token is revoked", dead);
    drop(gate);
    stage.show.row(Row {
        scene: "killed, resumed",
        requests,
        result,
        signed_out_after,
        returned_after,
        vault,
    });
    Ok(())
}

/// Starts this program as a child, with these arguments and a folder. The child reads the session from the vault in that
/// folder: no token is among its arguments.
pub(crate) fn start(arguments: &[&str], folder: &Path) -> Outcome<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .arg(folder)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    Ok(child)
}

/// The first line that the child prints.
pub(crate) async fn first_line(child: &mut Child) -> Outcome<String> {
    let stdout = child.stdout.take().ok_or("the child has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await??;
    Ok(line.ok_or("the child printed nothing")?)
}

#[cfg(unix)]
pub(crate) fn was_killed(status: ExitStatus) -> bool {
    const SIGKILL: i32 = 9;
    std::os::unix::process::ExitStatusExt::signal(&status) == Some(SIGKILL)
}

#[cfg(not(unix))]
pub(crate) fn was_killed(status: ExitStatus) -> bool {
    !status.success()
}

/// The child: begins a sign-out, prints after how many microseconds the device was signed out, and waits for a response that
/// never comes.
pub(crate) async fn be_killed(arguments: &[String]) -> Outcome<ExitCode> {
    let [endpoint, pool, client, folder] = arguments else {
        return Err("the demo starts this itself".into());
    };
    let key = VaultKey {
        user_pool_id: pool.clone(),
        client_id: client.clone(),
    };
    let auth = open(endpoint, &key, Path::new(folder))?;
    let mut events = auth.events();
    let started = tokio::time::Instant::now();
    let event = async {
        events.next().await;
        anstream::println!("{}", started.elapsed().as_micros());
    };
    let (_, result) = tokio::join!(event, auth.sign_out(SignOutOptions::local()));
    Err(format!("nobody killed this process: {}", name_of(&result)).into())
}
