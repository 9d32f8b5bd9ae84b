//! Which fault a request meets: the rules that a test sets before it acts.

use std::fmt;
use std::sync::Mutex;

use tokio::sync::watch;

use super::faults::Fault;
use super::operation::Operation;
use crate::lock::lock;

/// The rules in the order they were set. The first one with turns left for the operation applies.
#[derive(Debug, Default)]
pub(super) struct Script(Mutex<Vec<Rule>>);

#[derive(Debug)]
struct Rule {
    operation: Operation,
    /// `None`: no limit.
    turns_left: Option<usize>,
    scene: Scene,
}

/// What one request meets.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) after_effect: bool,
    pub(super) act: Act,
}

#[derive(Debug, Clone)]
pub(super) enum Act {
    Fault(Fault),
    Hold(Turnstile),
}

impl Script {
    pub(super) fn on(&self, operation: Operation) -> On<'_> {
        On {
            script: self,
            operation,
            after_effect: false,
        }
    }

    /// Forgets every rule.
    pub(super) fn clear(&self) {
        lock(&self.0).clear();
    }

    /// What the current request meets, if anything.
    pub(super) fn next(&self, operation: Operation) -> Option<Scene> {
        let mut rules = lock(&self.0);
        let rule = (rules.iter_mut()).find(|rule| rule.operation == operation && rule.turns_left != Some(0))?;
        rule.turns_left = rule.turns_left.map(|turns| turns - 1);
        Some(rule.scene.clone())
    }

    fn add(&self, operation: Operation, turns_left: Option<usize>, scene: Scene) {
        let rule = Rule {
            operation,
            turns_left,
            scene,
        };
        lock(&self.0).push(rule);
    }
}

/// Sets what happens to the next requests for one operation. Rules queue: `once` twice is two requests. Requests after
/// the last turn succeed.
#[must_use = "nothing goes wrong until `once`, `times`, `always` or `hold` is called"]
pub struct On<'a> {
    script: &'a Script,
    operation: Operation,
    after_effect: bool,
}

impl fmt::Debug for On<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "On({:?})", self.operation)
    }
}

impl On<'_> {
    /// The operation takes effect on the server, and then its response fails. A client cannot distinguish a lost
    /// response from a lost request.
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    /// The next request meets the fault.
    pub fn once(self, fault: Fault) {
        self.times(1, fault);
    }

    /// The next `turns` requests meet the fault.
    pub fn times(self, turns: usize, fault: Fault) {
        self.play(Some(turns), Act::Fault(fault));
    }

    /// Every request from now on meets the fault, until [`FakeCognito::heal`](super::FakeCognito::heal).
    pub fn always(self, fault: Fault) {
        self.play(None, Act::Fault(fault));
    }

    /// Holds every request until the gate opens, then responds normally: it decides the order in a race. With
    /// [`after_effect`](Self::after_effect) the operation is carried out before the wait, otherwise after it.
    pub fn hold(self) -> Gate {
        let (arrived, arrivals) = watch::channel(0);
        let (open, opened) = watch::channel(false);
        self.play(None, Act::Hold(Turnstile { arrived, opened }));
        Gate { arrivals, open }
    }

    fn play(self, turns: Option<usize>, act: Act) {
        let scene = Scene {
            after_effect: self.after_effect,
            act,
        };
        self.script.add(self.operation, turns, scene);
    }
}

/// Holds requests. Dropping the gate opens it.
#[derive(Debug)]
pub struct Gate {
    arrivals: watch::Receiver<usize>,
    open: watch::Sender<bool>,
}

impl Gate {
    /// Waits until this many requests have arrived at the gate.
    pub async fn reached_by(&self, requests: usize) {
        // An error means that the rule was removed: no request will arrive.
        let _ = self.arrivals.clone().wait_for(|arrived| *arrived >= requests).await;
    }

    /// Lets through the waiting requests and all later ones.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

/// The fake's side of a [`Gate`].
#[derive(Debug, Clone)]
pub(super) struct Turnstile {
    arrived: watch::Sender<usize>,
    opened: watch::Receiver<bool>,
}

impl Turnstile {
    pub(super) async fn pass(mut self) {
        self.arrived.send_modify(|arrived| *arrived += 1);
        // An error means that the gate was dropped, which opens it.
        let _ = self.opened.wait_for(|opened| *opened).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(script: &Script, operation: Operation, requests: usize) -> Vec<Option<Fault>> {
        let fault = |scene: Scene| match scene.act {
            Act::Fault(fault) => fault,
            Act::Hold(_) => panic!("no request is held here"),
        };
        (0..requests).map(|_| script.next(operation).map(fault)).collect()
    }

    #[test]
    fn rules_queue_per_operation_and_later_requests_succeed() {
        let script = Script::default();
        script.on(Operation::RevokeToken).times(2, Fault::Reset);
        script.on(Operation::RevokeToken).once(Fault::Hang);
        assert_eq!(faults(&script, Operation::GetUser, 1), [None]);
        let expected = [Some(Fault::Reset), Some(Fault::Reset), Some(Fault::Hang), None];
        assert_eq!(faults(&script, Operation::RevokeToken, 4), expected);
    }

    #[test]
    fn always_lasts_until_the_script_is_cleared() {
        let script = Script::default();
        script.on(Operation::GetUser).always(Fault::Close);
        assert_eq!(
            faults(&script, Operation::GetUser, 3),
            [const { Some(Fault::Close) }; 3]
        );
        script.clear();
        assert_eq!(faults(&script, Operation::GetUser, 1), [None]);
    }
}
