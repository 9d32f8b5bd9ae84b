//! Runs an app in a process of its own, and searches all memory of that process at its stages. FakeCognito is in this process.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

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
        std::fs::write(root.path(), certificate).unwrap();
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

pub(crate) fn refresh_token(_: &FakeCognito, issued: &IssuedTokens) -> Vec<String> {
    vec![issued.refresh.reveal().to_owned()]
}
