//! The wall clock, as a port: token expiry is told by it, so tests must be able to set it.

use std::fmt::Debug;
use std::time::SystemTime;

/// Tells the time of day. Deadlines do not use it: they run on Tokio's monotonic clock, so a clock that jumps moves
/// what counts as an expired token and nothing else.
pub trait Clock: Send + Sync + Debug + 'static {
    /// The time now.
    fn now(&self) -> SystemTime;
}

/// The system's clock: what the library uses unless told otherwise.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }
}
