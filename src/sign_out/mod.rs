//! Signing out: the machine that decides, the driver that does, the result that tells.

mod deadline;
mod debt;
mod driver;
mod machine;
mod options;
mod outcome;
mod run;

pub(crate) use debt::Debt;
pub(crate) use driver::Driver;
pub use options::{DEFAULT_DEADLINE, SignOutOptions, WebPolicy};
pub use outcome::{
    Complete, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError, Partial, Report, Residual,
    RevokeTokenError, SignOutResult, Skip, StepStatus, Steps, TokenKind,
};
pub(crate) use run::Run;
