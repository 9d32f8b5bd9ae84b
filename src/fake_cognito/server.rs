//! From a connection to its answers: records, waits, meets the script's faults, and otherwise answers.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::clock::FakeClock;
use super::faults::{Fault, Spelling};
use super::hosted::{self, Pages};
use super::operations::{self, Operation};
use super::pool::Pool;
use super::recorder::{Recorded, Recorder};
use super::script::{Act, Script};
use super::service_error::ServiceError;
use super::tokens;
use super::wire::{Answer, Connection, Request, Stream};
use crate::Clock;
use crate::lock::lock;
use crate::transport::MAX_RESPONSE_BYTES;

/// All that the connections share with the handle.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) pool: Mutex<Pool>,
    pub(super) pages: Mutex<Pages>,
    pub(super) script: Script,
    pub(super) recorder: Recorder,
    pub(super) clock: FakeClock,
    pub(super) delay: Mutex<Duration>,
}

impl Shared {
    pub(super) fn with_pool<T>(&self, act: impl FnOnce(&mut Pool) -> T) -> T {
        act(&mut lock(&self.pool))
    }

    pub(super) fn with_pages<T>(&self, act: impl FnOnce(&mut Pages, &mut Pool) -> T) -> T {
        let mut pages = lock(&self.pages);
        self.with_pool(|pool| act(&mut pages, pool))
    }
}

/// Serves until it is dropped, and its connections with it.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Out of file descriptors, most likely: some may come free.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                let (tls, shared) = (tls.clone(), Arc::clone(&shared));
                connections.spawn(async move {
                    // A connection that fails is the client's to report: a certificate refused, a hang-up.
                    if let Err(error) = serve_connection(stream, tls, &shared).await {
                        tracing::debug!(%error, "a connection to FakeCognito ended early");
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve_connection(stream: TcpStream, tls: Option<TlsAcceptor>, shared: &Shared) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let stream: Box<dyn Stream> = match tls {
        Some(tls) => Box::new(tls.accept(stream).await?),
        None => Box::new(stream),
    };
    let mut connection = Connection::new(stream);
    loop {
        let request = match connection.next_request().await {
            Ok(Some(request)) => request,
            Ok(None) => return Ok(()),
            // A client that speaks TLS to a plain port gets to hear HTTP, as from any server.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                connection
                    .send(&Answer::html(400, "<html><body>Bad request</body></html>").bytes())
                    .await?;
                return connection.close().await;
            }
            Err(error) => return Err(error),
        };
        let last = request
            .header("connection")
            .is_some_and(|value| value.eq_ignore_ascii_case("close"));
        match respond(connection, &request, shared).await? {
            Some(kept_alive) if !last => connection = kept_alive,
            Some(done) => return done.close().await,
            None => return Ok(()),
        }
    }
}

/// Answers one request; gives the connection back if it is still good for another.
async fn respond(connection: Connection, request: &Request, shared: &Shared) -> io::Result<Option<Connection>> {
    let is_api = request.method == "POST" && request.path == "/";
    let operation = match request.header("x-amz-target") {
        Some(target) if is_api => Operation::from_target(target),
        _ => hosted::operation(request),
    };
    let recorded = shared.recorder.record(operation, request);
    let scene = operation.and_then(|operation| shared.script.next(operation));
    let delay = *lock(&shared.delay);
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }

    let true_answer = || match operation {
        Some(operation) if operation.is_hosted() => {
            let now = shared.clock.now();
            let answer = shared.with_pages(|pages, pool| hosted::answer(pages, pool, operation, request, now));
            answer.with("x-amz-cognito-request-id", tokens::uuid())
        }
        Some(operation) => {
            let result = shared.with_pool(|pool| operations::perform(pool, operation, request, shared.clock.now()));
            result.map_or_else(Answer::error, |json| Answer::json(200, json.to_string()))
        }
        None if is_api => Answer::error(ServiceError::UnknownOperation),
        None => Answer::html(404, "<html><body>Not found</body></html>"),
    };
    let Some(scene) = scene else {
        return send(connection, &true_answer(), &recorded).await;
    };
    let early_answer = scene.after_effect.then(true_answer);
    match scene.act {
        Act::Hold(turnstile) => {
            turnstile.pass().await;
            let answer = early_answer.unwrap_or_else(true_answer);
            send(connection, &answer, &recorded).await
        }
        Act::Fault(fault) if fault.shows_the_true_answer() => {
            let answer = early_answer.unwrap_or_else(true_answer);
            spoil(&fault, connection, answer, &recorded).await
        }
        Act::Fault(fault) => replace(&fault, connection, request, &recorded).await,
    }
}

async fn send(mut connection: Connection, answer: &Answer, recorded: &Recorded) -> io::Result<Option<Connection>> {
    recorded.answered(answer.status);
    connection.send(&answer.bytes()).await?;
    Ok(Some(connection))
}

