//! A desk to try the program at: a user pool, and files for the program.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::described::described;
use crate::said::Said;
use crate::tried::program;

/// A user pool, and a folder for the files of the program.
pub(crate) struct Desk {
    pub(crate) fake: FakeCognito,
    pub(crate) folder: TempDir,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::over(FakeCognito::start().await.unwrap())
    }

    pub(crate) fn over(fake: FakeCognito) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { fake, folder }
    }

    /// A desk with ana's session file, for a session that began at the API.
    pub(crate) async fn signed_in() -> (Self, PathBuf, IssuedTokens) {
        let desk = Self::new().await;
        let (session, tokens) = desk.session("ana.json", "api");
        (desk, session, tokens)
    }

    pub(crate) fn file(&self, name: &str, content: &Value) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content.to_string()).unwrap();
        path
    }

    /// Signs ana in, and writes her session file.
    pub(crate) fn session(&self, name: &str, signed_in_with: &str) -> (PathBuf, IssuedTokens) {
        let tokens = self.fake.sign_in("ana");
        (self.write_session(name, &tokens, signed_in_with), tokens)
    }

    /// Writes a session file.
    pub(crate) fn write_session(&self, name: &str, tokens: &IssuedTokens, signed_in_with: &str) -> PathBuf {
        let file = json!({
            "access_token": tokens.access.reveal(),
            "id_token": tokens.id.reveal(),
            "refresh_token": tokens.refresh.reveal(),
            "signed_in_with": signed_in_with,
        });
        self.file(name, &file)
    }

    /// Runs the program at this pool, with its own vault. `args` is split at blanks; the sessions are added.
    pub(crate) async fn run(&self, args: &str, sessions: &[&Path]) -> Said {
        self.run_with(args, sessions, &[]).await
    }

    /// The same with these environment variables.
    pub(crate) async fn run_with(&self, args: &str, sessions: &[&Path], env: &[(&str, &Path)]) -> Said {
        let pool = self.pool();
        self.start(&format!("{args} {pool}"), sessions, env, Stdio::null())
            .await
    }

    fn pool(&self) -> String {
        format!(
            "--user-pool {} --client-id {} --vault memory",
            self.fake.user_pool_id(),
            self.fake.client_id()
        )
    }

    /// The same, with this file as its standard input.
    pub(crate) async fn run_reading(&self, args: &str, input: &Path) -> Said {
        let pool = self.pool();
        let input = std::fs::File::open(input).unwrap().into();
        self.start(&format!("{args} {pool}"), &[], &[], input).await
    }

    /// The same without the pool's options.
    pub(crate) async fn run_bare(&self, args: &str, sessions: &[&Path]) -> Said {
        self.run_bare_with(args, sessions, &[]).await
    }

    /// And with these environment variables.
    pub(crate) async fn run_bare_with(&self, args: &str, sessions: &[&Path], env: &[(&str, &Path)]) -> Said {
        self.start(args, sessions, env, Stdio::null()).await
    }

    async fn start(&self, args: &str, sessions: &[&Path], env: &[(&str, &Path)], stdin: Stdio) -> Said {
        let mut command = self.command(args, sessions, env, stdin);
        let output = tokio::time::timeout(Duration::from_secs(60), command.output()).await;
        described(output.expect("the program ends").unwrap())
    }

    /// Runs the program at this pool, its standard output going into this file.
    pub(crate) async fn run_into(&self, args: &str, file: &Path) -> Said {
        let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
        let mut command = self.command(&format!("{args} {}", self.pool()), &[], &[], Stdio::null());
        let program = command.stdout(file).stderr(Stdio::piped()).spawn().unwrap();
        let output = tokio::time::timeout(Duration::from_secs(60), program.wait_with_output()).await;
        described(output.expect("the program ends").unwrap())
    }

    fn command(&self, args: &str, sessions: &[&Path], env: &[(&str, &Path)], stdin: Stdio) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(program());
        match self.fake.client_secret() {
            Some(secret) => command.env("COGNITO_CLIENT_SECRET", secret.reveal()),
            None => command.env_remove("COGNITO_CLIENT_SECRET"),
        };
        command.stdin(stdin).kill_on_drop(true);
        command.envs(env.iter().copied());
        command.args(args.split_whitespace());
        command.args(["--endpoint", self.fake.url().as_str()]);
        for session in sessions {
            command.arg("--session").arg(session);
        }
        command
    }
}
