//! The part of OpenID Connect Discovery 1.0 that RP-initiated logout needs: a provider's `end_session_endpoint`.

#[cfg(test)]
mod tests;

use std::time::Duration;

use serde::Deserialize;
use url::Url;
use zeroize::Zeroizing;

use crate::config::check;
use crate::error::{ErrorCode, StepError};
use crate::json;
use crate::transport::{HttpRequest, HttpTransport};

/// The fields that are read from the provider's metadata.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    end_session_endpoint: Option<String>,
}

/// Asks the issuer for its `end_session_endpoint`.
pub(super) async fn end_session_endpoint(
    transport: &dyn HttpTransport,
    issuer: &Url,
    limit: Duration,
) -> Result<Url, StepError> {
    let request = HttpRequest {
        method: "GET".into(),
        url: metadata_url(issuer),
        headers: vec![("accept".into(), "application/json".into())],
        body: Zeroizing::default(),
    };
    let Ok(answer) = tokio::time::timeout(limit, transport.send(request)).await else {
        return Err(StepError::new(
            ErrorCode::TimedOut,
            "the identity provider did not send its discovery document in time",
        ));
    };
    let answer = answer?;
    let unusable = |what: &str| StepError::new(ErrorCode::UnexpectedResponse, format!("the discovery document {what}"));
    if answer.status != 200 {
        return Err(unusable("could not be loaded: the status of the response is not 200"));
    }
    let metadata: Metadata = match serde_json::from_slice(&answer.body) {
        Ok(metadata) if json::is_object(&answer.body) => metadata,
        _ => return Err(unusable("cannot be read")),
    };
    // Section 4.3: "The issuer value returned MUST be identical to the Issuer URL that was […] used".
    let same = |text: &str| text.trim_end_matches('/').to_owned();
    if same(&metadata.issuer) != same(issuer.as_str()) {
        return Err(unusable("is for another issuer than the configured one"));
    }
    let endpoint = metadata
        .end_session_endpoint
        .ok_or_else(|| unusable("has no end_session_endpoint: this provider does not offer RP-initiated logout"))?;
    check::url("end_session_endpoint", &endpoint).map_err(|_| {
        unusable(
            "has an end_session_endpoint that cannot be opened: it must be an https URL without user name or password",
        )
    })
}

/// Section 4.1: the well-known path comes after the issuer's own path.
fn metadata_url(issuer: &Url) -> Url {
    let mut url = issuer.clone();
    let path = issuer.path().trim_end_matches('/');
    url.set_path(&format!("{path}/.well-known/openid-configuration"));
    url
}
