//! The administrator's side: signs users out from a server or a desk, with IAM credentials, and says why tokens survive.
//!
//! [`AdminClient`] signs one user out, [`SignOutMany`] signs out as many as there are, and [`AdminClient::examine`] looks
//! at an app client and says what a sign-out will and will not do there. It asks for these permissions, each only where
//! it is used: `cognito-idp:AdminUserGlobalSignOut`, `AdminDisableUser`, `ListUsers`, `ListUsersInGroup`,
//! `DescribeUserPool`, `DescribeUserPoolClient`, `DescribeUserPoolDomain`, `DescribeIdentityProvider` and
//! `UpdateUserPoolClient`.
//!
//! Not for phones: whoever holds IAM credentials can sign everyone out, so they have no place in an app.

mod client;
mod credentials;
mod doctor;
mod errors;
mod journal;
mod limiter;
mod many;
mod network;
mod outcome;
mod patience;
mod sdk_transport;
mod sources;

pub use client::{AdminClient, AdminClientBuilder};
pub use credentials::Signer;
pub use doctor::{Change, Difference, Examination, Finding, Fix, Severity};
pub use errors::{AdminError, JournalProblem};
pub use many::{DEFAULT_CONCURRENCY, DEFAULT_RATE, MAX_CONCURRENCY, SignOutMany, SignOutRun, Stop};
pub use outcome::{Done, Ended, Outcome, Summary};
pub use sources::usernames_in_lines;

#[cfg(any(target_os = "android", target_os = "ios"))]
compile_error!("the feature `admin` is for servers and desktops: IAM credentials have no place in a mobile app");
