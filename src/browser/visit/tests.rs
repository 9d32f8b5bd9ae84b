use proptest::prelude::*;

use super::BrowserSessionState::{Ended, MayPersist};
use super::*;

const REDIRECT: &str = "https://example.com/out";
const STATE: &str = "s3cr3tless";

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn hosted() -> Url {
    url("https://auth.example.com/logout?client_id=1")
}

fn providers() -> Url {
    url("https://id.example/logout?x=1")
}

/// Only the hosted pages.
fn one_page() -> Visit {
    Visit::new(RedirectUri::parse("redirect", REDIRECT).unwrap(), hosted(), None)
}

fn two_pages(comes_back: ComesBack) -> Visit {
    let provider = ProviderPage {
        url: providers(),
        comes_back,
        state: STATE.to_owned(),
    };
    Visit {
        provider: Some(provider),
        ..one_page()
    }
}

fn with_state() -> Url {
    url(&format!("{REDIRECT}?x=1&state={STATE}"))
}

fn done() -> Arrival {
    Arrival::Ended { leave_at: None }
}

/// The states of the hosted pages' session and the provider's in the report.
fn states(visit: &Visit) -> (BrowserSessionState, BrowserSessionState) {
    let sessions = sessions_after(Some(visit), false, Some("ExampleId"));
    let holders: Vec<_> = sessions.iter().map(|session| session.holder.clone()).collect();
    assert_eq!(
        holders,
        [
            SessionHolder::HostedUi,
            SessionHolder::IdentityProvider("ExampleId".to_owned())
        ]
    );
    (sessions[0].state, sessions[1].state)
}

#[test]
fn one_page_ends_with_its_redirect() {
    let mut visit = one_page();
    assert_eq!(visit.url(), &hosted());
    assert_eq!(visit.arrive(&url(REDIRECT)), done());
    assert_eq!(visit.at, Place::Done);
    assert_eq!(states(&visit), (Ended, MayPersist));
}

#[test]
fn a_provider_that_gives_the_state_back_ends_the_visit_but_may_have_kept_its_session() {
    let mut visit = two_pages(ComesBack::WithState);
    assert_eq!(visit.url(), &hosted());
    assert_eq!(visit.arrive(&url(REDIRECT)), Arrival::GoOn(providers()));
    assert_eq!(visit.url(), &providers());
    assert_eq!(states(&visit), (Ended, MayPersist));
    assert_eq!(visit.arrive(&with_state()), done());
    // The user may have chosen to keep it.
    assert_eq!(states(&visit), (Ended, MayPersist));
    assert_eq!(visit.url_left(), Some(&providers()));
}

#[test]
fn a_provider_that_comes_back_without_a_state_proves_nothing() {
    let mut visit = two_pages(ComesBack::Plainly);
    assert_eq!(visit.arrive(&url(REDIRECT)), Arrival::GoOn(providers()));
    // Not even with a state, because none was sent to it.
    assert_eq!(visit.arrive(&with_state()), done());
    assert_eq!(states(&visit), (Ended, MayPersist));
}

#[test]
fn a_provider_that_does_not_send_the_browser_back_is_its_last_page() {
    let mut visit = two_pages(ComesBack::Never);
    let leave_at = Some(providers());
    assert_eq!(visit.arrive(&url(REDIRECT)), Arrival::Ended { leave_at });
    assert_eq!(states(&visit), (Ended, MayPersist));
    assert_eq!(visit.arrive(&url(REDIRECT)), Arrival::Ignored);
}

#[test]
fn a_repeated_first_redirect_does_not_count_as_the_second() {
    let mut visit = two_pages(ComesBack::WithState);
    assert_eq!(visit.arrive(&url(REDIRECT)), Arrival::GoOn(providers()));
    assert_eq!(visit.arrive(&url(REDIRECT)), Arrival::Ignored);
    let anothers = url(&format!("{REDIRECT}?state=another"));
    assert_eq!(visit.arrive(&anothers), Arrival::Ignored);
    assert_eq!(visit.at, Place::Provider);
    assert_eq!(visit.arrive(&with_state()), done());
}

#[test]
fn a_process_that_missed_the_first_redirect_recognizes_the_last_by_its_state() {
    let mut visit = two_pages(ComesBack::WithState);
    assert_eq!(visit.arrive(&with_state()), done());
    assert_eq!(states(&visit), (Ended, MayPersist));
}

