//! The user pool itself: users, sessions and tokens, and what each operation does to them. It does no I/O and has no
//! clock, so each rule is a function of state and time, and is tested as one.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::SystemTime;

use serde_json::{Map, Value};

use super::administration::Administration;
use super::app_client::ClientProof;
use super::service_error::ServiceError;
use super::sessions::{Found, Sessions, SsoSessionIndex, TokenSession, TokenSessionIndex, UserRef};
use super::settings::Settings;
use super::tokens::{self, ADMIN_SCOPE, Claims, IssuedTokens};
use crate::Secret;

pub(super) struct Pool {
    pub(super) settings: Settings,
    /// By name, in the order in which they are listed.
    pub(super) users: BTreeMap<String, User>,
    pub(super) administration: Administration,
    pub(super) sessions: Sessions,
    access_tokens: HashMap<String, AccessToken>,
    refresh_tokens: HashMap<String, RefreshToken>,
    id_tokens: Vec<Secret>,
}

pub(super) struct User {
    pub(super) sub: String,
    password: Secret,
    /// A disabled user can neither sign in nor refresh.
    pub(super) enabled: bool,
    /// The user must reset the password before anything else.
    pub(super) must_reset_password: bool,
    /// How many times an administrator signed the user out.
    pub(super) admin_sign_outs: usize,
}

struct AccessToken {
    session: TokenSessionIndex,
    /// In the order of issue, over all sessions.
    number: usize,
    expires_at: SystemTime,
}

struct RefreshToken {
    session: TokenSessionIndex,
    expires_at: SystemTime,
    /// Once rotation has replaced it: until when it is still accepted.
    replaced_until: Option<SystemTime>,
}

/// What an authentication returns. A refresh has a new refresh token only if rotation is on.
#[derive(Debug)]
pub(super) struct AuthenticationResult {
    pub(super) access: Secret,
    pub(super) id: Secret,
    pub(super) refresh: Option<Secret>,
}

impl From<IssuedTokens> for AuthenticationResult {
    fn from(tokens: IssuedTokens) -> Self {
        Self {
            access: tokens.access,
            id: tokens.id,
            refresh: Some(tokens.refresh),
        }
    }
}

impl Pool {
    pub(super) fn new(settings: Settings) -> Self {
        Self {
            administration: Administration::of(&settings),
            settings,
            users: BTreeMap::new(),
            sessions: Sessions::default(),
            access_tokens: HashMap::new(),
            refresh_tokens: HashMap::new(),
            id_tokens: Vec::new(),
        }
    }

    pub(super) fn add_user(&mut self, username: &str, password: &str) {
        let user = User {
            sub: tokens::uuid(),
            password: Secret::new(password),
            enabled: true,
            must_reset_password: false,
            admin_sign_outs: 0,
        };
        self.users.insert(username.to_owned(), user);
    }

    /// Adds the user, with a random password, unless the name exists.
    pub(super) fn add_user_if_new(&mut self, username: &str) {
        if !self.has_user(username) {
            self.add_user(username, &tokens::uuid());
        }
    }

    /// Changes the description of the app client, and the settings that follow from it.
    pub(super) fn change_client(&mut self, change: impl FnOnce(&mut Map<String, Value>)) {
        change(&mut self.administration.client);
        self.settings.follow(&self.administration.client);
    }

    pub(super) fn has_user(&self, username: &str) -> bool {
        self.users.contains_key(username)
    }

    pub(super) fn delete_user(&mut self, username: &str) {
        self.users.remove(username);
    }

    /// Begins a session without a password. Adds the user if the name is new.
    pub(super) fn issue(&mut self, username: &str, scope: &str, now: SystemTime) -> IssuedTokens {
        self.issue_through(None, username, scope, now)
    }

    /// The same through an SSO session.
    pub(super) fn issue_through(
        &mut self,
        origin: Option<SsoSessionIndex>,
        username: &str,
        scope: &str,
        now: SystemTime,
    ) -> IssuedTokens {
        let session = self.begin(username, scope, now);
        self.sessions.token_mut(session).origin = origin;
        self.issue_tokens(session, now)
    }

    fn begin(&mut self, username: &str, scope: &str, now: SystemTime) -> TokenSessionIndex {
        let user = self.user_or_new(username);
        let tracking = &self.settings.session_tracking;
        if tracking.enabled {
            self.sessions.evict(&user, tracking.max_per_user.saturating_sub(1), now);
        }
        let session = TokenSession::new(user, scope, now, now + self.settings.refresh_token_lifetime);
        self.sessions.begin(session, tracking.enabled)
    }

