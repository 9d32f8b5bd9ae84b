//! A provider's discovery document, which names the page that the app opens next.

use cognito_signout::{HostedUi, ProviderLogout, SignOutOptions, SignOutProgress, SignedInWith};
use url::Url;

use crate::app::{Responses, config, revoked, run, signed_in};
use crate::text::{fields, response};

/// Input: the response to the request for the document.
pub fn discovery(data: &[u8]) {
    let document = response(data);
    let pages = HostedUi::builder("auth.example.com")
        .sign_out_uri("myapp://signed-out")
        .provider(
            "ExampleId",
            ProviderLogout::oidc("https://id.example.com/tenant", "their-client"),
        );
    let config = config().hosted_ui(pages.build().expect("valid pages"));
    run(async {
        let responses = Responses {
            get: Some(document.clone()),
            post: Some(revoked()),
        };
        let auth = signed_in(config, SignedInWith::HostedUi, responses).await;
        let hosted = auth.begin_sign_out(SignOutOptions::local()).await;
        assert!(
            matches!(hosted, SignOutProgress::Open(_)),
            "no document stops a sign-out: {hosted:?}"
        );
        let callback = Url::parse("myapp://signed-out").expect("a URL");
        match auth.finish_sign_out(Ok(callback)).await {
            SignOutProgress::Open(visit) => {
                assert_eq!(document.status, 200);
                let said = fields(&document.body).expect("an object");
                let said = |name| serde_json::from_str::<String>(said[name].get()).expect("a text");
                let issuer = said("issuer");
                assert_eq!(issuer.trim_end_matches('/'), "https://id.example.com/tenant");
                let url = visit.url;
                let is_loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
                assert!(
                    url.scheme() == "https" || (url.scheme() == "http" && is_loopback),
                    "{url}"
                );
                assert!(url.username().is_empty() && url.password().is_none(), "{url}");
                let named = Url::parse(&said("end_session_endpoint")).expect("a URL");
                assert_eq!((url.origin(), url.path()), (named.origin(), named.path()));
            }
            SignOutProgress::Finished(result) => assert!(result.signed_out_locally(), "{result:?}"),
            SignOutProgress::Ignored => panic!("the callback is ours"),
        }
    });
}
