//! One process, and everything that can happen to each of its uses of the vault (one for each read, one for each change) and of
//! the network (one for each request). [`Choices`](crate::choices::Choices) decides what happens, so that a test can go
//! through every combination. Time is Tokio's paused clock.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cognito_signout::transport::{Exchange, HttpRequest, HttpTransport, TransportError};
use cognito_signout::vault::{Vault, VaultError, VaultGuard, VaultKey};
use tokio::sync::Notify;

use crate::server::error;
use crate::world::{World, lock};

/// What can happen to one use of the vault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum VaultFault {
    None,
    /// It reports failure, and nothing has changed.
    Refuse,
    /// It reports success, and has kept nothing.
    Lie,
    /// It reports failure, and has kept the change.
    RefuseAfter,
    /// It never returns, and nothing changes.
    Hang,
    /// It makes the change and returns long after the caller has stopped waiting.
    Late,
    DieBefore,
    DieAfter,
}

/// What can happen to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NetFault {
    None,
    Refuse,
    /// `GlobalSignOut` says that the access token has expired.
    Expired,
    /// No response, and no effect. The next attempt gets a response.
    Hang,
    /// No response to this operation for the rest of this process.
    Silent,
    /// The effect, but no response. The next attempt gets a response.
    Lost,
    DieBefore,
    DieAfter,
}

const READ_FAULTS: &[VaultFault] = &[
    VaultFault::None,
    VaultFault::Refuse,
    VaultFault::Hang,
    VaultFault::DieBefore,
];
const WRITE_FAULTS: &[VaultFault] = &[
    VaultFault::None,
    VaultFault::Refuse,
    VaultFault::Lie,
    VaultFault::RefuseAfter,
    VaultFault::Hang,
    VaultFault::Late,
    VaultFault::DieBefore,
    VaultFault::DieAfter,
];
const NET_FAULTS: &[NetFault] = &[
    NetFault::None,
    NetFault::Refuse,
    NetFault::Hang,
    NetFault::Silent,
    NetFault::Lost,
    NetFault::DieBefore,
    NetFault::DieAfter,
];
const GLOBAL_FAULTS: &[NetFault] = &[
    NetFault::None,
    NetFault::Refuse,
    NetFault::Expired,
    NetFault::Hang,
    NetFault::Silent,
    NetFault::Lost,
    NetFault::DieBefore,
    NetFault::DieAfter,
];

/// One process in the world. Clones are the same process.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    pub(crate) world: World,
    state: Arc<(Mutex<LifeState>, Condvar)>,
    pub(crate) died: Arc<Notify>,
    pub(crate) hung: Arc<Notify>,
    /// Notified when the server has answered a refresh, whose response waits at the gate.
    pub(crate) at_the_gate: Arc<Notify>,
    gate: Arc<Notify>,
}

#[derive(Debug, Default)]
struct LifeState {
    /// How many more faults may be chosen.
    faults_left: usize,
    /// How often vault and network have been used.
    uses: usize,
    dead: bool,
    /// Set at the end: hanging calls go on.
    released: bool,
    /// How many threads hang.
    blocked: usize,
    holds_lock: bool,
    fault_of_change: Option<VaultFault>,
    /// The operation that the server does not answer any more.
    silent: Option<String>,
    /// Whether the next response to a refresh is held back.
    gate_is_closed: bool,
    /// How many more uses of vault and network before it is let through.
    gate_opens_in: Option<usize>,
    /// How many more uses before this is done.
    to_do_in: Option<(usize, ToDo)>,
    pub(crate) happened: BTreeSet<String>,
}

/// What a test does before a use of its choice.
struct ToDo(Box<dyn FnOnce() + Send>);

impl std::fmt::Debug for ToDo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ToDo")
    }
}

impl Life {
    pub(crate) fn new(world: &World, faults: usize) -> Self {
        let state = LifeState {
            faults_left: faults,
            ..LifeState::default()
        };
        Self {
            world: world.clone(),
            state: Arc::new((Mutex::new(state), Condvar::new())),
            died: Arc::default(),
            hung: Arc::default(),
            at_the_gate: Arc::default(),
            gate: Arc::default(),
        }
    }