    /// The user of this name, who is added if the name is new.
    pub(super) fn user_or_new(&mut self, username: &str) -> UserRef {
        self.add_user_if_new(username);
        UserRef {
            username: username.to_owned(),
            sub: self.users[username].sub.clone(),
        }
    }

    /// The same for a user of an identity provider behind this pool. The user's name here begins with the provider's.
    pub(super) fn issue_federated(&mut self, provider: &str, user_id: &str, now: SystemTime) -> IssuedTokens {
        let username = format!("{provider}_{user_id}");
        let session = self.begin(&username, ADMIN_SCOPE, now);
        self.sessions.token_mut(session).provider = Some(provider.to_owned());
        self.issue_tokens(session, now)
    }

    fn issue_tokens(&mut self, session: TokenSessionIndex, now: SystemTime) -> IssuedTokens {
        let (access, id) = self.mint(session, now);
        let expires_at = now + self.settings.refresh_token_lifetime;
        let refresh = self.mint_refresh_token(session, expires_at);
        IssuedTokens { access, id, refresh }
    }

    /// `InitiateAuth`, flow `USER_PASSWORD_AUTH`.
    pub(super) fn sign_in(
        &mut self,
        client: ClientProof<'_>,
        username: &str,
        password: &str,
        now: SystemTime,
    ) -> Result<IssuedTokens, ServiceError> {
        self.settings.check_hash(client, username)?;
        // AWS does not say whether the user exists, unless the app client's settings allow it.
        match self.users.get(username) {
            Some(user) if !user.enabled => Err(ServiceError::UserDisabled),
            Some(user) if user.must_reset_password => Err(ServiceError::PasswordResetRequired),
            Some(user) if user.password.reveal() == password => Ok(self.issue(username, ADMIN_SCOPE, now)),
            _ => Err(ServiceError::WrongPassword),
        }
    }

    /// `InitiateAuth`, flow `REFRESH_TOKEN_AUTH`. Refused for an app client that rotates its refresh tokens.
    pub(super) fn refresh(
        &mut self,
        client: ClientProof<'_>,
        refresh_token: &str,
        now: SystemTime,
    ) -> Result<AuthenticationResult, ServiceError> {
        self.settings.check_client(client.id)?;
        if self.settings.rotation.is_some() {
            return Err(ServiceError::UnsupportedOperation);
        }
        // AWS checks the token first and the hash second: the hash needs the user's name.
        let session = self.usable_refresh_token(refresh_token, now)?;
        let username = self.sessions.token(session).user.username.clone();
        self.settings.check_hash(client, &username)?;
        // Declared for this operation, and not for `GetTokensFromRefreshToken`. Whether AWS returns it for a refresh is not
        // established.
        if self.users[&username].must_reset_password {
            return Err(ServiceError::PasswordResetRequired);
        }
        let (access, id) = self.mint(session, now);
        Ok(AuthenticationResult {
            access,
            id,
            refresh: None,
        })
    }

    /// `GetTokensFromRefreshToken`. It takes the client's plain secret.
    pub(super) fn tokens_from_refresh_token(
        &mut self,
        client: ClientProof<'_>,
        refresh_token: &str,
        now: SystemTime,
    ) -> Result<AuthenticationResult, ServiceError> {
        self.settings.check_client(client.id)?;
        self.settings
            .check_secret(client, ServiceError::SecretHashMissing, ServiceError::SecretHashWrong)?;
        let session = self.usable_refresh_token(refresh_token, now)?;
        let refresh = self.settings.rotation.and_then(|grace| {
            let old = self.refresh_tokens.get_mut(refresh_token)?;
            // A second use within the grace period does not extend it.
            old.replaced_until.get_or_insert(now + grace);
            let expires_at = old.expires_at;
            Some(self.mint_refresh_token(session, expires_at))
        });
        let (access, id) = self.mint(session, now);
        Ok(AuthenticationResult { access, id, refresh })
    }

    /// `GetUser`: the user's name and `sub`.
    pub(super) fn get_user(&self, access_token: &str, now: SystemTime) -> Result<(&str, &str), ServiceError> {
        let user = &self.sessions.token(self.usable_access_token(access_token, now)?).user;
        Ok((&user.username, &user.sub))
    }

