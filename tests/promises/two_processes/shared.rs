//! What two processes share: the record, its lock and the server. Each change is checked when it is made.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};

use cognito_signout::Tokens;
use cognito_signout::transport::HttpResponse;

use super::process::hash;
use super::server::{Number, Server, refresh_tokens_in};

#[derive(Debug, Clone)]
pub(crate) struct Shared {
    pub(crate) disk: Option<String>,
    pub(crate) server: Server,
    pub(crate) is_offline: bool,
    /// A call has returned that the user is signed out.
    pub(crate) is_signed_out: bool,
    locked_by: Option<usize>,
    /// Whether the process with this number stores a session.
    pub(crate) may_sign_in: [bool; 3],
    /// The refresh tokens that have ever been on record.
    recorded: BTreeSet<Number>,
    /// Those that were when a session ended, and which process had ended it.
    ended: BTreeMap<Number, usize>,
    /// Those that a response has given to a process, and that have not been on record.
    pub(crate) told: BTreeMap<Number, usize>,
    /// Those that died with the process that alone had them.
    lost: BTreeSet<Number>,
    /// What a check found, outside the threads where a panic is caught.
    pub(crate) complaints: Vec<String>,
}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (
            &self.disk,
            &self.server,
            self.is_signed_out,
            self.locked_by,
            self.may_sign_in,
            &self.recorded,
            &self.ended,
            &self.told,
            &self.lost,
        )
            .hash(hasher);
    }
}

impl Shared {
    pub(crate) fn new(server: Server) -> Self {
        Self {
            disk: None,
            server,
            is_offline: false,
            is_signed_out: false,
            locked_by: None,
            may_sign_in: [true; 3],
            recorded: BTreeSet::new(),
            ended: BTreeMap::new(),
            told: BTreeMap::new(),
            lost: BTreeSet::new(),
            complaints: Vec::new(),
        }
    }

    pub(crate) fn complain(&mut self, what: impl Into<String>) {
        self.complaints.push(what.into());
    }

    pub(crate) fn is_locked(&self) -> bool {
        self.locked_by.is_some()
    }

    pub(crate) fn is_locked_by(&self, process: usize) -> bool {
        self.locked_by == Some(process)
    }

    pub(crate) fn lock(&mut self, process: usize) {
        self.locked_by = Some(process);
    }

    pub(crate) fn unlock(&mut self, process: usize) {
        self.locked_by.take_if(|holder| *holder == process);
    }

    /// What a process leaves behind that can matter to others.
    pub(crate) fn effects(&self) -> u64 {
        hash((&self.disk, &self.server))
    }

    /// The refresh token of the session on record.
    pub(crate) fn session(&self) -> Option<Number> {
        let record: serde_json::Value = serde_json::from_str(self.disk.as_deref()?).unwrap();
        let token = &record["session"]["tokens"]["refresh_token"];
        Some(token.as_str()?.strip_prefix("SECRETrefresh")?.parse().unwrap())
    }

    fn sign_in_on_record(&self) -> Option<Number> {
        self.session().map(|number| self.server.sign_in_of(number))
    }

    pub(crate) fn write(&mut self, process: usize, record: Option<String>) {
        if !self.is_locked_by(process) {
            self.complain("a process writes, and does not hold the lock");
        }
        let before = self.sign_in_on_record();
        self.disk = record;
        let (now, on_disk) = (self.sign_in_on_record(), self.on_disk());
        self.told.retain(|number, _| !on_disk.contains(number));
        if now != before {
            let recorded = before.iter().flat_map(|_| &self.recorded);
            self.ended.extend(recorded.map(|number| (*number, process)));
            if now.is_some() && !self.may_sign_in[process] {
                self.complain("2: a session has come back");
            }
        }
        self.recorded.extend(on_disk);
        self.check();
    }

    /// The user signs in, in this process.
    pub(crate) fn sign_in(&mut self, process: usize) -> Tokens {
        let tokens = self.server.sign_in();
        self.told.extend(self.server.live().max().map(|new| (new, process)));
        tokens
    }

    pub(crate) fn answer(&mut self, process: usize, operation: &str, body: &str) -> HttpResponse {
        let known: BTreeSet<_> = self.server.live().collect();
        let response = self.server.answer(operation, body);
        let new = self.server.live().filter(|number| !known.contains(number));
        self.told
            .extend(new.map(|number| (number, process)).collect::<Vec<_>>());
        self.check();
        response
    }

    /// The process dies. Nobody else can know what it alone was told.
    pub(crate) fn died(&mut self, process: usize) {
        let lost = self.told.extract_if(.., |_, told| *told == process);
        self.lost.extend(lost.map(|(number, _)| number));
        self.may_sign_in[process] = false;
    }

    pub(crate) fn on_disk(&self) -> BTreeSet<Number> {
        refresh_tokens_in(self.disk.as_deref().unwrap_or_default()).collect()
    }

    /// The refresh tokens that work, and that nobody has lost.
    pub(crate) fn live(&self) -> BTreeSet<Number> {
        self.server
            .live()
            .filter(|number| !self.lost.contains(number))
            .collect()
    }

    /// Whether the session on record can no longer be refreshed because a process died before it had written the new tokens.
    pub(crate) fn is_successor_lost(&self, session: Number) -> bool {
        let sign_in = self.server.sign_in_of(session);
        self.lost.iter().any(|lost| self.server.sign_in_of(*lost) == sign_in)
    }

    /// The tokens of sessions that have ended, and that still work; and which process has ended them.
    pub(crate) fn ended_and_live(&self) -> BTreeMap<Number, usize> {
        let mut ended = self.ended.clone();
        let live = self.live();
        ended.retain(|number, _| live.contains(number));
        ended
    }

    fn check(&mut self) {
        let on_disk = self.on_disk();
        let forgotten = |number: &Number| self.recorded.contains(number) && !on_disk.contains(number);
        if self.live().iter().any(forgotten) {
            self.complain("5: a live token was on record, and is forgotten");
        }
    }
}
