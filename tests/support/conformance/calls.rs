//! The building blocks of the suite's behaviours: users, and Cognito's operations as the app client calls them.

use serde_json::{Value, json};

use super::super::wire::{Reply, Tokens, secret_hash};
use super::{PASSWORD, Suite, UserPool, live_or_dead};

impl<P: UserPool> Suite<'_, P> {
    /// A new user for each behaviour, so that behaviours do not affect each other.
    pub(super) async fn ana(&self) -> String {
        let username = format!("ana-{:x}", fastrand::u64(..));
        self.pool.add_user(&username, PASSWORD).await;
        username
    }

    pub(super) async fn signed_in(&self, ana: &str) -> Tokens {
        self.sign_in_with(ana, PASSWORD, self.hash(ana)).await.tokens_of(ana)
    }

    pub(super) async fn signed_out_everywhere(&self, ana: &str) -> Tokens {
        let tokens = self.signed_in(ana).await;
        let reply = self
            .wire
            .call("GlobalSignOut", json!({ "AccessToken": tokens.access }))
            .await;
        assert_eq!(reply.outcome(), "ok");
        tokens
    }

    pub(super) async fn sign_in_with(&self, ana: &str, password: &str, hash: Option<String>) -> Reply {
        let parameters = json!({ "USERNAME": ana, "PASSWORD": password });
        self.initiate_auth("USER_PASSWORD_AUTH", parameters, hash).await
    }

    pub(super) async fn refresh(&self, tokens: &Tokens) -> Reply {
        self.refresh_with(&tokens.refresh, self.hash(&tokens.username)).await
    }

    pub(super) async fn refresh_with(&self, refresh_token: &str, hash: Option<String>) -> Reply {
        self.initiate_auth("REFRESH_TOKEN_AUTH", json!({ "REFRESH_TOKEN": refresh_token }), hash)
            .await
    }

    pub(super) async fn initiate_auth(&self, flow: &str, mut parameters: Value, hash: Option<String>) -> Reply {
        if let Some(hash) = hash {
            parameters["SECRET_HASH"] = json!(hash);
        }
        let body = json!({ "ClientId": self.pool.client_id(), "AuthFlow": flow, "AuthParameters": parameters });
        self.wire.call("InitiateAuth", body).await
    }

    pub(super) async fn newer_refresh(&self, refresh_token: &str, secret: Option<String>) -> Reply {
        let body = json!({ "ClientId": self.pool.client_id(), "RefreshToken": refresh_token });
        self.wire
            .call("GetTokensFromRefreshToken", with_secret(body, secret))
            .await
    }

    pub(super) async fn get_user(&self, access_token: &str) -> Reply {
        self.wire.call("GetUser", json!({ "AccessToken": access_token })).await
    }

    pub(super) async fn revoke_token(&self, token: &str) -> Reply {
        self.revoke_as(&self.pool.client_id(), self.pool.client_secret(), token)
            .await
    }

    pub(super) async fn revoke_as(&self, client_id: &str, secret: Option<String>, token: &str) -> Reply {
        let body = json!({ "ClientId": client_id, "Token": token });
        self.wire.call("RevokeToken", with_secret(body, secret)).await
    }

    pub(super) fn hash(&self, username: &str) -> Option<String> {
        let secret = self.pool.client_secret()?;
        Some(secret_hash(&secret, username, &self.pool.client_id()))
    }

    pub(super) fn user(&self, username: &str) -> Value {
        json!({ "UserPoolId": self.pool.user_pool_id(), "Username": username })
    }

    pub(super) async fn refresh_state(&self, tokens: &Tokens) -> String {
        format!("refresh {}", live_or_dead(self.refresh(tokens).await.is_ok()))
    }

    pub(super) async fn state(&self, tokens: &Tokens) -> String {
        let access = self.get_user(&tokens.access).await.is_ok();
        format!("{}, access {}", self.refresh_state(tokens).await, live_or_dead(access))
    }
}

fn with_secret(mut body: Value, secret: Option<String>) -> Value {
    if let Some(secret) = secret {
        body["ClientSecret"] = json!(secret);
    }
    body
}
