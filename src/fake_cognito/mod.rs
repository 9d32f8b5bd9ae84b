//! `FakeCognito`: a user pool in this process, on 127.0.0.1. It can fail on request, and it records every request.
//!
//! It is for the tests and the demo of this project, and for the tests of apps that use it. It speaks the user pools API
//! as AWS documents it, as far as sign-out needs it. It has the hosted pages where a browser signs in and out. A
//! conformance suite (`tests/support/conformance.rs`) compares it with independent emulators.
//!
//! Session management (AWS, "Managing user sessions") is off, as at AWS, until
//! [`session_tracking`](FakeCognitoBuilder::session_tracking) turns it on. No emulator has it. Behaviour that AWS does not
//! document is named as not established where the fake decides it.
//!
//! It runs on the caller's Tokio runtime, which needs I/O and time enabled. On a paused clock (`start_paused`) its
//! delays and slow responses take no real time.

// The layers, lowest first. A file uses only files of the lines above its own.
//
//     clock  tls  service_error  oauth_error  settings  tokens    the words
//     administration  app_client  faults  wire                    the pool's settings; HTTP as bytes
//     sessions                                                    token sessions and SSO sessions
//     operation  pool                                             what is called; what the pool does
//     session_management                                          their operations
//     app  admin  hosted/  recorder  script                       from a request to the pool and back
//     server                                                      from a connection to its responses
//     handle                                                      what a test holds
//     builder  console                                            how a test sets it up

mod admin;
mod administration;
mod app;
mod app_client;
mod builder;
mod clock;
mod console;
mod faults;
mod handle;
mod hosted;
mod oauth_error;
mod operation;
mod pool;
mod recorder;
mod script;
mod server;
mod service_error;
mod session_management;
mod sessions;
mod settings;
mod tls;
mod tokens;
mod wire;

#[cfg(test)]
mod tests;

pub use builder::FakeCognitoBuilder;
pub use clock::FakeClock;
pub use faults::{Fault, Spelling};
pub use handle::FakeCognito;
pub use oauth_error::OAuthError;
pub use operation::Operation;
pub use recorder::Recorded;
pub use script::{Gate, On};
pub use service_error::ServiceError;
pub use tls::Tls;
pub use tokens::{ADMIN_SCOPE, IssuedTokens};
