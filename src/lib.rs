//! Signs users of Amazon Cognito user pools out of apps, and says honestly what was achieved.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod clock;
mod config;
mod error;
#[cfg(feature = "test-util")]
pub mod fake_cognito;
mod secret;
pub mod transport;
pub mod vault;

pub use clock::{Clock, SystemClock};
pub use config::{AuthConfig, UnpaidRevocations};
pub use error::{ErrorCode, StepError};
pub use secret::Secret;
