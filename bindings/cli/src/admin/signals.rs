//! The signals that stop a run.

#[cfg(unix)]
use std::io::IsTerminal;

use cognito_signout::admin::SignOutRun;
use futures_util::{Stream, StreamExt};

use crate::admin::output::Verdict;

/// At the first signal the run begins no other user, and finishes the sign-outs already begun. The second signal ends the
/// program at once.
pub(crate) fn stop_at_signals(run: &SignOutRun) {
    let stop = run.stopper();
    let signals = signals();
    tokio::spawn(async move {
        let mut signals = std::pin::pin!(signals);
        if signals.next().await.is_some() {
            stop.stop();
        }
        if signals.next().await.is_some() {
            std::process::exit(Verdict::BrokeOff.exit_code());
        }
    });
}

/// Ctrl-C, a request to end, and the loss of the terminal.
#[cfg(unix)]
fn signals() -> impl Stream<Item = ()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut kinds = vec![SignalKind::interrupt(), SignalKind::terminate()];
    if !outlives_its_terminal() {
        kinds.push(SignalKind::hangup());
    }
    // A signal without a listener keeps its default, which ends the program.
    let signals = kinds.into_iter().filter_map(|kind| signal(kind).ok());
    let signals = signals.map(|signal| {
        Box::pin(futures_util::stream::unfold(signal, |mut signal| async move {
            signal.recv().await.map(|()| ((), signal))
        }))
    });
    futures_util::stream::select_all(signals)
}

/// Whether the program ignores the loss of its terminal (nohup). Listening for that signal would end the ignoring.
#[cfg(unix)]
fn outlives_its_terminal() -> bool {
    let Ok(status) = std::fs::read_to_string("/proc/self/status") else {
        // Without /proc: nohup leaves no terminal to write to.
        return !std::io::stderr().is_terminal();
    };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|ignored| u64::from_str_radix(ignored.trim(), 16).ok());
    // SIGHUP is the first signal.
    ignored.is_some_and(|ignored| ignored & 1 != 0)
}

#[cfg(not(unix))]
fn signals() -> impl Stream<Item = ()> {
    futures_util::stream::unfold((), |()| async { tokio::signal::ctrl_c().await.ok().map(|()| ((), ())) })
}
