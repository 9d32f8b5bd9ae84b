//! What C, Dart and every other language can call: a few functions, with JSON in and JSON out. It is the facade of `ffi/` on the same
//! runtime, without logic of its own. `bindings/c/README.md` is the guide, `bindings/c/include/cognito_signout.h` the
//! reference, and `bindings/c/messages.schema.json` has each message's form.
//!
//! - `functions.rs` is all that is exported, and `types.rs` is what crosses besides JSON. cbindgen writes the header from these.
//! - Each function goes through `guard.rs`, where a panic ends.
//! - A handle (`handles.rs`) is a number, so that one that was freed is recognised.
//! - A host (`host.rs`) is the other side of one handle: its callback, one call at a time. What it keeps has a number (`kept.rs`).
//! - A port of the library is a question to the host (`questions.rs`). `ports.rs` makes a port of the facade of it.
//! - `calls.rs` has the facade's calls by name. `arguments.rs` reads what comes in, `values.rs` and `results.rs` write what goes out.

mod arguments;
mod calls;
mod dart;
mod functions;
mod guard;
mod handles;
mod host;
mod kept;
mod ports;
mod questions;
mod results;
mod sessions;
mod settings;
mod text;
mod types;
mod values;

pub use dart::{cs_dart_init, cs_dart_post};
pub use functions::{cs_abi_version, cs_auth_answer, cs_auth_call, cs_auth_free, cs_auth_new, cs_string_free};
pub use types::{CS_ABI_VERSION, Callback, Handle, Kind, Status};