    /// `GlobalSignOut`: ends every session of the access token's user.
    pub(super) fn global_sign_out(&mut self, access_token: &str, now: SystemTime) -> Result<(), ServiceError> {
        let session = self.usable_access_token(access_token, now)?;
        let username = self.sessions.token(session).user.username.clone();
        self.sessions.end_all(&username);
        Ok(())
    }

    /// `AdminUserGlobalSignOut`: the same, by name.
    pub(super) fn admin_user_global_sign_out(&mut self, username: &str) -> Result<(), ServiceError> {
        let username = self.named(username)?.username;
        self.sessions.end_all(&username);
        self.user(&username)?.admin_sign_outs += 1;
        self.administration.sign_outs += 1;
        Ok(())
    }

    /// `AdminDisableUser`: also revokes the user's access tokens, which stay revoked when the user is enabled again.
    pub(super) fn disable_user(&mut self, username: &str) -> Result<(), ServiceError> {
        let username = self.named(username)?.username;
        self.user(&username)?.enabled = false;
        self.sessions.revoke_access_tokens(&username, self.access_tokens.len());
        Ok(())
    }

    /// `AdminEnableUser`.
    pub(super) fn enable_user(&mut self, username: &str) -> Result<(), ServiceError> {
        let username = self.named(username)?.username;
        self.user(&username)?.enabled = true;
        Ok(())
    }

    /// `AdminResetUserPassword`.
    pub(super) fn reset_password(&mut self, username: &str) -> Result<(), ServiceError> {
        let username = self.named(username)?.username;
        self.user(&username)?.must_reset_password = true;
        Ok(())
    }

    /// The user of this name or `sub`.
    pub(super) fn named(&self, name_or_sub: &str) -> Result<UserRef, ServiceError> {
        let by_name = self.users.get_key_value(name_or_sub);
        let by_sub = || self.users.iter().find(|(_, user)| user.sub == name_or_sub);
        let (username, user) = by_name.or_else(by_sub).ok_or(ServiceError::UserNotFound)?;
        Ok(UserRef {
            username: username.clone(),
            sub: user.sub.clone(),
        })
    }

    fn user(&mut self, username: &str) -> Result<&mut User, ServiceError> {
        self.users.get_mut(username).ok_or(ServiceError::UserNotFound)
    }

    /// `RevokeToken`: ends the session of this refresh token, and no other.
    ///
    /// How AWS refuses a wrong client, a wrong secret or garbage is not established. The fake uses codes that the
    /// operation declares. A test should assert that it is refused, not how.
    pub(super) fn revoke(&mut self, client: ClientProof<'_>, refresh_token: &str) -> Result<(), ServiceError> {
        self.settings.authenticate(client)?;
        if !self.settings.token_revocation {
            return Err(ServiceError::UnsupportedOperation);
        }
        if let Some(token) = self.refresh_tokens.get(refresh_token) {
            // Also a success for a token that was revoked before or has expired.
            self.sessions.end(Found::Token(token.session));
            return Ok(());
        }
        match looks_like_jwt(refresh_token) {
            true => Err(ServiceError::UnsupportedTokenType),
            false => Err(ServiceError::InvalidParameter),
        }
    }

    pub(super) fn is_access_token_live(&self, access_token: &str, now: SystemTime) -> bool {
        !matches!(self.usable_access_token(access_token, now), Err(error) if error != ServiceError::MissingScope)
    }

    pub(super) fn is_refresh_token_live(&self, refresh_token: &str, now: SystemTime) -> bool {
        self.usable_refresh_token(refresh_token, now).is_ok()
    }

    /// How many sessions of the user can still be refreshed.
    pub(super) fn live_sessions(&self, username: &str, now: SystemTime) -> usize {
        let is_live = |session: &&TokenSessionIndex| {
            let mut tokens = self.sessions.token(**session).refresh_tokens.iter();
            tokens.any(|token| self.is_refresh_token_live(token, now))
        };
        let sessions = self.sessions.token_sessions_of(username).iter();
        sessions.filter(is_live).count()
    }

    /// Notes activity of an access token's session, by a device; `sso_too` for activity of its SSO session too.
    pub(super) fn note_activity(&mut self, access: &Secret, sso_too: bool, device: Option<&str>, now: SystemTime) {
        if let Some(session) = self.session_of(access.reveal()) {
            self.sessions.touch(session, sso_too, device, now);
        }
    }

