//! What the facts mean for a sign-out: a pure function, one rule after the other.

mod sessions;

use std::time::Duration;

use aws_sdk_cognitoidentityprovider::types::{
    ExplicitAuthFlowsType, FeatureType, OAuthFlowType, TimeUnitsType, TokenValidityUnitsType, UserPoolClientType,
};

use super::facts::{Facts, Kind, Pages, Provider, Seen};
use super::{Finding, Severity};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(60 * 60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// AWS's default for access and ID tokens, and the lifetime that `--fix token-validity` sets.
pub(super) const ACCEPTABLE_LIFE: Duration = HOUR;

const ADMIN_SCOPE: &str = "aws.cognito.signin.user.admin";

use Severity::{Good, Note, Problem, Warning};

pub(super) fn of(facts: &Facts, sign_out_uris: &[&str]) -> Vec<Finding> {
    let client = &facts.client;
    let mut findings = vec![revocation(client)];
    findings.extend(lives(client));
    findings.push(rotation(client));
    findings.push(secret(client));
    findings.extend(refreshing(client));
    findings.extend(flows(client));
    findings.extend(pages(client, &facts.pages));
    findings.extend(sessions::tracking(&facts.sessions));
    if has_browser_flow(client) && !matches!(facts.pages, Ok(Pages::None)) {
        findings.push(sessions::browser_session_life(&facts.sessions));
    }
    findings.extend(facts.remembers_devices.then(devices));
    findings.extend(uris(client, &facts.pages, sign_out_uris));
    findings.extend(facts.providers.iter().map(provider));
    findings
}

fn finding(code: &'static str, severity: Severity, means: impl Into<String>) -> Finding {
    Finding {
        code,
        severity,
        means: means.into(),
        fix: None,
    }
}

impl Finding {
    fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = Some(fix.into());
        self
    }
}

fn revocation(client: &UserPoolClientType) -> Finding {
    match client.enable_token_revocation {
        Some(true) => finding(
            "revocation_on",
            Good,
            "Token revocation is on: a sign-out revokes the session's refresh token, and Cognito then refuses its access tokens.",
        ),
        Some(false) => finding(
            "revocation_off",
            Problem,
            "Token revocation is off: Cognito refuses RevokeToken, and after a sign-out of one device its refresh token \
             stays valid until it expires.",
        )
        .fix("Switch EnableTokenRevocation on (--fix revocation). Tokens of earlier sessions still cannot be revoked."),
        None => finding(
            "revocation_not_said",
            Warning,
            "The settings do not say whether token revocation is on. For app clients older than this setting it is off.",
        )
        .fix("Switch EnableTokenRevocation on (--fix revocation)."),
    }
}

/// How long a kind of token is valid, by its setting, the setting's unit and AWS's defaults for both.
pub(super) fn life(validity: Option<i32>, unit: Option<&TimeUnitsType>, default: (Duration, Duration)) -> Duration {
    let (default_life, default_unit) = default;
    let unit = match unit {
        Some(TimeUnitsType::Seconds) => Duration::from_secs(1),
        Some(TimeUnitsType::Minutes) => MINUTE,
        Some(TimeUnitsType::Hours) => HOUR,
        Some(TimeUnitsType::Days) => DAY,
        _ => default_unit,
    };
    match validity.and_then(|validity| u32::try_from(validity).ok()) {
        None | Some(0) => default_life,
        Some(validity) => unit.saturating_mul(validity),
    }
}

fn lives(client: &UserPoolClientType) -> [Finding; 3] {
    let units = client.token_validity_units.as_ref();
    let unit = |of: fn(&TokenValidityUnitsType) -> Option<&TimeUnitsType>| units.and_then(of);
    let access = life(
        client.access_token_validity,
        unit(TokenValidityUnitsType::access_token),
        (HOUR, HOUR),
    );
    let id = life(
        client.id_token_validity,
        unit(TokenValidityUnitsType::id_token),
        (HOUR, HOUR),
    );
    let refresh = life(
        Some(client.refresh_token_validity),
        unit(TokenValidityUnitsType::refresh_token),
        (DAY.saturating_mul(30), DAY),
    );
    [
        offline("access_token_life", "an access token", "AccessTokenValidity", access),
        offline("id_token_life", "an ID token", "IdTokenValidity", id),
        refresh_life(client, refresh),
    ]
}

fn offline(code: &'static str, token: &str, setting: &str, life: Duration) -> Finding {
    let means = format!(
        "API Gateway, AppSync and other services that verify {token} by themselves accept it for up to {} after the sign-out.",
        in_words(life)
    );
    if life <= ACCEPTABLE_LIFE {
        return finding(code, Note, means);
    }
    finding(code, Warning, means).fix(format!("Set {setting} to an hour or less (--fix token-validity)."))
}

