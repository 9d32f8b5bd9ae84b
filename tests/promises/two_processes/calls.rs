//! What a process does, and whether what it is told is right.

use std::fmt::Debug;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cognito_signout::{
    Auth, AuthConfig, AuthError, Device, SessionState, SignOutOptions, SignedInWith, UnpaidRevocations,
};

use super::process::{Op, Process};
use super::server::Server;
use super::shared::Shared;
use crate::server::NOW;
use crate::world::{Stopped, lock};

/// What a process does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Does {
    SignOut,
    SignOutGlobally,
    Refresh,
    /// The user signs in anew.
    SignIn,
    Resume,
    SetDevice,
}

/// What is on record in the beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Record {
    Session,
    /// The debt of a sign-out without a network.
    Debt,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) record: Record,
    pub(crate) does: [Does; 2],
    /// The app client rotates refresh tokens.
    pub(crate) rotates: bool,
}

/// Runs a process until `call` returns.
pub(crate) fn run<T>(call: impl Future<Output = T>) -> T {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_time().start_paused(true).build().unwrap();
    runtime.block_on(call)
}

impl Plan {
    fn somebody(&self, what: &[Does]) -> bool {
        self.does.iter().any(|does| what.contains(does))
    }

    fn auth(&self, process: &Process) -> Auth {
        let unpaid = UnpaidRevocations::Keep {
            max_age: Duration::from_secs(86_400),
            max_debts: 5,
        };
        let config = AuthConfig::builder("eu-central-1_Example", "client")
            .refresh_token_rotation(self.rotates)
            .unpaid_revocations(unpaid)
            .build()
            .unwrap();
        let builder = Auth::builder(config, process.clone(), process.clone());
        builder.clock(Stopped(NOW)).build()
    }

    /// What both processes find.
    pub(crate) fn begin(&self) -> Shared {
        let shared = Arc::new(Mutex::new(Shared::new(Server::new(self.rotates))));
        let process = Process::alone(&shared);
        let tokens = lock(&shared).sign_in(process.number);
        run(async {
            let auth = self.auth(&process);
            auth.store_session(tokens, SignedInWith::Api).await.unwrap();
            if self.record == Record::Debt {
                lock(&shared).is_offline = true;
                assert!(!auth.sign_out(SignOutOptions::local()).await.is_complete());
            }
        });
        let mut shared = lock(&shared).clone();
        shared.is_offline = false;
        shared.may_sign_in = [self.does[0] == Does::SignIn, self.does[1] == Does::SignIn, false];
        shared
    }

    /// Carries out what this process does. `None` if it dies meanwhile.
    pub(crate) async fn carry_out(&self, process: &Process) {
        let auth = self.auth(process);
        match self.does[process.number] {
            Does::SignOut => self.sign_out(SignOutOptions::local(), &auth, process).await,
            Does::SignOutGlobally => self.sign_out(SignOutOptions::global(), &auth, process).await,
            Does::Refresh => self.told(process, auth.refresh().await),
            Does::SignIn => {
                let tokens = lock(&process.shared).sign_in(process.number);
                self.told(process, auth.store_session(tokens, SignedInWith::Api).await);
            }
            Does::Resume => self.told(process, auth.resume().await),
            Does::SetDevice => {
                let device = Device::new("key", "group", "password");
                self.told(process, auth.set_device("ana", Some(device)).await);
            }
        }
    }

    /// What a process does when it starts.
    pub(crate) async fn resume(&self, process: &Process) {
        self.told(process, self.auth(process).resume().await);
    }

    fn told<T: Debug>(&self, process: &Process, told: Result<T, AuthError>) {
        if !process.may_go_on(Op::Return) {
            return;
        }
        let is_right = match &told {
            Ok(_) => true,
            Err(AuthError::SignedOut) => {
                self.record == Record::Debt || self.somebody(&[Does::SignOut, Does::SignOutGlobally, Does::SignIn])
            }
            // It used the refresh token that the other process had just replaced, or that a dead one had.
            Err(AuthError::SessionExpired) => self.rotates && self.does == [Does::Refresh; 2],
            Err(_) => false,
        };
        if !is_right {
            lock(&process.shared).complain(format!("{told:?}"));
        }
    }

    async fn sign_out(&self, options: SignOutOptions, auth: &Auth, process: &Process) {
        let result = auth.sign_out(options).await;
        if !process.may_go_on(Op::Return) {
            return;
        }
        let mut shared = lock(&process.shared);
        if !result.signed_out_locally() {
            shared.complain(format!("{result:?}"));
        }
        shared.is_signed_out = true;
        if self.somebody(&[Does::SignIn]) {
            return;
        }
        if let Some(session) = shared.session() {
            shared.complain(format!("2: signed out, and session {session} is on record"));
        }
        let alive = shared.ended_and_live();
        if result.is_complete() && alive.values().any(|ended_by| *ended_by == process.number) {
            shared.complain(format!("Complete, and {alive:?} work"));
        }
    }

    /// A third process finds what the two have left behind, and goes on.
    pub(crate) async fn check_end(&self, process: &Process) {
        let auth = self.auth(process);
        let left = lock(&process.shared).clone();
        let (session, resumed) = (auth.session().await, auth.resume().await);
        let refreshed = match session {
            SessionState::SignedOut => None,
            _ => Some(auth.refresh().await),
        };
        let mut shared = lock(&process.shared);
        let unknown: Vec<_> = left.live().difference(&left.on_disk()).copied().collect();
        if !unknown.is_empty() {
            shared.complain(format!("5: nobody knows {unknown:?}"));
        }
        if resumed.is_err() {
            shared.complain(format!("{resumed:?}"));
        }
        match (left.session(), refreshed) {
            (Some(number), Some(refreshed)) => {
                if left.is_signed_out && !self.somebody(&[Does::SignIn]) {
                    shared.complain("2: a session has come back");
                }
                let has_reason = left.is_successor_lost(number) || self.somebody(&[Does::SignOutGlobally]);
                if !(refreshed.is_ok() || has_reason && !left.server.is_live(number)) {
                    shared.complain(format!("7: the session has ended: {refreshed:?}"));
                }
            }
            (None, None) => {
                let signs_out = self.somebody(&[Does::SignOut, Does::SignOutGlobally]);
                if self.record == Record::Session && !signs_out {
                    shared.complain("7: nobody has signed out");
                }
                if !shared.on_disk().is_empty() || !shared.ended_and_live().is_empty() {
                    shared.complain("5: a debt that is never settled");
                }
            }
            (left, _) => shared.complain(format!("{left:?} on record, and {session:?}")),
        }
    }
}
