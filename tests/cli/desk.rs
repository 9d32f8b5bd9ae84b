//! A desk to try the program at: a user pool, files to give it, and a reader of what it says.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, IssuedTokens};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::example;

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| example::build("cli"));

/// A user pool, and a folder for the files that the program is given.
pub(crate) struct Desk {
    pub(crate) fake: FakeCognito,
    pub(crate) folder: TempDir,
}

/// What the program said, and its exit code.
pub(crate) struct Said {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Desk {
    pub(crate) async fn new() -> Self {
        Self::over(FakeCognito::start().await.unwrap())
    }

    pub(crate) fn over(fake: FakeCognito) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { fake, folder }
    }

    pub(crate) fn file(&self, name: &str, content: &Value) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, content.to_string()).unwrap();
        path
    }

    /// Signs ana in, and writes the session file that says so.
    pub(crate) fn session(&self, name: &str, signed_in_with: &str) -> (PathBuf, IssuedTokens) {
        let tokens = self.fake.sign_in("ana");
        let file = json!({
            "access_token": tokens.access.reveal(),
            "id_token": tokens.id.reveal(),
            "refresh_token": tokens.refresh.reveal(),
            "signed_in_with": signed_in_with,
        });
        (self.file(name, &file), tokens)
    }

    /// Runs the program at this pool, with a vault of its own. `args` is split at blanks; each session follows.
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

    /// The same without saying which pool.
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
        Said::from(output.expect("the program ends").unwrap())
    }

    /// Runs the program at this pool, its standard output going into this file.
    pub(crate) async fn run_into(&self, args: &str, file: &Path) -> Said {
        let file = std::fs::OpenOptions::new().write(true).open(file).unwrap();
        let mut command = self.command(&format!("{args} {}", self.pool()), &[], &[], Stdio::null());
        let program = command.stdout(file).stderr(Stdio::piped()).spawn().unwrap();
        let output = tokio::time::timeout(Duration::from_secs(60), program.wait_with_output()).await;
        Said::from(output.expect("the program ends").unwrap())
    }

    fn command(&self, args: &str, sessions: &[&Path], env: &[(&str, &Path)], stdin: Stdio) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(&*PROGRAM);
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

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Said {
    /// The one object on stdout, nothing being beside it; its time, which no test can foretell, becomes 0.
    pub(crate) fn object(&self) -> Value {
        assert_eq!(self.stderr, "");
        let mut object: Value = serde_json::from_str(&self.stdout).expect("one JSON value and nothing else");
        assert_eq!(self.stdout.lines().count(), 1);
        assert_described(&object);
        forget_times(&mut object);
        object
    }

    /// Neither a whole token nor its secret last part.
    pub(crate) fn assert_shows_no_token_of(&self, tokens: &IssuedTokens) {
        for token in [&tokens.access, &tokens.id, &tokens.refresh] {
            let secret = token.reveal().rsplit('.').next().unwrap();
            assert!(!self.stdout.contains(secret), "a token stands on stdout");
            assert!(!self.stderr.contains(secret), "a token stands on stderr");
        }
    }
}

/// The guide names every field that the program prints. What is below `errors` is named by its step or its command.
fn assert_described(value: &Value) {
    const GUIDE: &str = include_str!("../../docs/results.md");
    if let Some(values) = value.as_array() {
        values.iter().for_each(assert_described);
    }
    for (name, value) in value.as_object().into_iter().flatten() {
        let named = [("`", '`'), ("].", '`'), ("\"", '"')];
        let named = named
            .iter()
            .any(|(before, after)| GUIDE.contains(&format!("{before}{name}{after}")));
        assert!(named, "docs/results.md does not describe {name}");
        match (name.as_str(), value) {
            ("errors", Value::Object(errors)) => errors.values().for_each(assert_described),
            _ => assert_described(value),
        }
    }
}

fn forget_times(object: &mut Value) {
    assert!(object["elapsed_ms"].is_u64(), "elapsed_ms is a whole number");
    object["elapsed_ms"] = json!(0);
    for result in object
        .get_mut("results")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        forget_times(result);
    }
}
