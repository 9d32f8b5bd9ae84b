//! Promise 9 for the app's own steps: once the user is signed out, each of them has been carried out, or is on record, or a
//! caller was told of it. And what they do to the other promises: nothing.

use cognito_signout::{AppStep, LeavingSession, Phase, Resumed, SignOutResult, StepStatus};

use crate::life::Life;
use crate::world::World;

/// One step for each phase.
const STEPS: [(&str, Phase); 2] = [("before", Phase::WhileTokenLives), ("after", Phase::AfterSignOut)];

/// What can happen to one step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum StepFault {
    None,
    Refuse,
    Hang,
    Throw,
    DieBefore,
    DieAfter,
}

const STEP_FAULTS: &[StepFault] = &[
    StepFault::None,
    StepFault::Refuse,
    StepFault::Hang,
    StepFault::Throw,
    StepFault::DieBefore,
    StepFault::DieAfter,
];

/// The steps of an app that runs in this process.
pub(crate) fn steps(life: &Life) -> [AppStep; 2] {
    STEPS.map(|(name, phase)| {
        let life = life.clone();
        AppStep::new(name, phase, move |session| run(life.clone(), name, session))
    })
}

async fn run(life: Life, name: &'static str, session: LeavingSession) -> Result<(), String> {
    let has_tokens = session.access_token.is_some();
    assert_eq!(has_tokens, name == "before", "a token for the wrong phase");
    if life.is_dead() {
        std::future::pending::<()>().await;
    }
    let done = || life.world.server().steps_done.insert(name);
    match life.choose(&format!("step {name}"), STEP_FAULTS) {
        StepFault::None => drop(done()),
        StepFault::Refuse => return Err("refused".into()),
        StepFault::Hang => std::future::pending().await,
        // Unlike `panic!`, this prints nothing.
        StepFault::Throw => std::panic::resume_unwind(Box::new("thrown")),
        fault => {
            if fault == StepFault::DieAfter {
                done();
            }
            life.die();
            std::future::pending().await
        }
    }
    Ok(())
}

/// Checks what the process that signs out has left behind. `result` is `None` if it was killed. `is_excused`: it was killed when
/// it had taken what it hands over off the record.
pub(crate) fn check(world: &World, is_signed_out: bool, result: Option<&SignOutResult>, is_excused: bool, path: &str) {
    if is_signed_out {
        check_result(world, result, path);
        assert!(is_excused || is_known(world, result), "9: a step was forgotten: {path}");
    } else {
        assert!(
            world.server().steps_done.is_empty(),
            "9: a step ran, and the user is signed in: {path}"
        );
    }
}

/// Checks what the next process has left behind.
pub(crate) fn check_resumed(
    world: &World,
    result: Option<&SignOutResult>,
    resumed: &Resumed,
    is_excused: bool,
    path: &str,
) {
    for settled in &resumed.settled {
        check_result(world, Some(settled), path);
    }
    let results = result.into_iter().chain(&resumed.settled);
    assert!(
        is_excused || is_known(world, results),
        "9: forgotten while resuming: {path}"
    );
}

/// A result says that a step is done only if it is, and `Complete` only if all of its steps are.
fn check_result(world: &World, result: Option<&SignOutResult>, path: &str) {
    let Some(result) = result else { return };
    for step in &result.report().steps.app {
        let is_done = world.server().steps_done.contains(&*step.name);
        assert!(
            is_done || step.status != StepStatus::Done,
            "9: said to be done, and it is not: {path}"
        );
        assert!(
            is_done || !result.is_complete(),
            "9: Complete, and a step is not done: {path}"
        );
    }
}

/// Whether each step was carried out, or is owed on record, or is in a result.
fn is_known<'a>(world: &World, results: impl IntoIterator<Item = &'a SignOutResult>) -> bool {
    let results: Vec<_> = results.into_iter().collect();
    let record = world.disk().unwrap_or_default();
    let record = String::from_utf8_lossy(&record);
    STEPS.iter().all(|(name, _)| {
        let told = |result: &&SignOutResult| match result {
            SignOutResult::Partial(partial) => partial.app_step_errors.iter().any(|failed| failed.name == *name),
            _ => false,
        };
        let is_done = world.server().steps_done.contains(name);
        is_done || record.contains(&format!("\"{name}\"")) || results.iter().any(told)
    })
}
