//! One suite for every server that replaces Cognito in tests. It compares what AWS does, as a table, with what the server
//! does. An emulator that differs declares the deviation. The suite then expects exactly that, so it skips nothing and
//! notices a change in an emulator.

mod calls;

use serde_json::json;

use super::wire::{Reply, Wire, claims};

/// A user pool with one app client, on whatever server.
pub(crate) trait UserPool {
    fn endpoint(&self) -> String;
    fn user_pool_id(&self) -> String;
    fn client_id(&self) -> String;
    fn client_secret(&self) -> Option<String>;
    /// Adds a confirmed user.
    async fn add_user(&self, username: &str, password: &str);
    /// Behaviours in which the server differs from AWS, by name, and what it does instead.
    fn deviations(&self) -> &'static [(&'static str, &'static str)];
}

/// Accepted by every server's password policy.
pub(crate) const PASSWORD: &str = "Passw0rd!x";

/// Observes every behaviour and compares it with AWS's, or with the deviation that the server declares.
pub(crate) async fn check(pool: &impl UserPool) {
    let suite = Suite {
        pool,
        wire: Wire::new(pool.endpoint()),
    };
    let mut deviations = pool.deviations().to_vec();
    if pool.client_secret().is_none() {
        deviations.retain(|(name, _)| !SECRET_ONLY.contains(name));
    }
    compare(&suite.observe().await, &deviations);
}

/// Compares each observation with what AWS does, or with the declared deviation.
pub(crate) fn compare(observations: &[Observation], deviations: &[(&str, &str)]) {
    let mut surprises = Vec::new();
    for (name, aws, observed) in observations {
        let declared = deviations.iter().find(|(known, _)| known == name);
        let declared = declared.map(|(_, what)| *what);
        assert_ne!(
            declared,
            Some(*aws),
            "{name}: declared as a deviation, but it is what AWS does"
        );
        let expected = declared.unwrap_or(aws);
        if observed != expected {
            surprises.push(format!("{name}:\n   expected {expected}\n   observed {observed}"));
        }
    }
    assert!(surprises.is_empty(), "{}", surprises.join("\n"));
    for (name, _) in deviations {
        assert!(
            observations.iter().any(|(known, ..)| known == name),
            "no behaviour is named {name}"
        );
    }
}

/// Behaviours that only an app client with a secret can show.
const SECRET_ONLY: [&str; 4] = [
    "sign-in without and with a wrong SECRET_HASH",
    "refresh without and with a wrong SECRET_HASH",
    "GetTokensFromRefreshToken with a wrong secret",
    "RevokeToken without and with a wrong secret",
];

/// Name, what AWS does, what this server did.
pub(crate) type Observation = (&'static str, &'static str, String);

struct Suite<'a, P> {
    pool: &'a P,
    wire: Wire,
}

