//! The machine against its documentation: every (state, event) pair, in every machine that can be reached.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use super::*;

mod cases;

/// Every state, by the name it has in the table.
const STATES: [State; 10] = [
    State::Loading,
    State::InBrowser,
    State::Committing,
    State::Refreshing,
    State::StepsWhileTokenLives,
    State::SigningOutGlobally,
    State::Revoking,
    State::StepsAfterSignOut,
    State::Settling,
    State::Finished,
];

/// What a caller can choose: a policy, or none.
const ALL_CHOICES: [Option<WebPolicy>; 5] = [
    None,
    Some(WebPolicy::Skip),
    Some(WebPolicy::ByRevocation),
    Some(WebPolicy::BestEffort),
    Some(WebPolicy::Required),
];

/// What the configuration can choose for a caller that chooses none.
const DEFAULTS: [WebPolicy; 2] = [WebPolicy::ByRevocation, WebPolicy::Required];

/// One of the app's own steps for each phase.
const APP_STEPS: [(&str, Phase); 2] = [("before", Phase::WhileTokenLives), ("after", Phase::AfterSignOut)];

fn all_facts() -> Vec<Facts> {
    let mut all = Vec::new();
    for origin in [Origin::Api, Origin::PrivateBrowser, Origin::SharedBrowser] {
        for bits in 0..4 {
            all.push(Facts {
                origin,
                may_sign_out_globally: bits & 1 != 0,
                access_token_expired: bits & 2 != 0,
            });
        }
    }
    all
}

/// A debt that owes nothing.
const NOTHING: Owed = Owed {
    global: false,
    global_is_done: false,
    revoke: false,
    linked: false,
    web: false,
    app: Vec::new(),
    renews_for_app: false,
};

/// Every event, with each content that the machine looks at.
fn all_events() -> Vec<Event> {
    let mut events = vec![
        Event::NoSession,
        Event::BrowserDone,
        Event::SessionGone,
        Event::Refreshed,
        Event::SignedOutGlobally,
        Event::SessionRevoked,
        Event::Revoked,
        Event::Settled,
        Event::Escalate,
    ];
    events.extend(ALL_CHOICES.map(Event::Strengthen));
    for end in [Ok(()), Err(StepError::new(ErrorCode::AppStepFailed, "for the test"))] {
        events.push(Event::AppStepsEnded(
            APP_STEPS.map(|(name, _)| (name.to_owned(), end.clone())).into(),
        ));
    }
    for facts in all_facts() {
        events.push(Event::Committed(facts));
        events.extend(DEFAULTS.map(|default_web| Event::SessionFound(facts, default_web)));
    }
    for code in [ErrorCode::SessionExpired, ErrorCode::Throttled] {
        let error = StepError::new(code, "for the test");
        events.extend([
            Event::LoadFailed(error.clone()),
            Event::BrowserFailed(error.clone()),
            Event::CommitFailed(error.clone()),
            Event::RefreshFailed(error.clone()),
            Event::GlobalSignOutFailed(error.clone()),
            Event::PaymentPutOff(error.clone()),
            Event::RevocationOff(error.clone()),
            Event::RevokeFailed(error.clone()),
            Event::SettleFailed(error),
        ]);
    }
    events
}

fn all_beginnings() -> Vec<Machine> {
    let mut all = Vec::new();
    for global in [false, true] {
        all.extend(ALL_CHOICES.map(|web| Machine::sign_out(global, web)));
        for web in [WebPolicy::BestEffort, WebPolicy::Required] {
            all.extend(DEFAULTS.map(|default_web| Machine::in_browser(global, web, default_web)));
        }
        for (revoke, web) in [(false, false), (false, true), (true, false), (true, true)] {
            for (global_is_done, linked) in [(false, false), (false, true), (true, false), (true, true)] {
                let owed = Owed {
                    global: global && !global_is_done,
                    global_is_done,
                    revoke,
                    linked,
                    web,
                    ..NOTHING
                };
                all.extend(all_facts().into_iter().map(|facts| Machine::pay(owed.clone(), facts)));
            }
        }
    }
    all.extend(beginnings_with_app_steps());
    all
}

/// The app's own steps come after the commit. So they begin there, and with one kind of session: the others differ before it.
fn beginnings_with_app_steps() -> Vec<Machine> {
    let mut all = Vec::new();
    let both = APP_STEPS.map(|(name, phase)| AppStepReport::to_do(name, Some(phase)));
    let unregistered = AppStepReport::to_do("unregistered", None);
    for global in [false, true] {
        for renews in [false, true] {
            let machine = Machine::sign_out(global, None).with_app_steps(both.to_vec(), renews);
            let found = Event::SessionFound(all_facts()[0], WebPolicy::Required);
            all.push(after(machine, found));
        }
        for (revoke, global_is_done) in [(false, false), (false, true), (true, false), (true, true)] {
            for app in [both.to_vec(), both[..1].to_vec(), vec![unregistered.clone()]] {
                let owed = Owed {
                    global: global && !global_is_done,
                    global_is_done,
                    revoke,
                    web: revoke,
                    app,
                    renews_for_app: true,
                    ..NOTHING
                };
                let facts = all_facts().into_iter().filter(|facts| facts.origin == Origin::Api);
                all.extend(facts.map(|facts| Machine::pay(owed.clone(), facts)));
            }
        }
    }
    all
}

