//! What each setting must be. The builder and the file loaders share these checks. Each gives its own name of the setting.

use std::time::Duration;

use url::{ParseError, Url};

use super::{ConfigError, UnpaidRevocations};
use crate::secret::Secret;
use crate::url_policy::may_carry_tokens;

const MINUTE: Duration = Duration::from_secs(60);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A longer timeout would not limit anything, and sums with it could overflow.
const LONGEST_TIMEOUT: Duration = MINUTE.saturating_mul(5);

/// The shortest life that an app client's `AccessTokenValidity` can set.
const SHORTEST_TOKEN_LIFE: Duration = MINUTE.saturating_mul(5);

/// The longest life that an app client's `RefreshTokenValidity` can set. After it there is nothing left to revoke.
const LONGEST_REFRESH_TOKEN_LIFE: Duration = DAY.saturating_mul(3650);

const POOL_ID: &str = "the Region, an underscore and the pool's own ID, such as eu-central-1_AbCdEf123";

/// Returns the Region at the start of the id. `UserPoolIdType`: `[\w-]+_[0-9a-zA-Z]+`, at most 55 characters.
pub(crate) fn user_pool_id<'id>(field: &str, id: &'id str) -> Result<&'id str, ConfigError> {
    id.rsplit_once('_')
        .filter(|(region, own)| is_region(region) && !own.is_empty())
        .filter(|(_, own)| id.len() <= 55 && own.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        .map(|(region, _)| region)
        .ok_or_else(|| ConfigError::invalid(field, POOL_ID))
}

/// `ClientIdType`: `[\w+]+`, 1 to 128 characters.
pub(crate) fn client_id(field: &str, id: &str) -> Result<(), ConfigError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'+';
    accept(
        (1..=128).contains(&id.len()) && id.bytes().all(allowed),
        field,
        "the app client's ID: 1 to 128 letters, digits, _ or +",
    )
}

pub(super) fn client_secret(field: &str, secret: &Secret) -> Result<(), ConfigError> {
    accept(
        !secret.reveal().is_empty(),
        field,
        "the app client's secret. Leave it out for an app client without a secret",
    )
}

const REGION: &str = "an AWS Region, such as eu-central-1";

pub(super) fn region(field: &str, region: &str) -> Result<(), ConfigError> {
    accept(is_region(region), field, REGION)
}

/// A Region that has a public endpoint: at least two words and a number, with hyphens between them. All Regions have this
/// shape (the `regionRegex` of each partition in the AWS SDKs' `partitions.json`). A server for tests can have any Region, but
/// such a server has an endpoint of its own.
pub(super) fn public_region(region: &str, given: Option<&str>) -> Result<(), ConfigError> {
    let parts: Vec<_> = region.split('-').collect();
    let fits = match parts.split_last() {
        Some((number, words)) => {
            let is_word = |word: &&str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
            let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
            words.len() >= 2 && words.iter().all(is_word) && is_number
        }
        None => false,
    };
    match given {
        Some(_) => accept(fits, "region", REGION),
        None => accept(fits, "user_pool_id", POOL_ID),
    }
}

/// A label of a host name (RFC 1123, section 2.1): the Region becomes part of one.
fn is_region(region: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&region.len())
        && region.bytes().all(allowed)
        && !region.starts_with('-')
        && !region.ends_with('-')
}

/// The URL of a page to open.
pub(crate) fn url(field: &str, url: &str) -> Result<Url, ConfigError> {
    let parsed = safe_url(field, url)?;
    let anonymous = parsed.username().is_empty() && parsed.password().is_none();
    accept(anonymous, field, "a URL without user name or password")?;
    Ok(parsed)
}

/// The URL of a server, which may have a path.
pub(crate) fn endpoint(field: &str, endpoint: &str) -> Result<Url, ConfigError> {
    let parsed = safe_url(field, endpoint)?;
    let bare = parsed.username().is_empty()
        && parsed.password().is_none()
        && parsed.query().is_none()
        && parsed.fragment().is_none();
    accept(bare, field, "a URL without user name, password, query or fragment")?;
    Ok(parsed)
}

/// Any URL. The libraries for apps and the program have no tables of Unicode, which would be 7 % of them: a host has to be in the form
/// that DNS has.
pub(super) fn parse_url(field: &str, url: &str, must: &'static str) -> Result<Url, ConfigError> {
    let ascii = "a URL whose host is written in ASCII: bücher.example is xn--bcher-kva.example (RFC 5891)";
    Url::parse(url).map_err(|error| match error {
        ParseError::IdnaError if !url.is_ascii() => ConfigError::invalid(field, ascii),
        _ => ConfigError::invalid(field, must),
    })
}

/// `https`, or `http` on a loopback host.
fn safe_url(field: &str, url: &str) -> Result<Url, ConfigError> {
    let parsed = parse_url(field, url, "a URL, such as https://example.com/")?;
    accept(
        may_carry_tokens(&parsed),
        field,
        "an https URL; http is allowed only for a loopback host",
    )?;
    Ok(parsed)
}

/// A host name, or an origin: a URL without a path.
pub(crate) fn domain(field: &str, domain: &str) -> Result<Url, ConfigError> {
    let must = "a host name, such as auth.example.com, or its URL without a path";
    let url = match domain.contains("://") {
        true => domain.to_owned(),
        false => format!("https://{domain}"),
    };
    // The parser of URLs skips extra slashes: `//evil.example` would be the host `evil.example`.
    accept(!domain.starts_with(['/', '\\']), field, must)?;
    // If it is not a URL even with a scheme before it, it was not a host name.
    parse_url(field, &url, must)?;
    let origin = endpoint(field, &url)?;
    accept(origin.path() == "/", field, must)?;
    Ok(origin)
}

/// It goes into a header unchanged.
pub(super) fn user_agent(field: &str, user_agent: &str) -> Result<(), ConfigError> {
    let printable = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    accept(
        !user_agent.is_empty() && user_agent.bytes().all(printable) && user_agent.trim() == user_agent,
        field,
        "printable ASCII without a space at either end",
    )
}

pub(crate) fn timeout(field: &str, timeout: Duration) -> Result<(), ConfigError> {
    accept(
        !timeout.is_zero() && timeout <= LONGEST_TIMEOUT,
        field,
        "longer than zero and at most 5 minutes",
    )
}

pub(super) fn refresh_margin(field: &str, margin: Duration) -> Result<(), ConfigError> {
    accept(
        margin < SHORTEST_TOKEN_LIFE,
        field,
        "shorter than 5 minutes, the shortest life of a token",
    )
}

pub(super) fn unpaid_revocations(field: &str, unpaid: UnpaidRevocations) -> Result<(), ConfigError> {
    let UnpaidRevocations::Keep { max_age, max_debts } = unpaid else {
        return Ok(());
    };
    accept(
        !max_age.is_zero() && max_age <= LONGEST_REFRESH_TOKEN_LIFE,
        &format!("{field}.max_age"),
        "longer than zero and at most 3650 days, the longest life of a refresh token",
    )?;
    accept(max_debts > 0, &format!("{field}.max_debts"), "at least 1")
}

fn accept(accepted: bool, field: &str, must: &'static str) -> Result<(), ConfigError> {
    if accepted {
        Ok(())
    } else {
        Err(ConfigError::invalid(field, must))
    }
}