#[test]
fn every_redirect_after_the_end_is_ignored() {
    for mut visit in [
        one_page(),
        two_pages(ComesBack::WithState),
        two_pages(ComesBack::Plainly),
    ] {
        visit.arrive(&url(REDIRECT));
        visit.arrive(&with_state());
        assert_eq!(visit.at, Place::Done);
        let end = visit.clone();
        for late in [
            url(REDIRECT),
            with_state(),
            url(&format!("{REDIRECT}?error=access_denied")),
        ] {
            assert_eq!(visit.arrive(&late), Arrival::Ignored, "{late}");
        }
        assert_eq!(visit, end);
    }
}

#[test]
fn other_urls_are_ignored_even_with_a_state_or_an_error() {
    for other in [
        format!("https://example.com/other?state={STATE}"),
        format!("https://evil.example/out?state={STATE}"),
        "https://example.com/other?error=access_denied".to_owned(),
        "myapp://out".to_owned(),
        "http://example.com/out".to_owned(),
    ] {
        for mut visit in [one_page(), two_pages(ComesBack::WithState)] {
            let before = visit.clone();
            assert_eq!(visit.arrive(&url(&other)), Arrival::Ignored, "{other}");
            assert_eq!(visit, before);
        }
    }
}

#[test]
fn an_error_in_the_query_or_the_fragment_fails_and_only_known_ones_are_repeated() {
    let said = |callback: &str| match one_page().arrive(&url(callback)) {
        Arrival::Failed(error) => {
            assert_eq!(error.code(), ErrorCode::HostedUiFailed);
            error.message().to_owned()
        }
        other => panic!("{callback}: {other:?}"),
    };
    let plain = "the hosted pages sent the browser back with an error";
    for known in [
        "access_denied",
        "invalid_request",
        "invalid_scope",
        "server_error",
        "temporarily_unavailable",
        "unauthorized_client",
        "unsupported_response_type",
    ] {
        let whole = format!("{plain}: {known}");
        assert_eq!(said(&format!("{REDIRECT}?error={known}&state={STATE}")), whole);
        assert_eq!(said(&format!("{REDIRECT}#state=1&error={known}")), whole);
        let described = format!("{REDIRECT}?error_description=hunter2&error={known}");
        assert_eq!(said(&described), whole);
    }
    for unknown in ["hunter2", "", "access_denied%20", "Access_Denied"] {
        assert_eq!(said(&format!("{REDIRECT}?error={unknown}")), plain, "{unknown}");
        assert_eq!(said(&format!("{REDIRECT}#error={unknown}")), plain, "{unknown}");
    }
}

#[test]
fn a_description_without_an_error_is_not_an_error() {
    let callback = url(&format!("{REDIRECT}?error_description=x&errors=1#anerror=1"));
    assert_eq!(one_page().arrive(&callback), done());
}

#[test]
fn an_error_of_the_hosted_pages_fails_and_leaves_every_session_open() {
    let mut visit = two_pages(ComesBack::WithState);
    let denied = url(&format!("{REDIRECT}?error=access_denied"));
    assert!(matches!(visit.arrive(&denied), Arrival::Failed(_)));
    assert_eq!(states(&visit), (MayPersist, MayPersist));
}

#[test]
fn an_error_of_the_providers_page_is_not_a_failure_because_the_hosted_pages_session_has_ended() {
    let denied = url(&format!("{REDIRECT}?error=access_denied"));
    let denied_with_state = url(&format!("{REDIRECT}?error=access_denied&state={STATE}"));
    for (comes_back, callback) in [
        (ComesBack::WithState, &denied),
        (ComesBack::WithState, &denied_with_state),
        (ComesBack::Plainly, &denied),
    ] {
        let mut visit = two_pages(comes_back);
        visit.arrive(&url(REDIRECT));
        assert_eq!(visit.arrive(callback), done(), "{callback}");
        assert_eq!(states(&visit), (Ended, MayPersist));
        assert_eq!(visit.url_left(), Some(&providers()));
    }
    // A process that missed the first redirect recognizes the provider by the state.
    let mut visit = two_pages(ComesBack::WithState);
    assert_eq!(visit.arrive(&denied_with_state), done());
}

#[test]
fn giving_up_fails_at_the_hosted_pages_and_ends_the_visit_at_the_providers() {
    let closed = StepError::new(ErrorCode::HostedUiCancelled, "for the test");
    let mut visit = two_pages(ComesBack::WithState);
    assert_eq!(visit.give_up(closed.clone()), Arrival::Failed(closed.clone()));
    assert_eq!(states(&visit), (MayPersist, MayPersist));
    visit.arrive(&url(REDIRECT));
    assert_eq!(visit.give_up(closed.clone()), done());
    assert_eq!(states(&visit), (Ended, MayPersist));
    assert_eq!(visit.give_up(closed), Arrival::Ignored);
}

