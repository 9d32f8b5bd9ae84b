//! A transport for tests. It answers from a script and keeps the requests.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use zeroize::Zeroizing;

use crate::transport::{Exchange, HttpRequest, HttpResponse, HttpTransport, TransportError};

/// What happens to one attempt.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    Answer(HttpResponse),
    Fail(TransportError),
    Hang,
}

/// Plays its acts in order. The last one repeats.
#[derive(Debug)]
pub(crate) struct Scripted {
    acts: Mutex<VecDeque<Act>>,
    asked: Mutex<Vec<HttpRequest>>,
}

impl Scripted {
    pub(crate) fn new(acts: impl IntoIterator<Item = Act>) -> Arc<Self> {
        Arc::new(Self {
            acts: Mutex::new(acts.into_iter().collect()),
            asked: Mutex::default(),
        })
    }

    pub(crate) fn asked(&self) -> Vec<HttpRequest> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpTransport for Scripted {
    fn send(&self, request: HttpRequest) -> Exchange {
        self.asked.lock().unwrap().push(request);
        let mut acts = self.acts.lock().unwrap();
        let act = match acts.len() {
            1 => acts[0].clone(),
            _ => acts.pop_front().expect("the script has an act"),
        };
        Box::pin(async move {
            match act {
                Act::Answer(answer) => Ok(answer),
                Act::Fail(error) => Err(error),
                Act::Hang => std::future::pending().await,
            }
        })
    }
}

pub(crate) fn answer(status: u16, body: &str) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".into(), "application/x-amz-json-1.1".into())],
        body: Zeroizing::new(body.as_bytes().to_vec()),
    }
}

/// An error in AWS's format.
pub(crate) fn refusal(code: &str, message: &str) -> HttpResponse {
    answer(
        400,
        &serde_json::json!({ "__type": code, "message": message }).to_string(),
    )
}
