//! Single cases: what one step or one choice leads to.

use super::*;

#[test]
fn a_retry_pays_first_and_then_opens_the_browser_and_stays_partial_if_that_fails_again() {
    let facts = Facts {
        origin: Origin::SharedBrowser,
        may_sign_out_globally: true,
        access_token_expired: false,
    };
    let owed = Owed {
        revoke: true,
        web: true,
        ..NOTHING
    };
    let machine = Machine::pay(owed, facts);
    assert_eq!(machine.state, State::Revoking);
    let machine = after(after(machine, Event::Revoked), Event::Settled);
    assert_eq!(machine.state, State::InBrowser);

    let error = StepError::new(ErrorCode::HostedUiCancelled, "for the test");
    let failed = after(machine.clone(), Event::BrowserFailed(error.clone()));
    assert_eq!(failed.state, State::Finished);
    assert_eq!((&failed.errors.fatal, &failed.errors.web), (&None, &Some(error)));
    let done = after(machine, Event::BrowserDone);
    assert_eq!((done.state, done.steps().web), (State::Finished, StepStatus::Done));
}

/// A session in the shared browser, of a pool that tracks sessions.
const IN_SHARED_BROWSER: Facts = Facts {
    origin: Origin::SharedBrowser,
    may_sign_out_globally: true,
    access_token_expired: false,
};

#[test]
fn by_revocation_the_browsers_session_ends_as_a_part_of_revoke_token() {
    for web in [Some(WebPolicy::ByRevocation), None] {
        let found = Event::SessionFound(IN_SHARED_BROWSER, WebPolicy::ByRevocation);
        let machine = after(Machine::sign_out(false, web), found);
        assert_eq!((machine.state, machine.is_linked()), (State::Committing, true));
        let revoking = after(machine, Event::Committed(IN_SHARED_BROWSER));
        assert_eq!(revoking.steps().web, StepStatus::default());

        let done = after(revoking.clone(), Event::Revoked);
        assert_eq!(done.steps().web, StepStatus::Requested);
        let error = StepError::new(ErrorCode::Throttled, "for the test");
        let failed = after(revoking.clone(), Event::RevokeFailed(error.clone()));
        assert_eq!(failed.steps().web, StepStatus::Failed(ErrorCode::Throttled));
        assert_eq!(
            (&failed.errors.web, &failed.errors.revoke_token),
            (&Some(error.clone()), &Some(error))
        );
        let off = Event::RevocationOff(StepError::new(ErrorCode::RevocationDisabled, "for the test"));
        assert_eq!(
            after(revoking, off).steps().web,
            StepStatus::Failed(ErrorCode::RevocationDisabled)
        );
    }
}

#[test]
fn the_strongest_choice_of_all_callers_counts_and_a_caller_without_one_counts_as_the_sessions_default() {
    for first in ALL_CHOICES {
        for second in ALL_CHOICES {
            for default_web in DEFAULTS {
                let joined = after(Machine::sign_out(false, first), Event::Strengthen(second));
                let found = after(joined, Event::SessionFound(IN_SHARED_BROWSER, default_web));
                let strongest = first.unwrap_or(default_web).max(second.unwrap_or(default_web));
                assert_eq!(found.web(), strongest);
                assert_eq!(found.is_linked(), strongest == WebPolicy::ByRevocation);
                assert_eq!(found.state == State::InBrowser, strongest > WebPolicy::ByRevocation);
            }
        }
    }
}