/// The faults that begin with the true answer.
async fn spoil(
    fault: &Fault,
    mut connection: Connection,
    mut answer: Answer,
    recorded: &Recorded,
) -> io::Result<Option<Connection>> {
    let head = answer.head(Some(answer.body.len()));
    let half_body = answer.body[..answer.body.len() / 2].to_vec();
    recorded.answered(answer.status);
    match fault {
        Fault::TruncatedJson => {
            answer.body = half_body;
            return send(connection, &answer, recorded).await;
        }
        Fault::EmptyBody => {
            answer.body.clear();
            return send(connection, &answer, recorded).await;
        }
        Fault::Drip => {
            for byte in answer.bytes() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                connection.send(&[byte]).await?;
            }
            return Ok(Some(connection));
        }
        Fault::StaleKeepAlive => {
            connection.send(&answer.bytes()).await?;
            connection.wait_for_client().await?;
            connection.reset()?;
        }
        Fault::ResetAfterHeaders => {
            connection.send(&head).await?;
            // A reset overtakes what the client has not read yet: leave it a moment for the headers.
            tokio::time::sleep(Duration::from_millis(50)).await;
            connection.reset()?;
        }
        Fault::HangMidBody => {
            connection.send(&[head, half_body].concat()).await?;
            connection.wait_for_hangup().await;
        }
        // `CloseMidBody`, and what `replace` plays.
        _ => {
            connection.send(&[head, half_body].concat()).await?;
            connection.close().await?;
        }
    }
    Ok(None)
}

/// The faults that stand in place of the true answer.
async fn replace(
    fault: &Fault,
    mut connection: Connection,
    request: &Request,
    recorded: &Recorded,
) -> io::Result<Option<Connection>> {
    let answer = match fault {
        Fault::Hang => {
            connection.wait_for_hangup().await;
            return Ok(None);
        }
        Fault::Reset => {
            connection.reset()?;
            return Ok(None);
        }
        Fault::NotHttp => {
            connection.send(b"SSH-2.0-OpenSSH_9.2\r\n").await?;
            connection.close().await?;
            return Ok(None);
        }
        Fault::EndlessBody => {
            recorded.answered(200);
            connection.send(&Answer::json(200, "").head(None)).await?;
            // Ends with the error of writing to a client that has hung up.
            loop {
                connection.send(&[b' '; 16 * 1024]).await?;
            }
        }
        Fault::Redirect(location) => Answer::html(307, "").with("location", location),
        Fault::CaptivePortal => Answer::html(200, "<html><body>Welcome! Enter your room number.</body></html>"),
        Fault::OversizedBody => {
            let (start, end) = (r#"{"Padding":""#, r#""}"#);
            let padding = "x".repeat(MAX_RESPONSE_BYTES + 1 - start.len() - end.len());
            Answer::json(200, [start, &padding, end].concat())
        }
        Fault::EmptyPortal => Answer::empty(200),
        Fault::HtmlPage(status) => Answer::html(*status, "<html><body>Something went wrong.</body></html>"),
        Fault::ErrorWithStatus200(error) => Answer::json(200, Answer::error(*error).body),
        Fault::Refuse(error) => Answer::error(*error),
        Fault::RefuseOAuth(error) => error.answer(),
        Fault::RefuseSpelled(error, spelling) => spelled(*error, *spelling),
        Fault::TokenAsMessage => token_as_message(request),
        // `Close`, and what `spoil` plays.
        _ => {
            connection.close().await?;
            return Ok(None);
        }
    };
    send(connection, &answer, recorded).await
}

fn spelled(error: ServiceError, spelling: Spelling) -> Answer {
    let code = error.code();
    let code_in_body = match spelling {
        Spelling::Plain => code.to_owned(),
        Spelling::Namespaced => format!("com.amazonaws.cognitoidentityprovider#{code}"),
        Spelling::WithUrl => format!("{code}:http://internal.amazon.com/coral/com.amazonaws.cognitoidentityprovider/"),
        Spelling::HeaderOnly => {
            let body = serde_json::json!({ "message": error.message() });
            return Answer::json(error.status(), body.to_string()).with("x-amzn-errortype", format!("{code}:"));
        }
    };
    let body = serde_json::json!({ "__type": code_in_body, "message": error.message() });
    Answer::json(error.status(), body.to_string())
}

fn token_as_message(request: &Request) -> Answer {
    if let Some(token) = request.form().get("token") {
        let error = serde_json::json!({ "error": "invalid_request", "error_description": token });
        return Answer::json(400, error.to_string());
    }
    let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let places = [
        "/AccessToken",
        "/Token",
        "/RefreshToken",
        "/AuthParameters/REFRESH_TOKEN",
        "/Username",
    ];
    let token = places
        .iter()
        .find_map(|place| body.pointer(place))
        .cloned()
        .unwrap_or_default();
    let error = serde_json::json!({ "__type": "NotAuthorizedException", "message": token });
    Answer::json(400, error.to_string())
}
