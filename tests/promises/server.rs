//! The server: its state of one sign-in, and its responses.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use cognito_signout::transport::HttpResponse;
use cognito_signout::{BrowserError, Tokens};

/// When everything happens, in seconds since 1970, except what happens after a long absence of the user.
pub(crate) const NOW: u64 = 1_800_000_000;

/// The server's state of the one sign-in of a test.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    /// The numbers of the refresh tokens that work. Pessimistic: rotation ends the old token at once, and revoking that one
    /// later ends nothing.
    pub(crate) live: BTreeSet<u32>,
    /// The number of the newest tokens. Access tokens always have a number, refresh tokens if they rotate.
    pub(crate) issued: u32,
    pub(crate) other_device_alive: bool,
    /// The browser's session at the hosted pages.
    pub(crate) cookie_alive: bool,
    /// A `RevokeToken` with `LINKED` has succeeded: it asked for the end of the browser's session.
    pub(crate) end_requested: bool,
    /// How many requests for `RevokeToken` were with `LINKED`, and how many were not.
    pub(crate) revocations: Revocations,
    /// The browser's answer that the next process gets, if this one was killed while the browser was in front.
    pub(crate) answer_to_come: Option<Result<(), BrowserError>>,
    /// In seconds since 1970.
    pub(crate) now: u64,
    /// The device cannot reach the server.
    pub(crate) is_offline: bool,
    /// The app's own steps that were carried out.
    pub(crate) steps_done: BTreeSet<&'static str>,
    /// The operations that were requested, in order.
    pub(crate) asked: Vec<String>,
    rotates: bool,
    kind: TokenKind,
}

/// The requests for `RevokeToken`, those without a response too.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Revocations {
    pub(crate) linked: usize,
    pub(crate) plain: usize,
}

/// Which tokens the user has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TokenKind {
    /// Token revocation is on for the app client, and the tokens carry `origin_jti`.
    pub(crate) revocable: bool,
    pub(crate) admin_scope: bool,
    pub(crate) expired: bool,
}

impl Server {
    /// A user who has signed in on this device, and on another.
    pub(crate) fn new(kind: TokenKind, rotates: bool) -> Self {
        Self {
            live: BTreeSet::from([0]),
            issued: 0,
            other_device_alive: true,
            cookie_alive: true,
            end_requested: false,
            revocations: Revocations::default(),
            answer_to_come: None,
            now: NOW,
            is_offline: false,
            steps_done: BTreeSet::new(),
            asked: Vec::new(),
            rotates,
            kind,
        }
    }

    pub(crate) fn tokens(&self) -> Tokens {
        self.tokens_numbered(self.issued, self.kind.expired && self.issued == 0)
    }

    fn tokens_numbered(&self, number: u32, expired: bool) -> Tokens {
        let exp = if expired { NOW - 60 } else { NOW + 3600 };
        let origin = if self.kind.revocable {
            r#""origin_jti":"o-1","#
        } else {
            ""
        };
        let scope = if self.kind.admin_scope {
            "aws.cognito.signin.user.admin"
        } else {
            "openid"
        };
        let jwt = |token_use: &str, more: &str| {
            let claims =
                format!(r#"{{{origin}"sub":"user-1","token_use":"{token_use}","exp":{exp},"jti":"{number}"{more}}}"#);
            format!("{}.{}.SECRETsignature{number}", base64url("{}"), base64url(&claims))
        };
        let access = jwt(
            "access",
            &format!(r#","username":"ana","client_id":"client","scope":"{scope}""#),
        );
        let refresh = if self.rotates { number } else { 0 };
        Tokens::new(
            access,
            jwt("id", r#","aud":"client""#),
            format!("SECRETrefresh{refresh}"),
        )
    }

    pub(crate) fn live_tokens(&self) -> Vec<String> {
        self.live
            .iter()
            .map(|number| format!("SECRETrefresh{number}"))
            .collect()
    }

    /// Notes a request, whatever happens to it.
    pub(crate) fn arrived(&mut self, place: &str, body: &str) {
        self.asked.push(place.to_owned());
        match place {
            "RevokeToken" if is_linked(body) => self.revocations.linked += 1,
            "RevokeToken" => self.revocations.plain += 1,
            _ => {}
        }
    }

    /// Carries out an operation, and responds as AWS does.
    pub(crate) fn answer(&mut self, operation: &str, body: &str) -> HttpResponse {
        let revoked = |message| error("NotAuthorizedException", message);
        match operation {
            "RevokeToken" if !self.kind.revocable => error("UnsupportedOperationException", "revocation is off"),
            "RevokeToken" => {
                self.end_requested |= is_linked(body);
                self.live
                    .retain(|number| !body.contains(&format!("SECRETrefresh{number}\"")));
                ok("{}")
            }
            "GlobalSignOut" if self.live.is_empty() => revoked("Access Token has been revoked"),
            "GlobalSignOut" => {
                self.live.clear();
                self.other_device_alive = false;
                ok("{}")
            }
            _refresh if self.live.is_empty() => revoked("Refresh Token has been revoked"),
            _refresh => {
                self.issued += 1;
                if self.rotates {
                    self.live = BTreeSet::from([self.issued]);
                }
                let tokens = self.tokens_numbered(self.issued, false);
                let (access, id) = (tokens.access_token.reveal(), tokens.id_token.reveal());
                let rotated = match self.rotates {
                    true => format!(r#","RefreshToken":"{}""#, tokens.refresh_token.reveal()),
                    false => String::new(),
                };
                ok(&format!(
                    r#"{{"AuthenticationResult":{{"AccessToken":"{access}","IdToken":"{id}","ExpiresIn":3600{rotated}}}}}"#
                ))
            }
        }
    }
}

fn is_linked(body: &str) -> bool {
    body.contains(r#""RevokeAssociatedSessions":"LINKED""#)
}

pub(crate) fn ok(body: &str) -> HttpResponse {
    response(200, body)
}

pub(crate) fn error(code: &str, message: &str) -> HttpResponse {
    response(400, &format!(r#"{{"__type":"{code}","message":"{message}"}}"#))
}

fn response(status: u16, body: &str) -> HttpResponse {
    let headers = vec![("content-type".to_owned(), "application/x-amz-json-1.1".to_owned())];
    HttpResponse {
        status,
        headers,
        body: body.as_bytes().to_vec().into(),
    }
}

pub(crate) fn base64url(text: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(text)
}
