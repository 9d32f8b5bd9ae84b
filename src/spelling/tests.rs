//! Also holds the languages together: the same codes, options and settings, read from their sources.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;
use crate::error::ErrorCode;

#[test]
fn a_setting_is_spelled_as_each_language_has_it() {
    for (rust, swift, kotlin) in [
        ("user_pool_id", "userPoolID", "userPoolId"),
        ("attempt_timeout", "attemptTimeout", "attemptTimeoutMillis"),
        ("region", "region", "region"),
        ("hosted_ui.domain", "hostedUI.domain", "hostedUI.domain"),
        ("hosted_ui.sign_out_uri", "hostedUI.signOutURIs", "hostedUI.signOutUris"),
        (
            "hosted_ui.provider.my_idp.domain",
            "hostedUI.providers.my_idp.domain",
            "hostedUI.providers.my_idp.domain",
        ),
        (
            "hosted_ui.provider.Example.org.client_id",
            "hostedUI.providers.Example.org.clientID",
            "hostedUI.providers.Example.org.clientId",
        ),
        (
            "closing_texts.language",
            "closingTexts.language",
            "closingTexts.language",
        ),
        ("closing_texts.de", "closingTexts.de", "closingTexts.de"),
        (
            "closing_texts.de.signed_out_next",
            "closingTexts.de.signedOutNext",
            "closingTexts.de.signedOutNext",
        ),
        (
            "closing_texts.pt-BR.not_signed_out",
            "closingTexts.pt-BR.notSignedOut",
            "closingTexts.pt-BR.notSignedOut",
        ),
        // Of Amplify's file, which has one spelling.
        ("auth.user_pool_id", "auth.user_pool_id", "auth.user_pool_id"),
        ("deadlines", "deadlines", "deadlines"),
    ] {
        assert_eq!(
            in_swift_and_kotlin(rust),
            (swift.to_owned(), kotlin.to_owned()),
            "{rust}"
        );
    }
}

#[test]
fn swift_kotlin_and_dart_have_the_error_codes_that_an_app_can_meet() {
    let codes: BTreeSet<_> = ErrorCode::OF_APPS.iter().map(|code| code.as_str().to_owned()).collect();
    let swift = all_between(&swift("Errors.swift"), "= Self(rawValue: \"", "\")");
    assert_eq!(swift, codes);
    let mut kotlin = all_between(&kotlin("ErrorCode.kt"), "String = \"", "\"");
    assert!(
        kotlin.remove("native_library_missing"),
        "Rust and Swift are linked with the library"
    );
    assert!(kotlin.remove("second_process"), "Android alone has such processes");
    assert_eq!(kotlin, codes);
    let mut dart = all_between(&dart("error_code.dart"), " = '", "';");
    assert!(dart.remove("native_library_missing"), "as in Kotlin");
    assert_eq!(dart, codes);
}

#[test]
fn kotlin_calls_the_same_codes_retryable() {
    let source = kotlin("ErrorCode.kt");
    let constants = between(&source, "val RETRYABLE: Set<String> = setOf(", ")").split(',');
    let constants = constants.map(str::trim).filter(|constant| !constant.is_empty());
    let there: BTreeSet<_> = constants
        .map(|constant| between(&source, &format!("const val {constant}: String = \""), "\"").to_owned())
        .collect();
    let here = ErrorCode::OF_APPS.iter().filter(|code| code.is_retryable());
    assert_eq!(there, here.map(|code| code.as_str().to_owned()).collect());
}

#[test]
fn dart_calls_the_same_codes_retryable() {
    let source = dart("error_code.dart");
    let listed = between(&source, "_retryable = {", "}").split(',').map(str::trim);
    let there: BTreeSet<_> = listed
        .filter(|name| !name.is_empty())
        .map(|name| between(&source, &format!("static const {name} = '"), "'").to_owned())
        .collect();
    let here = ErrorCode::OF_APPS.iter().filter(|code| code.is_retryable());
    assert_eq!(there, here.map(|code| code.as_str().to_owned()).collect());
}