fn refresh_life(client: &UserPoolClientType, life: Duration) -> Finding {
    let code = "refresh_token_life";
    let life = in_words(life);
    if client.enable_token_revocation == Some(true) {
        let means = format!("A refresh token is valid for {life}, or until a sign-out revokes it.");
        return finding(code, Note, means);
    }
    let means =
        format!("Refresh tokens cannot be revoked: each brings new tokens for up to {life} after the sign-out.");
    finding(code, Warning, means).fix("Switch token revocation on, and set a shorter RefreshTokenValidity.")
}

fn rotation(client: &UserPoolClientType) -> Finding {
    let rotation = client.refresh_token_rotation.as_ref();
    let Some(rotation) = rotation.filter(|rotation| rotation.feature == FeatureType::Enabled) else {
        return finding(
            "rotation_off",
            Note,
            "Refresh tokens are not rotated: a copied one works until it expires or the session is signed out.",
        );
    };
    match rotation.retry_grace_period_seconds.unwrap_or_default() {
        0 => finding(
            "rotation_without_grace",
            Warning,
            "Refresh tokens are rotated without a grace period: if the response to a refresh is lost, the token is used up and \
             the user must sign in again.",
        )
        .fix("Set RetryGracePeriodSeconds to a few seconds, 60 at most. Configure the rotation in the app too."),
        grace => finding(
            "rotation_on",
            Note,
            format!(
                "Refresh tokens are rotated, and a replaced one is accepted for {grace} s more. A sign-out ends both. Configure \
                 the rotation in the app too."
            ),
        ),
    }
}

fn secret(client: &UserPoolClientType) -> Finding {
    if client.client_secret.is_none() {
        return finding(
            "no_client_secret",
            Good,
            "The app client has no secret: it can be used in an app.",
        );
    }
    finding(
        "client_secret",
        Warning,
        "The app client has a secret, which a sign-out needs too. In a mobile or desktop app anyone can read it.",
    )
    .fix("Use this app client on servers only, and another one without a secret in the app.")
}

/// `InitiateAuth` refreshes tokens if the app client allows it; with rotation, `GetTokensFromRefreshToken` does it always.
fn refreshing(client: &UserPoolClientType) -> Option<Finding> {
    let flows = client.explicit_auth_flows();
    let rotates = client.refresh_token_rotation.as_ref();
    if rotates.is_some_and(|rotation| rotation.feature == FeatureType::Enabled)
        || flows.contains(&ExplicitAuthFlowsType::AllowRefreshTokenAuth)
        // Allowed by default. The flows from before 2019, which lack this prefix, do not change that.
        || !flows.iter().any(|flow| flow.as_str().starts_with("ALLOW_"))
    {
        return None;
    }
    let means = "The app client does not allow ALLOW_REFRESH_TOKEN_AUTH: tokens cannot be refreshed through the API, so a \
                 sign-out everywhere fails once the access token has expired.";
    Some(finding("refresh_not_allowed", Warning, means).fix("Add ALLOW_REFRESH_TOKEN_AUTH to ExplicitAuthFlows."))
}

fn devices() -> Finding {
    finding(
        "devices_remembered",
        Note,
        "The user pool remembers devices: a refresh needs the device's key, and a sign-out does not make the pool forget the device.",
    )
}

/// Whether users can sign in at the hosted pages.
fn has_browser_flow(client: &UserPoolClientType) -> bool {
    let flows = client.allowed_o_auth_flows();
    let of_users = flows.contains(&OAuthFlowType::Code) || flows.contains(&OAuthFlowType::Implicit);
    client.allowed_o_auth_flows_user_pool_client == Some(true) && of_users
}

fn flows(client: &UserPoolClientType) -> Vec<Finding> {
    let flows = client.allowed_o_auth_flows();
    if !has_browser_flow(client) {
        return vec![finding(
            "no_browser_sign_in",
            Note,
            "Users sign in through the API only, so their access tokens have the scope that GlobalSignOut needs.",
        )];
    }
    let scopes = client.allowed_o_auth_scopes();
    let mut findings = vec![if scopes.iter().any(|scope| scope == ADMIN_SCOPE) {
        finding(
            "scope_allowed",
            Good,
            format!("GlobalSignOut works for browser sign-ins that request the scope {ADMIN_SCOPE}."),
        )
    } else {
        finding(
            "scope_missing",
            Warning,
            "GlobalSignOut is refused after a browser sign-in: the access tokens cannot have the scope that it needs.",
        )
        .fix(format!(
            "Allow the scope {ADMIN_SCOPE} and request it at sign-in, or sign out everywhere with AdminUserGlobalSignOut."
        ))
    }];
    if flows.contains(&OAuthFlowType::Implicit) {
        let means = "The implicit flow gives no refresh token: a sign-out of one device has nothing to revoke, and the tokens \
                     stay valid until they expire.";
        findings.push(finding("implicit_flow", Warning, means).fix("Use the authorization code flow with PKCE."));
    }
    findings
}

