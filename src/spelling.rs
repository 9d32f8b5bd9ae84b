//! The names of settings in Swift and Kotlin. An error's message names the setting to correct, and the app's developer
//! searches for that name in the app's own code.

#[cfg(test)]
mod tests;

/// Each setting in Rust, Swift and Kotlin. The table leaves out settings with the same name in all three, and paths in
/// Amplify's file.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("user_pool_id", "userPoolID", "userPoolId"),
    ("client_id", "clientID", "clientId"),
    ("client_secret", "clientSecret", "clientSecret"),
    ("user_agent", "userAgent", "userAgent"),
    ("refresh_token_rotation", "rotatesRefreshTokens", "refreshTokenRotation"),
    ("connect_timeout", "connectTimeout", "connectTimeoutMillis"),
    ("attempt_timeout", "attemptTimeout", "attemptTimeoutMillis"),
    ("refresh_margin", "refreshMargin", "refreshMarginMillis"),
    ("unpaid_revocations", "unpaidRevocations", "unpaidRevocations"),
    (
        "unpaid_revocations.max_age",
        "unpaidRevocations.maxAge",
        "unpaidRevocations.maxAgeMillis",
    ),
    (
        "unpaid_revocations.max_debts",
        "unpaidRevocations.maxDebts",
        "unpaidRevocations.maxDebts",
    ),
    ("revocation_route", "revocationRoute", "revocationRoute"),
    ("session_tracking", "tracksSessions", "sessionTracking"),
    ("provider_logout", "providerLogouts", "providerLogout"),
    ("hosted_ui", "hostedUI", "hostedUI"),
    ("hosted_ui.sign_out_uri", "hostedUI.signOutURIs", "hostedUI.signOutUris"),
    (
        "hosted_ui.sign_out_uri.ends_at",
        "hostedUI.signOutURIs.endsAt",
        "hostedUI.signOutUris.endsAt",
    ),
    (
        "hosted_ui.callback_uri",
        "hostedUI.callbackURIs",
        "hostedUI.callbackUris",
    ),
    ("hosted_ui.provider", "hostedUI.providers", "hostedUI.providers"),
    ("global", "globalSignOut", "globalSignOut"),
    ("web", "webPolicy", "web"),
    ("sign_out_uri", "signOutURI", "signOutUri"),
    ("callback_uri", "callbackURI", "callbackUri"),
    ("app_name", "appName", "appName"),
    ("closing_texts", "closingTexts", "closingTexts"),
    ("deadline", "deadline", "deadlineMillis"),
    ("browser_deadline", "browserDeadline", "browserDeadlineMillis"),
    ("time_limit", "timeLimit", "timeLimitMillis"),
    (
        "credentials.expires",
        "credentials.expires",
        "credentials.expiresMillis",
    ),
];

/// The last part of a setting that contains a name: a provider's, as in `hosted_ui.provider.Okta.client_id`, or a language,
/// as in `closing_texts.de.signed_out`. The setting, and the part in Rust, Swift and Kotlin.
const LAST_PARTS: &[(&str, &str, &str, &str)] = &[
    ("hosted_ui.provider", "client_id", "clientID", "clientId"),
    ("closing_texts", "signed_out", "signedOut", "signedOut"),
    ("closing_texts", "signed_out_next", "signedOutNext", "signedOutNext"),
    ("closing_texts", "not_signed_out", "notSignedOut", "notSignedOut"),
    (
        "closing_texts",
        "not_signed_out_next",
        "notSignedOutNext",
        "notSignedOutNext",
    ),
];

/// The name of `setting` in Swift and in Kotlin. The rest of the setting, such as `.Okta.domain` after the providers, stays as
/// it is, except for its [last part](LAST_PARTS).
pub(crate) fn in_swift_and_kotlin(setting: &str) -> (String, String) {
    let rest = |rust: &str| {
        let rest = setting.strip_prefix(rust)?;
        (rest.is_empty() || rest.starts_with('.')).then_some(rest)
    };
    let known = SETTINGS
        .iter()
        .filter_map(|&(rust, swift, kotlin)| Some((rust, rest(rust)?, swift, kotlin)));
    let Some((known, rest, swift, kotlin)) = known.max_by_key(|(rust, ..)| rust.len()) else {
        return (setting.to_owned(), setting.to_owned());
    };
    let last_part = rest.rsplit_once('.').and_then(|(name, last)| {
        let part = LAST_PARTS.iter().find(|(of, part, ..)| *of == known && *part == last)?;
        Some((format!("{name}.{}", part.2), format!("{name}.{}", part.3)))
    });
    let (swift_rest, kotlin_rest) = last_part.unwrap_or_else(|| (rest.to_owned(), rest.to_owned()));
    (format!("{swift}{swift_rest}"), format!("{kotlin}{kotlin_rest}"))
}
