//! The runtime that everything here runs on.

use std::future::{Future, pending};
use std::io;
use std::thread;

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::error::AuthError;
use crate::error::{ErrorCode, StepError};
use crate::task;

static RUNTIME: OnceCell<Handle> = OnceCell::new();

/// The runtime, started by whoever asks first. If that fails, the next one tries again.
///
/// # Errors
/// [`AuthError::Runtime`] if the system has no thread to give.
pub(super) fn runtime() -> Result<&'static Handle, AuthError> {
    RUNTIME.get_or_try_init(start).map_err(|error| AuthError::Runtime {
        problem: StepError::new(
            ErrorCode::Interrupted,
            format!("no thread could be started: {}", error.kind()),
        )
        .into(),
    })
}

/// One thread: what blocks has threads of its own, and starting this one can fail, where a pool's would panic.
fn start() -> io::Result<Handle> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .thread_name("cognito-signout-blocking")
        .build()?;
    let handle = runtime.handle().clone();
    thread::Builder::new()
        .name("cognito-signout".into())
        .spawn(move || runtime.block_on(pending::<()>()))?;
    Ok(handle)
}

/// The work's task was lost.
pub(super) struct Lost;

impl From<Lost> for StepError {
    fn from(_: Lost) -> Self {
        Self::new(ErrorCode::Interrupted, "the task that ran the call was lost")
    }
}

/// Runs `work` to its end, whether or not anybody waits for it.
pub(super) async fn run<T: Send + 'static>(
    runtime: &Handle,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Lost> {
    task::spawn(runtime, work).await.map_err(|_| Lost)
}

/// The same for a call that hands over what is unpaid: `work` waits for what the crate does in tasks of its own, and is
/// dropped when its caller is. What nobody will read is then handed to nobody: it stays on record.
pub(super) async fn run_for_caller<T: Send + 'static>(
    runtime: &Handle,
    work: impl Future<Output = T> + Send + 'static,
) -> Result<T, Lost> {
    let (_caller, gone) = oneshot::channel::<()>();
    let heard = async move {
        tokio::select! {
            // The work first, so that it begins even if its caller is gone already.
            biased;
            answer = work => Some(answer),
            _ = gone => None,
        }
    };
    task::spawn(runtime, heard).await.ok().flatten().ok_or(Lost)
}
