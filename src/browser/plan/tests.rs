use serde_json::json;

use super::*;
use crate::config::{AuthConfig, HostedUiBuilder, ProviderLogout};
use crate::transport::tests::scripted::{Act, Scripted, answer};

const LIMIT: Duration = Duration::from_secs(30);

fn pages() -> HostedUiBuilder {
    HostedUi::builder("auth.example.com")
        .sign_out_uri("myapp://out")
        .sign_out_uri_ending_at("https://example.com/out", "http://localhost:8765/out")
        .provider("Oidc", ProviderLogout::oidc("https://id.example", "app&1"))
        .provider("Plain", ProviderLogout::template("https://id.example/out?r={redirect}"))
        .provider("Stays", ProviderLogout::google())
        .provider("Saml", ProviderLogout::saml_single_logout())
}

fn planner(acts: impl IntoIterator<Item = Act>) -> (Planner, Arc<Scripted>) {
    let config = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5")
        .hosted_ui(pages().build().unwrap())
        .build()
        .unwrap();
    let transport = Scripted::new(acts);
    (Planner::new(config, transport.clone()), transport)
}

async fn plan(provider: Option<&str>) -> Result<Visit, StepError> {
    let (planner, transport) = planner([]);
    let visit = planner.plan(provider, None, |_| true, LIMIT).await;
    assert!(transport.asked().is_empty());
    visit
}

fn document() -> Act {
    let metadata = json!({"issuer": "https://id.example", "end_session_endpoint": "https://id.example/end"});
    Act::Answer(answer(200, &metadata.to_string()))
}

#[tokio::test]
async fn a_user_of_the_user_pool_sees_only_the_hosted_pages() {
    let visit = plan(None).await.unwrap();
    assert_eq!(visit.provider, None);
    assert_eq!(
        visit.url().as_str(),
        "https://auth.example.com/logout?client_id=3n4b5&logout_uri=myapp%3A%2F%2Fout"
    );
    assert_eq!(visit.redirect.as_str(), "myapp://out");
}

#[tokio::test]
async fn a_provider_without_a_page_adds_none() {
    for provider in ["Unnamed", "Saml"] {
        assert_eq!(plan(Some(provider)).await.unwrap().provider, None, "{provider}");
    }
}

#[tokio::test]
async fn cognito_gets_the_uri_on_its_list_and_the_visit_ends_where_that_uri_leads() {
    let (planner, _) = planner([]);
    for chosen in [None, Some("https://example.com/out")] {
        let visit = planner
            .plan(Some("Plain"), chosen, RedirectUri::is_loopback, LIMIT)
            .await
            .unwrap();
        assert_eq!(visit.redirect.as_str(), "http://localhost:8765/out");
        assert!(
            visit
                .hosted
                .as_str()
                .ends_with("&logout_uri=https%3A%2F%2Fexample.com%2Fout")
        );
        // It is also on the provider's list of redirects.
        let page = visit.provider.unwrap();
        assert_eq!(
            page.url.as_str(),
            "https://id.example/out?r=https%3A%2F%2Fexample.com%2Fout"
        );
        assert_eq!(page.comes_back, ComesBack::Plainly);
    }
}

#[tokio::test]
async fn a_providers_page_comes_second_and_says_whether_it_comes_back() {
    let page = plan(Some("Stays")).await.unwrap().provider.unwrap();
    assert_eq!(page.url.as_str(), "https://accounts.google.com/Logout");
    assert_eq!(page.comes_back, ComesBack::Never);
}

