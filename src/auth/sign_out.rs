//! Signing out in one call, and trying again what failed.

use std::cell::Cell;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::Auth;
use crate::error::StepError;
use crate::options::{DEFAULT_DEADLINE, SignOutOptions};
use crate::sign_out::{Listener, Partial, Run, SignOutResult};
use crate::task::{self, Answer};

impl Auth {
    /// Signs out: of this device at once, then at Cognito, and says what was achieved.
    ///
    /// Calls at the same time join one sign-out. A global one that joins a local one makes it global, and one that wants
    /// the browser's session ended has it ended (see [`SignOutOptions::web`]); if it is too late for that, it gets `Partial`
    /// with [`JoinedTooLate`](crate::ErrorCode::JoinedTooLate). With nobody signed in the result is `Complete` and nothing
    /// is asked of Cognito.
    ///
    /// ```
    /// use std::time::Duration;
    /// use cognito_signout::{Auth, SignOutOptions, SignOutResult};
    ///
    /// async fn sign_out_everywhere(auth: &Auth) -> bool {
    ///     let options = SignOutOptions::global().deadline(Duration::from_secs(5));
    ///     let result = auth.sign_out(options).await;
    ///     if let SignOutResult::Failed(failed) = &result {
    ///         eprintln!("still signed in: {}; {}", failed.error, failed.error.recovery());
    ///     }
    ///     result.signed_out_locally()
    /// }
    /// ```
    pub async fn sign_out(&self, options: SignOutOptions) -> SignOutResult {
        let caller = Arc::new(());
        let new = |listener| Run::sign_out(&options, listener);
        let run = self.fly(Arc::downgrade(&caller), &options, new, None).await;
        run.result(Some(&options), self.0.driver.clock.now())
    }

    /// Runs what `new` makes to its end, from the end of its web step on if there is one; or joins what is under way. The
    /// `caller` holds the strong end for as long as it waits for the result.
    pub(super) async fn fly(
        &self,
        caller: Listener,
        options: &SignOutOptions,
        new: impl Fn(Listener) -> Run,
        web_end: Option<Result<(), StepError>>,
    ) -> Arc<Run> {
        loop {
            let (driver, web_end) = (Arc::clone(&self.0.driver), web_end.clone());
            let is_joined = Cell::new(false);
            let (run, end) = self.0.shared.sign_out.fly(
                || new(caller.clone()).beside_a_browser(self.0.driver.web.has_browser()),
                |run| {
                    is_joined.set(true);
                    run.join(options, caller.clone());
                },
                |run| async move {
                    match web_end {
                        None => driver.drive(&run).await,
                        Some(end) => driver.drive_on(&run, end).await,
                    }
                },
            );
            // A task that was lost has left the run as it stood: the result tells.
            let _ = end.wait().await;
            // What another call has begun, for the app to go on with, is not what was asked for here.
            if !(is_joined.get() && run.waits_for_the_app()) {
                return run;
            }
        }
    }

    /// Tries again what failed in a `Partial`, with the tokens that it carries, or with what stands on record of it by
    /// now: what the record shows as paid is not asked for again. Once nothing of it is on record `RevokeToken` is asked
    /// again, which changes nothing. Last of all comes the browser's session, in the
    /// library's browser. An app that opens the browser itself calls [`begin_retry`](Self::begin_retry).
    ///
    /// ```
    /// # use cognito_signout::fake_cognito::{FakeCognito, Fault, Operation, ServiceError};
    /// # use cognito_signout::transport::RustlsTransport;
    /// # use cognito_signout::vault::MemoryVault;
    /// # use cognito_signout::{Auth, AuthConfig, SignOutOptions, SignOutResult, SignedInWith, Tokens};
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
    /// # let fake = FakeCognito::start().await?;
    /// # let config = AuthConfig::builder(fake.user_pool_id(), fake.client_id()).endpoint(fake.url().as_str()).build()?;
    /// # let auth = Auth::builder(config, MemoryVault::default(), RustlsTransport::new()).build();
    /// # let issued = fake.sign_in("ana");
    /// # auth.store_session(Tokens::new(issued.access, issued.id, issued.refresh), SignedInWith::Api).await?;
    /// fake.on(Operation::RevokeToken).once(Fault::Refuse(ServiceError::Forbidden));
    /// let SignOutResult::Partial(partial) = auth.sign_out(SignOutOptions::local()).await else { panic!("refused") };
    /// let failed = partial.revoke_token_error.as_ref().map(|failed| failed.error.code().as_str());
    /// assert_eq!(failed, Some("forbidden"));
    ///
    /// let result = auth.retry(&partial).await;
    /// assert!(matches!(result, SignOutResult::Complete(_)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # })?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub async fn retry(&self, partial: &Partial) -> SignOutResult {
        let listening = Arc::new(());
        let run = self.start_retry(partial, Arc::downgrade(&listening), |run| run).await;
        self.retried(partial, run.ok())
    }

    /// The retry, as `with` changes it, in a task of its own.
    pub(super) fn start_retry(
        &self,
        partial: &Partial,
        listener: Listener,
        with: impl FnOnce(Run) -> Run + Send + 'static,
    ) -> Answer<Arc<Run>> {
        let (driver, partial) = (Arc::clone(&self.0.driver), partial.clone());
        task::spawn(&Handle::current(), async move {
            driver.retry(&partial, listener, with).await
        })
    }

    /// The result of a retry; as of one that was interrupted at once, if its task was lost.
    pub(super) fn retried(&self, partial: &Partial, run: Option<Arc<Run>>) -> SignOutResult {
        let now = self.0.driver.clock.now();
        let lost = || {
            let debt = partial.debt.clone();
            Arc::new(Run::retry(partial, debt, DEFAULT_DEADLINE, now, Listener::new()))
        };
        run.unwrap_or_else(lost).result(None, now)
    }
}
