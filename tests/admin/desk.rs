//! A desk to try the program at: a user pool, files to give it, and a reader of what it says.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::sync::LazyLock;
use std::time::Duration;

use cognito_signout::fake_cognito::FakeCognito;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

use crate::example;

static PROGRAM: LazyLock<PathBuf> = LazyLock::new(|| example::build("admin"));

/// What the program signs with. None of the three may stand in what it says.
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const SESSION_TOKEN: &str = "FwoGZXIvYXdzEXAMPLESESSIONTOKEN";

/// A user pool, and a folder for the files that the program is given.
pub(crate) struct Desk {
    pub(crate) fake: FakeCognito,
    folder: TempDir,
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

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn file(&self, name: &str, content: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A file's lines, each of them JSON.
    pub(crate) fn lines(&self, name: &str) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The program at this pool, with credentials, in a home of its own. `args` is split at blanks; `{}` stands for a path in
    /// the folder.
    pub(crate) fn program(&self, args: &str) -> Command {
        let mut command = self.program_without_credentials(args);
        command
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_SESSION_TOKEN", SESSION_TOKEN);
        command
    }

    pub(crate) fn program_without_credentials(&self, args: &str) -> Command {
        let mut command = Command::new(&*PROGRAM);
        let folder = self.folder.path().to_str().unwrap();
        command
            .args(args.replace("{}", folder).split_whitespace())
            .args(["--user-pool", &self.fake.user_pool_id()])
            .args(["--endpoint", self.fake.url().as_str()])
            .env_clear()
            .env("HOME", self.folder.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    pub(crate) async fn run(&self, args: &str) -> Said {
        said(self.program(args)).await
    }
}

pub(crate) async fn said(mut command: Command) -> Said {
    let output = tokio::time::timeout(Duration::from_secs(120), command.output()).await;
    Said::from(output.expect("the program ends").unwrap())
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        let said = Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        };
        for secret in [SECRET_KEY, SESSION_TOKEN] {
            assert!(
                !said.stdout.contains(secret) && !said.stderr.contains(secret),
                "a secret is shown"
            );
        }
        said
    }
}

impl Said {
    /// The one object on stdout, nothing being beside it; its time, which no test can foretell, becomes 0.
    pub(crate) fn object(&self) -> Value {
        assert_eq!(self.stderr, "");
        let mut object: Value = serde_json::from_str(&self.stdout).expect("one JSON value and nothing else");
        assert_eq!(self.stdout.lines().count(), 1);
        assert!(object["elapsed_ms"].is_u64(), "elapsed_ms is a whole number");
        object["elapsed_ms"] = json!(0);
        object
    }
}

/// The most memory that a running process has used so far, in KiB.
pub(crate) fn peak_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