#[test]
fn without_a_visit_every_session_may_persist() {
    let sessions = sessions_after(None, false, Some("Google"));
    assert!(sessions.iter().all(|session| session.state == MayPersist));
    assert_eq!(sessions.len(), 2);
    let own = sessions_after(None, false, None);
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0].holder, own[0].state), (&SessionHolder::HostedUi, MayPersist));
}

#[test]
fn a_record_restores_the_page_that_the_browser_was_at() {
    let mut visit = two_pages(ComesBack::WithState);
    visit.arrive(&url(REDIRECT));
    let json = serde_json::to_string(&visit).unwrap();
    let mut read: Visit = serde_json::from_str(&json).unwrap();
    assert_eq!(read, visit);
    assert_eq!(read.arrive(&url(REDIRECT)), Arrival::Ignored);
    assert_eq!(read.arrive(&with_state()), done());
    let ended: Visit = serde_json::from_str(&serde_json::to_string(&read).unwrap()).unwrap();
    assert_eq!(states(&ended), (Ended, MayPersist));
}

#[test]
fn the_words_on_record_never_change() {
    let record = serde_json::json!({
        "redirect": REDIRECT,
        "hosted": "https://auth.example.com/logout?client_id=1",
        "provider": {"url": "https://id.example/logout?x=1", "comes_back": "with_state", "state": STATE},
        "at": "hosted",
    });
    assert_eq!(serde_json::to_value(two_pages(ComesBack::WithState)).unwrap(), record);
    for (word, comes_back) in [("never", ComesBack::Never), ("plainly", ComesBack::Plainly)] {
        assert_eq!(serde_json::to_value(comes_back).unwrap(), word);
    }
    for (word, place) in [("provider", Place::Provider), ("done", Place::Done)] {
        assert_eq!(serde_json::to_value(place).unwrap(), word);
    }
}

/// All kinds of callbacks except the one with the right state.
fn callback_without_the_state() -> impl Strategy<Value = Url> {
    let base = prop::sample::select(vec![REDIRECT, "https://example.com/other", "myapp://out"]);
    let name = prop::sample::select(vec!["state", "State", "error", "x"]);
    let value = prop_oneof![
        any::<String>(),
        Just("access_denied".to_owned()),
        Just(format!("{STATE}x")),
        Just(STATE.to_uppercase()),
    ];
    let pairs = prop::collection::vec((name, value), 0..3);
    let fragment = prop::option::of(Just(format!("state={STATE}")));
    (base, pairs, fragment).prop_map(|(base, pairs, fragment)| {
        let mut url = url(base);
        for (name, value) in pairs.iter().filter(|(_, value)| value != STATE) {
            url.query_pairs_mut().append_pair(name, value);
        }
        url.set_fragment(fragment.as_deref());
        url
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_visit_that_waits_for_a_state_ends_only_with_the_right_state_or_an_error(
        callbacks in prop::collection::vec(callback_without_the_state(), 0..8),
    ) {
        let mut visit = two_pages(ComesBack::WithState);
        for callback in callbacks.iter().filter(|callback| error_of(callback).is_none()) {
            visit.arrive(callback);
            prop_assert_ne!(visit.at, Place::Done);
        }
        // It ends with the right one.
        visit.arrive(&with_state());
        prop_assert_eq!(visit.at, Place::Done);
    }

    #[test]
    fn the_browser_gets_at_most_one_end(
        comes_back in prop::sample::select(vec![ComesBack::Never, ComesBack::Plainly, ComesBack::WithState]),
        callbacks in prop::collection::vec(prop_oneof![callback_without_the_state(), Just(with_state())], 0..8),
    ) {
        let mut visit = two_pages(comes_back);
        let arrivals: Vec<_> = callbacks.iter().map(|callback| visit.arrive(callback)).collect();
        let count = |is: fn(&Arrival) -> bool| arrivals.iter().filter(|arrival| is(arrival)).count();
        let ends = count(|arrival| matches!(arrival, Arrival::Ended { .. }));
        let onwards = count(|arrival| matches!(arrival, Arrival::GoOn(_)));
        prop_assert!(ends <= 1 && onwards <= 1, "{:?}", arrivals);
    }
}
