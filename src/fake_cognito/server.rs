//! From a connection to its responses: records each request, waits, then responds or plays the script's fault.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use super::admin;
use super::app;
use super::clock::FakeClock;
use super::faults::{Fault, Spelling};
use super::hosted::{self, Pages};
use super::operation::{Caller, Operation};
use super::pool::Pool;
use super::recorder::{Recorded, Recorder};
use super::script::{Act, Script};
use super::service_error::ServiceError;
use super::tokens;
use super::wire::{Connection, Request, Response, Stream};
use crate::Clock;
use crate::lock::lock;
use crate::transport::MAX_RESPONSE_BYTES;

/// What the connections share with the handle.
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

/// Serves until it is dropped. That also drops its connections.
pub(super) async fn serve(listener: TcpListener, tls: Option<TlsAcceptor>, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else {
                    // Probably out of file descriptors: wait for some to be freed.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                let (tls, shared) = (tls.clone(), Arc::clone(&shared));
                connections.spawn(async move {
                    // The client reports failed connections, such as a refused certificate.
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
            // A client that speaks TLS to a plain port receives HTTP, as from any server.
            Err(error) if error.kind() == io::ErrorKind::InvalidData => {
                connection
                    .send(&Response::html(400, "<html><body>Bad request</body></html>").bytes())
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

/// Responds to one request. Returns the connection if it can take another request.
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

    let true_response = || match operation {
        Some(operation) => {
            let now = shared.clock.now();
            let api_response = |result: Result<serde_json::Value, ServiceError>| {
                result.map_or_else(Response::error, |json| Response::json(200, json.to_string()))
            };
            match operation.caller() {
                Caller::App => api_response(shared.with_pool(|pool| app::perform(pool, operation, request, now))),
                Caller::Admin => api_response(shared.with_pool(|pool| admin::perform(pool, operation, request, now))),
                Caller::Hosted => shared
                    .with_pages(|pages, pool| hosted::perform(pages, pool, operation, request, now))
                    .with("x-amz-cognito-request-id", tokens::uuid()),
            }
        }
        None if is_api => Response::error(ServiceError::UnknownOperation),
        None => Response::html(404, "<html><body>Not found</body></html>"),
    };
    let Some(scene) = scene else {
        return send(connection, &true_response(), &recorded).await;
    };
    let early_response = scene.after_effect.then(true_response);
    match scene.act {
        Act::Hold(turnstile) => {
            turnstile.pass().await;
            let response = early_response.unwrap_or_else(true_response);
            send(connection, &response, &recorded).await
        }
        Act::Fault(fault) if fault.shows_the_true_response() => {
            let response = early_response.unwrap_or_else(true_response);
            spoil(&fault, connection, response, &recorded).await
        }
        Act::Fault(fault) => replace(&fault, connection, request, &recorded).await,
    }
}

async fn send(mut connection: Connection, response: &Response, recorded: &Recorded) -> io::Result<Option<Connection>> {
    recorded.set_status(response.status);
    connection.send(&response.bytes()).await?;
    Ok(Some(connection))
}

/// Plays a fault that begins with the true response.
async fn spoil(
    fault: &Fault,
    mut connection: Connection,
    mut response: Response,
    recorded: &Recorded,
) -> io::Result<Option<Connection>> {
    let head = response.head(Some(response.body.len()));
    let half_body = response.body[..response.body.len() / 2].to_vec();
    recorded.set_status(response.status);
    match fault {
        Fault::TruncatedJson => {
            response.body = half_body;
            return send(connection, &response, recorded).await;
        }
        Fault::EmptyBody => {
            response.body.clear();
            return send(connection, &response, recorded).await;
        }
        Fault::Drip => {
            for byte in response.bytes() {
                tokio::time::sleep(Duration::from_secs(1)).await;
                connection.send(&[byte]).await?;
            }
            return Ok(Some(connection));
        }
        Fault::StaleKeepAlive => {
            connection.send(&response.bytes()).await?;
            connection.wait_for_client().await?;
            connection.reset()?;
        }
        Fault::ResetAfterHeaders => {
            connection.send(&head).await?;
            // A reset discards what the client has not read yet: give it a moment to read the headers.
            tokio::time::sleep(Duration::from_millis(50)).await;
            connection.reset()?;
        }
        Fault::HangMidBody => {
            connection.send(&[head, half_body].concat()).await?;
            connection.wait_for_hangup().await;
        }
        // `CloseMidBody`; `replace` plays the others.
        _ => {
            connection.send(&[head, half_body].concat()).await?;
            connection.close().await?;
        }
    }
    Ok(None)
}

/// Plays a fault that replaces the true response.
async fn replace(
    fault: &Fault,
    mut connection: Connection,
    request: &Request,
    recorded: &Recorded,
) -> io::Result<Option<Connection>> {
    let response = match fault {
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
            recorded.set_status(200);
            connection.send(&Response::json(200, "").head(None)).await?;
            // Ends with a write error once the client has closed the connection.
            loop {
                connection.send(&[b' '; 16 * 1024]).await?;
            }
        }
        Fault::Redirect(location) => Response::html(307, "").with("location", location),
        Fault::CaptivePortal => Response::html(200, "<html><body>Welcome! Enter your room number.</body></html>"),
        Fault::OversizedBody => {
            let (start, end) = (r#"{"Padding":""#, r#""}"#);
            let padding = "x".repeat(MAX_RESPONSE_BYTES + 1 - start.len() - end.len());
            Response::json(200, [start, &padding, end].concat())
        }
        Fault::EmptyPortal => Response::empty(200),
        Fault::HtmlPage(status) => Response::html(*status, "<html><body>Something went wrong.</body></html>"),
        Fault::ErrorWithStatus200(error) => Response::json(200, Response::error(*error).body),
        Fault::Refuse(error) => Response::error(*error),
        Fault::RefuseOAuth(error) => Response::oauth_error(*error),
        Fault::RefuseSpelled(error, spelling) => spelled(*error, *spelling),
        Fault::TokenAsMessage => token_as_message(request),
        // `Close`; `spoil` plays the others.
        _ => {
            connection.close().await?;
            return Ok(None);
        }
    };
    send(connection, &response, recorded).await
}

fn spelled(error: ServiceError, spelling: Spelling) -> Response {
    let code = error.code();
    let code_in_body = match spelling {
        Spelling::Plain => code.to_owned(),
        Spelling::Namespaced => format!("com.amazonaws.cognitoidentityprovider#{code}"),
        Spelling::WithUrl => format!("{code}:http://internal.amazon.com/coral/com.amazonaws.cognitoidentityprovider/"),
        Spelling::HeaderOnly => {
            let body = serde_json::json!({ "message": error.message() });
            return Response::json(error.status(), body.to_string()).with("x-amzn-errortype", format!("{code}:"));
        }
    };
    let body = serde_json::json!({ "__type": code_in_body, "message": error.message() });
    Response::json(error.status(), body.to_string())
}

fn token_as_message(request: &Request) -> Response {
    if let Some(token) = request.form().get("token") {
        let error = serde_json::json!({ "error": "invalid_request", "error_description": token });
        return Response::json(400, error.to_string());
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
    Response::json(400, error.to_string())
}