/// Every machine that any sequence of events can lead to.
fn reachable() -> impl Iterator<Item = Machine> {
    static REACHABLE: LazyLock<Vec<Machine>> = LazyLock::new(explore);
    REACHABLE.iter().cloned()
}

fn explore() -> Vec<Machine> {
    let events = all_events();
    let mut seen = HashMap::new();
    let mut to_visit = all_beginnings();
    while let Some(machine) = to_visit.pop() {
        if seen.insert(format!("{machine:?}"), machine.clone()).is_none() {
            to_visit.extend(
                events
                    .iter()
                    .filter_map(|event| transition(machine.clone(), event.clone())),
            );
        }
    }
    seen.into_values().collect()
}

/// What follows where something must.
fn after(machine: Machine, event: Event) -> Machine {
    transition(machine, event).unwrap()
}

/// `Committed(Facts { … })` → `Committed`.
fn name(thing: impl std::fmt::Debug) -> String {
    format!("{thing:?}")
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect()
}

type Table = BTreeMap<(String, String), BTreeSet<String>>;

/// The table as the code has it: (state, event) → the states that follow, where anything happens at all.
fn table_in_code() -> Table {
    let mut table = Table::new();
    for machine in reachable() {
        for event in all_events() {
            let Some(next) = transition(machine.clone(), event.clone()) else {
                continue;
            };
            let expected_to_stay = event == Event::Escalate && next.global && machine.state < State::Refreshing;
            if next != machine || expected_to_stay {
                table
                    .entry((name(machine.state), name(event)))
                    .or_default()
                    .insert(name(next.state));
            }
        }
    }
    table
}

/// The rows of the table in the documentation whose first column has this head.
fn rows_of_documentation(head: &str) -> impl Iterator<Item = &'static str> {
    let lines = include_str!("../machine.rs").lines();
    let head = format!("//! | {head} |");
    let table = lines.skip_while(move |line| !line.starts_with(&head)).skip(2);
    table.map_while(|line| line.strip_prefix("//! | "))
}

