//! The record of every request, in the order of arrival.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock};

use serde_json::{Map, Value};
use tokio::time::Instant;

use super::operation::Operation;
use super::wire::Request;
use crate::lock::lock;

/// One request as it arrived. Its `Debug` shows the operation and the response's status. It shows no values: headers,
/// body and query can contain tokens.
#[derive(Clone)]
pub struct Recorded {
    operation: Option<Operation>,
    method: String,
    path: String,
    headers: Vec<(String, String)>,
    body: Value,
    at: Instant,
    status: Arc<OnceLock<u16>>,
}

impl Recorded {
    /// The operation; `None` if the fake does not have it.
    pub fn operation(&self) -> Option<Operation> {
        self.operation
    }

    /// The HTTP method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// Path and query, as the request line had them.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The value of the first header of this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let header = self
            .headers
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        Some(&header.1)
    }

    /// Header names, in lower case, and values, in order.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body: its JSON, or a form's fields as an object; `Null` if it is neither.
    pub fn body(&self) -> &Value {
        &self.body
    }

    /// When the whole request had arrived, on Tokio's clock.
    pub fn at(&self) -> Instant {
        self.at
    }

    /// The response's status; `None` until a response is sent, or for ever if none was.
    pub fn status(&self) -> Option<u16> {
        self.status.get().copied()
    }

    pub(super) fn set_status(&self, status: u16) {
        // Succeeds: a request has one response.
        let _ = self.status.set(status);
    }
}

impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path.split('?').next().unwrap_or_default();
        let operation = self.operation.map_or("no known operation", Operation::as_str);
        write!(f, "{} {path} {operation}", self.method)?;
        if let Some(fields) = self.body.as_object() {
            let fields: Vec<&str> = fields.keys().map(String::as_str).collect();
            write!(f, " {{{}}}", fields.join(", "))?;
        }
        match self.status() {
            Some(status) => write!(f, " -> {status}"),
            None => f.write_str(" -> no response"),
        }
    }
}

fn form(request: &Request) -> Value {
    let form = request.form();
    let fields = form
        .iter()
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())));
    match fields.collect::<Map<_, _>>() {
        none if none.is_empty() => Value::Null,
        fields => Value::Object(fields),
    }
}

#[derive(Debug)]
pub(super) struct Recorder {
    requests: Mutex<Vec<Recorded>>,
    keep: bool,
}

impl Recorder {
    pub(super) fn new(keep: bool) -> Self {
        Self {
            requests: Mutex::default(),
            keep,
        }
    }

    pub(super) fn record(&self, operation: Option<Operation>, request: &Request) -> Recorded {
        let recorded = Recorded {
            operation,
            method: request.method.clone(),
            path: request.path.clone(),
            headers: request.headers.clone(),
            body: serde_json::from_slice(&request.body).unwrap_or_else(|_| form(request)),
            at: Instant::now(),
            status: Arc::default(),
        };
        if self.keep {
            self.locked().push(recorded.clone());
        }
        recorded
    }

    pub(super) fn requests(&self) -> Vec<Recorded> {
        self.locked().clone()
    }

    pub(super) fn clear(&self) {
        self.locked().clear();
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Recorded>> {
        lock(&self.requests)
    }
}
