use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;

use tokio::sync::Notify;
use zeroize::Zeroizing;

use super::*;
use crate::events::{Events, SignedOutReason};
use crate::lock::lock;
use crate::vault::MemoryVault;

const LIMIT: Duration = Duration::from_secs(2);

/// How a vault's next change misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Oddity {
    None,
    ReportsSuccessAndKeepsNothing,
    ReportsFailureAndKeepsIt,
    KeepsAnotherThing,
    /// Keeps it, and is locked from now on.
    Locks,
    Panics,
    KeepsItAndPanics,
    KeepsAnotherThingAndPanics,
}

/// A vault in memory that can misbehave, and can be slow: then a change waits until the test continues it.
#[derive(Debug)]
struct Odd {
    memory: MemoryVault,
    is_locked: AtomicBool,
    next: Mutex<Oddity>,
    slow: Mutex<Option<mpsc::Receiver<()>>>,
    slow_reading: Mutex<Option<mpsc::Receiver<()>>>,
    /// Notified when something slow has begun.
    begun: Notify,
}

impl Odd {
    fn open(&self) -> Result<(), VaultError> {
        match self.is_locked.load(Ordering::Relaxed) {
            true => Err(VaultError::Locked("for the test".into())),
            false => Ok(()),
        }
    }

    fn take_time(&self, slow: &Mutex<Option<mpsc::Receiver<()>>>) {
        let slow = lock(slow).take();
        if let Some(slow) = slow {
            self.begun.notify_one();
            slow.recv().unwrap();
        }
    }

    fn change(&self, key: &VaultKey, bytes: Option<&[u8]>) -> Result<(), VaultError> {
        self.take_time(&self.slow);
        self.open()?;
        let oddity = std::mem::replace(&mut *self.next.lock().unwrap(), Oddity::None);
        let put = |bytes: Option<&[u8]>| match bytes {
            Some(bytes) => self.memory.write(key, bytes),
            None => self.memory.delete(key),
        };
        match oddity {
            Oddity::None => put(bytes),
            Oddity::ReportsSuccessAndKeepsNothing => Ok(()),
            Oddity::ReportsFailureAndKeepsIt => put(bytes).and(Err(VaultError::Other("no".into()))),
            Oddity::KeepsAnotherThing => put(Some(b"another thing")),
            Oddity::Locks => {
                self.is_locked.store(true, Ordering::Relaxed);
                put(bytes)
            }
            Oddity::Panics => panic!("the vault's own"),
            Oddity::KeepsItAndPanics => panic!("the vault's own, after {:?}", put(bytes)),
            Oddity::KeepsAnotherThingAndPanics => panic!("the vault's own, after {:?}", put(Some(b"another thing"))),
        }
    }
}

impl Vault for Odd {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        self.take_time(&self.slow_reading);
        self.open()?;
        self.memory.read(key)
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        self.change(key, Some(record))
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        self.change(key, None)
    }
}

#[derive(Debug)]
struct Alone(Turn);

impl HasTurn for Alone {
    fn turn(&self) -> &Turn {
        &self.0
    }
}

struct Scene {
    vault: Arc<Odd>,
    store: Arc<RecordStore>,
    events: Events,
}

const OLD: u64 = 1;
const NEW: u64 = 2;

impl Scene {
    /// A store whose record has the generation `OLD`.
    async fn new() -> Self {
        let vault = Arc::new(Odd {
            memory: MemoryVault::default(),
            is_locked: AtomicBool::new(false),
            next: Mutex::new(Oddity::None),
            slow: Mutex::default(),
            slow_reading: Mutex::default(),
            begun: Notify::new(),
        });
        let key = VaultKey {
            user_pool_id: "pool".into(),
            client_id: "client".into(),
        };
        let common = Arc::new(Alone(Turn::default()));
        let events = common.0.events.subscribe();
        let store = RecordStore::new(Arc::clone(&vault) as Arc<dyn Vault>, key, common);
        let store = Arc::new(store);
        let mut scene = Self { vault, store, events };
        scene.write(OLD, Late::Undo).await.unwrap();
        assert_eq!(scene.events.try_next(), Some(AuthEvent::SignedIn));
        scene
    }

    async fn odd(oddity: Oddity) -> Self {
        let scene = Self::new().await;
        *scene.vault.next.lock().unwrap() = oddity;
        scene
    }

    /// The vault's next change waits until the sender is used.
    async fn slow() -> (Self, mpsc::Sender<()>) {
        let scene = Self::new().await;
        let (go, slow) = mpsc::channel();
        *scene.vault.slow.lock().unwrap() = Some(slow);
        (scene, go)
    }

