//! Signing out: the machine that decides, the driver that does, the result that tells.

mod deadline;
mod driver;
pub(crate) mod machine;
pub(crate) mod outcome;
mod run;
mod told;

pub use driver::WebVisit;
pub(crate) use driver::{Driver, InPayment};
pub(crate) use driver::{HandsOut, InHand, Noted, Web};
pub use outcome::{
    Complete, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError, Partial, Report, Residual, Resumed,
    RevokeTokenError, SignOutProgress, SignOutResult, Skip, StepStatus, Steps, TokenKind,
};
pub(crate) use run::{Listener, Run};
