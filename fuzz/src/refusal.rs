//! What an app's own server says of a token that it has refused.

use cognito_signout::{Auth, Refusal};

use crate::text::response;

/// Input: a response. Each header is read as `WWW-Authenticate`.
pub fn refusal(data: &[u8]) {
    let response = response(data);
    Auth::classify(response.status, &response.body);
    for (name, value) in &response.headers {
        Auth::classify(response.status, value);
        let refusal = Auth::classify_www_authenticate(value);
        assert_eq!(
            Auth::classify_www_authenticate(&format!("Negotiate, {value}")),
            refusal,
            "{name}: {value}"
        );
        if !value.to_lowercase().contains("bearer") {
            assert_eq!(refusal, Refusal::Other, "{value}");
        }
    }
}
