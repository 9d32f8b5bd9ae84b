//! Runs an app in a process of its own, and searches all memory of that process at its stages. FakeCognito is in this process.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;

use cognito_signout::fake_cognito::{FakeCognito, FakeCognitoBuilder, IssuedTokens};

use super::search::{Copy, Wanted};

/// The variable that makes a program the app, with the address of the server.
pub(crate) const SERVER: &str = "MEMORY_TEST_SERVER";
/// The file with the certificate that the app trusts, in DER.
pub(crate) const ROOT: &str = "MEMORY_TEST_ROOT";
/// What the app does.
pub(crate) const APP: &str = "MEMORY_TEST_APP";
/// What the app gets from its standard input: the three tokens, one a line, and zeros. After each stage it waits for one more byte.
pub(crate) const BLOCK: usize = 16 * 1024;

/// What the app has in memory while it is signed in, and when it has signed out.
pub(crate) fn copies(
    mut app: Command,
    kind: &str,
    pool: FakeCognitoBuilder,
    wanted: fn(&FakeCognito, &IssuedTokens) -> Vec<String>,
) -> [Vec<Copy>; 2] {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let fake = runtime.block_on(pool.start()).unwrap();
    let issued = fake.sign_in("ana");
    app.env(SERVER, fake.url().as_str()).env(APP, kind);
    let root = tempfile::NamedTempFile::new().unwrap();
    if let Some(certificate) = fake.root_certificate() {
        fs::write(root.path(), certificate).unwrap();
        app.env(ROOT, root.path());
    }
    let mut app = app.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut input, output) = (app.stdin.take().unwrap(), app.stdout.take().unwrap());
    let mut said = BufReader::new(output).lines();

    let mut block = format!(
        "{}\n{}\n{}\n",
        issued.access.reveal(),
        issued.id.reveal(),
        issued.refresh.reveal()
    )
    .into_bytes();
    block.resize(BLOCK, 0);
    input.write_all(&block).unwrap();
    let found = ["signed in", "signed out"].map(|stage| {
        assert!(
            said.any(|line| line.unwrap() == stage),
            "the app has not come to {stage}"
        );
        let wanted = wanted(&fake, &issued);
        let _still = StandsStill::begin(app.id());
        let copies = wanted
            .iter()
            .flat_map(|token| Wanted::new(token).copies_in(app.id()))
            .collect();
        input.write_all(b"\n").unwrap();
        copies
    });
    assert!(app.wait().unwrap().success());
    found
}

/// A process that stands still until this is dropped: its other threads would move what is searched for.
struct StandsStill(u32);

impl StandsStill {
    fn begin(process: u32) -> Self {
        let still = Self(process);
        still.send("STOP");
        while !still.is_true() {
            std::thread::sleep(Duration::from_millis(1));
        }
        still
    }

    /// By the shell, which has `kill` built in.
    fn send(&self, signal: &str) {
        let mut kill = Command::new("sh");
        kill.args(["-c", &format!("kill -{signal} {}", self.0)]);
        assert!(kill.status().unwrap().success(), "{signal}");
    }

    /// Each thread stops by itself, a moment after the signal.
    fn is_true(&self) -> bool {
        let mut threads = fs::read_dir(format!("/proc/{}/task", self.0)).unwrap();
        threads.all(|thread| {
            // A thread that has ended since has no such file.
            let said = fs::read_to_string(thread.unwrap().path().join("stat"));
            said.is_ok_and(|said| said.rsplit_once(") ").unwrap().1.starts_with('T'))
        })
    }
}

impl Drop for StandsStill {
    fn drop(&mut self) {
        self.send("CONT");
    }
}

pub(crate) fn refresh_token(_: &FakeCognito, issued: &IssuedTokens) -> Vec<String> {
    vec![issued.refresh.reveal().to_owned()]
}
