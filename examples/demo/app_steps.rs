//! A step of the app's own: its server must forget the device's push token, while the user's access token still works.

use std::path::Path;
use std::process::ExitCode;

use cognito_signout::transport::RustlsTransport;
use cognito_signout::vault::VaultKey;
use cognito_signout::{AppStep, Auth, DEFAULT_DEADLINE, LeavingSession, Phase, SignOutOptions, SignOutResult};
use url::Url;

use crate::file_vault::FileVault;
use crate::killed::{start, was_killed};
use crate::push_server::{Answers, PushServer, forget_device};
use crate::stage::{Expected, On, Outcome, Stage, config, name_of, steps};

/// The first argument of the process that will be killed.
pub(crate) const VICTIM: &str = "resume-until-killed";

/// The app's handle, with its step.
fn open(endpoint: &str, key: &VaultKey, folder: &Path, server: &Url) -> Outcome<Auth> {
    let server = server.clone();
    let step = AppStep::new(
        "forget_device",
        Phase::WhileTokenLives,
        move |session: LeavingSession| {
            let server = server.clone();
            async move {
                match session.access_token {
                    Some(token) => forget_device(server, token).await,
                    None => Ok(()),
                }
            }
        },
    );
    let auth = Auth::builder(config(endpoint, key)?, FileVault::new(folder), RustlsTransport::new());
    Ok(auth.sign_out_step(step)?.build())
}

const REFUSED: Expected = Expected {
    scene: "the app's own step",
    deadline: DEFAULT_DEADLINE,
    requests: "RevokeToken 200",
    result: "Partial",
    steps: "commit done, revoke_token done, settle done, forget_device failed:app_step_failed",
    vault: "no session, 1 debt",
};

pub(crate) async fn app_steps(stage: &mut Stage) -> Outcome<()> {
    stage
        .show
        .scene("8  The app's server must forget the phone's push token: it refuses, then the process is killed");
    let tokens = stage.phone.sign_in(&stage.fake).await?;
    let server = PushServer::start(&tokens.access).await?;
    let (endpoint, folder) = (stage.fake.url().to_string(), stage.phone.folder.path().to_owned());
    let key = stage.phone.key.clone();
    stage.phone.auth = open(&endpoint, &key, &folder, &server.url)?;
    let result = stage
        .sign_out(On::Phone, SignOutOptions::local(), &tokens, &REFUSED)
        .await?;
    let errors = match &result {
        SignOutResult::Partial(partial) => &partial.app_step_errors[..],
        _ => &[],
    };
    let errors: Vec<&str> = errors.iter().map(|failed| failed.error.message()).collect();
    stage
        .show
        .find("step's error", &errors.join(", "), "the app's server answered 503");
    stage
        .show
        .claim("the app's server still knows the phone", server.knows_the_device());

    server.answers(Answers::Never);
    let arguments = [
        VICTIM,
        &endpoint,
        &key.user_pool_id,
        &key.client_id,
        server.url.as_str(),
    ];
    let mut child = start(&arguments, &folder)?;
    server.asked_again().await?;
    child.kill().await?;
    let status = child.wait().await?;
    stage.show.claim(
        &format!("the next process resumes, and is killed while that server does not answer ({status})"),
        was_killed(status),
    );
    stage.show.find("vault", &stage.phone.vault()?, "no session, 1 debt");

    server.answers(Answers::Forgets);
    stage.show.tell("the process after that resumes");
    let app = open(&endpoint, &key, &folder, &server.url)?;
    let resumed = app.resume().await?.settled;
    let results: Vec<&str> = resumed.iter().map(name_of).collect();
    let steps: Vec<String> = resumed.iter().map(steps).collect();
    stage.show.find("result", &results.join(", "), "Complete");
    stage
        .show
        .find("steps", &steps.join("; "), "settle done, forget_device done");
    stage
        .show
        .claim("the app's server has forgotten the phone", !server.knows_the_device());
    stage.show.find("vault", &stage.phone.vault()?, "nothing");
    Ok(())
}

/// The child: resumes, and waits for a response that never comes.
pub(crate) async fn be_killed(arguments: &[String]) -> Outcome<ExitCode> {
    let [endpoint, pool, client, server, folder] = arguments else {
        return Err("the demo starts this itself".into());
    };
    let key = VaultKey {
        user_pool_id: pool.clone(),
        client_id: client.clone(),
    };
    let auth = open(endpoint, &key, Path::new(folder), &server.parse()?)?;
    let resumed = auth.resume().await;
    Err(format!("nobody killed this process: {resumed:?}").into())
}
