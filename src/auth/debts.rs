//! Pays what earlier sign-outs have left on record: at launch, and when the app asks.

use std::sync::Arc;

use tokio::runtime::Handle;

use super::{Auth, AuthError};
use crate::browser::WebVisit;
use crate::options::DEFAULT_DEADLINE;
use crate::record::Debt;
use crate::sign_out::SignOutResult;
use crate::task;

/// What was found at launch. From [`Auth::resume`](crate::Auth::resume).
#[derive(Debug, Clone, Default)]
#[must_use = "a sign-out may wait for the browser, and only this says what can never be paid"]
#[non_exhaustive]
pub struct Resumed {
    /// The outcome of each debt of an earlier sign-out, the oldest first, each as `sign_out` would have returned it. A debt that
    /// is not paid is [`kept`](crate::Partial::kept) and tried again, unless a new try cannot help or it is past its age. A debt
    /// that another call, or the background payment after a sign-in, is paying at this moment is left out: if that fails, it
    /// stays on record.
    pub settled: Vec<SignOutResult>,
    /// A web step was running when the process ended, so the user is still signed in. Give the callback URL that the app was
    /// opened with to [`Auth::finish_sign_out`](crate::Auth::finish_sign_out); or open the page again; or finish it as
    /// cancelled. Once its `browser_deadline` is over, any answer ends it as timed out.
    ///
    /// Also `None` if the page on record does not belong to this configuration, since anyone who can write to the keychain could
    /// have put it there. The next sign-out begins anew.
    pub web_step: Option<WebVisit>,
}

impl Auth {
    /// Call this at launch. It pays what a sign-out that was interrupted (the process was killed) has left on record, and what
    /// was kept there; and it says whether a sign-out waits for the browser. What cannot be paid now, for example without a
    /// network, stays on record, whatever [`unpaid_revocations`](crate::AuthConfig::unpaid_revocations) says; its `Partial`
    /// says so ([`kept`](crate::Partial::kept)).
    ///
    /// ```
    /// # use cognito_signout::{Auth, AuthError, SignOutProgress, SignOutResult};
    /// # use url::Url;
    /// /// `opened_with`: the URL that the app was started with, if it was.
    /// async fn at_launch(auth: &Auth, opened_with: Option<Url>) -> Result<(), AuthError> {
    ///     let resumed = auth.resume().await?;
    ///     for result in resumed.settled {
    ///         match result {
    ///             SignOutResult::Partial(partial) if partial.kept => {} // the library tries again
    ///             SignOutResult::Partial(partial) => eprintln!("the library does not try again: {partial}"),
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
        let web_step = waiting.map(|waiting| WebVisit::from(&waiting.visit));
        let settled = self.pay(record.pending).await;
        Ok(Resumed { settled, web_step })
    }

    /// Pays what earlier sign-outs left on record, within ten seconds in all.
    ///
    /// What cannot be paid now stays on record, as in [`resume`](Self::resume); its `Partial` says so
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
        let caller = Arc::new(());
        let waiter = Arc::downgrade(&caller);
        let paid = task::spawn(&Handle::current(), async move {
            driver.pay_all(debts, DEFAULT_DEADLINE, waiter).await
        });
        // If the task is lost, the debts stay on record.
        paid.await.unwrap_or_default()
    }
}
