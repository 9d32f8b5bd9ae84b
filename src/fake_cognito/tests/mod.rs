//! Tests over a plain client that reports every byte and how the connection ended.

mod admin;
mod faults;
mod hosted;
mod pool;
mod server;
mod sessions;
mod tls;

use std::io::ErrorKind;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::{FakeCognito, Operation};

/// What a client received, and how it ended.
struct Reply {
    bytes: Vec<u8>,
    ending: Ending,
}

#[derive(Debug, PartialEq)]
enum Ending {
    /// As many bytes of body as were announced.
    Complete,
    /// FIN before that.
    Closed,
    /// RST before that.
    Reset,
    /// Nothing more for a minute of Tokio's clock.
    Silence,
    /// The client gave up at four times the largest permitted response.
    TooMuch,
}

impl Reply {
    fn text(&self) -> String {
        String::from_utf8(self.bytes.clone()).unwrap()
    }

    /// The response's head in lower case, and its body. Panics if the head is incomplete.
    fn parts(&self) -> (String, String) {
        let text = self.text();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.to_lowercase(), body.to_owned())
    }

    fn status(&self) -> u16 {
        self.text().strip_prefix("HTTP/1.1 ").unwrap()[..3].parse().unwrap()
    }

    fn header(&self, name: &str) -> Option<String> {
        let (head, _) = self.parts();
        head.lines()
            .find_map(|line| line.strip_prefix(&format!("{name}: ")).map(str::to_owned))
    }

    fn announced(&self) -> Option<usize> {
        self.header("content-length").map(|length| length.parse().unwrap())
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.parts().1).unwrap()
    }

    fn is_complete(&self) -> bool {
        let head_end = self.bytes.windows(4).position(|window| window == b"\r\n\r\n");
        head_end.is_some_and(|end| {
            self.announced()
                .is_some_and(|length| self.bytes.len() >= end + 4 + length)
        })
    }
}

async fn connect(fake: &FakeCognito) -> TcpStream {
    TcpStream::connect(fake.address).await.unwrap()
}

/// Calls an API operation on a new connection.
async fn call(fake: &FakeCognito, operation: Operation, body: &Value) -> Reply {
    call_on(&mut connect(fake).await, operation, body).await
}

async fn call_on(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), operation: Operation, body: &Value) -> Reply {
    let body = body.to_string();
    let target = format!("AWSCognitoIdentityProviderService.{}", operation.as_str());
    let length = body.len();
    let request =
        format!("POST / HTTP/1.1\r\nhost: fake\r\nx-amz-target: {target}\r\ncontent-length: {length}\r\n\r\n{body}");
    exchange(stream, &request).await
}

async fn exchange(stream: &mut (impl AsyncRead + AsyncWrite + Unpin), request: &str) -> Reply {
    let mut reply = Reply {
        bytes: Vec::new(),
        ending: Ending::Complete,
    };
    let mut written = stream.write_all(request.as_bytes()).await.map(|()| 1);
    loop {
        reply.ending = match written {
            Err(error) if error.kind() == ErrorKind::ConnectionReset => Ending::Reset,
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ending::Reset,
            Err(error) => panic!("no test expects this ending: {error}"),
            Ok(0) => Ending::Closed,
            Ok(_) if reply.bytes.len() > 4 * crate::transport::MAX_RESPONSE_BYTES => Ending::TooMuch,
            Ok(_) if reply.is_complete() => Ending::Complete,
            Ok(_) => match tokio::time::timeout(Duration::from_secs(60), stream.read_buf(&mut reply.bytes)).await {
                Ok(result) => {
                    written = result;
                    continue;
                }
                Err(_) => Ending::Silence,
            },
        };
        return reply;
    }
}

fn revoke_request(fake: &FakeCognito, token: &crate::Secret) -> Value {
    json!({ "Token": token.reveal(), "ClientId": fake.client_id() })
}

fn refresh_request(fake: &FakeCognito, token: &crate::Secret) -> Value {
    json!({
        "ClientId": fake.client_id(),
        "AuthFlow": "REFRESH_TOKEN_AUTH",
        "AuthParameters": { "REFRESH_TOKEN": token.reveal() },
    })
}