/// The events that the documentation says come from outside.
fn events_from_outside() -> BTreeSet<String> {
    let row = rows_of_documentation("source").next().unwrap();
    let events = row.split('|').nth(1).unwrap();
    events.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The table as the documentation has it: the backticked states of each row's last column.
fn table_in_documentation() -> Table {
    let mut table = Table::new();
    let mut state = String::new();
    let rows = rows_of_documentation("state");
    for row in rows {
        let quoted = |cell: &str| -> Vec<String> { cell.split('`').skip(1).step_by(2).map(str::to_owned).collect() };
        let cells: Vec<&str> = row.split('|').collect();
        let (head, event, next) = match cells[..] {
            [head, event, next, _] => (head, event, next),
            _ => panic!("a row that is not one: {row}"),
        };
        if let [named] = &quoted(head)[..] {
            state = named.clone();
        }
        let states: Vec<String> = STATES.iter().map(name).collect();
        let next = quoted(next).into_iter().filter(|next| states.contains(next)).collect();
        table.insert((state.clone(), quoted(event).concat()), next);
    }
    table
}

#[test]
fn every_pair_of_state_and_event_does_what_the_documentation_says() {
    let (code, documentation) = (table_in_code(), table_in_documentation());
    let events: BTreeSet<String> = all_events().iter().map(name).collect();
    for state in STATES.map(name) {
        for event in &events {
            let pair = (state.clone(), event.clone());
            assert_eq!(code.get(&pair), documentation.get(&pair), "in {state}, on {event}");
        }
    }
    assert_eq!(
        code, documentation,
        "the table names a state or an event that is not there"
    );
}

#[test]
fn a_pair_without_a_row_is_refused_unless_its_event_comes_from_outside_and_then_it_changes_nothing() {
    let (documentation, outside) = (table_in_documentation(), events_from_outside());
    assert_eq!(
        outside,
        BTreeSet::from(["Escalate".to_owned(), "Strengthen".to_owned()])
    );
    let mut seen = BTreeSet::new();
    for machine in reachable() {
        for event in all_events() {
            let (pair, next) = (
                (name(machine.state), name(&event)),
                transition(machine.clone(), event.clone()),
            );
            // A retry ends the browser's session of a user who is signed out: nobody else can sign that user out.
            let is_for_a_session = !(machine.web_owed && event == Event::SessionGone);
            let has_row = documentation.contains_key(&pair) && is_for_a_session;
            let from_outside = outside.contains(&pair.1);
            assert_eq!(next.is_some(), has_row || from_outside, "{machine:?}, on {event:?}");
            if !has_row {
                assert!(next.is_none_or(|next| next == machine), "{machine:?}, on {event:?}");
            }
            seen.insert((has_row, from_outside));
        }
    }
    assert_eq!(seen.len(), 4, "each kind of pair is there: {seen:?}");
}

#[test]
fn no_sequence_of_events_fails_after_the_commit_or_revokes_before_it() {
    let mut finished = BTreeSet::new();
    for machine in reachable() {
        let steps = machine.steps();
        let committed = steps.commit == StepStatus::Done || steps.commit == StepStatus::Skipped(Skip::AlreadyDone);
        let asked_cognito = [steps.refresh, steps.global_sign_out, steps.revoke_token].contains(&StepStatus::Done);
        assert!(committed || !asked_cognito, "{machine:?}");
        assert!(!committed || machine.errors.fatal.is_none(), "{machine:?}");
        assert!(
            machine.state < State::Refreshing || machine.state == State::Finished || committed,
            "{machine:?}"
        );
        if machine.state == State::Finished {
            finished.insert(machine.errors.fatal.is_some());
        }
    }
    assert_eq!(
        finished,
        BTreeSet::from([false, true]),
        "both kinds of ending are reached"
    );
}

#[test]
fn every_step_ends_as_done_requested_skipped_for_a_reason_or_failed() {
    for machine in reachable().filter(|machine| machine.state == State::Finished) {
        let not_reached = machine
            .steps()
            .named()
            .iter()
            .any(|(_, status)| *status == StepStatus::default());
        assert_eq!(not_reached, machine.errors.fatal.is_some(), "{machine:?}");
        for step in &machine.steps().app {
            let not_reached = step.status == StepStatus::default();
            assert_eq!(not_reached, machine.errors.fatal.is_some(), "{machine:?}");
            let mut errors = machine.errors().app.iter();
            let has_error = errors.any(|failed| failed.name == step.name);
            let is_owed = matches!(step.status, StepStatus::Owed | StepStatus::Failed(_));
            assert_eq!(has_error, is_owed, "{machine:?}");
        }
    }
}

#[test]
fn no_path_is_endless() {
    fn longest(machine: &Machine, events: &[Event], depth: usize) -> usize {
        assert!(depth < 12, "{machine:?}");
        let nexts = events
            .iter()
            .filter_map(|event| transition(machine.clone(), event.clone()));
        nexts
            .filter(|next| next.state != machine.state)
            .map(|next| longest(&next, events, depth + 1))
            .max()
            .unwrap_or(depth)
    }
    // One kind of facts that allows every step: the others only leave steps out.
    let all = Facts {
        origin: Origin::SharedBrowser,
        may_sign_out_globally: true,
        access_token_expired: true,
    };
    let events: Vec<Event> = all_events()
        .into_iter()
        .filter(|event| !matches!(event, Event::SessionFound(facts, _) | Event::Committed(facts) if *facts != all))
        .collect();
    assert_eq!(
        longest(&Machine::sign_out(true, Some(WebPolicy::Required)), &events, 0),
        7
    );
    let owed = Owed {
        global: true,
        revoke: true,
        web: true,
        ..NOTHING
    };
    assert_eq!(longest(&Machine::pay(owed, all), &events, 0), 5);
}

#[test]
fn requested_is_said_only_after_a_revoke_token_that_was_linked() {
    for machine in reachable().filter(|machine| machine.steps().web == StepStatus::Requested) {
        assert!(machine.is_linked(), "{machine:?}");
        assert_eq!(machine.steps().revoke_token, StepStatus::Done, "{machine:?}");
    }
}

/// The diagram in docs/promises.md, drawn from what the code does.
fn diagram() -> String {
    let mut lines = vec!["stateDiagram-v2".to_owned(), "    [*] --> Loading".to_owned()];
    let mut edges: BTreeMap<(String, String), Vec<String>> = BTreeMap::new();
    for ((state, event), nexts) in table_in_code() {
        for next in nexts.into_iter().filter(|next| *next != state) {
            edges.entry((state.clone(), next)).or_default().push(event.clone());
        }
    }
    for state in STATES.map(name) {
        for ((from, to), events) in edges.iter().filter(|((from, _), _)| *from == state) {
            lines.push(format!("    {from} --> {to}: {}", events.join(", ")));
        }
    }
    lines.push("    Finished --> [*]".to_owned());
    lines.join("\n") + "\n"
}

#[test]
fn the_diagram_in_the_guide_is_the_one_that_the_code_draws() {
    let guide = include_str!("../../../docs/promises.md");
    let drawn = guide
        .split("```mermaid\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next());
    assert_eq!(
        drawn,
        Some(&*diagram()),
        "put this into docs/promises.md:\n{}",
        diagram()
    );
}
