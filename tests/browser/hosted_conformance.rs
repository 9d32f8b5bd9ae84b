//! One suite for all servers that replace the hosted pages in tests. It compares AWS's documentation with the observed
//! behaviour: `/logout` in the browser, and `/oauth2/revoke` over HTTP. Known differences of a server are listed.

use url::Url;

use crate::app::App;
use crate::conformance::{Observation, compare, live_or_dead};
use crate::pages::Pages;

/// oidc-provider implements OpenID Connect's logout, and RFC 7009's revocation.
pub(crate) const OIDC_PROVIDER_DEVIATIONS: &[(&str, &str)] = &[("/logout to nowhere", "a page without a way back")];

/// ministack has the allow-list, but no cookie and no `/oauth2/revoke`.
pub(crate) const MINISTACK_DEVIATIONS: &[(&str, &str)] = &[
    ("a second sign-in", "asked"),
    ("revoke", "400; refresh live"),
    ("revoke again", "400; refresh live"),
    ("revoke with a wrong secret", "400; refresh live"),
    ("revoke without the secret", "400; refresh live"),
    ("revoke by an unknown client", "400; refresh live"),
    ("revoke garbage", "400; refresh live"),
    ("revoke nothing", "400; refresh live"),
    ("revoke an access token", "400; refresh live"),
];

/// Observes each behaviour and compares it with AWS's, or with the listed deviation.
pub(crate) async fn check(pages: Pages, deviations: &[(&str, &str)]) {
    let mut app = App::at(pages).await;
    let observations = observe(&mut app).await;
    app.chromium.quit().await;
    compare(&observations, deviations);
}

async fn observe(app: &mut App) -> Vec<Observation> {
    let listed = app.pages.app_page.signed_out.clone();
    let with_a_slash = format!("{listed}/");
    let client = app.pages.client_id.clone();
    let client = ("client_id", client.as_str());
    let mut seen = Vec::new();

    app.sign_in().await;
    seen.push(("a second sign-in", "not asked", asked(app).await.to_owned()));
    for (name, parameters) in [
        (
            "/logout to a URL that is not on the list",
            vec![client, ("logout_uri", "http://localhost:9/")],
        ),
        (
            "/logout to one on the list with a slash behind it",
            vec![client, ("logout_uri", &with_a_slash)],
        ),
        (
            "/logout by an unknown client",
            vec![("client_id", "stranger"), ("logout_uri", &listed)],
        ),
        ("/logout to nowhere", vec![client]),
    ] {
        seen.push((name, "refused", log_out(app, &parameters).await));
    }
    let went = log_out(app, &[client, ("logout_uri", &listed)]).await;
    let (asked, tokens) = (asked(app).await, live_or_dead(app.refreshes().await));
    seen.push((
        "/logout to a URL on the list",
        "came back, nothing added; asked at the next sign-in; refresh live",
        format!("{went}; {asked} at the next sign-in; refresh {tokens}"),
    ));

    app.sign_in().await;
    seen.extend([
        (
            "revoke",
            "200; refresh dead",
            revoke(app, Proof::Right, Given::Refresh).await,
        ),
        (
            "revoke again",
            "200; refresh dead",
            revoke(app, Proof::Right, Given::Refresh).await,
        ),
    ]);
    app.sign_in().await;
    let refused = "401 invalid_client; refresh live";
    seen.extend([
        (
            "revoke with a wrong secret",
            refused,
            revoke(app, Proof::Wrong, Given::Refresh).await,
        ),
        (
            "revoke without the secret",
            refused,
            revoke(app, Proof::None, Given::Refresh).await,
        ),
        (
            "revoke by an unknown client",
            refused,
            revoke(app, Proof::Stranger, Given::Refresh).await,
        ),
        (
            "revoke garbage",
            "200; refresh live",
            revoke(app, Proof::Right, Given::Garbage).await,
        ),
        (
            "revoke nothing",
            "400 invalid_request; refresh live",
            revoke(app, Proof::Right, Given::Nothing).await,
        ),
        (
            "revoke an access token",
            "400 unsupported_token_type; refresh live",
            revoke(app, Proof::Right, Given::Access).await,
        ),
    ]);
    seen
}

async fn asked(app: &App) -> &'static str {
    if app.asks_who_it_is().await {
        "asked"
    } else {
        "not asked"
    }
}

/// The page to which `/logout` leads a browser.
async fn log_out(app: &App, parameters: &[(&str, &str)]) -> String {
    app.chromium.open(&app.pages.logout_url(parameters)).await;
    let signed_out = Url::parse(&app.pages.app_page.signed_out).unwrap();
    let end = app.chromium.until("end of a sign-out", async || {
        let (url, status) = app.chromium.page().await?;
        // oidc-provider's pages on the way have other paths.
        match url.path() {
            path if path == signed_out.path() && url.query().is_none() => Some("came back, nothing added".to_owned()),
            path if path == signed_out.path() => Some(format!("came back with {:?}", url.query())),
            "/logout/success" => Some("a page without a way back".to_owned()),
            _ => (status >= 400).then(|| "refused".to_owned()),
        }
    });
    let end = end.await;
    app.chromium.close_tab().await;
    end
}

/// How the client authenticates.
enum Proof {
    Right,
    Wrong,
    None,
    Stranger,
}

/// The token to revoke.
enum Given {
    Refresh,
    Access,
    Garbage,
    Nothing,
}

async fn revoke(app: &App, proof: Proof, given: Given) -> String {
    let (pages, tokens) = (&app.pages, app.tokens());
    let form = match given {
        Given::Refresh => vec![("token", tokens.refresh.as_str())],
        Given::Access => vec![("token", tokens.access.as_str())],
        Given::Garbage => vec![("token", "garbage")],
        Given::Nothing => vec![],
    };
    let secret = pages.client_secret.as_deref();
    let (client, secret) = match proof {
        Proof::Right => (pages.client_id.as_str(), secret),
        Proof::Wrong => (pages.client_id.as_str(), Some("wrong")),
        Proof::None => (pages.client_id.as_str(), None),
        Proof::Stranger => ("stranger", Some("wrong")),
    };
    let (status, body) = pages.post_as(client, secret, "/oauth2/revoke", &form).await;
    let error = body["error"]
        .as_str()
        .map(|error| format!(" {error}"))
        .unwrap_or_default();
    let refresh = live_or_dead(app.refreshes().await);
    format!("{status}{error}; refresh {refresh}")
}
