//! ministack as a process, for the tests of the bindings: Swift's run in a sandbox of their own, from which it could not
//! be started.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::toolbox::Toolbox;
use crate::tools::MINISTACK;

const READY_WITHIN: Duration = Duration::from_secs(30);

/// Runs until it is dropped, on loopback, and verifies tokens.
pub(crate) struct Ministack {
    process: Child,
    port: u16,
}

impl Ministack {
    pub(crate) fn start(tools: &mut Toolbox) -> Result<Self, String> {
        tools.provide(&MINISTACK)?;
        // One that was free a moment ago: it cannot choose one itself.
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|listener| listener.local_addr());
        let port = listener
            .map_err(|error| format!("no free port for ministack: {error}"))?
            .port();
        // As `tests/support/servers.rs` starts it for Rust's tests.
        let process = Command::new(tools.folder(&MINISTACK).join("bin/ministack"))
            .env("AUTH", "true")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("IOT_MTLS_ENABLED", "0")
            .env("COGNITO_EMAIL_ENABLED", "false")
            .current_dir(std::env::temp_dir())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("ministack could not be started ({error})"))?;
        let server = Self { process, port };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// What the tests find in the variable `MINISTACK`.
    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    fn wait_until_ready(&self) -> Result<(), String> {
        let begun = Instant::now();
        while begun.elapsed() < READY_WITHIN {
            if let Ok(health) = self.health() {
                // Without it, it accepts every token, and every test against it would be worth nothing.
                let verifies = health.replace(' ', "").contains(r#""auth":"enabled""#);
                return verifies
                    .then_some(())
                    .ok_or_else(|| format!("ministack runs without AUTH: {health}"));
            }
            thread::sleep(Duration::from_millis(50));
        }
        Err(format!("ministack is not ready within {READY_WITHIN:?}"))
    }

    fn health(&self) -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(READY_WITHIN))?;
        stream.write_all(b"GET /_ministack/health HTTP/1.0\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    }
}

impl Drop for Ministack {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
