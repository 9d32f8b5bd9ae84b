//! Times as milliseconds.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::ConfigError;

pub(super) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A host's value for `setting`, in milliseconds. A negative number is refused here, so that all hosts refuse it in the same way.
/// Swift passes a value that is not a number as a negative one.
pub(super) fn duration(setting: &str, millis: i64) -> Result<Duration, ConfigError> {
    let millis = u64::try_from(millis).map_err(|_| ConfigError::invalid(setting, "a number, and not negative"))?;
    Ok(Duration::from_millis(millis))
}

/// Milliseconds since 1970. An earlier time becomes 1970.
pub(super) fn since_1970(time: SystemTime) -> u64 {
    millis(time.duration_since(UNIX_EPOCH).unwrap_or_default())
}

/// A host's point in time for `setting`, in milliseconds since 1970.
pub(super) fn point_in_time(setting: &str, millis: i64) -> Result<SystemTime, ConfigError> {
    let since_1970 = u64::try_from(millis).ok().map(Duration::from_millis);
    since_1970
        .and_then(|since| UNIX_EPOCH.checked_add(since))
        .ok_or_else(|| ConfigError::invalid(setting, "a date after 1970"))
}