fn pages(client: &UserPoolClientType, pages: &Seen<Pages>) -> Option<Finding> {
    let logout = "/logout, opened in a browser, ends that browser's session.";
    Some(match pages {
        // The pages cannot be used with this app client.
        Ok(Pages::Classic | Pages::Managed) if !has_browser_flow(client) => return None,
        Ok(Pages::None) => finding(
            "no_hosted_pages",
            Note,
            "The user pool has no domain: there are no hosted pages and no browser session to end.",
        ),
        Ok(Pages::Classic) => finding(
            "classic_hosted_ui",
            Note,
            format!("The classic hosted UI is in use. {logout} It does not support prompt=login."),
        ),
        Ok(Pages::Managed) => finding(
            "managed_login",
            Note,
            format!(
                "Managed login is in use. {logout} With prompt=login, /oauth2/authorize asks for the password anyway."
            ),
        ),
        Err(action) => not_seen("hosted_pages_not_seen", "how the hosted pages are configured", action),
    })
}

fn not_seen(code: &'static str, what: &str, action: &str) -> Finding {
    finding(code, Note, format!("These credentials are not allowed to read {what}.")).fix(format!("Allow {action}."))
}

fn uris(client: &UserPoolClientType, pages: &Seen<Pages>, sign_out_uris: &[&str]) -> Vec<Finding> {
    let listed = client.logout_urls();
    let held = |uri: &&str| {
        if listed.iter().any(|listed| listed == uri) {
            let means = format!("The sign-out URI {uri} is on the app client's list.");
            return finding("sign_out_uri_listed", Good, means);
        }
        let means = format!(
            "The sign-out URI {uri} is not on the app client's list: /logout shows an error page instead of redirecting back."
        );
        let finding = finding("sign_out_uri_not_listed", Problem, means);
        match listed.iter().find(|listed| loosely(listed) == loosely(uri)) {
            Some(near) => finding.fix(format!(
                "The list has {near}, but Cognito compares exactly: use that URI, or add this one."
            )),
            None => finding.fix("Add it to the allowed sign-out URLs (LogoutURLs), exactly as the app sends it."),
        }
    };
    let mut findings: Vec<_> = sign_out_uris.iter().map(held).collect();
    let has_pages = has_browser_flow(client) && !matches!(pages, Ok(Pages::None));
    if listed.is_empty() && sign_out_uris.is_empty() && has_pages {
        let means = "The app client has no sign-out URI: /logout can only redirect to the login page.";
        findings.push(finding("no_sign_out_uris", Warning, means).fix("Add the app's sign-out URI to LogoutURLs."));
    }
    findings
}

/// Without the differences that people overlook: case, a slash at the end, percent-encoding.
fn loosely(uri: &str) -> String {
    let decoded = url::form_urlencoded::parse(uri.replace('+', "%2B").as_bytes())
        .map(|(name, value)| format!("{name}={value}"))
        .collect::<String>();
    let decoded = decoded.trim_end_matches('=').trim_end_matches('/');
    decoded.to_lowercase()
}

fn provider(provider: &Provider) -> Finding {
    let name = &provider.name;
    match &provider.kind {
        Ok(Kind::Saml { single_logout: true }) => finding(
            "saml_single_logout_on",
            Good,
            format!("/logout also ends the session at the SAML provider {name}, if the provider responds by HTTP POST."),
        ),
        Ok(Kind::Saml { single_logout: false }) => finding(
            "saml_single_logout_off",
            Warning,
            format!("The session at the SAML provider {name} survives a sign-out: its users sign in again without a password."),
        )
        .fix("Switch IDPSignout on for the provider, and configure it to accept Cognito's logout requests."),
        Ok(Kind::Other) => finding(
            "provider_session_survives",
            Note,
            format!(
                "The session at the provider {name} survives a sign-out: Cognito cannot end it. The app can, at the provider."
            ),
        ),
        Ok(Kind::Gone) => finding(
            "provider_gone",
            Warning,
            format!("The app client names the provider {name}, which does not exist in the user pool."),
        )
        .fix("Remove it from the app client's list."),
        Err(action) => not_seen("provider_not_seen", &format!("the identity provider {name}"), action),
    }
}

/// A duration in the largest unit of which it is a multiple.
fn in_words(life: Duration) -> String {
    let seconds = life.as_secs();
    for (unit, name) in [(DAY, "day"), (HOUR, "hour"), (MINUTE, "minute")] {
        let unit = unit.as_secs();
        if seconds >= unit && seconds.is_multiple_of(unit) {
            let count = seconds / unit;
            return format!("{count} {name}{}", if count == 1 { "" } else { "s" });
        }
    }
    format!("{seconds} seconds")
}
