//! npm's oidc-provider as a process: `tests/servers/oidc-provider`.

use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::timeout;

use crate::support::installed::installed;

const READY_WITHIN: Duration = Duration::from_secs(30);

/// The process ends when its standard input ends, and when this is dropped.
pub(crate) struct OidcProvider {
    pub(crate) issuer: String,
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl OidcProvider {
    /// Listens on loopback. Its settings come later, in `serve`.
    pub(crate) async fn listen(host: &str) -> Self {
        let mut process = Command::new("node")
            .arg("tests/servers/oidc-provider/server.mjs")
            .arg(host)
            .arg(installed("oidc-provider-9.13.3"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut provider = Self {
            issuer: String::new(),
            process,
            lines,
        };
        provider.issuer = provider.says().await;
        provider
    }

    /// Gives it its settings, which `server.mjs` describes.
    pub(crate) async fn serve(mut self, settings: &Value) -> Self {
        let input = self.process.stdin.as_mut().unwrap();
        input.write_all(format!("{settings}\n").as_bytes()).await.unwrap();
        assert_eq!(self.says().await, "ready");
        self
    }

    async fn says(&mut self) -> String {
        let line = timeout(READY_WITHIN, self.lines.next_line()).await;
        let line = line.expect("oidc-provider is ready in time").unwrap();
        line.expect("oidc-provider runs: to see why not, run it by hand")
    }
}
