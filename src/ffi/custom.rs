//! Core types that cross as a simpler type.

use std::sync::Arc;

use uniffi::deps::anyhow;
use url::Url;

use super::error::Problem;
use super::secret::SecretObject;
use crate::error::{ErrorCode, StepError};
use crate::{AppReason, RedirectUri, Secret, Skip};

uniffi::custom_type!(Url, String, {
    remote,
    lower: |url| url.into(),
    try_lift: |text| Ok(Url::parse(&text)?),
});

uniffi::custom_type!(RedirectUri, String, {
    lower: |uri| uri.to_string(),
    try_lift: |text| Ok(RedirectUri::parse("redirect", &text)?),
});

// Not over a string: the host would print a string, and keep copies of it that nobody wipes.
uniffi::custom_type!(Secret, Arc<SecretObject>, {
    lower: |secret| secret.into(),
    try_lift: |object| Ok(object.value()),
});

// Not an enum: a host needs the stable string, and would write the table a second time.
uniffi::custom_type!(ErrorCode, String, {
    lower: |code| code.as_str().to_owned(),
    try_lift: |text| Ok(text.parse()?),
});

uniffi::custom_type!(AppReason, String, {
    lower: |reason| reason.to_string(),
    try_lift: |word| Ok(AppReason::new(word)?),
});

uniffi::custom_type!(Skip, String, {
    lower: |why| why.as_str().to_owned(),
    try_lift: |_text| Err(only_goes_out("Skip")),
});

uniffi::custom_type!(StepError, Problem, {
    lower: |error| error.into(),
    try_lift: |_problem| Err(only_goes_out("StepError")),
});

fn only_goes_out(name: &str) -> anyhow::Error {
    anyhow::Error::msg(format!("a host never passes a {name} to the library"))
}
