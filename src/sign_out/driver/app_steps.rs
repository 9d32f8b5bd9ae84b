//! Runs the app's own steps of one phase.

use super::{Driver, Event, Phase, Run};
use crate::claims::Claims;
use crate::record::Debt;
use crate::secret::Secret;
use crate::sign_out::app_steps::LeavingSession;

impl Driver {
    pub(super) async fn run_app_steps(&self, phase: Phase, run: &Run, debt: &Debt) -> Event {
        let is_globally_paid = self.in_payment.is_globally_paid(debt.held.id);
        let held = &debt.held;
        let token = |token: &Secret| (phase == Phase::WhileTokenLives).then(|| token.clone());
        let claims = Claims::from_jwt(&held.tokens.access_token);
        let session = LeavingSession {
            sub: claims.ok().and_then(|claims| claims.subject().map(str::to_owned)),
            username: held.username.clone(),
            access_token: token(&held.tokens.access_token),
            id_token: token(&held.tokens.id_token),
            token_state: run.token_state(debt, is_globally_paid, self.ports.clock.now()),
            again: run.purpose.is_payment(),
            signed_in_since: self.ports.store.last_seen().is_some(),
        };
        let to_do = run.app_steps_to_do();
        Event::AppStepsEnded(self.app_steps.run(phase, &to_do, &session, &run.deadline).await)
    }
}