#[test]
fn a_retry_pays_linked_and_opens_a_page_only_if_one_is_owed() {
    let owed = Owed {
        revoke: true,
        linked: true,
        ..NOTHING
    };
    let paid = after(
        after(Machine::pay(owed.clone(), IN_SHARED_BROWSER), Event::Revoked),
        Event::Settled,
    );
    assert_eq!((paid.state, paid.steps().web), (State::Finished, StepStatus::Requested));

    let error = StepError::new(ErrorCode::Throttled, "for the test");
    let machine = Machine::pay(
        Owed {
            web: true,
            ..owed.clone()
        },
        IN_SHARED_BROWSER,
    );
    let machine = after(after(machine, Event::RevokeFailed(error)), Event::Settled);
    let done = after(machine, Event::BrowserDone);
    assert_eq!((done.state, done.steps().web), (State::Finished, StepStatus::Done));
    assert_eq!(done.errors.web, None, "the page has ended what RevokeToken did not");
    // A debt that no longer owes RevokeToken owes nothing by it.
    let machine = Machine::pay(Owed { revoke: false, ..owed }, IN_SHARED_BROWSER);
    assert_eq!(machine.steps().web, StepStatus::Skipped(Skip::AlreadyDone));
}

#[test]
fn a_missing_scope_is_an_error_without_a_request_and_the_token_is_still_revoked() {
    let facts = Facts {
        origin: Origin::Api,
        may_sign_out_globally: false,
        access_token_expired: true,
    };
    let machine = after(
        Machine::sign_out(true, None),
        Event::SessionFound(facts, WebPolicy::Required),
    );
    let machine = after(machine, Event::Committed(facts));
    assert_eq!(machine.state, State::Revoking);
    assert_eq!(
        machine.steps().global_sign_out,
        StepStatus::Failed(ErrorCode::MissingScope)
    );
}

#[test]
fn a_global_sign_out_is_not_called_done_because_the_session_was_revoked_before() {
    let facts = Facts {
        origin: Origin::Api,
        may_sign_out_globally: true,
        access_token_expired: false,
    };
    let owed = Owed {
        global: true,
        revoke: true,
        ..NOTHING
    };
    let first = after(
        Machine::sign_out(true, None),
        Event::SessionFound(facts, WebPolicy::Required),
    );
    for machine in [
        after(first, Event::Committed(facts)),
        Machine::pay(owed.clone(), facts),
        Machine::pay(Owed { revoke: false, ..owed }, facts),
    ] {
        let machine = after(machine, Event::SessionRevoked);
        let failed = StepStatus::Failed(ErrorCode::SessionExpired);
        assert_eq!(machine.steps().global_sign_out, failed);
        assert!(machine.errors.global_sign_out.is_some());
    }
}

#[test]
fn a_payment_that_is_put_off_owes_all_that_it_owed_before() {
    for (revoke, linked) in [(true, false), (true, true), (false, false)] {
        let owed = Owed {
            global: true,
            revoke,
            linked,
            ..NOTHING
        };
        let error = StepError::new(ErrorCode::VaultLocked, "for the test");
        let machine = after(
            Machine::pay(owed, IN_SHARED_BROWSER),
            Event::PaymentPutOff(error.clone()),
        );
        assert_eq!(machine.state, State::Settling);
        let errors = Errors {
            global_sign_out: Some(error.clone()),
            revoke_token: revoke.then(|| error.clone()),
            web: linked.then_some(error),
            ..Errors::default()
        };
        assert_eq!(machine.errors, errors);
    }
}

#[test]
fn with_revocation_off_the_refresh_token_lives_unless_every_session_has_ended() {
    let facts = Facts {
        origin: Origin::Api,
        may_sign_out_globally: true,
        access_token_expired: false,
    };
    let off = Event::RevocationOff(StepError::new(ErrorCode::RevocationDisabled, "for the test"));
    for global in [false, true] {
        let machine = after(
            Machine::sign_out(global, None),
            Event::SessionFound(facts, WebPolicy::Required),
        );
        let mut machine = after(machine, Event::Committed(facts));
        if global {
            machine = after(machine, Event::SignedOutGlobally);
        }
        let machine = after(machine, off.clone());
        assert_eq!(machine.steps().revoke_token, StepStatus::Skipped(Skip::RevocationOff));
        assert_eq!(machine.errors.revoke_token.is_none(), global);
    }
}
