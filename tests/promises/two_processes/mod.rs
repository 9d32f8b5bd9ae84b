//! Two processes over one record, in every order of their operations; and each of them can die between any two, after which
//! another one starts from the record. The code is the library's own. Nothing else fails here: see `life.rs` for that.
//!
//! Each of these changes of the library was made once, and the test failed:
//!
//! | change | what the test said |
//! |---|---|
//! | `make` in `record/store.rs` does not lock the vault | a process writes, and does not hold the lock |
//! | `make` reads the record before it locks the vault | a session has come back; a live token is forgotten |
//! | `put` in `record/mod.rs` makes no debt of a rotated token whose session has ended | nobody knows it |
//! | `mark_expired` in `auth/refresh.rs` does not see that another process has refreshed | the session has ended |
//!
//! Found by this test: a refresh that used the old token beside one that had replaced it ended the session for good.

mod calls;
mod explorer;
mod process;
mod server;
mod shared;

use std::env;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use self::calls::{Does, Plan, Record, run};
use self::explorer::{Explored, Scene, explore};
use self::process::Process;
use self::shared::Shared;
use crate::world::lock;

struct TwoProcesses {
    plan: Plan,
    begin: Shared,
}

impl fmt::Display for TwoProcesses {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.plan)
    }
}

impl Scene for TwoProcesses {
    fn shared(&self) -> Shared {
        self.begin.clone()
    }

    fn start(&self, process: &Process, is_next: bool) {
        let (process, plan) = (process.clone(), self.plan);
        thread::spawn(move || {
            let lives = || match is_next {
                true => run(plan.resume(&process)),
                false => run(plan.carry_out(&process)),
            };
            if catch_unwind(AssertUnwindSafe(lives)).is_err() {
                lock(&process.shared).complain("a panic");
            }
            process.end();
        });
    }

    fn check_end(&self, shared: &Arc<Mutex<Shared>>) {
        run(self.plan.check_end(&Process::alone(shared)));
    }
}

/// The six calls that write tokens and debts, each beside each. Who has a session has nothing to resume, and rotation is for a refresh.
fn plans() -> Vec<Plan> {
    use Does::{Refresh, Resume, SetDevice, SignIn, SignOut, SignOutGlobally};
    let with_session = [SignOut, SignOutGlobally, SignIn, SetDevice, Refresh];
    let with_debt = [Resume, SignIn, SignOut];
    let mut plans = Vec::new();
    for (record, calls) in [(Record::Session, &with_session[..]), (Record::Debt, &with_debt)] {
        for (position, first) in calls.iter().enumerate() {
            for second in &calls[position..] {
                let refreshes = [first, second].contains(&&Refresh);
                plans.extend(
                    [false, true]
                        .into_iter()
                        .filter(|rotates| refreshes || !rotates)
                        .map(|rotates| Plan {
                            record,
                            does: [*first, *second],
                            rotates,
                        }),
                );
            }
        }
    }
    plans
}

/// `DEATHS` says how many processes may die in one run.
#[test]
fn two_processes_keep_the_promises_in_every_order_and_if_they_die_anywhere() {
    let deaths = env::var("DEATHS").ok();
    let deaths = deaths.map_or(1, |deaths| deaths.parse().unwrap());
    let (plans, all) = (plans(), Mutex::new(Explored::default()));
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(plan) = plans.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let scene = TwoProcesses {
                        plan: *plan,
                        begin: plan.begin(),
                    };
                    let explored = explore(&scene, deaths);
                    println!("{plan:?}: {explored:?}");
                    lock(&all).add(explored);
                }
            });
        }
    });
    println!("{} pairs of calls: {:?}", plans.len(), lock(&all));
}