    /// The token session of an access or refresh token.
    pub(super) fn session_of(&self, token: &str) -> Option<TokenSessionIndex> {
        let refresh = self.refresh_tokens.get(token).map(|token| token.session);
        refresh.or_else(|| self.access_tokens.get(token).map(|token| token.session))
    }

    /// Every token ever issued.
    pub(super) fn issued_tokens(&self) -> impl Iterator<Item = &str> {
        let (access, refresh) = (self.access_tokens.keys(), self.refresh_tokens.keys());
        let ids = self.id_tokens.iter().map(Secret::reveal);
        access.chain(refresh).map(String::as_str).chain(ids)
    }

    /// Checks in AWS's order: expired, user deleted, revoked, scope. Where a password reset stands in it is not established.
    pub(super) fn usable_access_token(
        &self,
        access_token: &str,
        now: SystemTime,
    ) -> Result<TokenSessionIndex, ServiceError> {
        let token = self
            .access_tokens
            .get(access_token)
            .ok_or(ServiceError::InvalidAccessToken)?;
        let session = self.sessions.token(token.session);
        if now >= token.expires_at {
            return Err(ServiceError::AccessTokenExpired);
        }
        if !self.exists(&session.user) {
            return Err(ServiceError::UserNotFound);
        }
        if session.has_ended(now) || session.has_revoked(token.number) {
            return Err(ServiceError::AccessTokenRevoked);
        }
        if self.users[&session.user.username].must_reset_password {
            return Err(ServiceError::PasswordResetRequired);
        }
        if !session.scope.split(' ').any(|scope| scope == ADMIN_SCOPE) {
            return Err(ServiceError::MissingScope);
        }
        Ok(token.session)
    }

    fn usable_refresh_token(&self, refresh_token: &str, now: SystemTime) -> Result<TokenSessionIndex, ServiceError> {
        let token = self
            .refresh_tokens
            .get(refresh_token)
            .ok_or(ServiceError::InvalidRefreshToken)?;
        let session = self.sessions.token(token.session);
        if !self.exists(&session.user) {
            return Err(ServiceError::RefreshTokenUserDeleted);
        }
        if !self.users[&session.user.username].enabled {
            return Err(ServiceError::UserDisabled);
        }
        if session.has_ended(now) {
            return Err(ServiceError::RefreshTokenRevoked);
        }
        if now >= token.expires_at {
            return Err(ServiceError::RefreshTokenExpired);
        }
        if token.replaced_until.is_some_and(|until| now >= until) {
            return Err(ServiceError::RefreshTokenReuse);
        }
        Ok(token.session)
    }

    fn exists(&self, user: &UserRef) -> bool {
        let found = self.users.get(&user.username);
        found.is_some_and(|found| found.sub == user.sub)
    }

    fn mint(&mut self, index: TokenSessionIndex, now: SystemTime) -> (Secret, Secret) {
        let session = self.sessions.token(index);
        let expires_at = now + self.settings.access_token_lifetime;
        let claims = Claims {
            issuer: self.settings.issuer(),
            client_id: &self.settings.client_id,
            username: &session.user.username,
            sub: &session.user.sub,
            scope: &session.scope,
            provider: session.provider.as_deref(),
            origin_jti: self.settings.token_revocation.then_some(&session.origin_jti),
            signed_in_at: session.signed_in_at,
            issued_at: now,
            expires_at,
        };
        let (access, id) = (claims.access_token(), claims.id_token());
        let record = AccessToken {
            session: index,
            number: self.access_tokens.len(),
            expires_at,
        };
        self.access_tokens.insert(access.reveal().to_owned(), record);
        self.id_tokens.push(id.clone());
        (access, id)
    }

    fn mint_refresh_token(&mut self, session: TokenSessionIndex, expires_at: SystemTime) -> Secret {
        let token = tokens::refresh_token();
        let record = RefreshToken {
            session,
            expires_at,
            replaced_until: None,
        };
        self.refresh_tokens.insert(token.reveal().to_owned(), record);
        self.sessions
            .token_mut(session)
            .refresh_tokens
            .push(token.reveal().to_owned());
        token
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Settings {
            user_pool_id,
            client_id,
            ..
        } = &self.settings;
        let (users, sessions) = (self.users.len(), self.sessions.len());
        write!(
            f,
            "Pool({user_pool_id}, client {client_id}, {users} users, {sessions} sessions)"
        )
    }
}

fn looks_like_jwt(token: &str) -> bool {
    token.split('.').count() == 3 && token.starts_with("eyJ")
}
