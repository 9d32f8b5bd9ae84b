//! Requests at the port of a desktop's loopback redirect, to which every program on the machine can connect.

use cognito_signout::fuzzing::loopback_request;
use url::Url;

use crate::app::run;

/// Input: what a program sends.
pub fn loopback(data: &[u8]) {
    let redirect = Url::parse("http://localhost:49152/signed-out?app=1").expect("a URL");
    match run(loopback_request(data, &redirect)) {
        Ok(Ok(callback)) => {
            assert_eq!(
                (callback.origin(), callback.path()),
                (redirect.origin(), redirect.path())
            );
            let text = String::from_utf8_lossy(data).to_ascii_lowercase();
            assert!(
                text.trim_start().starts_with("get /") && text.contains("localhost:49152"),
                "{text}"
            );
        }
        Ok(Err(refusal)) => assert!(refusal.starts_with(b"HTTP/1.1 4")),
        // The program has not sent a whole request.
        Err(_) => {}
    }
}