    fn write(&self, generation: u64, late: Late) -> impl Future<Output = Result<u64, VaultError>> + use<> {
        let store = Arc::clone(&self.store);
        async move {
            let change = move |record: &mut Record| {
                record.devices = some_device();
                (
                    std::mem::replace(&mut record.generation, generation),
                    [AuthEvent::SignedIn],
                )
            };
            store.update(LIMIT, late, change).await
        }
    }

    async fn delete(&self) -> Result<(), VaultError> {
        let change = |record: &mut Record| {
            record.devices.clear();
            (
                (),
                [AuthEvent::SignedOut {
                    reason: SignedOutReason::Local,
                    app_reason: None,
                }],
            )
        };
        self.store.update(LIMIT, Late::Undo, change).await
    }

    /// Starts a change and waits until the vault has begun it.
    async fn begin(&self, generation: u64, late: Late) -> Call {
        let call = tokio::spawn(self.write(generation, late));
        self.vault.begun.notified().await;
        call
    }

    /// What is on record once every running change has ended.
    async fn generation(&self) -> Option<u64> {
        let record = self.store.read(LIMIT).await.unwrap();
        record.map(|record| record.generation)
    }
}

fn some_device() -> std::collections::BTreeMap<String, crate::record::StoredDevice> {
    let device = crate::session::Device::new("key", "group", "password");
    [("ana".to_owned(), device.into())].into()
}

type Call = tokio::task::JoinHandle<Result<u64, VaultError>>;

/// Lets `call` time out. The paused clock does not move by itself while a thread of the vault hangs.
async fn times_out(call: Call) {
    while !call.is_finished() {
        tokio::time::advance(LIMIT / 4).await;
        tokio::task::yield_now().await;
    }
    assert_eq!(call.await.unwrap(), Err(VaultError::TimedOut));
}

#[tokio::test(start_paused = true)]
async fn a_change_is_kept_and_sends_its_events_once() {
    let mut scene = Scene::new().await;
    assert_eq!(scene.write(NEW, Late::Undo).await, Ok(OLD));
    assert_eq!(scene.generation().await, Some(NEW));
    assert_eq!(scene.events.try_next(), Some(AuthEvent::SignedIn));
    assert_eq!(scene.events.try_next(), None);

    scene.delete().await.unwrap();
    assert_eq!(scene.generation().await, None);
}

#[tokio::test(start_paused = true)]
async fn a_late_change_is_undone_and_sends_no_event() {
    let (mut scene, go) = Scene::slow().await;
    times_out(scene.begin(NEW, Late::Undo).await).await;
    go.send(()).unwrap();
    assert_eq!(scene.generation().await, Some(OLD));
    assert_eq!(scene.events.try_next(), None);
}

#[tokio::test(start_paused = true)]
async fn a_late_change_that_is_to_be_kept_is_kept_and_sends_its_events() {
    let (mut scene, go) = Scene::slow().await;
    times_out(scene.begin(NEW, Late::Keep).await).await;
    go.send(()).unwrap();
    assert_eq!(scene.generation().await, Some(NEW));
    assert_eq!(scene.events.try_next(), Some(AuthEvent::SignedIn));
}

#[tokio::test(start_paused = true)]
async fn a_caller_whose_turn_never_comes_times_out_and_changes_nothing() {
    let (mut scene, go) = Scene::slow().await;
    let first = scene.begin(NEW, Late::Keep).await;
    let second = tokio::spawn(scene.write(3, Late::Keep));
    times_out(first).await;
    times_out(second).await;
    go.send(()).unwrap();
    assert_eq!(scene.generation().await, Some(NEW));
    assert_eq!(scene.events.try_next(), Some(AuthEvent::SignedIn));
    assert_eq!(scene.events.try_next(), None);
}

