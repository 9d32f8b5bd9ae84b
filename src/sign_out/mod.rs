//! Signing out: the machine decides, the driver carries it out, the outcome says what was achieved.

mod app_steps;
mod browser_port;
mod deadline;
mod driver;
mod facts;
mod in_payment;
mod machine;
mod open_page;
mod outcome;
mod ports;
mod print;
mod run;
mod steps;

pub(crate) use app_steps::AppSteps;
pub use app_steps::{AppStep, AppStepError, DEFAULT_STEP_TIME, LeavingSession, TokenState};
pub(crate) use browser_port::BrowserPort;
pub(crate) use driver::{Driver, Next};
pub use facts::{Residual, TokenKind};
pub(crate) use in_payment::InPayment;
pub(crate) use open_page::OpenPageSlot;
pub use outcome::{
    Complete, Failed, GlobalSignOutError, HostedUiError, LocalCleanupError, Partial, Report, RevokeTokenError,
    SignOutResult,
};
pub(crate) use ports::Ports;
pub(crate) use run::{Run, Waiter};
pub use steps::{AppStepReport, Phase, Skip, StepStatus, Steps};
