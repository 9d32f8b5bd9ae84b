//! Signs users of Amazon Cognito user pools out of apps, and says honestly what was achieved.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod claims;
mod clock;
#[cfg_attr(not(test), expect(dead_code, reason = "`Auth`, its only user, is not here yet"))]
mod cognito;
mod config;
mod error;
#[cfg(feature = "test-util")]
pub mod fake_cognito;
mod secret;
pub mod transport;
pub mod vault;

pub use claims::{Claims, ClaimsError};
pub use clock::{Clock, SystemClock};
pub use config::{AuthConfig, AuthConfigBuilder, ConfigError, UnpaidRevocations};
pub use error::{ErrorCode, StepError};
pub use secret::Secret;