    pub(crate) fn is_dead(&self) -> bool {
        self.state().dead
    }

    /// The faults that happened in this process, for a failing test to show.
    pub(crate) fn happened(&self) -> String {
        format!("{:?}", self.state().happened)
    }

    /// From now on, this many faults may happen.
    pub(crate) fn allow_faults(&self, faults: usize) {
        self.state().faults_left = faults;
    }

    /// Lets hanging calls go on: late writes are written, and threads end.
    pub(crate) fn release(&self) {
        self.state().released = true;
        self.state.1.notify_all();
    }

    /// Whether a thread hangs. Then Tokio's paused clock does not advance by itself.
    pub(crate) fn hangs(&self) -> bool {
        let state = self.state();
        state.blocked > 0 && !state.released
    }

    fn state(&self) -> MutexGuard<'_, LifeState> {
        lock(&self.state.0)
    }

    /// Holds back the next response to a refresh.
    pub(crate) fn close_gate(&self) {
        self.state().gate_is_closed = true;
    }

    /// Lets it through just before the `uses`-th use of vault or network from now.
    pub(crate) fn open_gate_in(&self, uses: usize) {
        self.state().gate_opens_in = Some(uses);
    }

    /// Lets it through now. True if it had been let through before.
    pub(crate) fn open_gate(&self) -> bool {
        self.gate.notify_one();
        self.state().gate_opens_in.take().is_none()
    }

    /// How often vault and network have been used.
    pub(crate) fn uses(&self) -> usize {
        self.state().uses
    }

    /// Does this just before the `uses`-th use of vault, network or browser from now, on its thread.
    pub(crate) fn do_in(&self, uses: usize, what: impl FnOnce() + Send + 'static) {
        self.state().to_do_in = Some((uses, ToDo(Box::new(what))));
    }

    /// Whether that was done.
    pub(crate) fn has_done_it(&self) -> bool {
        self.state().to_do_in.is_none()
    }

    fn count_use(&self) {
        let mut state = self.state();
        state.uses += 1;
        match state.to_do_in.take() {
            Some((0, ToDo(what))) => {
                drop(state);
                what();
                state = self.state();
            }
            Some((uses, what)) => state.to_do_in = Some((uses - 1, what)),
            None => {}
        }
        if let Some(uses) = &mut state.gate_opens_in {
            if *uses == 0 {
                state.gate_opens_in = None;
                self.gate.notify_one();
            } else {
                *uses -= 1;
            }
        }
    }

    pub(crate) fn choose<F: Copy + PartialEq + std::fmt::Debug>(&self, place: &str, faults: &[F]) -> F {
        self.count_use();
        let budget = self.state().faults_left;
        if budget == 0 {
            return faults[0];
        }
        let fault = faults[self.world.choose(faults.len())];
        if fault != faults[0] {
            let mut state = self.state();
            state.faults_left -= 1;
            state.happened.insert(format!("{place}: {fault:?}"));
        }
        fault
    }

    pub(crate) fn die(&self) {
        self.state().dead = true;
        self.died.notify_one();
    }

    /// Blocks this thread until the test is done with this process.
    fn block(&self) {
        let mut state = self.state();
        state.blocked += 1;
        self.hung.notify_one();
        while !state.released {
            state = self.state.1.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.blocked -= 1;
    }

    /// A dead process gets no answer, and must not touch the disk.
    fn dead_end<T>(&self) -> Result<T, VaultError> {
        self.block();
        Err(VaultError::Other("this process is dead".into()))
    }

    /// Changes the disk, with the fault that was chosen for this change.
    fn change(&self, bytes: Option<&[u8]>) -> Result<(), VaultError> {
        if self.is_dead() {
            return self.dead_end();
        }
        let put = || *lock(&self.world.disk) = bytes.map(<[u8]>::to_vec);
        // The fault happens at the change's first write. What the library then does about it succeeds.
        let fault = self.state().fault_of_change.take().unwrap_or(VaultFault::None);
        match fault {
            VaultFault::None => put(),
            VaultFault::Lie => {}
            VaultFault::Refuse => return Err(VaultError::Locked("refused".into())),
            VaultFault::RefuseAfter => {
                put();
                return Err(VaultError::Other("refused, it says".into()));
            }
            VaultFault::Hang => {
                self.block();
                return Err(VaultError::Other("hung".into()));
            }
            VaultFault::Late => {
                self.block();
                put();
            }
            VaultFault::DieBefore => {
                self.die();
                return self.dead_end();
            }
            VaultFault::DieAfter => {
                put();
                self.die();
                return self.dead_end();
            }
        }
        Ok(())
    }
}

