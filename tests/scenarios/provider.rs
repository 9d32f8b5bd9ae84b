//! The identity provider behind the hosted pages: a second page to visit, and an honest report about its session.

use cognito_signout::fake_cognito::FakeCognito;
use cognito_signout::{
    BrowserError, BrowserSessionState, HostedUi, NextPage, Prompt, ProviderLogout, Report, SessionHolder,
    SignOutOptions, SignOutProgress, SignedInWith, StepStatus, WebPolicy,
};
use url::Url;

use crate::device::{Device, SIGNED_OUT, TWO_HOURS, complete, of};
use crate::test_browser::{Does, TestBrowser};

/// A device on which ana has signed in through the hosted pages, with the provider `Okta`.
async fn federated(logout: Option<ProviderLogout>) -> Device {
    let mut hosted_ui = HostedUi::builder("auth.example.com").sign_out_uri(SIGNED_OUT);
    if let Some(logout) = logout {
        hosted_ui = hosted_ui.provider("Okta", logout);
    }
    let hosted_ui = hosted_ui.build().unwrap();
    let device = Device::at(FakeCognito::builder(), |config| config.hosted_ui(hosted_ui)).await;
    let tokens = of(&device.fake.sign_in_through("Okta", "ana"));
    device.auth.store_session(tokens, SignedInWith::HostedUi).await.unwrap();
    device
}

/// The states of the hosted pages' session and of the provider's.
fn sessions(report: &Report) -> [BrowserSessionState; 2] {
    let holders: Vec<_> = report.browser_sessions.iter().map(|session| &session.holder).collect();
    let okta = SessionHolder::IdentityProvider("Okta".into());
    assert_eq!(holders, [&SessionHolder::HostedUi, &okta]);
    [report.browser_sessions[0].state, report.browser_sessions[1].state]
}

/// The provider's redirect, with the state that the provider was given.
fn come_back_from(provider: &Url) -> Url {
    let mut callback: Url = SIGNED_OUT.parse().unwrap();
    let state = provider.query_pairs().find(|(name, _)| name == "state");
    if let Some((name, value)) = state {
        callback.query_pairs_mut().append_pair(&name, &value);
    }
    callback
}

fn with_state() -> Option<ProviderLogout> {
    Some(ProviderLogout::template(
        "https://id.example.com/logout?to={redirect}&state={state}",
    ))
}

#[tokio::test]
async fn even_if_the_provider_returns_the_state_the_user_may_have_kept_its_session() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = federated(with_state()).await.with_browser(Some(&browser));
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    let page = browser.page().await;
    let NextPage::Open(provider) = page.completion.redirected(&SIGNED_OUT.parse().unwrap()) else {
        panic!("no second page")
    };
    assert!(
        provider
            .as_str()
            .starts_with("https://id.example.com/logout?to=myapp%3A%2F%2Fsigned-out&state="),
        "{provider}"
    );
    // A second redirect of the hosted pages is not the provider's.
    assert_eq!(
        page.completion.redirected(&SIGNED_OUT.parse().unwrap()),
        NextPage::Ignored
    );
    assert_eq!(
        page.completion.redirected(&come_back_from(&provider)),
        NextPage::End { leave_at: None }
    );
    let report = complete(signing_out.await.unwrap()).report;
    assert_eq!(
        sessions(&report),
        [BrowserSessionState::Ended, BrowserSessionState::MayPersist]
    );
    assert_eq!(report.next_sign_in(), Some(Prompt::SelectAccount));
    assert_eq!(report.logout_url, Some(provider));
}

#[tokio::test]
async fn a_provider_that_only_comes_back_may_have_kept_its_session() {
    let logout = ProviderLogout::template("https://id.example.com/logout?to={redirect}");
    let browser = TestBrowser::that(Does::GoTo(&[SIGNED_OUT, SIGNED_OUT]));
    let device = federated(Some(logout)).await.with_browser(Some(&browser));
    let report = complete(device.auth.sign_out(SignOutOptions::local()).await).report;
    assert_eq!(
        sessions(&report),
        [BrowserSessionState::Ended, BrowserSessionState::MayPersist]
    );
    assert_eq!(report.next_sign_in(), Some(Prompt::SelectAccount));
}

#[tokio::test]
async fn the_browser_is_left_at_a_provider_that_never_comes_back() {
    let browser = TestBrowser::that(Does::Nothing);
    let device = federated(Some(ProviderLogout::google()))
        .await
        .with_browser(Some(&browser));
    let signing_out = device.begin_sign_out(SignOutOptions::local());
    let page = browser.page().await;
    let google: Url = "https://accounts.google.com/Logout".parse().unwrap();
    assert_eq!(
        page.completion.redirected(&SIGNED_OUT.parse().unwrap()),
        NextPage::End {
            leave_at: Some(google.clone())
        }
    );
    let report = complete(signing_out.await.unwrap()).report;
    assert_eq!(
        sessions(&report),
        [BrowserSessionState::Ended, BrowserSessionState::MayPersist]
    );
    assert_eq!(report.logout_url, Some(google));
}

