//! The app's own server: it sends push messages to the devices of those who are signed in, and forgets a device if it is asked
//! with an access token that works. It has one answer for all requests, which the demo sets.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cognito_signout::Secret;
use cognito_signout::transport::{HttpRequest, HttpTransport, RustlsTransport};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use url::Url;

use crate::stage::Outcome;

/// What the server does with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answers {
    Refuses,
    Never,
    Forgets,
}

/// What the demo sees of the server.
#[derive(Debug)]
pub(crate) struct PushServer {
    pub(crate) url: Url,
    /// How often it has been asked.
    asked: watch::Receiver<usize>,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    answers: Answers,
    /// The authorization header that it accepts.
    accepts: String,
    knows_the_device: bool,
}

impl PushServer {
    /// Starts it. It accepts this access token, and knows the device.
    pub(crate) async fn start(access_token: &Secret) -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let url = format!("http://{}/push-token", listener.local_addr()?).parse()?;
        let state = Arc::new(Mutex::new(State {
            answers: Answers::Refuses,
            accepts: format!("authorization: Bearer {}\r\n", access_token.reveal()),
            knows_the_device: true,
        }));
        let shared = Arc::clone(&state);
        let (asks, asked) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                asks.send_modify(|times| *times += 1);
                tokio::spawn(serve(connection, Arc::clone(&shared)));
            }
        });
        Ok(Self { url, asked, state })
    }

    pub(crate) fn answers(&self, answers: Answers) {
        lock(&self.state).answers = answers;
    }

    /// Waits until it has been asked a second time.
    pub(crate) async fn asked_again(&self) -> Outcome<()> {
        let mut asked = self.asked.clone();
        let again = asked.wait_for(|times| *times > 1);
        tokio::time::timeout(Duration::from_secs(10), again).await??;
        Ok(())
    }

    pub(crate) fn knows_the_device(&self) -> bool {
        lock(&self.state).knows_the_device
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn serve(mut connection: TcpStream, state: Arc<Mutex<State>>) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        if connection.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let request = String::from_utf8_lossy(&request).into_owned();
    let status = {
        let mut state = lock(&state);
        let is_allowed = request
            .to_ascii_lowercase()
            .contains(&state.accepts.to_ascii_lowercase());
        match state.answers {
            Answers::Never => None,
            Answers::Refuses => Some("503 Service Unavailable"),
            Answers::Forgets if !is_allowed => Some("401 Unauthorized"),
            Answers::Forgets => {
                state.knows_the_device = false;
                Some("204 No Content")
            }
        }
    };
    match status {
        Some(status) => {
            let response = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            connection.write_all(response.as_bytes()).await
        }
        None => std::future::pending().await,
    }
}

/// What the app does: asks its server to forget this device.
pub(crate) async fn forget_device(server: Url, access_token: Secret) -> Result<(), String> {
    let response = RustlsTransport::new().send(HttpRequest {
        method: "POST".into(),
        url: server,
        headers: vec![("authorization".into(), format!("Bearer {}", access_token.reveal()))],
        body: Vec::new().into(),
    });
    match response.await.map_err(|error| error.to_string())?.status {
        200..300 => Ok(()),
        status => Err(format!("the app's server answered {status}")),
    }
}
