//! Signing out in two calls, for an app that opens the browser itself and may be killed while the browser is in front.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;
use url::Url;

use super::Auth;
use crate::browser::{Browser, BrowserCompletion, BrowserError, NextPage, WebVisit};
use crate::config::RedirectUri;
use crate::error::{ErrorCode, StepError};
use crate::options::SignOutOptions;
use crate::sign_out::{Next, Partial, Run, SignOutResult, Waiter};
use crate::task;
use crate::vault::VAULT_TIME;

/// How far a sign-out has come for an app that opens the browser itself. From
/// [`Auth::begin_sign_out`](crate::Auth::begin_sign_out), [`Auth::begin_retry`](crate::Auth::begin_retry) and
/// [`Auth::finish_sign_out`](crate::Auth::finish_sign_out).
#[derive(Debug, Clone)]
#[must_use = "a sign-out that waits for the browser has not happened yet"]
#[allow(
    clippy::large_enum_variant,
    reason = "as for the result: matched on, and made once a sign-out"
)]
pub enum SignOutProgress {
    /// Open this page in the user's browser, and give the callback URL or the error to `finish_sign_out`.
    Open(WebVisit),
    /// The answer did not belong to this sign-out, or the sign-out had ended before: nothing has happened.
    Ignored,
    /// The sign-out has ended.
    Finished(SignOutResult),
}

impl Auth {
    /// Signs out, up to where a page has to be opened in the user's browser: that page is returned, and the sign-out waits on
    /// record, for this process or the next. Until it is finished nothing has changed: the user is signed in.
    ///
    /// A session that needs no browser (see [`WebPolicy`](crate::WebPolicy)) is signed out at once. A second call begins
    /// anew, and so does [`sign_out`](Self::sign_out).
    ///
    /// ```
    /// # use cognito_signout::{Auth, BrowserError, SignOutOptions, SignOutProgress};
    /// # use url::Url;
    /// # async fn show(_: &Url) -> Option<Url> { None }
    /// async fn sign_out(auth: &Auth) {
    ///     let mut progress = auth.begin_sign_out(SignOutOptions::local()).await;
    ///     loop {
    ///         match progress {
    ///             SignOutProgress::Open(visit) => {
    ///                 // The app's own way to show a page and to get the callback URL.
    ///                 let answer = show(&visit.url).await.ok_or(BrowserError::Cancelled);
    ///                 progress = auth.finish_sign_out(answer).await;
    ///             }
    ///             SignOutProgress::Ignored => return,
    ///             SignOutProgress::Finished(result) => {
    ///                 println!("signed out: {}", result.signed_out_locally());
    ///                 return;
    ///             }
    ///         }
    ///     }
    /// }
    /// ```
    pub async fn begin_sign_out(&self, options: SignOutOptions) -> SignOutProgress {
        if let Some(refused) = self.refused(&options) {
            return SignOutProgress::Finished(refused);
        }
        let caller = Arc::new(());
        let new = |waiter| Run::begin(&options, waiter);
        let run = self.join_or_start(Arc::downgrade(&caller), &options, &new, None).await;
        match run.visit().filter(|_| run.waits_for_the_app()) {
            Some(visit) => SignOutProgress::Open((&visit).into()),
            None => SignOutProgress::Finished(run.result(Some(&options), self.0.ports.clock.now())),
        }
    }

