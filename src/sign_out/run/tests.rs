use super::*;

#[test]
#[cfg_attr(debug_assertions, should_panic = "Settled in Loading")]
fn an_event_that_cannot_happen_changes_nothing_and_is_loud_in_a_debug_build() {
    let run = Run::sign_out(&SignOutOptions::local(), Waiter::new());
    assert!(!run.apply(Event::Settled));
    assert_eq!(run.state(), State::Loading);
}
