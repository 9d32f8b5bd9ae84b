//! Stands between a client and the private D-Bus of a test: passes on every message, notes the client's calls, and makes trouble at the
//! call that the test names.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread;

/// A call of the client. Calls are counted from 1, over all of its connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// The service has not received the call yet.
    Before(usize),
    /// The service has carried the call out, and the client has not received the response yet.
    After(usize),
}

/// What becomes of the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Connection {
    GoesOn,
    /// The client can connect again.
    Breaks,
    /// The client cannot connect again.
    IsGone,
}

pub(crate) struct BusBetween {
    socket: PathBuf,
    state: Arc<Mutex<State>>,
    _directory: tempfile::TempDir,
}

#[derive(Default)]
struct State {
    calls: Vec<String>,
    trouble: Option<(Moment, Box<dyn FnOnce() -> Connection + Send>)>,
    is_gone: bool,
}

impl State {
    /// What becomes of the connection at this moment.
    fn at(&mut self, moment: Moment) -> Connection {
        match self.trouble.take_if(|(when, _)| *when == moment) {
            None => Connection::GoesOn,
            Some((_, make)) => {
                let connection = make();
                self.is_gone = connection == Connection::IsGone;
                connection
            }
        }
    }
}

impl BusBetween {
    /// Passes on everything.
    pub(crate) fn start() -> Self {
        Self::with(State::default())
    }

    /// Makes this trouble, once.
    pub(crate) fn with_trouble(at: Moment, make: impl FnOnce() -> Connection + Send + 'static) -> Self {
        Self::with(State {
            trouble: Some((at, Box::new(make))),
            ..State::default()
        })
    }

    fn with(state: State) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("bus");
        let listener = UnixListener::bind(&socket).unwrap();
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for client in listener.incoming() {
                let is_gone = lock(&shared).is_gone;
                if is_gone {
                    return;
                }
                pass_on(client.unwrap(), &shared);
            }
        });
        Self {
            socket,
            state,
            _directory: directory,
        }
    }

    /// For `DBUS_SESSION_BUS_ADDRESS`.
    pub(crate) fn address(&self) -> String {
        format!("unix:path={}", self.socket.display())
    }

    /// The members that the client has called, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        lock(&self.state).calls.clone()
    }

    /// Whether the client came as far as the call with the trouble.
    pub(crate) fn has_made_trouble(&self) -> bool {
        lock(&self.state).trouble.is_none()
    }
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap()
}

/// The bus of the session: `unix:path=/tmp/x,guid=…`.
fn real_bus() -> UnixStream {
    let address = std::env::var("DBUS_SESSION_BUS_ADDRESS").unwrap();
    let path = address.split([':', ',']).find_map(|part| part.strip_prefix("path="));
    UnixStream::connect(path.unwrap()).unwrap()
}

/// Passes on both directions of one connection, each in a thread of its own.
fn pass_on(client: UnixStream, state: &Arc<Mutex<State>>) {
    let bus = real_bus();
    let both = || (client.try_clone().unwrap(), bus.try_clone().unwrap());
    let hang_up = |(client, bus): (UnixStream, UnixStream)| {
        let _ = client.shutdown(Shutdown::Both);
        let _ = bus.shutdown(Shutdown::Both);
    };
    let (from, to, ends, shared) = (
        client.try_clone().unwrap(),
        bus.try_clone().unwrap(),
        both(),
        Arc::clone(state),
    );
    thread::spawn(move || {
        let _ = calls(from, to, &shared);
        hang_up(ends);
    });
    let (ends, shared) = (both(), Arc::clone(state));
    thread::spawn(move || {
        let _ = responses(bus, client, &shared);
        hang_up(ends);
    });
}

/// From the client to the bus, until the connection breaks.
fn calls(client: UnixStream, mut bus: UnixStream, state: &Mutex<State>) -> Result<()> {
    let mut client = BufReader::new(client);
    let mut line = Vec::new();
    while !line.ends_with(b"BEGIN\r\n") {
        line.clear();
        if client.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        bus.write_all(&line)?;
    }
    loop {
        let message = message(&mut client)?;
        let mut now = lock(state);
        if message[TYPE] == METHOD_CALL {
            now.calls.push(member(&message));
            let moment = Moment::Before(now.calls.len());
            if now.at(moment) != Connection::GoesOn {
                return Ok(());
            }
        }
        drop(now);
        bus.write_all(&message)?;
    }
}

/// From the bus to the client. The client makes one call at a time, so the next response is that of the latest call.
fn responses(bus: UnixStream, mut client: UnixStream, state: &Mutex<State>) -> Result<()> {
    let mut bus = BufReader::new(bus);
    loop {
        // A message begins with its byte order, a line of the handshake with a capital letter.
        let Some(b'l') = bus.fill_buf()?.first() else {
            let mut line = Vec::new();
            if bus.read_until(b'\n', &mut line)? == 0 {
                return Ok(());
            }
            client.write_all(&line)?;
            continue;
        };
        let message = message(&mut bus)?;
        let mut now = lock(state);
        let moment = Moment::After(now.calls.len());
        if matches!(message[TYPE], METHOD_RETURN | ERROR) && now.at(moment) != Connection::GoesOn {
            return Ok(());
        }
        drop(now);
        client.write_all(&message)?;
    }
}

const TYPE: usize = 1;
const METHOD_CALL: u8 = 1;
const METHOD_RETURN: u8 = 2;
const ERROR: u8 = 3;
/// Up to and with the length of the header's fields.
const FIXED: usize = 16;

/// One message in D-Bus' format, little endian.
fn message(from: &mut impl Read) -> Result<Vec<u8>> {
    let mut message = vec![0; FIXED];
    from.read_exact(&mut message)?;
    let rest = number(&message, 12).next_multiple_of(8) + number(&message, 4);
    message.resize(FIXED + rest, 0);
    from.read_exact(&mut message[FIXED..])?;
    Ok(message)
}

fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

/// The name of the called method. Each field of the header is a code, a signature and a value, aligned to 8 bytes.
fn member(message: &[u8]) -> String {
    const MEMBER: u8 = 3;
    let mut at = FIXED;
    while at < FIXED + number(message, 12) {
        let (code, signature, value) = (message[at], message[at + 2], at + 4);
        let end = match signature {
            b's' | b'o' => {
                let text = value + 4..value + 4 + number(message, value);
                if code == MEMBER {
                    return String::from_utf8(message[text].to_vec()).unwrap();
                }
                text.end + 1
            }
            b'g' => value + 1 + usize::from(message[value]) + 1,
            _ => value + 4,
        };
        at = end.next_multiple_of(8);
    }
    panic!("a call without a member")
}