impl<P: UserPool> Suite<'_, P> {
    async fn observe(&self) -> Vec<Observation> {
        let mut seen = vec![
            (
                "sign-in with a wrong password",
                "NotAuthorizedException",
                self.wrong_password().await,
            ),
            (
                "how an error is marked",
                "status 400, header NotAuthorizedException",
                self.error_marks().await,
            ),
            (
                "origin_jti",
                "in both tokens, kept by a refresh",
                self.origin_jti().await,
            ),
            (
                "scope of a password sign-in",
                "aws.cognito.signin.user.admin",
                self.scope().await,
            ),
            (
                "refresh",
                "AccessToken, ExpiresIn, IdToken, TokenType",
                self.refreshed_fields().await,
            ),
            (
                "GetTokensFromRefreshToken without rotation",
                "AccessToken, ExpiresIn, IdToken, TokenType",
                self.newer_refreshed_fields().await,
            ),
            (
                "refresh with garbage",
                "NotAuthorizedException",
                self.refresh_garbage().await,
            ),
            (
                "refresh by an unknown client",
                "ResourceNotFoundException",
                self.refresh_by_a_stranger().await,
            ),
            (
                "garbage, ID and refresh token where an access token belongs",
                "GetUser NotAuthorizedException ×3; GlobalSignOut NotAuthorizedException ×3; session live",
                self.not_access_tokens().await,
            ),
            (
                "RevokeToken",
                "ok; this session: refresh dead, access dead, refreshed access dead; other session: refresh live, \
                 access live",
                self.revoke().await,
            ),
            (
                "messages after RevokeToken",
                REVOKED_MESSAGES,
                self.revoked_messages().await,
            ),
            ("RevokeToken again", "ok", self.revoke_again().await),
            (
                "RevokeToken by an unknown client",
                "refused; refresh live",
                self.revoke_by_a_stranger().await,
            ),
            ("RevokeToken with garbage", "refused", self.revoke_garbage().await),
            (
                "RevokeToken with an access token",
                "refused; refresh live, access live",
                self.revoke_access_token().await,
            ),
            (
                "GlobalSignOut",
                "ok; first session: refresh dead, access dead; second session: refresh dead, access dead; other user: \
                 refresh live, access live",
                self.global_sign_out().await,
            ),
            (
                "GlobalSignOut again",
                "NotAuthorizedException",
                self.global_sign_out_again().await,
            ),
            (
                "RevokeToken after GlobalSignOut",
                "ok",
                self.revoke_after_global_sign_out().await,
            ),
            (
                "sign-in after GlobalSignOut",
                "refresh live, access live",
                self.sign_in_after_global_sign_out().await,
            ),
            (
                "AdminUserGlobalSignOut",
                "ok; refresh dead, access dead",
                self.admin_sign_out().await,
            ),
            (
                "AdminUserGlobalSignOut of nobody",
                "UserNotFoundException",
                self.admin_sign_out_of_nobody().await,
            ),
            (
                "AdminUserGlobalSignOut unsigned",
                "MissingAuthenticationTokenException",
                self.unsigned_admin_sign_out().await,
            ),
        ];
        if let Some(secret) = self.pool.client_secret() {
            let twice_refused = "NotAuthorizedException; NotAuthorizedException";
            let [sign_in, refresh, newer_refresh, revoke] = SECRET_ONLY;
            seen.extend([
                (sign_in, twice_refused, self.sign_in_with_bad_hashes().await),
                (refresh, twice_refused, self.refresh_with_bad_hashes().await),
                (newer_refresh, "refused", self.newer_refresh_with_a_wrong_secret().await),
                (
                    revoke,
                    "refused; refresh live; refused; refresh live",
                    self.revoke_with_bad_secrets(&secret).await,
                ),
            ]);
        }
        seen
    }

    async fn wrong_password(&self) -> String {
        let ana = self.ana().await;
        self.sign_in_with(&ana, "wrong", self.hash(&ana))
            .await
            .outcome()
            .to_owned()
    }

    async fn error_marks(&self) -> String {
        let reply = self
            .wire
            .call("GlobalSignOut", json!({ "AccessToken": "garbage" }))
            .await;
        format!(
            "status {}, header {}",
            reply.status,
            reply.error_header.as_deref().unwrap_or("none")
        )
    }

    async fn origin_jti(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        let origin = |token: &str| claims(token).get("origin_jti").cloned();
        let refreshed = self.refresh(&tokens).await.token("AccessToken");
        match [&tokens.access, &tokens.id, &refreshed].map(|token| origin(token)) {
            [None, None, None] => "in no token".to_owned(),
            [Some(a), Some(b), Some(c)] if a == b && b == c => "in both tokens, kept by a refresh".to_owned(),
            other => format!("{other:?}"),
        }
    }

    async fn scope(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        claims(&tokens.access)["scope"].as_str().unwrap_or("none").to_owned()
    }

    async fn refreshed_fields(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        fields(&self.refresh(&tokens).await)
    }

    async fn newer_refreshed_fields(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        fields(&self.newer_refresh(&tokens.refresh, self.pool.client_secret()).await)
    }

    async fn refresh_garbage(&self) -> String {
        self.refresh_with("garbage", self.hash("ana"))
            .await
            .outcome()
            .to_owned()
    }

    async fn refresh_by_a_stranger(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        let parameters = json!({ "REFRESH_TOKEN": tokens.refresh });
        let body = json!({ "ClientId": "stranger", "AuthFlow": "REFRESH_TOKEN_AUTH", "AuthParameters": parameters });
        self.wire.call("InitiateAuth", body).await.outcome().to_owned()
    }

    async fn not_access_tokens(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        let mut parts = Vec::new();
        for operation in ["GetUser", "GlobalSignOut"] {
            let mut outcomes = Vec::new();
            for token in ["garbage", &tokens.id, &tokens.refresh] {
                let reply = self.wire.call(operation, json!({ "AccessToken": token })).await;
                outcomes.push(reply.outcome().to_owned());
            }
            outcomes.dedup();
            let times = if outcomes.len() == 1 { " ×3" } else { "" };
            parts.push(format!("{operation} {}{times}", outcomes.join(", ")));
        }
        let live = self.refresh(&tokens).await.is_ok();
        parts.push(format!("session {}", live_or_dead(live)));
        parts.join("; ")
    }

    async fn revoke(&self) -> String {
        let ana = self.ana().await;
        let (this, other) = (self.signed_in(&ana).await, self.signed_in(&ana).await);
        let refreshed = self.refresh(&this).await.token("AccessToken");
        let reply = self.revoke_token(&this.refresh).await;
        format!(
            "{}; this session: {}, refreshed access {}; other session: {}",
            reply.outcome(),
            self.state(&this).await,
            live_or_dead(self.get_user(&refreshed).await.is_ok()),
            self.state(&other).await,
        )
    }

    async fn revoked_messages(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        self.revoke_token(&tokens.refresh).await;
        let (refresh, access) = (self.refresh(&tokens).await, self.get_user(&tokens.access).await);
        format!("{}; {}", refresh.message(), access.message())
    }

    async fn revoke_again(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        self.revoke_token(&tokens.refresh).await;
        self.revoke_token(&tokens.refresh).await.outcome().to_owned()
    }

    async fn revoke_by_a_stranger(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        let reply = self
            .revoke_as("stranger", self.pool.client_secret(), &tokens.refresh)
            .await;
        format!("{}; {}", refused(&reply), self.refresh_state(&tokens).await)
    }

    async fn revoke_garbage(&self) -> String {
        refused(&self.revoke_token("garbage").await).to_owned()
    }

    async fn revoke_access_token(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        let reply = self.revoke_token(&tokens.access).await;
        format!("{}; {}", refused(&reply), self.state(&tokens).await)
    }

    async fn global_sign_out(&self) -> String {
        let (ana, ben) = (self.ana().await, self.ana().await);
        let (first, second) = (self.signed_in(&ana).await, self.signed_in(&ana).await);
        let other_user = self.signed_in(&ben).await;
        let reply = self
            .wire
            .call("GlobalSignOut", json!({ "AccessToken": first.access }))
            .await;
        format!(
            "{}; first session: {}; second session: {}; other user: {}",
            reply.outcome(),
            self.state(&first).await,
            self.state(&second).await,
            self.state(&other_user).await,
        )
    }

    async fn global_sign_out_again(&self) -> String {
        let tokens = self.signed_out_everywhere(&self.ana().await).await;
        let reply = self
            .wire
            .call("GlobalSignOut", json!({ "AccessToken": tokens.access }))
            .await;
        reply.outcome().to_owned()
    }

    async fn revoke_after_global_sign_out(&self) -> String {
        let tokens = self.signed_out_everywhere(&self.ana().await).await;
        self.revoke_token(&tokens.refresh).await.outcome().to_owned()
    }

    async fn sign_in_after_global_sign_out(&self) -> String {
        let ana = self.ana().await;
        self.signed_out_everywhere(&ana).await;
        // `iat` counts seconds: cognitox treats a token of the same second as older than the sign-out.
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        self.state(&self.signed_in(&ana).await).await
    }

    async fn admin_sign_out(&self) -> String {
        let ana = self.ana().await;
        let tokens = self.signed_in(&ana).await;
        let reply = self.wire.call_signed("AdminUserGlobalSignOut", self.user(&ana)).await;
        format!("{}; {}", reply.outcome(), self.state(&tokens).await)
    }

    async fn admin_sign_out_of_nobody(&self) -> String {
        let reply = self
            .wire
            .call_signed("AdminUserGlobalSignOut", self.user("nobody"))
            .await;
        reply.outcome().to_owned()
    }

    async fn unsigned_admin_sign_out(&self) -> String {
        let ana = self.ana().await;
        let reply = self.wire.call("AdminUserGlobalSignOut", self.user(&ana)).await;
        reply.outcome().to_owned()
    }

    async fn sign_in_with_bad_hashes(&self) -> String {
        let ana = self.ana().await;
        let without = self.sign_in_with(&ana, PASSWORD, None).await;
        let wrong = self.sign_in_with(&ana, PASSWORD, Some("c3VyZQ==".to_owned())).await;
        format!("{}; {}", without.outcome(), wrong.outcome())
    }

    async fn refresh_with_bad_hashes(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        let without = self.refresh_with(&tokens.refresh, None).await;
        let wrong = self.refresh_with(&tokens.refresh, Some("c3VyZQ==".to_owned())).await;
        format!("{}; {}", without.outcome(), wrong.outcome())
    }

    async fn newer_refresh_with_a_wrong_secret(&self) -> String {
        let tokens = self.signed_in(&self.ana().await).await;
        refused(&self.newer_refresh(&tokens.refresh, Some("wrong".to_owned())).await).to_owned()
    }

    async fn revoke_with_bad_secrets(&self, secret: &str) -> String {
        let mut parts = Vec::new();
        for bad_secret in [None, Some(format!("not-{secret}"))] {
            let tokens = self.signed_in(&self.ana().await).await;
            let reply = self
                .revoke_as(&self.pool.client_id(), bad_secret, &tokens.refresh)
                .await;
            parts.push(format!("{}; {}", refused(&reply), self.refresh_state(&tokens).await));
        }
        parts.join("; ")
    }
}

const REVOKED_MESSAGES: &str = "Refresh Token has been revoked; Access Token has been revoked";

fn fields(reply: &Reply) -> String {
    let result = reply.body["AuthenticationResult"].as_object().expect("tokens");
    let mut fields: Vec<&str> = result.keys().map(String::as_str).collect();
    fields.sort_unstable();
    fields.join(", ")
}

pub(crate) fn live_or_dead(live: bool) -> &'static str {
    if live { "live" } else { "dead" }
}

/// For behaviours where AWS's exact code is not established.
fn refused(reply: &Reply) -> &'static str {
    if reply.is_ok() { "ok" } else { "refused" }
}
