//! Signing out in two calls, for an app that opens the browser itself and may be killed while it is in front.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;
use url::Url;

use super::Auth;
use crate::browser::{Browser, BrowserCompletion, BrowserError, NextPage, WebVisit};
use crate::config::RedirectUri;
use crate::error::{ErrorCode, StepError};
use crate::options::SignOutOptions;
use crate::sign_out::{Listener, Noted, Partial, Run, SignOutProgress};
use crate::task;
use crate::vault::VAULT_TIME;

impl Auth {
    /// Signs out, up to where a page has to be opened in the user's browser: that page is given, and what it takes to go
    /// on is on record, for this process or the next. Nothing has changed until then: the user is signed in.
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
        let caller = Arc::new(());
        let new = |listener| Run::begin(&options, listener);
        let run = self.fly(Arc::downgrade(&caller), &options, new, None).await;
        match run.visit().filter(|_| run.waits_for_the_app()) {
            Some(visit) => SignOutProgress::Open((&visit).into()),
            None => SignOutProgress::Finished(run.result(Some(&options), self.0.driver.clock.now())),
        }
    }

    /// Goes on with a sign-out that waits for the browser: the callback URL that the app was opened with, or why there is
    /// none. In the process that began, or after a restart in another.
    ///
    /// It is the sign-out of [`begin_sign_out`](Self::begin_sign_out), the retry of [`begin_retry`](Self::begin_retry), or
    /// one of [`sign_out`](Self::sign_out) or [`retry`](Self::retry) whose [`Browser`](crate::Browser) has the user:
    /// `Err(BrowserError::Cancelled)` is how an app's own button cancels that.
    /// Whatever comes twice or from another page is [`Ignored`](SignOutProgress::Ignored). A sign-out whose
    /// `browser_deadline` is over ends with the first answer that is its own, as one that has timed out.
    ///
    /// A process other than the one that began has to be configured with the same hosted pages: what is on record for others
    /// is ignored.
    ///
    /// A keychain that cannot be read is a [`Failed`](crate::SignOutResult::Failed) result, and the sign-out waits on.
    pub async fn finish_sign_out(&self, answer: Result<Url, BrowserError>) -> SignOutProgress {
        let driver = &self.0.driver;
        let listening = Arc::new(());
        if let Some((next, under_way)) = driver.web.answer(&answer, &listening) {
            return match next {
                NextPage::Ignored => SignOutProgress::Ignored,
                NextPage::Open(_) => under_way
                    .visit()
                    .map_or(SignOutProgress::Ignored, SignOutProgress::Open),
                NextPage::End { .. } => SignOutProgress::Finished(under_way.result(&*driver.clock).await),
            };
        }
        // In a task of its own: the answer comes only once, so a caller that goes away must not take it along.
        let (auth, caller) = (self.clone(), Arc::downgrade(&listening));
        let finished = task::spawn(
            &Handle::current(),
            async move { auth.finish_noted(answer, caller).await },
        );
        let lost = StepError::new(ErrorCode::Interrupted, "the task that ran the sign-out was lost");
        let now = driver.clock.now();
        finished
            .await
            .unwrap_or_else(|_| SignOutProgress::Finished(Run::unread(lost, now)))
    }

    /// Goes on with the sign-out that is on record.
    async fn finish_noted(&self, answer: Result<Url, BrowserError>, caller: Listener) -> SignOutProgress {
        let driver = &self.0.driver;
        let (noted, end) = match driver.noted(&answer, VAULT_TIME).await {
            Ok(Noted::Ignored) => return SignOutProgress::Ignored,
            Ok(Noted::Open(visit)) => return SignOutProgress::Open(visit),
            Ok(Noted::Ended(noted, end)) => (*noted, end),
            Err(error) => return SignOutProgress::Finished(Run::unread(error, driver.clock.now())),
        };
        let new = |listener| Run::finish(&noted, listener);
        let run = self.fly(caller, &SignOutOptions::nothing_more(), new, Some(end)).await;
        if run.waits_for_the_app() {
            // Another answer was faster.
            return SignOutProgress::Ignored;
        }
        SignOutProgress::Finished(run.result(None, driver.clock.now()))
    }

    /// Tries again what failed in a `Partial`, as [`retry`](Self::retry) does, for an app that opens the browser itself: what
    /// is owed to Cognito is paid, and where the browser's session is still to be ended the page to open is given. What
    /// comes of it goes to [`finish_sign_out`](Self::finish_sign_out), which has the result.
    ///
    /// The page is waited for as long as a sign-out's by default, three minutes, and in this process alone: the user is
    /// signed out already, so a retry that is not finished leaves nothing to go on with but the `Partial`. What could not be
    /// paid meanwhile is on record, and [`resume`](Self::resume) pays it.
    pub async fn begin_retry(&self, partial: &Partial) -> SignOutProgress {
        let listening = Arc::new(());
        // While the browser is open nobody waits for the result: what is unpaid then stays on record.
        let listener = match partial.hosted_ui_error {
            Some(_) => Listener::new(),
            None => Arc::downgrade(&listening),
        };
        let (browser, mut page) = HandsOut::new();
        let work = self.start_retry(partial, listener, |run| run.opened_by(browser));
        tokio::select! {
            biased;
            Ok(Some(visit)) = async { page.wait_for(Option::is_some).await.map(|page| page.clone()) } => {
                SignOutProgress::Open(visit)
            }
            run = work => SignOutProgress::Finished(self.retried(partial, run.ok())),
        }
    }
}

/// For an app that opens pages itself: hands them out to it. What comes of them is told by `finish_sign_out`.
#[derive(Debug)]
struct HandsOut(watch::Sender<Option<WebVisit>>);

impl HandsOut {
    /// And what it will hand out.
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
