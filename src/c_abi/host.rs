//! The host's side of one handle: its callback, and what it holds by number.
#![allow(unsafe_code, reason = "the host's callback is a pointer")]

use std::cell::Cell;
use std::collections::HashMap;
use std::ffi::c_char;
use std::ptr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use tokio::runtime::Handle;

use super::kept;
use super::questions::Question;
use super::text::Message;
use super::types::{Kind, Status};
use crate::CancellationToken;
use crate::ffi::Subscription;
use crate::json::Wiped;
use crate::lock::lock;

thread_local! {
    /// The handle whose callback is running on this thread; 0 is none.
    static CALLING: Cell<usize> = const { Cell::new(0) };
}

/// The host's function, as in [`Callback`](super::Callback).
pub(super) type Function = unsafe extern "C" fn(context: u64, kind: Kind, id: u64, json: *mut c_char);

pub(super) struct Host {
    /// The number of the handle.
    pub(super) handle: usize,
    callback: Function,
    context: u64,
    /// Whoever holds it may call the host. So the host is called once at a time.
    turn: Mutex<()>,
    /// Cancelled when the handle is freed.
    pub(super) freed: CancellationToken,
    pub(super) runtime: Handle,
    next: AtomicU64,
    pub(super) questions: Mutex<HashMap<u64, Asked>>,
    /// The calls that are not answered yet, by the host's numbers.
    pub(super) calls: Mutex<HashMap<u64, CancellationToken>>,
    pub(super) subscriptions: Mutex<HashMap<u64, Arc<Subscription>>>,
}

/// A question that is open.
pub(super) struct Asked {
    pub(super) question: Question,
    /// The host has been told of it. If not, it need not be told that the question is taken back.
    told: bool,
}

impl Host {
    pub(super) fn new(handle: usize, callback: Function, context: u64, runtime: &Handle) -> Arc<Self> {
        Arc::new(Self {
            handle,
            callback,
            context,
            turn: Mutex::default(),
            freed: CancellationToken::new(),
            runtime: runtime.clone(),
            next: AtomicU64::new(1),
            questions: Mutex::default(),
            calls: Mutex::default(),
            subscriptions: Mutex::default(),
        })
    }

    fn next_number(&self) -> u64 {
        self.next.fetch_add(1, Ordering::Relaxed)
    }

    /// Tells the host something, and waits for its turn: only for threads that may block. No message is a null.
    pub(super) fn tell(&self, kind: Kind, id: u64, message: Option<Wiped>) {
        let message = message.map(Message::new);
        let turn = lock(&self.turn);
        self.call(&turn, kind, id, message.flatten());
    }

    /// Asks the host, as [`tell`](Self::tell) does. Returns the question's number.
    pub(super) fn ask(&self, question: Question, message: Wiped) -> u64 {
        let (kind, id) = (question.kind(), self.next_number());
        if self.freed.is_cancelled() {
            // Nobody will answer it. And this may be the callback's thread, which has the turn.
            return id;
        }
        let asked = Asked { question, told: false };
        lock(&self.questions).insert(id, asked);
        self.ask_in_turn(kind, id, message);
        id
    }

    fn ask_in_turn(&self, kind: Kind, id: u64, message: Wiped) {
        let message = Message::new(message);
        let turn = lock(&self.turn);
        match lock(&self.questions).get_mut(&id) {
            Some(asked) => asked.told = true,
            // It was taken back before it was this question's turn.
            None => return,
        }
        if !self.call(&turn, kind, id, message) {
            // Nobody will answer it.
            let asked = lock(&self.questions).remove(&id);
            drop(asked);
        }
    }

    pub(super) fn is_open(&self, question: u64) -> bool {
        lock(&self.questions).contains_key(&question)
    }

    /// The host's answer to a question.
    pub(super) fn answer(&self, question: u64, mut answer: Wiped) -> Status {
        let mut questions = lock(&self.questions);
        let Some(asked) = questions.get(&question) else {
            return Status::UnknownQuestion;
        };
        let Ok(answer) = asked.question.read(answer.0.take()) else {
            return Status::BadAnswer;
        };
        let asked = questions.remove(&question);
        drop(questions);
        match asked.is_some_and(|asked| asked.question.answer(answer)) {
            true => Status::Ok,
            false => Status::UnknownQuestion,
        }
    }

    /// Takes a question back, if it is still open.
    pub(super) fn take_back(&self, id: u64) {
        let turn = lock(&self.turn);
        let asked = lock(&self.questions).remove(&id);
        if let Some(Asked { question, told: true }) = asked {
            self.call(&turn, question.kind(), id, None);
        }
    }

    /// False if the handle is freed.
    fn call(&self, _turn: &MutexGuard<'_, ()>, kind: Kind, id: u64, message: Option<Message>) -> bool {
        if self.freed.is_cancelled() {
            return false;
        }
        let json = message.map_or(ptr::null_mut(), Message::into_raw);
        let around = CALLING.replace(self.handle);
        // SAFETY: the host promises that its callback can be called with these until the handle is freed. `free` waits for the
        // turn that we have, or runs inside this call.
        unsafe { (self.callback)(self.context, kind, id, json) };
        CALLING.set(around);
        true
    }

    /// After this, the callback is not called again. It waits for a call that is running on another thread.
    pub(super) fn free(&self) {
        self.freed.cancel();
        if CALLING.get() != self.handle {
            drop(lock(&self.turn));
        }
        // Whoever waits for these ends at once. They are dropped without a lock: dropping them runs code of the facade.
        let questions = std::mem::take(&mut *lock(&self.questions));
        let subscriptions = std::mem::take(&mut *lock(&self.subscriptions));
        drop((questions, subscriptions));
        kept::release_all(self.handle);
    }
}
