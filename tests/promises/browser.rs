//! The user's browser in one process, and everything that can happen to a page in it.

use std::time::Duration;

use cognito_signout::{Browser, BrowserCompletion, BrowserError, RedirectUri};
use url::Url;

use crate::BROWSER_DEADLINE;
use crate::life::Life;

/// What can happen to a page in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WebFault {
    None,
    Cancel,
    Unavailable,
    /// The redirect says `error=`.
    Error,
    /// The redirect comes after a redirect to another URL, and twice.
    Double,
    /// The user closes the tab: nothing comes back, and nothing has ended.
    Hang,
    /// The page ends the session, and nothing comes back.
    Lost,
    /// The redirect comes long after the browser's deadline.
    Late,
    /// The process is killed while the browser is in front. The user starts the next process and cancels.
    DieBefore,
    /// The process is killed while the browser is in front, and the redirect starts the next process.
    DieAfter,
    /// The same, long after the browser's deadline.
    DieForLong,
}

const WEB_FAULTS: &[WebFault] = &[
    WebFault::None,
    WebFault::Cancel,
    WebFault::Unavailable,
    WebFault::Error,
    WebFault::Double,
    WebFault::Hang,
    WebFault::Lost,
    WebFault::Late,
    WebFault::DieBefore,
    WebFault::DieAfter,
    WebFault::DieForLong,
];

impl Browser for Life {
    fn open(&self, url: Url, redirect: RedirectUri, completion: BrowserCompletion) {
        assert!(!url.as_str().contains("SECRET"), "a token in the URL");
        let fault = self.choose("browser", WEB_FAULTS);
        let mut server = self.world.server();
        server.asked.push("browser".to_owned());
        server.cookie_alive = matches!(
            fault,
            WebFault::Cancel | WebFault::Unavailable | WebFault::Error | WebFault::Hang | WebFault::DieBefore
        );
        drop(server);
        let come_back = || drop(completion.redirected(redirect.url()));
        match fault {
            WebFault::None => come_back(),
            WebFault::Cancel => completion.failed(BrowserError::Cancelled),
            WebFault::Unavailable => completion.failed(BrowserError::Unavailable("for the test".into())),
            WebFault::Error => {
                let mut callback = redirect.url().clone();
                callback.set_query(Some("error=server_error"));
                completion.redirected(&callback);
            }
            WebFault::Double => {
                completion.redirected(&Url::parse("myapp://elsewhere").unwrap());
                come_back();
                come_back();
                completion.failed(BrowserError::Cancelled);
            }
            WebFault::Hang | WebFault::Lost => {}
            WebFault::Late => {
                let (redirect, completion) = (redirect.url().clone(), completion.clone());
                tokio::spawn(async move {
                    tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
                    completion.redirected(&redirect);
                });
            }
            WebFault::DieBefore | WebFault::DieAfter | WebFault::DieForLong => {
                let mut server = self.world.server();
                server.answer_to_come = Some(match fault {
                    WebFault::DieBefore => Err(BrowserError::Cancelled),
                    _ => Ok(()),
                });
                if fault == WebFault::DieForLong {
                    server.now += 10 * BROWSER_DEADLINE.as_secs();
                }
                drop(server);
                self.die();
            }
        }
    }
}
