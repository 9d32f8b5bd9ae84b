//! The administrator's side: signs users out from a server or a desk, with IAM credentials, and says why tokens stay valid.
//!
//! [`AdminClient`] signs out one user, or lists and ends a user's sessions one by one. [`SignOutMany`] signs out any number of
//! users. [`AdminClient::examine`] reads an app client's settings and says what a sign-out will and will not do there.
//!
//! Each of these permissions is needed only where it is used: `cognito-idp:AdminUserGlobalSignOut`, `AdminDisableUser`,
//! `AdminListUserSessions`, `AdminRevokeUserSession`, `ListUsers`, `ListUsersInGroup`, `DescribeUserPool`,
//! `DescribeUserPoolClient`, `DescribeUserPoolDomain`, `DescribeIdentityProvider`, `UpdateUserPoolClient`,
//! `GetUserPoolSessionConfiguration`, `GetUserPoolClientSessionConfiguration` and `SetUserPoolSessionConfiguration`.
//!
//! Not for phones: IAM credentials can sign everyone out, so they have no place in an app.

mod client;
mod credentials;
mod doctor;
mod error;
mod journal;
mod json_call;
mod limiter;
mod many;
mod network;
mod patience;
mod responses;
mod sdk_error;
mod sdk_transport;
mod session_api;
mod sessions;
mod sources;
mod summary;
mod user_outcome;

pub use client::{AdminClient, AdminClientBuilder};
pub use credentials::Signer;
pub use doctor::{Change, Difference, Examination, Finding, Fix, Severity};
pub use error::AdminError;
pub use journal::problem::JournalProblem;
pub use many::{DEFAULT_CONCURRENCY, DEFAULT_RATE, MAX_CONCURRENCY, SignOutMany, SignOutRun, Stop};
pub use sessions::SessionOutcome;
pub use sources::usernames_in_lines;
pub use summary::{Ended, Summary};
pub use user_outcome::{Done, UserOutcome};

#[cfg(any(target_os = "android", target_os = "ios"))]
compile_error!("the feature `admin` is for servers and desktops: IAM credentials have no place in a mobile app");
