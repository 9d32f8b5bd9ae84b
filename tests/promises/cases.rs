//! The sets of options: what a sign-out is asked to do, and for which session.

use cognito_signout::{SignedInWith, WebPolicy};

use crate::server::TokenKind;

/// One option set.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Case {
    pub(crate) global: bool,
    pub(crate) keep: bool,
    pub(crate) rotates: bool,
    pub(crate) tokens: TokenKind,
    pub(crate) signed_in_with: SignedInWith,
    pub(crate) web: Option<WebPolicy>,
    /// The configuration says that the pool tracks sessions.
    pub(crate) tracks: bool,
    /// The app has steps of its own, one for each phase.
    pub(crate) steps: bool,
}

impl Case {
    /// Whether `RevokeToken` is to end the browser's session.
    pub(crate) fn is_by_revocation(self) -> bool {
        let by_policy = matches!(self.web, None | Some(WebPolicy::ByRevocation));
        self.tracks && by_policy && self.signed_in_with == SignedInWith::HostedUi
    }
}

/// Every combination, except those that differ only in what is never used: a local sign-out needs no access token, and a global
/// one cannot use it without the scope. If no browser is opened, only the report's reason differs; and a policy that is not
/// given is `Required`, or `ByRevocation` with session tracking.
pub(crate) fn all_cases() -> Vec<Case> {
    use SignedInWith::{Api, HostedUi, HostedUiPrivate};
    let browsers = [
        (Api, None, false),
        (HostedUi, Some(WebPolicy::BestEffort), false),
        (HostedUi, Some(WebPolicy::Required), false),
        (HostedUi, Some(WebPolicy::ByRevocation), true),
    ];
    let same_steps = [
        (HostedUiPrivate, None, false),
        (HostedUi, None, false),
        (HostedUi, Some(WebPolicy::Skip), false),
        (HostedUi, None, true),
        (HostedUi, Some(WebPolicy::Skip), true),
        (HostedUi, Some(WebPolicy::Required), true),
        (HostedUiPrivate, Some(WebPolicy::ByRevocation), true),
    ];
    let mut cases = Vec::new();
    for bits in 0..1u32 << 6 {
        let bit = |n: u32| bits >> n & 1 == 1;
        let (global, keep, revocable, admin_scope, expired, rotates) = (bit(0), bit(1), bit(2), bit(3), bit(4), bit(5));
        let needs_access_token = global && admin_scope;
        if (!global && admin_scope) || (!needs_access_token && (expired || rotates)) {
            continue;
        }
        let tokens = TokenKind {
            revocable,
            admin_scope,
            expired,
        };
        let plain = revocable && !keep && !expired && !rotates;
        let others = same_steps.into_iter().filter(|_| plain);
        cases.extend(
            browsers
                .into_iter()
                .chain(others)
                .map(|(signed_in_with, web, tracks)| Case {
                    global,
                    keep,
                    rotates,
                    tokens,
                    signed_in_with,
                    web,
                    tracks,
                    steps: false,
                }),
        );
    }
    cases
}

/// The same with steps of the app's own; and the local sign-outs that refresh for them.
pub(crate) fn all_cases_with_steps() -> Vec<Case> {
    let mut cases = all_cases();
    let local = cases
        .clone()
        .into_iter()
        .filter(|case| !case.global && case.tokens.revocable);
    cases.extend(local.flat_map(|case| {
        [false, true].map(|rotates| Case {
            rotates,
            tokens: TokenKind {
                expired: true,
                ..case.tokens
            },
            ..case
        })
    }));
    cases.iter_mut().for_each(|case| case.steps = true);
    cases
}