impl Vault for Life {
    fn read(&self, _key: &VaultKey) -> Result<Option<zeroize::Zeroizing<Vec<u8>>>, VaultError> {
        if self.is_dead() {
            return self.dead_end();
        }
        let alone = !self.state().holds_lock;
        if alone {
            match self.choose("read", READ_FAULTS) {
                VaultFault::Refuse => return Err(VaultError::Locked("refused".into())),
                VaultFault::Hang => {
                    self.block();
                    return Err(VaultError::Other("hung".into()));
                }
                VaultFault::DieBefore => {
                    self.die();
                    return self.dead_end();
                }
                _ => {}
            }
        }
        Ok(self.world.disk().map(Into::into))
    }

    fn write(&self, _key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.change(Some(record))
    }

    fn delete(&self, _key: &VaultKey) -> Result<(), VaultError> {
        self.change(None)
    }

    fn lock(&self, _key: &VaultKey, _patience: Duration) -> Result<VaultGuard, VaultError> {
        struct Held(Life);
        impl Drop for Held {
            fn drop(&mut self) {
                let mut state = self.0.state();
                state.holds_lock = false;
                state.fault_of_change = None;
            }
        }
        if self.is_dead() {
            return self.dead_end();
        }
        let last_asked = self.world.server().asked.last().cloned().unwrap_or_default();
        let fault = self.choose(&format!("change after {last_asked}"), WRITE_FAULTS);
        let mut state = self.state();
        state.holds_lock = true;
        state.fault_of_change = Some(fault);
        drop(state);
        Ok(VaultGuard::new(Held(self.clone())))
    }
}

impl HttpTransport for Life {
    fn send(&self, request: HttpRequest) -> Exchange {
        let life = self.clone();
        Box::pin(async move {
            let target = request
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case("x-amz-target"));
            let operation = target
                .map(|(_, value)| value.rsplit('.').next().unwrap_or(value).to_owned())
                .unwrap();
            assert!(!request.url.as_str().contains("SECRET"), "a token in the URL");
            if life.is_dead() {
                std::future::pending::<()>().await;
            }
            if life.world.server().is_offline {
                return Err(TransportError::Connect("offline".into()));
            }
            let faults = if operation == "GlobalSignOut" {
                GLOBAL_FAULTS
            } else {
                NET_FAULTS
            };
            let is_refresh = operation != "RevokeToken" && operation != "GlobalSignOut";
            let place = if is_refresh { "Refresh" } else { &operation };
            if life.state().silent.as_deref() == Some(place) {
                std::future::pending::<()>().await;
            }
            let fault = life.choose(place, faults);
            let body = String::from_utf8_lossy(&request.body).into_owned();
            life.world.server().arrived(place, &body);
            let answer = match fault {
                NetFault::Refuse => error("InvalidParameterException", "refused"),
                NetFault::Expired => error("NotAuthorizedException", "Access Token has expired"),
                NetFault::Hang => std::future::pending().await,
                NetFault::Silent => {
                    life.state().silent = Some(place.to_owned());
                    std::future::pending().await
                }
                NetFault::DieBefore => {
                    life.die();
                    std::future::pending().await
                }
                NetFault::None | NetFault::Lost | NetFault::DieAfter => {
                    let answer = life.world.server().answer(&operation, &body);
                    if is_refresh && std::mem::take(&mut life.state().gate_is_closed) {
                        life.at_the_gate.notify_one();
                        life.gate.notified().await;
                    }
                    match fault {
                        NetFault::DieAfter => {
                            life.die();
                            std::future::pending().await
                        }
                        NetFault::Lost => std::future::pending().await,
                        _ => answer,
                    }
                }
            };
            Ok(answer)
        })
    }
}
