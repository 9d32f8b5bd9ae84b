//! A quota as Cognito enforces it: so many requests a second, and what is above is refused with `TooManyRequestsException`.

use std::sync::Mutex;
use std::time::Duration;

use cognito_signout::transport::{Exchange, HttpRequest, HttpResponse, HttpTransport};
use tokio::time::Instant;

/// A transport that refuses requests to sign a user out above a rate, in place of the server. What has not been used is
/// saved up for a second.
#[derive(Debug)]
pub(crate) struct Quota<T> {
    transport: T,
    per_second: f64,
    saved: Mutex<(Instant, f64)>,
}

impl<T> Quota<T> {
    pub(crate) fn new(transport: T, per_second: f64) -> Self {
        Self {
            transport,
            per_second,
            saved: Mutex::new((Instant::now(), per_second)),
        }
    }

    fn takes(&self) -> bool {
        let Ok(mut saved) = self.saved.lock() else { return false };
        let (last, left) = *saved;
        let left = (left + self.per_second * last.elapsed().as_secs_f64()).min(self.per_second);
        let takes = left >= 1.0;
        *saved = (Instant::now(), if takes { left - 1.0 } else { left });
        takes
    }
}

impl<T: HttpTransport> HttpTransport for Quota<T> {
    fn send(&self, request: HttpRequest) -> Exchange {
        let signs_out = |(name, value): &(String, String)| {
            name.eq_ignore_ascii_case("x-amz-target") && value.ends_with(".AdminUserGlobalSignOut")
        };
        if !request.headers.iter().any(signs_out) || self.takes() {
            return self.transport.send(request);
        }
        let refused = HttpResponse {
            status: 400,
            headers: vec![("x-amzn-requestid".to_owned(), "1".to_owned())],
            body: br#"{"__type":"TooManyRequestsException","message":"Too many requests"}"#
                .to_vec()
                .into(),
        };
        Box::pin(async {
            // As long as a refusal takes.
            tokio::time::sleep(Duration::from_millis(20)).await;
            Ok(refused)
        })
    }
}