#[tokio::test]
async fn a_provider_without_a_configured_logout_may_keep_its_session() {
    for logout in [
        None,
        Some(ProviderLogout::none()),
        Some(ProviderLogout::saml_single_logout()),
    ] {
        let browser = TestBrowser::that(Does::ComeBack);
        let device = federated(logout).await.with_browser(Some(&browser));
        let report = complete(device.auth.sign_out(SignOutOptions::local()).await).report;
        assert_eq!(
            sessions(&report),
            [BrowserSessionState::Ended, BrowserSessionState::MayPersist]
        );
        assert_eq!(report.next_sign_in(), Some(Prompt::SelectAccount));
        assert_eq!(browser.urls().len(), 1);
    }
}

/// What happens at the provider's page.
enum AtTheProvider {
    ComesBackWithAnError,
    IsClosed,
    TakesTooLong,
}

#[tokio::test(start_paused = true)]
async fn whatever_happens_at_the_providers_page_the_user_is_signed_out() {
    use AtTheProvider::{ComesBackWithAnError, IsClosed, TakesTooLong};
    for policy in [WebPolicy::Required, WebPolicy::BestEffort] {
        for what in [ComesBackWithAnError, IsClosed, TakesTooLong] {
            let browser = TestBrowser::that(Does::Nothing);
            let device = federated(with_state()).await.with_browser(Some(&browser));
            let signing_out = device.begin_sign_out(SignOutOptions::local().web(policy));
            let page = browser.page().await;
            page.completion.redirected(&SIGNED_OUT.parse().unwrap());
            match what {
                ComesBackWithAnError => {
                    let error = format!("{SIGNED_OUT}?error=access_denied").parse().unwrap();
                    assert_eq!(page.completion.redirected(&error), NextPage::End { leave_at: None });
                }
                IsClosed => page.completion.failed(BrowserError::Cancelled),
                TakesTooLong => {}
            }
            let report = complete(signing_out.await.unwrap()).report;
            assert_eq!(
                sessions(&report),
                [BrowserSessionState::Ended, BrowserSessionState::MayPersist]
            );
            assert_eq!(report.steps.web, StepStatus::Done);
            assert_eq!(report.logout_url.unwrap().host_str(), Some("id.example.com"));
            device.assert_signed_out().await;
        }
    }
}

#[tokio::test]
async fn after_a_kill_at_the_providers_page_the_next_process_signs_out_whatever_happened_at_the_page() {
    let error = || Ok(format!("{SIGNED_OUT}?error=access_denied").parse().unwrap());
    let too_late = |page: &Url| Ok(come_back_from(page));
    for what in ["error", "closed", "too late"] {
        let device = federated(with_state()).await;
        let SignOutProgress::Open(_) = device.auth.begin_sign_out(SignOutOptions::local()).await else {
            panic!("nothing to open")
        };
        let callback = Ok(SIGNED_OUT.parse().unwrap());
        let SignOutProgress::Open(provider) = device.auth.finish_sign_out(callback).await else {
            panic!("no second page")
        };
        let next = device.killed();
        let answer = match what {
            "error" => error(),
            "closed" => Err(BrowserError::Cancelled),
            _ => {
                next.advance(TWO_HOURS);
                too_late(&provider.url)
            }
        };
        let SignOutProgress::Finished(result) = next.auth.finish_sign_out(answer).await else {
            panic!("not finished: {what}")
        };
        assert_eq!(
            sessions(&complete(result).report),
            [BrowserSessionState::Ended, BrowserSessionState::MayPersist],
            "{what}"
        );
        next.assert_signed_out().await;
    }
}

#[tokio::test]
async fn both_pages_in_two_calls_with_a_process_killed_at_each() {
    let device = federated(with_state()).await;
    let SignOutProgress::Open(hosted) = device.auth.begin_sign_out(SignOutOptions::local()).await else {
        panic!("nothing to open")
    };
    assert_eq!(hosted.url.host_str(), Some("auth.example.com"));
    let second = device.killed();
    let callback = Ok(SIGNED_OUT.parse().unwrap());
    let SignOutProgress::Open(provider) = second.auth.finish_sign_out(callback).await else {
        panic!("no second page")
    };
    let third = second.killed();
    assert_eq!(third.auth.resume().await.unwrap().web_step, Some(provider.clone()));
    let callback = Ok(come_back_from(&provider.url));
    let SignOutProgress::Finished(result) = third.auth.finish_sign_out(callback).await else {
        panic!("not finished")
    };
    complete(result);
    third.assert_signed_out().await;
}

#[tokio::test]
async fn an_issuer_without_a_discovery_document_does_not_delay_the_sign_out() {
    // FakeCognito has no discovery document.
    let browser = TestBrowser::that(Does::ComeBack);
    let issuer = FakeCognito::start().await.unwrap();
    let logout = ProviderLogout::oidc(issuer.url().as_str(), "client");
    let device = federated(Some(logout)).await.with_browser(Some(&browser));
    let report = complete(device.auth.sign_out(SignOutOptions::local()).await).report;
    assert_eq!(
        sessions(&report),
        [BrowserSessionState::Ended, BrowserSessionState::MayPersist]
    );
}
