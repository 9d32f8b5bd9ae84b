//! The network under the sign-ins of `examples/sign_in`.

use aws_sdk_cognitoidentityprovider::Client;
use aws_sdk_cognitoidentityprovider::config::{BehaviorVersion, Region};
use cognito_signout::transport::{HttpRequest, HttpTransport, RustlsTransport, TransportError};

/// The AWS SDK's client, with the SDK's own way to the network.
pub(crate) fn sdk(endpoint: &str) -> Client {
    let config = aws_sdk_cognitoidentityprovider::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-central-1"))
        .endpoint_url(endpoint)
        .http_client(aws_smithy_http_client::Builder::new().build_http());
    Client::from_conf(config.build())
}

/// Sends `oauth2`'s requests.
pub(crate) async fn http(request: oauth2::HttpRequest) -> Result<oauth2::HttpResponse, TransportError> {
    let (parts, body) = request.into_parts();
    let header =
        |(name, value): (&http::HeaderName, &http::HeaderValue)| (name.to_string(), value.to_str().unwrap().to_owned());
    let request = HttpRequest {
        method: parts.method.to_string(),
        url: parts.uri.to_string().parse().unwrap(),
        headers: parts.headers.iter().map(header).collect(),
        body: body.into(),
    };
    let response = RustlsTransport::new().send(request).await?;
    let answer = http::Response::builder().status(response.status);
    let headers = response.headers.iter();
    let answer = headers.fold(answer, |answer, (name, value)| answer.header(name, value));
    Ok(answer.body(response.body.to_vec()).unwrap())
}
