//! The requests that the library sends, and the responses that it gets, for botocore to check.

use std::path::Path;
use std::sync::{Arc, Mutex};

use cognito_signout::transport::{Exchange, HttpRequest, HttpTransport, RustlsTransport};
use serde_json::{Value, json};

/// Sends over sockets, and keeps each exchange.
#[derive(Debug, Clone)]
pub(crate) struct Recording {
    transport: Arc<RustlsTransport>,
    exchanges: Arc<Mutex<Vec<Value>>>,
}

impl Recording {
    pub(crate) fn new() -> Self {
        Self {
            transport: Arc::new(RustlsTransport::new()),
            exchanges: Arc::default(),
        }
    }

    /// Writes every exchange so far, one line of JSON each.
    pub(crate) fn write(&self, path: &Path) {
        let exchanges = self.exchanges.lock().expect("no test panicked");
        let lines: String = exchanges.iter().map(|exchange| format!("{exchange}\n")).collect();
        std::fs::write(path, lines).expect("the exchanges are written");
    }
}

impl HttpTransport for Recording {
    fn send(&self, request: HttpRequest) -> Exchange {
        let recording = self.clone();
        Box::pin(async move {
            let mut exchange = json!({
                "method": request.method,
                "url": request.url.as_str(),
                "headers": request.headers,
                "body": text(&request.body),
            });
            let response = recording.transport.send(request).await?;
            exchange["status"] = response.status.into();
            exchange["response"] = text(&response.body).into();
            recording.exchanges.lock().expect("no test panicked").push(exchange);
            Ok(response)
        })
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8(body.to_vec()).expect("the body is text")
}