    /// Finishes a sign-out that waits for the browser, in the process that began it or in another one after a restart.
    /// `answer` is the callback URL, or the reason why no callback came.
    ///
    /// The sign-out is the one of [`begin_sign_out`](Self::begin_sign_out), the retry of [`begin_retry`](Self::begin_retry), or
    /// one of [`sign_out`](Self::sign_out) or [`retry`](Self::retry) that has its page open in a
    /// [`Browser`](crate::Browser): so an app's own cancel button can call this with `Err(BrowserError::Cancelled)`.
    /// An answer that comes twice, or from another page, is [`Ignored`](SignOutProgress::Ignored). Once the
    /// `browser_deadline` is over, the first answer that belongs to the sign-out ends it as timed out.
    ///
    /// Another process must be configured with the same hosted pages: a sign-out on record that leads to other pages is
    /// ignored.
    ///
    /// If the keychain cannot be read, the result is [`Failed`](crate::SignOutResult::Failed), and the sign-out still waits.
    pub async fn finish_sign_out(&self, answer: Result<Url, BrowserError>) -> SignOutProgress {
        let clock = &self.0.ports.clock;
        let waiting = Arc::new(());
        if let Some((next, page)) = self.0.driver.browser_port.answer(&answer, Arc::downgrade(&waiting)) {
            return match next {
                NextPage::Ignored => SignOutProgress::Ignored,
                NextPage::Open(_) => page.visit().map_or(SignOutProgress::Ignored, SignOutProgress::Open),
                NextPage::End { .. } => SignOutProgress::Finished(page.result(&**clock).await),
            };
        }
        // In a task of its own: the answer comes only once, so it must not be lost with a caller that goes away.
        let (auth, caller) = (self.clone(), Arc::downgrade(&waiting));
        let finished = task::spawn(
            &Handle::current(),
            async move { auth.finish_waiting(answer, caller).await },
        );
        let lost = StepError::new(ErrorCode::Interrupted, "the task that ran the sign-out was lost");
        let now = clock.now();
        finished
            .await
            .unwrap_or_else(|_| SignOutProgress::Finished(Run::not_begun(lost, now)))
    }

    /// Goes on with the sign-out that waits on record.
    async fn finish_waiting(&self, answer: Result<Url, BrowserError>, caller: Waiter) -> SignOutProgress {
        let clock = &self.0.ports.clock;
        let (waiting, held, end) = match self.0.driver.answer_waiting(&answer, VAULT_TIME).await {
            Ok(Next::Ignore) => return SignOutProgress::Ignored,
            Ok(Next::Open(visit)) => return SignOutProgress::Open(visit),
            Ok(Next::Resume { waiting, held, end }) => (waiting, held, end),
            Err(error) => return SignOutProgress::Finished(Run::not_begun(error, clock.now())),
        };
        let default_web = self.0.driver.browser_port.default_policy(&held);
        let new = |waiter| Run::finish(&waiting, held.clone(), default_web, waiter);
        let run = self
            .join_or_start(caller, &SignOutOptions::nothing_more(), &new, Some(end))
            .await;
        if run.waits_for_the_app() {
            // Another answer came first.
            return SignOutProgress::Ignored;
        }
        SignOutProgress::Finished(run.result(None, clock.now()))
    }

    /// Tries again what failed in a `Partial`, as [`retry`](Self::retry) does, for an app that opens the browser itself: what
    /// is owed to Cognito is paid, and if the browser's session still has to be ended, the page to open is returned. Give the
    /// browser's answer to [`finish_sign_out`](Self::finish_sign_out), which returns the result.
    ///
    /// The library waits three minutes for the answer, and only in this process: the user is already signed out, so nothing
    /// waits on record. To go on later, retry the `Partial` again. What could not be paid meanwhile is on record, and
    /// [`resume`](Self::resume) pays it.
    pub async fn begin_retry(&self, partial: &Partial) -> SignOutProgress {
        let caller = Arc::new(());
        // While the browser is open nobody waits for the result, so what is unpaid stays on record.
        let waiter = match partial.owes_a_page() {
            true => Waiter::new(),
            false => Arc::downgrade(&caller),
        };
        let (browser, mut page) = HandsOut::new();
        let work = self.start_retry(partial, waiter, Box::new(|run| run.opened_by(browser)));
        tokio::select! {
            biased;
            Ok(Some(visit)) = async { page.wait_for(Option::is_some).await.map(|page| page.clone()) } => {
                SignOutProgress::Open(visit)
            }
            run = work => SignOutProgress::Finished(self.retried(partial, run.ok())),
        }
    }
}

/// Hands pages out to an app that opens them itself. The app gives the browser's answer to `finish_sign_out`.
#[derive(Debug)]
struct HandsOut(watch::Sender<Option<WebVisit>>);

impl HandsOut {
    /// With the place where the page will be.
    fn new() -> (Self, watch::Receiver<Option<WebVisit>>) {
        let (sender, page) = watch::channel(None);
        (Self(sender), page)
    }
}

impl Browser for HandsOut {
    fn open(&self, url: Url, redirect: RedirectUri, _completion: BrowserCompletion) {
        self.0.send_replace(Some(WebVisit { url, redirect }));
    }
}
