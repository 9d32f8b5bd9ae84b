//! What a run knows of the app's own steps, and of the tokens that they get.

use std::time::SystemTime;

use super::Run;
use crate::record::Debt;
use crate::sign_out::app_steps::TokenState;
use crate::sign_out::facts::Facts;
use crate::sign_out::steps::{AppStepReport, StepStatus};

impl Run {
    /// The names of the app's own steps.
    pub(crate) fn app_steps(&self) -> Vec<String> {
        let machine = self.machine();
        machine.steps().app.iter().map(|step| step.name.clone()).collect()
    }

    /// The app's own steps that have not run yet.
    pub(crate) fn app_steps_to_do(&self) -> Vec<AppStepReport> {
        let mut steps = self.machine().steps().app.clone();
        steps.retain(|step| step.status == StepStatus::default());
        steps
    }

    /// Whether the session's tokens still work. `is_globally_paid`: this process has signed the user out globally.
    pub(crate) fn token_state(&self, debt: &Debt, is_globally_paid: bool, now: SystemTime) -> TokenState {
        let machine = self.machine();
        let steps = machine.steps();
        let is_expired = Facts::of(&debt.held, now).access_token_expired;
        if is_expired
            || is_globally_paid
            || self.ledger().is_known_dead
            || !debt.revoke
            || steps.every_session_has_ended()
            || steps.session_is_revoked()
        {
            TokenState::HasDied
        } else if self.purpose.is_payment() && steps.refresh != StepStatus::Done {
            TokenState::MayHaveDied
        } else {
            TokenState::Lives
        }
    }
}
