//! The URLs that a browser comes back to the app with, while a sign-out waits for it.

use cognito_signout::{
    BrowserError, HostedUi, ProviderLogout, SessionState, SignOutOptions, SignOutProgress, SignOutResult, SignedInWith,
};
use url::Url;

use crate::app::{Responses, config, revoked, run, signed_in};
use crate::text::assert_silent;

const REDIRECT: &str = "myapp://signed-out/here?app=1";
const PROVIDER: &str = "https://id.example.com/logout";

/// Input: a callback URL in each line, where `{state}` is the state that the library has sent to the provider; or `cancelled`.
pub fn callback(data: &[u8]) {
    let pages = HostedUi::builder("auth.example.com").sign_out_uri(REDIRECT).provider(
        "ExampleId",
        ProviderLogout::template(format!("{PROVIDER}?to={{redirect}}&state={{state}}")),
    );
    let config = config().hosted_ui(pages.build().expect("valid pages"));
    let text = String::from_utf8_lossy(data);
    run(async {
        let responses = Responses {
            post: Some(revoked()),
            ..Responses::default()
        };
        let auth = signed_in(config, SignedInWith::HostedUi, responses).await;
        let mut progress = auth.begin_sign_out(SignOutOptions::local()).await;
        assert!(
            matches!(&progress, SignOutProgress::Open(visit) if visit.url.as_str().starts_with("https://auth.example.com/logout?"))
        );
        let mut state = String::new();
        for line in text.lines().take(8) {
            let line = line.replace("{state}", &state);
            let answer = match line.as_str() {
                "cancelled" => Err(BrowserError::Cancelled),
                line => match Url::parse(line) {
                    Ok(url) => Ok(url),
                    Err(_) => continue,
                },
            };
            progress = auth.finish_sign_out(answer.clone()).await;
            let is_ours = answer.as_ref().map_or(true, is_at_the_redirect);
            match &progress {
                SignOutProgress::Ignored => {}
                SignOutProgress::Open(visit) => {
                    assert!(is_ours, "{line} led to {}", visit.url);
                    assert_eq!(state, "", "the provider's page again");
                    assert!(visit.url.as_str().starts_with(PROVIDER));
                    state = visit
                        .url
                        .query_pairs()
                        .find(|(name, _)| name == "state")
                        .expect("the state")
                        .1
                        .into_owned();
                }
                SignOutProgress::Finished(result) => {
                    assert!(is_ours, "{line} ended it");
                    if let SignOutResult::Failed(failed) = result {
                        assert_silent(&failed.error);
                        assert_eq!(state, "", "the hosted pages' session has ended: {failed:?}");
                    }
                    let is_signed_out = auth.session().await == SessionState::SignedOut;
                    assert_eq!(is_signed_out, result.signed_out_locally());
                    let again = auth.finish_sign_out(answer).await;
                    assert!(
                        matches!(again, SignOutProgress::Ignored),
                        "{line} counted twice: {again:?}"
                    );
                    return;
                }
            }
        }
        assert!(
            matches!(auth.session().await, SessionState::SignedIn(_)),
            "nothing has ended it: {progress:?}"
        );
    });
}

/// Said in other words than the library's.
fn is_at_the_redirect(url: &Url) -> bool {
    let has_ours = url.query_pairs().any(|(name, value)| name == "app" && value == "1");
    url.scheme() == "myapp" && url.host_str() == Some("signed-out") && url.path() == "/here" && has_ours
}
