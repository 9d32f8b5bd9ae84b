//! Signing out: the machine that decides, the driver that does, the result that tells.

mod deadline;
mod debt;
mod driver;
mod interrupted;
mod machine;
mod options;
mod outcome;
mod run;
mod told;
mod web;

pub(crate) use debt::Debt;
pub(crate) use driver::{Driver, InPayment};
pub(crate) use interrupted::Interrupted;
pub use options::{DEFAULT_BROWSER_DEADLINE, DEFAULT_DEADLINE, SignOutOptions, WebPolicy};
pub use outcome::{
    Complete, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError, Partial, Report, Residual, Resumed,
    RevokeTokenError, SignOutProgress, SignOutResult, Skip, StepStatus, Steps, TokenKind,
};
pub(crate) use run::{Listener, Run};
pub use web::WebVisit;
pub(crate) use web::{HandsOut, InHand, Noted, Web};
