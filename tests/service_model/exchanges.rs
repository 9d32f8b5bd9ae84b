//! The requests that the library sends, and the responses that it gets, for botocore to check.

use std::ffi::OsStr;
use std::sync::{Arc, Mutex};

use cognito_signout::fake_cognito::Operation;
use cognito_signout::transport::{Exchange, HttpRequest, HttpTransport, RustlsTransport};
use serde_json::{Value, json};

use crate::python;

/// The credentials of the administrator.
pub(crate) const KEY: &str = "AKIDEXAMPLE";
pub(crate) const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

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

    /// Has botocore check every exchange. Each of the operations must have succeeded, and met each error that the model
    /// declares for it.
    pub(crate) fn check(&self, operations: &[Operation]) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("exchanges");
        let exchanges = self.exchanges.lock().expect("no test panicked");
        let lines: String = exchanges.iter().map(|exchange| format!("{exchange}\n")).collect();
        std::fs::write(&path, lines).expect("the exchanges are written");
        let operations = operations.iter().map(|operation| OsStr::new(operation.as_str()));
        let arguments = [path.as_os_str(), KEY.as_ref(), SECRET_KEY.as_ref()];
        python("sent.py", arguments.into_iter().chain(operations));
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
