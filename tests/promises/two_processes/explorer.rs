//! Every order of the operations of two processes, with deaths in between. It is a depth-first search: each run replays a prefix
//! of an earlier one, and ends where another run has been before.
//!
//! Where a run is: the record, its lock, the server, and for each process where it stands and what it has learned. A process is
//! code without chance or time here, so it does the same whenever it has learned the same. So each such state is explored once.
//! `stateright` would do this search too, but over states that can be copied. The library in the middle of a call cannot.

use std::collections::HashSet;
use std::fmt::Display;
use std::sync::{Arc, Mutex};

use super::process::{At, Op, Process, hash};
use super::shared::Shared;
use crate::choices::Choices;
use crate::world::lock;

/// What two processes do.
pub(crate) trait Scene: Display {
    /// What outlives them.
    fn shared(&self) -> Shared;
    /// Starts the process with this number, in a thread of its own. `is_next`: the one before it has died.
    fn start(&self, process: &Process, is_next: bool);
    /// Called when both have ended.
    fn check_end(&self, shared: &Arc<Mutex<Shared>>);
}

#[derive(Debug, Clone, Copy)]
#[allow(dead_code, reason = "a failing test shows them")]
enum Step {
    GoesOn(usize, Op),
    Dies(usize),
}

#[derive(Debug, Default)]
pub(crate) struct Explored {
    pub(crate) states: usize,
    pub(crate) runs: usize,
    /// How many of the runs went on until both processes had ended.
    pub(crate) ends: usize,
}

impl Explored {
    pub(crate) fn add(&mut self, other: Self) {
        self.states += other.states;
        self.runs += other.runs;
        self.ends += other.ends;
    }
}

struct Run<'a> {
    scene: &'a dyn Scene,
    shared: Arc<Mutex<Shared>>,
    processes: [Process; 2],
    /// How many processes have had each number.
    lives: [usize; 2],
    deaths_left: usize,
    /// What the record and the server were when the process with this number last died here in another run.
    may_die: [bool; 2],
    happened: Vec<Step>,
}

/// Goes through every order, with up to `deaths` deaths.
pub(crate) fn explore(scene: &dyn Scene, deaths: usize) -> Explored {
    let (mut choices, mut seen, mut explored) = (Choices::default(), HashSet::new(), Explored::default());
    loop {
        explored.runs += 1;
        let mut run = Run::start(scene, deaths);
        loop {
            run.check();
            if choices.is_new_here() && !seen.insert(run.key()) {
                break;
            }
            let steps = run.next_steps();
            if steps.is_empty() {
                explored.ends += 1;
                run.check_end();
                break;
            }
            run.step(steps[choices.choose(steps.len())]);
        }
        run.processes.iter().for_each(Process::kill);
        if !choices.advance() {
            explored.states = seen.len();
            return explored;
        }
    }
}

impl<'a> Run<'a> {
    fn start(scene: &'a dyn Scene, deaths_left: usize) -> Self {
        let shared = Arc::new(Mutex::new(scene.shared()));
        let processes = [0, 1].map(|number| Process::new(number, 0, &shared));
        for process in &processes {
            scene.start(process, false);
            process.stopped_at();
        }
        Self {
            scene,
            shared,
            processes,
            lives: [0; 2],
            deaths_left,
            may_die: [true; 2],
            happened: Vec::new(),
        }
    }

    fn key(&self) -> u64 {
        let processes = self.processes.each_ref().map(Process::key);
        hash((&*lock(&self.shared), processes, self.deaths_left, self.may_die))
    }

    /// A process dies where it has just changed something. Later, before its next change, its death would leave the same behind.
    fn next_steps(&self) -> Vec<Step> {
        let stopped = self.processes.each_ref().map(Process::stopped_at);
        let is_locked = lock(&self.shared).is_locked();
        let goes_on = |number: usize| match stopped[number] {
            At::Before(Op::Change) if is_locked => None,
            At::Before(op) => Some(Step::GoesOn(number, op)),
            _ => None,
        };
        let dies = |number: usize| {
            let may_die = self.deaths_left > 0 && self.may_die[number] && stopped[number] != At::Ended;
            may_die.then_some(Step::Dies(number))
        };
        // To return means nothing to the other process, so it comes first.
        let returns = stopped.iter().position(|at| *at == At::Before(Op::Return));
        let steps_of = |number: usize| goes_on(number).into_iter().chain(dies(number));
        if let Some(number) = returns {
            return steps_of(number).collect();
        }
        let steps: Vec<_> = (0..2).flat_map(steps_of).collect();
        if steps.is_empty() && stopped != [At::Ended; 2] {
            lock(&self.shared).complain("both wait for the lock");
        }
        steps
    }

    fn step(&mut self, step: Step) {
        self.happened.push(step);
        match step {
            Step::GoesOn(number, _) => {
                let before = lock(&self.shared).effects();
                self.processes[number].go_on();
                self.may_die[number] = lock(&self.shared).effects() != before;
            }
            Step::Dies(number) => {
                self.processes[number].kill();
                lock(&self.shared).died(number);
                self.deaths_left -= 1;
                self.lives[number] += 1;
                self.may_die[number] = false;
                let next = Process::new(number, self.lives[number], &self.shared);
                self.scene.start(&next, true);
                next.stopped_at();
                self.processes[number] = next;
            }
        }
    }

    fn check(&self) {
        let complaints = &lock(&self.shared).complaints;
        assert!(complaints.is_empty(), "{complaints:?}: {}", self.path());
    }

    fn check_end(&self) {
        self.scene.check_end(&self.shared);
        self.check();
    }

    fn path(&self) -> String {
        format!("{}, {:?}", self.scene, self.happened)
    }
}