#[test]
fn swift_calls_the_same_codes_retryable() {
    let source = swift("Errors.swift");
    let listed = between(&source, "retryable: Set<Self> = [", "]")
        .split(',')
        .map(str::trim);
    let there: BTreeSet<_> = listed
        .filter_map(|name| name.strip_prefix('.'))
        .map(|name| between(&source, &format!("static let {name} = Self(rawValue: \""), "\"").to_owned())
        .collect();
    let here = ErrorCode::OF_APPS.iter().filter(|code| code.is_retryable());
    assert_eq!(there, here.map(|code| code.as_str().to_owned()).collect());
}

#[test]
fn swift_and_kotlin_have_the_options_of_a_sign_out() {
    let options = setters(include_str!("../options.rs"), "impl SignOutOptions");
    assert!(options.contains("browser_deadline"), "{options:?}");
    // Rust has `global()` and `local()` for it.
    let options = options.into_iter().chain(["global".to_owned()]);
    let (in_swift, in_kotlin): (BTreeSet<_>, BTreeSet<_>) = options.map(|option| in_swift_and_kotlin(&option)).unzip();
    let source = block(&swift("SignOut.swift"), "public struct SignOutOptions");
    assert_eq!(names(&source, "public var "), in_swift);
    let source = block(&kotlin("SignOutOptions.kt"), "public class SignOutOptions");
    assert_eq!(names(&source, "public val "), in_kotlin);
    assert_eq!(names(&source, "public var "), &in_kotlin | &durations(&in_kotlin));
    assert_eq!(names(&source, "public fun "), &in_kotlin | &of(["build", "builder"]));
}

/// Kotlin has each time twice: in milliseconds, and as a duration.
fn durations(in_kotlin: &BTreeSet<String>) -> BTreeSet<String> {
    let times = in_kotlin.iter().filter_map(|name| name.strip_suffix("Millis"));
    times.map(ToOwned::to_owned).collect()
}

/// Each word of an enum, in each language.
#[test]
fn swift_and_kotlin_have_why_a_session_has_ended_and_what_a_refusal_says() {
    let rust = [
        ("EndReason", include_str!("../end_reason.rs"), "password_reset"),
        ("Refusal", include_str!("../cognito/refusal.rs"), "insufficient_scope"),
    ];
    for (name, source, word) in rust {
        let here = all_between(between(source, "fn as_str(self)", "\n    }\n"), "=> \"", "\"");
        assert!(here.contains(word), "{here:?}");
        let in_swift = block(&swift("Verification.swift"), &format!("public enum {name}"));
        let cases = in_swift
            .lines()
            .filter_map(|line| line.trim().strip_prefix("case ").filter(|case| !case.starts_with('.')));
        let word = |case: &str| case.split('"').nth(1).unwrap_or(case).to_owned();
        assert_eq!(cases.map(word).collect::<BTreeSet<_>>(), here, "{name} in Swift");
        let in_kotlin = block(&kotlin("Verification.kt"), &format!("public enum class {name}"));
        assert_eq!(all_between(&in_kotlin, "(\"", "\")"), here, "{name} in Kotlin");
    }
}

#[test]
fn swift_and_kotlin_have_the_apps_reasons() {
    let here = all_between(include_str!("../app_reason.rs"), "Cow::Borrowed(\"", "\")");
    assert!(here.contains("account_deleted"), "{here:?}");
    assert_eq!(
        all_between(&swift("AppReason.swift"), "= Self(rawValue: \"", "\")"),
        here
    );
    assert_eq!(all_between(&kotlin("AppReason.kt"), "= AppReason(\"", "\")"), here);
}

