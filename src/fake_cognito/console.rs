//! What an administrator sets up in the AWS console, and looks up there.

use serde_json::{Value, json};

use super::administration::{object, set};
use super::handle::FakeCognito;
use super::session_management;
use crate::{Clock, Secret};

impl FakeCognito {
    /// Puts a user into a group. The first user of a group creates it.
    pub fn add_to_group(&self, group: &str, username: &str) {
        self.shared.with_pool(|pool| {
            let group = pool.administration.groups.entry(group.to_owned()).or_default();
            group.insert(username.to_owned());
        });
    }

    /// How many times `AdminUserGlobalSignOut` signed the user out.
    pub fn admin_sign_outs(&self, username: &str) -> usize {
        self.shared
            .with_pool(|pool| pool.users.get(username).map_or(0, |user| user.admin_sign_outs))
    }

    /// How many times `AdminUserGlobalSignOut` signed anyone out.
    pub fn admin_sign_outs_in_all(&self) -> usize {
        self.shared.with_pool(|pool| pool.administration.sign_outs)
    }

    /// Signs the user out everywhere, as `AdminUserGlobalSignOut` does.
    pub fn sign_out_everywhere(&self, username: &str) {
        // An error means that there is no such user.
        let _ = self.shared.with_pool(|pool| pool.admin_user_global_sign_out(username));
    }

    /// Disables the user and revokes the access tokens, as `AdminDisableUser` does; or enables the user again, as
    /// `AdminEnableUser` does.
    pub fn set_enabled(&self, username: &str, enabled: bool) {
        let _ = self.shared.with_pool(|pool| match enabled {
            true => pool.enable_user(username),
            false => pool.disable_user(username),
        });
    }

    /// From now on the user must reset the password first, as after `AdminResetUserPassword`. `GetUser`, `InitiateAuth` and
    /// other operations refuse with `PasswordResetRequiredException`. Whether AWS does so for a refresh is not established.
    pub fn require_password_reset(&self, username: &str) {
        let _ = self.shared.with_pool(|pool| pool.reset_password(username));
    }

    /// The user's active sessions as `AdminListUserSessions` returns them, in all pages; none while they are not tracked.
    pub fn sessions(&self, username: &str) -> Vec<Value> {
        let now = self.shared.clock.now();
        self.shared.with_pool(|pool| {
            let user = pool.named(username);
            user.map_or_else(|_| Vec::new(), |user| session_management::all(pool, &user, now))
        })
    }

    /// The id of the token session of an access or refresh token; `None` if it has no record.
    pub fn session_id_of(&self, token: &Secret) -> Option<String> {
        self.shared.with_pool(|pool| {
            let session = pool.session_of(token.reveal())?;
            pool.sessions.id_of(session).map(str::to_owned)
        })
    }

    /// Sets a member of a session's entry in all lists; `Null` removes it. The session itself stays as it is.
    pub fn set_session(&self, session_id: &str, member: &str, value: Value) {
        self.shared
            .with_pool(|pool| pool.sessions.change(session_id, member, value));
    }

    /// Turns session tracking on or off, as `SetUserPoolSessionConfiguration` does. Sessions that began without it have
    /// no record.
    pub fn set_session_tracking(&self, on: bool) {
        self.shared
            .with_pool(|pool| pool.settings.session_tracking.enabled = on);
    }

    /// Whether the user may sign in.
    pub fn is_enabled(&self, username: &str) -> bool {
        self.shared
            .with_pool(|pool| pool.users.get(username).is_some_and(|user| user.enabled))
    }

    /// The app client, as `DescribeUserPoolClient` returns it.
    pub fn client_settings(&self) -> Value {
        self.shared
            .with_pool(|pool| Value::Object(pool.administration.client.clone()))
    }

    /// Sets a member of what `DescribeUserPoolClient` returns; `Null` removes it. Tokens issued from now on follow
    /// `EnableTokenRevocation`, and `AccessTokenValidity` in its unit.
    pub fn set_client(&self, member: &str, value: Value) {
        self.shared
            .with_pool(|pool| pool.change_client(|client| set(client, member, value)));
    }

    /// Sets a member of what `DescribeUserPool` returns; `Null` removes it.
    pub fn set_user_pool(&self, member: &str, value: Value) {
        self.shared
            .with_pool(|pool| set(&mut pool.administration.user_pool, member, value));
    }

    /// Gives the pool a prefix domain. `version` is its `ManagedLoginVersion`: 1 for the classic hosted UI, 2 for managed
    /// login.
    pub fn set_domain(&self, prefix: &str, version: u32) {
        self.shared.with_pool(|pool| {
            set(&mut pool.administration.user_pool, "Domain", json!(prefix));
            let domain = json!({ "Domain": prefix, "Status": "ACTIVE", "ManagedLoginVersion": version });
            pool.administration.domain = Some(object(domain));
        });
    }

    /// Adds an identity provider to the pool, and to those that the app client supports.
    pub fn add_identity_provider(&self, name: &str, kind: &str, details: Value) {
        self.shared.with_pool(|pool| {
            let administration = &mut pool.administration;
            let provider = json!({ "ProviderName": name, "ProviderType": kind, "ProviderDetails": details });
            administration
                .identity_providers
                .insert(name.to_owned(), object(provider));
            let supported = administration
                .client
                .entry("SupportedIdentityProviders")
                .or_insert(json!([]));
            if let Value::Array(names) = supported {
                names.push(json!(name));
            }
        });
    }
}
