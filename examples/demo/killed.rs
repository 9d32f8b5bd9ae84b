//! A process that is killed in the middle of a sign-out: this program itself, run once more.

use std::path::Path;
use std::process::{ExitCode, ExitStatus, Stdio};
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

    let pool = [stage.fake.user_pool_id(), stage.fake.client_id()];
    let arguments = [VICTIM, stage.fake.url().as_str(), &pool[0], &pool[1]];
    let mut child = start(&arguments, stage.phone.folder.path())?;
    let signed_out_after = Duration::from_micros(first_line(&mut child).await?.parse()?);
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

/// Starts this program once more, with these arguments and a folder. The child finds the session in the vault that is
/// there: no token stands among its arguments.
pub(crate) fn start(arguments: &[&str], folder: &Path) -> Outcome<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args(arguments)
        .arg(folder)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    Ok(child)
}

/// What the child says.
pub(crate) async fn first_line(child: &mut Child) -> Outcome<String> {
    let stdout = child.stdout.take().ok_or("the child has no output")?;
    let mut lines = BufReader::new(stdout).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await??;
    Ok(line.ok_or("the child said nothing")?)
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

/// The child's part: begins a sign-out, says after how many microseconds the device was signed out, and waits for an answer that never comes.
pub(crate) async fn be_killed(arguments: &[String]) -> Outcome<ExitCode> {
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
