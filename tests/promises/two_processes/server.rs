//! A server that knows several sign-ins of one user. With rotation it is as strict as Cognito without a grace period: a refresh
//! ends the refresh token that it uses.

use std::collections::BTreeMap;

use cognito_signout::Tokens;
use cognito_signout::transport::HttpResponse;

use crate::server::{NOW, base64url, error, ok};

/// The number of a refresh token.
pub(crate) type Number = usize;

#[derive(Debug, Clone, Hash)]
pub(crate) struct Server {
    rotates: bool,
    /// The sign-in that the tokens with each number come from: the number of its first tokens.
    sign_ins: Vec<Number>,
    /// The refresh token that works, for each sign-in that has not ended.
    live: BTreeMap<Number, Number>,
}

impl Server {
    pub(crate) fn new(rotates: bool) -> Self {
        Self {
            rotates,
            sign_ins: Vec::new(),
            live: BTreeMap::new(),
        }
    }

    pub(crate) fn live(&self) -> impl Iterator<Item = Number> {
        self.live.values().copied()
    }

    pub(crate) fn is_live(&self, number: Number) -> bool {
        self.live().any(|live| live == number)
    }

    pub(crate) fn sign_in_of(&self, number: Number) -> Number {
        self.sign_ins[number]
    }

    /// The user signs in.
    pub(crate) fn sign_in(&mut self) -> Tokens {
        let number = self.sign_ins.len();
        self.sign_ins.push(number);
        self.live.insert(number, number);
        self.tokens(number, number)
    }

    fn tokens(&self, number: Number, refresh: Number) -> Tokens {
        let sign_in = self.sign_ins[number];
        let jwt = |token_use: &str, more: &str| {
            let (exp, origin) = (NOW + 3600, format!("o-{sign_in}"));
            let claims = format!(
                r#"{{"origin_jti":"{origin}","sub":"user-1","token_use":"{token_use}","exp":{exp},"jti":"{number}"{more}}}"#
            );
            format!("{}.{}.SECRETsignature", base64url("{}"), base64url(&claims))
        };
        let scope = r#","username":"ana","client_id":"client","scope":"aws.cognito.signin.user.admin""#;
        Tokens::new(
            jwt("access", scope),
            jwt("id", r#","aud":"client""#),
            refresh_token(refresh),
        )
    }

    /// Carries out an operation, and responds as AWS does.
    pub(crate) fn answer(&mut self, operation: &str, body: &str) -> HttpResponse {
        let ended = |message| error("NotAuthorizedException", message);
        let used = (0..self.sign_ins.len()).find(|number| body.contains(&format!("\"{}\"", refresh_token(*number))));
        match (operation, used) {
            ("RevokeToken", Some(number)) => {
                self.live.retain(|_, live| *live != number);
                ok("{}")
            }
            ("GlobalSignOut", _) => {
                let access = |number: &Number| body.contains(self.tokens(*number, 0).access_token.reveal());
                let number = (0..self.sign_ins.len()).find(access);
                if !number.is_some_and(|number| self.live.contains_key(&self.sign_ins[number])) {
                    return ended("Access Token has been revoked");
                }
                self.live.clear();
                ok("{}")
            }
            (_refresh, Some(number)) if self.is_live(number) => {
                let sign_in = self.sign_ins[number];
                let new = self.sign_ins.len();
                self.sign_ins.push(sign_in);
                let mut rotated = String::new();
                if self.rotates {
                    self.live.insert(sign_in, new);
                    rotated = format!(r#","RefreshToken":"{}""#, refresh_token(new));
                }
                let tokens = self.tokens(new, number);
                let (access, id) = (tokens.access_token.reveal(), tokens.id_token.reveal());
                ok(&format!(
                    r#"{{"AuthenticationResult":{{"AccessToken":"{access}","IdToken":"{id}","ExpiresIn":3600{rotated}}}}}"#
                ))
            }
            _ => ended("Refresh Token has been revoked"),
        }
    }
}

pub(crate) fn refresh_token(number: Number) -> String {
    format!("SECRETrefresh{number}")
}

/// The refresh tokens in this text.
pub(crate) fn refresh_tokens_in(text: &str) -> impl Iterator<Item = Number> {
    text.split("\"SECRETrefresh").skip(1).map(|rest| {
        let (number, _) = rest.split_once('"').unwrap();
        number.parse().unwrap()
    })
}
