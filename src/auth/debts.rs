//! What earlier sign-outs have left on record, paid at launch and on demand.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{Auth, AuthError};
use crate::browser::WebVisit;
use crate::options::DEFAULT_DEADLINE;
use crate::record::Debt;
use crate::sign_out::{Resumed, SignOutResult};
use crate::task;

impl Auth {
    /// To be called at launch: pays what a sign-out that was interrupted (the process was killed) has left, and what was
    /// kept; and says whether one waits for the browser. What cannot be paid now, as without a network, stays on record,
    /// whatever [`unpaid_revocations`](crate::AuthConfig::unpaid_revocations) says; its `Partial` says so
    /// ([`kept`](crate::Partial::kept)).
    ///
    /// ```
    /// # use cognito_signout::{Auth, AuthError, SignOutProgress, SignOutResult};
    /// # use url::Url;
    /// /// `opened_with`: the URL that the app was started with, if it was.
    /// async fn at_launch(auth: &Auth, opened_with: Option<Url>) -> Result<(), AuthError> {
    ///     let resumed = auth.resume().await?;
    ///     for result in resumed.settled {
    ///         match result {
    ///             SignOutResult::Partial(partial) if partial.kept => {} // tried again by itself
    ///             SignOutResult::Partial(partial) => eprintln!("not tried again by itself: {partial}"),
    ///             _ => {}
    ///         }
    ///     }
    ///     if let (Some(_waiting), Some(callback)) = (resumed.web_step, opened_with) {
    ///         if let SignOutProgress::Finished(result) = auth.finish_sign_out(Ok(callback)).await {
    ///             println!("signed out: {}", result.signed_out_locally());
    ///         }
    ///     }
    ///     Ok(())
    /// }
    /// ```
    ///
    /// # Errors
    /// [`AuthError::Vault`] if the record cannot be read: call again later.
    pub async fn resume(&self) -> Result<Resumed, AuthError> {
        let record = self.record().await?;
        let waiting = self.0.driver.waiting_sign_out(&record);
        let web_step = waiting.map(|(_, interrupted)| WebVisit::from(&interrupted.visit));
        let settled = self.pay(record.pending).await;
        Ok(Resumed { settled, web_step })
    }

    /// Pays what earlier sign-outs left on record, within ten seconds in all.
    ///
    /// What cannot be paid now stays on record, as with [`resume`](Self::resume); its `Partial` says so
    /// ([`kept`](crate::Partial::kept)). A debt that another call is paying at this moment is left out: if that fails, it
    /// stays on record.
    ///
    /// # Errors
    /// [`AuthError::Vault`] if the record cannot be read: call again later.
    pub async fn settle_pending(&self) -> Result<Vec<SignOutResult>, AuthError> {
        let debts = self.record().await?.pending;
        Ok(self.pay(debts).await)
    }

    async fn pay(&self, debts: Vec<Debt>) -> Vec<SignOutResult> {
        let driver = Arc::clone(&self.0.driver);
        let listening = Arc::new(());
        let listener = Arc::downgrade(&listening);
        let paid = task::spawn(&Handle::current(), async move {
            driver.pay_all(debts, DEFAULT_DEADLINE, listener).await
        });
        // A lost task leaves its debts on record.
        paid.await.unwrap_or_default()
    }
}
