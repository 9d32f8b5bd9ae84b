use super::*;

fn session(holder: SessionHolder, state: BrowserSessionState) -> BrowserSession {
    BrowserSession { holder, state }
}

fn provider() -> SessionHolder {
    SessionHolder::IdentityProvider("Google".to_owned())
}

#[test]
fn the_prompt_prevents_a_silent_sign_in_by_the_remaining_sessions() {
    use BrowserSessionState::{EndRequested, Ended, MayPersist};
    for (hosted, at_provider, prompt) in [
        (Ended, None, None),
        (MayPersist, None, Some(Prompt::Login)),
        (EndRequested, None, Some(Prompt::Login)),
        (Ended, Some(Ended), None),
        (MayPersist, Some(Ended), Some(Prompt::Login)),
        (Ended, Some(MayPersist), Some(Prompt::SelectAccount)),
        // Cognito only passes the other prompt on to the provider, and signs the user in by its own cookie.
        (MayPersist, Some(MayPersist), Some(Prompt::Login)),
    ] {
        let mut sessions = vec![session(SessionHolder::HostedUi, hosted)];
        sessions.extend(at_provider.map(|state| session(provider(), state)));
        assert_eq!(prompt_after(&sessions), prompt, "{sessions:?}");
    }
    assert_eq!(prompt_after(&[]), None);
}

#[test]
fn the_states_have_names_for_logs_and_json() {
    assert_eq!(BrowserSessionState::Ended.as_str(), "ended");
    assert_eq!(BrowserSessionState::EndRequested.as_str(), "end_requested");
    assert_eq!(BrowserSessionState::MayPersist.as_str(), "may_persist");
}

#[test]
fn the_prompt_is_a_parameter_of_the_next_sign_in() {
    assert_eq!(Prompt::Login.authorize_url_hint(), ("prompt", "login"));
    assert_eq!(Prompt::SelectAccount.authorize_url_hint(), ("prompt", "select_account"));
}