#[tokio::test]
async fn a_discovered_page_gets_a_new_state_each_time() {
    let (planner, transport) = planner([document()]);
    let mut states = Vec::new();
    for _ in 0..2 {
        let visit = planner.plan(Some("Oidc"), None, |_| true, LIMIT).await.unwrap();
        let page = visit.provider.unwrap();
        assert_eq!(page.comes_back, ComesBack::WithState);
        let parameters: Vec<_> = page.url.query_pairs().into_owned().collect();
        let expected = [
            ("client_id", "app&1"),
            ("post_logout_redirect_uri", "myapp://out"),
            ("state", &*page.state),
        ];
        assert_eq!(
            parameters,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert!(page.url.as_str().starts_with("https://id.example/end?"));
        assert_eq!(page.state.len(), 16);
        states.push(page.state);
    }
    assert_ne!(states[0], states[1]);
    let asked: Vec<_> = transport
        .asked()
        .iter()
        .map(|request| request.url.to_string())
        .collect();
    assert_eq!(asked, ["https://id.example/.well-known/openid-configuration"; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_silent_issuer_costs_at_most_one_attempt_or_the_time_left_and_then_the_provider_is_skipped() {
    for (limit, cost) in [(LIMIT, 4), (Duration::from_secs(1), 1)] {
        let (planner, _) = planner([Act::Hang]);
        let start = tokio::time::Instant::now();
        let visit = planner.plan(Some("Oidc"), None, |_| true, limit).await.unwrap();
        assert_eq!(visit.provider, None);
        assert_eq!(start.elapsed(), Duration::from_secs(cost));
    }
}

#[tokio::test]
async fn a_missing_setting_is_reported_before_any_request() {
    let (planner, transport) = planner([document()]);
    let error = planner.plan(Some("Oidc"), Some("myapp://out/"), |_| true, LIMIT).await;
    let error = error.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert_eq!(
        error.message(),
        "sign_out_uri: this URI is not in the configuration: a configured one differs only by a trailing slash"
    );
    assert!(transport.asked().is_empty());

    let bare = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5").build().unwrap();
    let planner = Planner::new(bare, transport);
    let error = planner.plan(None, None, |_| true, LIMIT).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::HostedUiNotConfigured);
}

#[tokio::test]
async fn a_page_from_the_record_is_opened_only_if_it_could_have_been_planned_here() {
    let (planner, _) = planner([document()]);
    for provider in [None, Some("Plain"), Some("Oidc"), Some("Stays")] {
        for chosen in ["myapp://out", "https://example.com/out"] {
            let visit = planner.plan(provider, Some(chosen), |_| true, LIMIT).await.unwrap();
            assert!(planner.could_have_planned(&visit), "{provider:?}, {chosen}");
        }
    }
    let ours = planner.plan(Some("Plain"), None, |_| true, LIMIT).await.unwrap();
    let ours = || ours.clone();
    for page in [
        "smb://evil.example/share",
        "https://evil.example/logout?client_id=3n4b5&logout_uri=myapp%3A%2F%2Fout",
        "http://auth.example.com/logout?client_id=3n4b5&logout_uri=myapp%3A%2F%2Fout",
        "https://auth.example.com/login?client_id=3n4b5&logout_uri=myapp%3A%2F%2Fout",
        "https://auth.example.com/logout?client_id=another&logout_uri=myapp%3A%2F%2Fout",
        "https://auth.example.com/logout?client_id=3n4b5&logout_uri=https%3A%2F%2Fevil.example",
    ] {
        let hosted = page.parse().unwrap();
        assert!(!planner.could_have_planned(&Visit { hosted, ..ours() }), "{page}");
    }
    for page in [
        "smb://evil.example/share",
        "http://id.example/out",
        "file:///etc/passwd",
        "javascript:alert(1)",
    ] {
        let mut visit = ours();
        visit.provider.as_mut().unwrap().url = page.parse().unwrap();
        assert!(!planner.could_have_planned(&visit), "{page}");
    }
    let redirect = RedirectUri::parse("redirect", "otherapp://out").unwrap();
    assert!(!planner.could_have_planned(&Visit { redirect, ..ours() }));
    let bare = AuthConfig::builder("eu-central-1_AbCdEf123", "3n4b5").build().unwrap();
    assert!(!Planner::new(bare, Scripted::new([])).could_have_planned(&ours()));
}
