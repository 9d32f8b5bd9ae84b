//! A desk to try the program at: a user pool, and files for the program.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use cognito_signout::fake_cognito::FakeCognito;
use serde_json::Value;
use tempfile::TempDir;
use tokio::process::Command;

use crate::described::described;
use crate::said::Said;
use crate::tried::program;

/// The secrets with which the program signs.
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub(crate) const SESSION_TOKEN: &str = "FwoGZXIvYXdzEXAMPLESESSIONTOKEN";

/// A user pool, and a folder for the files of the program.
pub(crate) struct Desk {
    pub(crate) fake: FakeCognito,
    folder: TempDir,
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

    /// The program at this pool, with credentials and its own home. `args` is split at blanks; `{}` stands for the folder.
    pub(crate) fn program(&self, args: &str) -> Command {
        let mut command = self.program_without_credentials(args);
        command
            .env("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY)
            .env("AWS_SESSION_TOKEN", SESSION_TOKEN);
        command
    }

    pub(crate) fn program_without_credentials(&self, args: &str) -> Command {
        let mut command = Command::new(program());
        let folder = self.folder.path().to_str().unwrap();
        command
            .arg("admin")
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
    checked(output.expect("the program ends").unwrap())
}

/// What the program said, which must not include its secrets.
pub(crate) fn checked(output: Output) -> Said {
    let said = described(output);
    said.assert_shows_none_of(&[SECRET_KEY, SESSION_TOKEN]);
    said
}

/// The peak memory of a running process so far, in KiB, on Linux.
pub(crate) fn peak_memory(process: u32) -> u64 {
    let status = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status")).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    peak.unwrap().trim().strip_suffix(" kB").unwrap().parse().unwrap()
}

/// How many bytes a running process has read so far, from files and connections.
#[cfg(target_os = "linux")]
pub(crate) fn read_bytes(process: u32) -> u64 {
    let counters = std::fs::read_to_string(Path::new("/proc").join(process.to_string()).join("io")).unwrap();
    let read = counters.lines().find_map(|line| line.strip_prefix("rchar: "));
    read.unwrap().parse().unwrap()
}
