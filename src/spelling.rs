//! How Swift and Kotlin spell the settings that Rust names: an error's message names the setting that is to be corrected,
//! and whoever reads it looks for that name in their own code.

#[cfg(test)]
mod tests;

/// Each setting in Rust, Swift and Kotlin. What is the same in all three, and paths in Amplify's file, are not here.
const SETTINGS: &[(&str, &str, &str)] = &[
    ("user_pool_id", "userPoolID", "userPoolId"),
    ("client_id", "clientID", "clientId"),
    ("client_secret", "clientSecret", "clientSecret"),
    ("user_agent", "userAgent", "userAgent"),
    ("refresh_token_rotation", "refreshTokenRotation", "refreshTokenRotation"),
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
    ("sign_out_uri", "signOutURI", "signOutUri"),
    ("callback_uri", "callbackURI", "callbackUri"),
    ("app_name", "appName", "appName"),
    ("closing_texts", "closingTexts", "closingTexts"),
    ("deadline", "deadline", "deadlineMillis"),
    ("browser_deadline", "browserDeadline", "browserDeadlineMillis"),
    (
        "credentials.expires",
        "credentials.expires",
        "credentials.expiresMillis",
    ),
];

/// `setting` as Swift and as Kotlin spell it. What stands within a setting, as `.Okta.domain` in the providers, is kept.
pub(crate) fn in_swift_and_kotlin(setting: &str) -> (String, String) {
    let rest = |rust: &str| {
        let rest = setting.strip_prefix(rust)?;
        (rest.is_empty() || rest.starts_with('.')).then_some(rest)
    };
    let known = SETTINGS
        .iter()
        .filter_map(|&(rust, swift, kotlin)| Some((rust.len(), rest(rust)?, swift, kotlin)));
    let Some((_, rest, swift, kotlin)) = known.max_by_key(|&(length, ..)| length) else {
        return (setting.to_owned(), setting.to_owned());
    };
    let (swift_rest, kotlin_rest) = match rest.strip_suffix(".client_id") {
        Some(provider) => (format!("{provider}.clientID"), format!("{provider}.clientId")),
        None => (rest.to_owned(), rest.to_owned()),
    };
    (format!("{swift}{swift_rest}"), format!("{kotlin}{kotlin_rest}"))
}