#[test]
fn swift_and_kotlin_have_the_settings_of_the_configuration() {
    let settings = setters(include_str!("../config/builder.rs"), "impl AuthConfigBuilder");
    assert!(settings.contains("revocation_route"), "{settings:?}");
    let (mut in_swift, in_kotlin): (BTreeSet<_>, BTreeSet<_>) =
        settings.iter().map(|setting| in_swift_and_kotlin(setting)).unzip();
    assert!(in_swift.remove("connectTimeout"), "URLSession has no such limit");
    let source = swift("Configuration.swift");
    assert_eq!(names(&block(&source, "public struct Options"), "public var "), in_swift);
    let builder = block(&kotlin("AuthConfig.kt"), "public class Builder");
    let functions = &in_kotlin | &durations(&in_kotlin);
    assert_eq!(names(&builder, "public fun "), &functions | &of(["build"]));

    let pages = setters(include_str!("../config/hosted_ui.rs"), "impl HostedUiBuilder");
    assert!(pages.contains("callback_uri"), "{pages:?}");
    let pages = pages.iter().filter(|setting| *setting != "sign_out_uri_ending_at");
    let pages = pages.map(String::as_str).chain(["domain"]);
    let within = |spelled: String| spelled.replace("hostedUI.", "");
    let (in_swift, in_kotlin): (BTreeSet<_>, BTreeSet<_>) = pages
        .map(|setting| in_swift_and_kotlin(&format!("hosted_ui.{setting}")))
        .map(|(swift, kotlin)| (within(swift), within(kotlin)))
        .unzip();
    let mut in_source = names(&block(&source, "public struct HostedUI"), "public var ");
    // Of each sign-out URI.
    assert!(in_source.remove("uri") && in_source.remove("endsAt"));
    assert_eq!(in_source, in_swift);
    let source = kotlin("AuthConfig.kt");
    let constructor = between(&source, "public class HostedUI", "\n)").to_owned();
    assert_eq!(names(&constructor, "public val "), in_kotlin);
}

/// What a URL of the hosted pages, and the choice of how a token is revoked, can be asked for.
#[test]
fn swift_and_kotlin_have_both_logout_urls_and_both_revocation_routes() {
    let (swift, kotlin) = (swift("Configuration.swift"), kotlin("AuthConfig.kt"));
    for there in [
        "func logoutURL(",
        "func logoutToLoginURL(",
        "case userPoolsAPI",
        "case poolDomain",
    ] {
        assert!(swift.contains(there), "{there}");
    }
    for there in [
        "fun logoutUrl(",
        "fun logoutToLoginUrl(",
        "USER_POOLS_API,",
        "POOL_DOMAIN,",
    ] {
        assert!(kotlin.contains(there), "{there}");
    }
}

fn swift(file: &str) -> String {
    read(&format!("swift/Sources/CognitoSignOut/{file}"))
}

fn kotlin(file: &str) -> String {
    read(&format!("kotlin/core/src/main/kotlin/dev/cognitosignout/{file}"))
}

fn dart(file: &str) -> String {
    read(&format!("dart/lib/src/{file}"))
}

fn read(file: &str) -> String {
    let path = Path::new("bindings").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn of<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// The text from `start` to the next `end`.
fn between<'s>(source: &'s str, start: &str, end: &str) -> &'s str {
    let (_, from) = source.split_once(start).unwrap_or_else(|| panic!("no {start}"));
    from.split_once(end)
        .unwrap_or_else(|| panic!("no {end} after {start}"))
        .0
}

/// What `start` declares, up to the brace that closes it.
fn block(source: &str, start: &str) -> String {
    let line = source.lines().find(|line| line.trim_start().starts_with(start));
    let line = line.unwrap_or_else(|| panic!("no {start}"));
    let indent = &line[..line.len() - line.trim_start().len()];
    between(source, line, &format!("\n{indent}}}")).to_owned()
}

/// The names of what is declared with `keyword`.
fn names(source: &str, keyword: &str) -> BTreeSet<String> {
    let declared = source
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(keyword));
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    declared
        .map(|rest| rest.chars().take_while(|&char| is_part(char)).collect())
        .collect()
}

/// The methods of a builder of ours that set something.
fn setters(source: &str, start: &str) -> BTreeSet<String> {
    let sets = block(source, start);
    let sets = sets.lines().filter(|line| line.contains("(mut self"));
    sets.flat_map(|line| names(line, "pub fn ")).collect()
}

fn all_between(source: &str, start: &str, end: &str) -> BTreeSet<String> {
    let parts = source.split(start).skip(1);
    parts
        .filter_map(|part| Some(part.split_once(end)?.0.to_owned()))
        .collect()
}
