//! Signing out in one call, and retrying what failed.

use std::cell::Cell;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::Auth;
use crate::error::StepError;
use crate::options::{DEFAULT_DEADLINE, SignOutOptions};
use crate::sign_out::{Partial, Run, SignOutResult, Waiter};
use crate::task::{self, Answer};

impl Auth {
    /// Signs out: of this device at once, then at Cognito. The result says what was achieved.
    ///
    /// Calls at the same time join one sign-out. A global call that joins a local sign-out makes it global, and a call that
    /// wants the browser's session ended has it ended (see [`SignOutOptions::web`]). If it is too late for that, the call gets
    /// `Partial` with [`JoinedTooLate`](crate::ErrorCode::JoinedTooLate). If nobody is signed in, the result is `Complete`, and
    /// nothing is asked of Cognito.
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
        if let Some(refused) = self.refused(&options) {
            return refused;
        }
        let caller = Arc::new(());
        let new = |waiter| Run::sign_out(&options, waiter);
        let run = self.join_or_start(Arc::downgrade(&caller), &options, &new, None).await;
        run.result(Some(&options), self.0.ports.clock.now())
    }

    /// The result for options that this configuration does not allow. Nothing has changed, and a sign-out that is running goes
    /// on.
    pub(super) fn refused(&self, options: &SignOutOptions) -> Option<SignOutResult> {
        let error = self.0.driver.browser_port.allows(options.web?).err()?;
        Some(Run::not_begun(error, self.0.ports.clock.now()))
    }

    /// Joins the sign-out that is running, or runs a new one to its end. `web_end`: how the web step of the new one has ended, if
    /// it has had one. `caller` waits for the result.
    pub(super) async fn join_or_start(
        &self,
        caller: Waiter,
        options: &SignOutOptions,
        new: &(dyn Fn(Waiter) -> Run + Sync),
        web_end: Option<Result<(), StepError>>,
    ) -> Arc<Run> {
        loop {
            let (driver, web_end) = (Arc::clone(&self.0.driver), web_end.clone());
            let is_joined = Cell::new(false);
            let (run, end) = self.0.shared.sign_out.join_or_start(
                || {
                    let driver = &self.0.driver;
                    let run = new(caller.clone()).beside_a_browser(driver.browser_port.has_browser());
                    run.with_app_steps(&driver.app_steps)
                },
                |run| {
                    is_joined.set(true);
                    run.join(options, caller.clone());
                },
                |run| async move {
                    match web_end {
                        None => driver.drive(&run).await,
                        Some(end) => driver.resume_after_browser(&run, end).await,
                    }
                },
            );
            // If the task was lost, the run is left as it was, and its result says so.
            let _ = end.wait().await;
            // If the run that was joined waits for the app, it is not finished: start a new one.
            if !(is_joined.get() && run.waits_for_the_app()) {
                return run;
            }
        }
    }

    /// Tries again what failed in a `Partial`, with the tokens that it carries. If its debt is on record, the record's newer
    /// state is used: what is paid is not sent again. If it is on record no more, `RevokeToken` is sent again, which is
    /// idempotent. The browser's session comes last, in the library's browser. An app that opens the browser itself calls
    /// [`begin_retry`](Self::begin_retry).
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
        let caller = Arc::new(());
        let run = self
            .start_retry(partial, Arc::downgrade(&caller), Box::new(|run| run))
            .await;
        self.retried(partial, run.ok())
    }

    /// Starts the retry, changed by `with`, in a task of its own.
    pub(super) fn start_retry(
        &self,
        partial: &Partial,
        waiter: Waiter,
        with: Box<dyn FnOnce(Run) -> Run + Send>,
    ) -> Answer<Arc<Run>> {
        let (driver, partial) = (Arc::clone(&self.0.driver), partial.clone());
        task::spawn(
            &Handle::current(),
            async move { driver.retry(&partial, waiter, with).await },
        )
    }

    /// The result of a retry. If its task was lost, the result of one that was interrupted at once.
    pub(super) fn retried(&self, partial: &Partial, run: Option<Arc<Run>>) -> SignOutResult {
        let now = self.0.ports.clock.now();
        let lost = || {
            let debt = partial.debt.clone();
            Arc::new(Run::retry(
                partial,
                debt,
                &self.0.driver.app_steps,
                DEFAULT_DEADLINE,
                now,
                Waiter::new(),
            ))
        };
        run.unwrap_or_else(lost).result(None, now)
    }
}