#[tokio::test(start_paused = true)]
async fn callers_take_turns_and_each_sees_what_the_one_before_wrote() {
    let (scene, go) = Scene::slow().await;
    let first = scene.begin(NEW, Late::Undo).await;
    let second = tokio::spawn(scene.write(3, Late::Undo));
    tokio::task::yield_now().await;
    go.send(()).unwrap();
    assert_eq!(first.await.unwrap(), Ok(OLD));
    assert_eq!(second.await.unwrap(), Ok(NEW));
    assert_eq!(scene.generation().await, Some(3));
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_reports_success_and_keeps_nothing_is_noticed() {
    let mut scene = Scene::odd(Oddity::ReportsSuccessAndKeepsNothing).await;
    let answer = scene.write(NEW, Late::Undo).await;
    assert_eq!(
        answer,
        Err(VaultError::Other("it did not keep what was written".into()))
    );
    assert_eq!(scene.generation().await, Some(OLD));

    let mut odd = Scene::odd(Oddity::ReportsSuccessAndKeepsNothing).await;
    assert_eq!(odd.delete().await, Err(still_there()));
    assert_eq!(odd.generation().await, Some(OLD));
    assert_eq!((scene.events.try_next(), odd.events.try_next()), (None, None));
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_reports_failure_but_has_kept_the_change_counts_as_success() {
    let mut scene = Scene::odd(Oddity::ReportsFailureAndKeepsIt).await;
    assert_eq!(scene.write(NEW, Late::Undo).await, Ok(OLD));
    assert_eq!(scene.generation().await, Some(NEW));
    assert_eq!(scene.events.try_next(), Some(AuthEvent::SignedIn));
}

#[tokio::test(start_paused = true)]
async fn a_record_that_is_neither_old_nor_new_is_replaced_by_the_old_one() {
    let mut scene = Scene::odd(Oddity::KeepsAnotherThing).await;
    assert!(scene.write(NEW, Late::Undo).await.is_err());
    assert_eq!(scene.generation().await, Some(OLD));
    assert_eq!(scene.events.try_next(), None);
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_is_locked_before_the_change_can_be_read_back_has_made_it() {
    let mut scene = Scene::odd(Oddity::Locks).await;
    assert_eq!(scene.write(NEW, Late::Undo).await, Ok(OLD));
    assert_eq!(scene.events.try_next(), Some(AuthEvent::SignedIn));
    scene.vault.is_locked.store(false, Ordering::Relaxed);
    assert_eq!(scene.generation().await, Some(NEW));
}

#[tokio::test(start_paused = true)]
async fn a_change_whose_caller_was_dropped_is_undone_and_sends_no_event() {
    let (mut scene, go) = Scene::slow().await;
    let call = scene.begin(NEW, Late::Undo).await;
    call.abort();
    call.await.unwrap_err();
    go.send(()).unwrap();
    assert_eq!(scene.generation().await, Some(OLD));
    assert_eq!(scene.events.try_next(), None);
}

#[tokio::test(start_paused = true)]
async fn a_change_that_is_to_be_kept_is_made_although_its_caller_was_dropped() {
    let mut scene = Scene::new().await;
    let (go, slow) = mpsc::channel();
    *scene.vault.slow_reading.lock().unwrap() = Some(slow);
    // As for a rotated refresh token, which nobody else has.
    let call = scene.begin(NEW, Late::Keep).await;
    call.abort();
    call.await.unwrap_err();
    go.send(()).unwrap();
    assert_eq!(scene.generation().await, Some(NEW));
    assert_eq!(scene.events.try_next(), Some(AuthEvent::SignedIn));
}

#[tokio::test(start_paused = true)]
async fn a_panic_of_the_vault_fails_this_call_and_not_the_next() {
    let mut scene = Scene::odd(Oddity::Panics).await;
    let answer = scene.write(NEW, Late::Undo).await;
    assert_eq!(answer, Err(VaultError::Other("the vault panicked".into())));
    assert_eq!(scene.generation().await, Some(OLD));
    assert_eq!(scene.events.try_next(), None);
    assert_eq!(scene.write(NEW, Late::Undo).await, Ok(OLD));
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_panics_after_it_has_kept_the_change_has_made_it() {
    let mut scene = Scene::odd(Oddity::KeepsItAndPanics).await;
    assert_eq!(scene.write(NEW, Late::Undo).await, Ok(OLD));
    assert_eq!(scene.generation().await, Some(NEW));
    assert_eq!(scene.events.try_next(), Some(AuthEvent::SignedIn));
}

#[tokio::test(start_paused = true)]
async fn a_vault_that_panics_half_way_gets_the_old_record_back() {
    let mut scene = Scene::odd(Oddity::KeepsAnotherThingAndPanics).await;
    assert_eq!(scene.write(NEW, Late::Undo).await, Err(panicked()));
    assert_eq!(scene.generation().await, Some(OLD));
    assert_eq!(scene.events.try_next(), None);
}

#[tokio::test(start_paused = true)]
async fn purging_reads_back_that_nothing_is_left() {
    let scene = Scene::odd(Oddity::ReportsSuccessAndKeepsNothing).await;
    assert_eq!(scene.store.purge(LIMIT).await, Err(still_there()));
    assert_eq!(scene.store.purge(LIMIT).await, Ok(()));
    assert_eq!(scene.generation().await, None);
}
