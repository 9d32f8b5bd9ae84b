//! Signing out: the machine that decides, the driver that does, the result that tells.

mod deadline;
mod driver;
mod facts;
mod in_hand;
mod in_payment;
mod machine;
mod outcome;
mod run;
mod steps;
mod told;

pub(crate) use driver::{Driver, Noted};
pub use facts::{Residual, TokenKind};
pub(crate) use in_hand::{InHand, Web};
pub(crate) use in_payment::InPayment;
pub use outcome::{
    Complete, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError, Partial, Report, Resumed, RevokeTokenError,
    SignOutProgress, SignOutResult,
};
pub(crate) use run::{Listener, Run};
pub use steps::{Skip, StepStatus, Steps};
