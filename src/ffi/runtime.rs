//! The runtime for all calls through the facade.

use std::future::{Future, pending};
use std::io;
use std::thread;

use once_cell::sync::OnceCell;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;

use super::error::AuthError;
use crate::error::{ErrorCode, StepError};
use crate::task::{self, Answer, Work};

static RUNTIME: OnceCell<Handle> = OnceCell::new();

/// The runtime. The first caller starts it. If that fails, the next caller tries again.
///
/// # Errors
/// [`AuthError::Runtime`] if the system cannot start a thread.
pub(crate) fn runtime() -> Result<&'static Handle, AuthError> {
    RUNTIME.get_or_try_init(start).map_err(|error| AuthError::Runtime {
        problem: StepError::new(
            ErrorCode::Interrupted,
            format!("no thread could be started: {}", error.kind()),
        )
        .into(),
    })
}

/// One thread: blocking work has its own threads. Starting this thread returns an error on failure, where a pool would panic.
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

/// The task that ran the work was lost.
pub(super) struct Lost;

impl From<Lost> for StepError {
    fn from(_: Lost) -> Self {
        Self::new(ErrorCode::Interrupted, "the task that ran the call was lost")
    }
}

impl From<Lost> for AuthError {
    fn from(lost: Lost) -> Self {
        Self::Runtime {
            problem: StepError::from(lost).into(),
        }
    }
}

/// Runs `work` to its end, even if nobody waits for it any more. It starts at once.
pub(super) fn run<T: Send + 'static>(
    runtime: &Handle,
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Result<T, Lost>> {
    answered(task::spawn(runtime, work))
}

/// Compiled once for every type of result, and not for every call.
async fn answered<T>(answer: Answer<T>) -> Result<T, Lost> {
    answer.await.map_err(|_| Lost)
}

/// The same for a call that can fail.
pub(super) fn attempt<T: Send + 'static>(
    runtime: &Handle,
    work: impl Future<Output = Result<T, crate::AuthError>> + Send + 'static,
) -> impl Future<Output = Result<T, AuthError>> {
    succeeded(task::spawn(runtime, work))
}

async fn succeeded<T>(answer: Answer<Result<T, crate::AuthError>>) -> Result<T, AuthError> {
    Ok(answered(answer).await??)
}

/// The same for a call that hands over debts. `work` only waits for the crate's own tasks, and is dropped together with its
/// caller. A debt that nobody will receive is then not handed over: it stays on record.
pub(super) fn run_for_caller<T: Send + 'static>(
    runtime: &Handle,
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = Result<T, Lost>> {
    while_waited_for(runtime, Box::pin(work))
}

async fn while_waited_for<T: Send + 'static>(runtime: &Handle, work: Work<T>) -> Result<T, Lost> {
    let (_caller, gone) = oneshot::channel::<()>();
    let while_waited_for = async move {
        tokio::select! {
            // The work first, so that it begins even if its caller is already gone.
            biased;
            result = work => Some(result),
            _ = gone => None,
        }
    };
    task::spawn(runtime, while_waited_for).await.ok().flatten().ok_or(Lost)
}
