//! JSON with secrets in it, and from others.

#[cfg(feature = "adopt")]
mod wiped;

use std::io;

use serde::Serialize;
#[cfg(feature = "adopt")]
pub(crate) use wiped::Wiped;
use zeroize::Zeroizing;

/// A value as JSON, wiped when dropped. It is allocated once, in the right size: a buffer that grows leaves copies of the secrets.
pub(crate) fn to_wiped_json(value: &impl Serialize) -> serde_json::Result<Zeroizing<Vec<u8>>> {
    // As trait objects, so that each type's JSON is compiled once.
    let write = |writer: &mut dyn io::Write| serde_json::to_writer(writer, value);
    let mut size = ByteCount(0);
    write(&mut size)?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(size.0));
    write(&mut *bytes)?;
    Ok(bytes)
}

/// Whether this is an object, if it is JSON at all. Serde also reads the fields of a type from an array, in their order.
pub(crate) fn is_object(json: &[u8]) -> bool {
    json.trim_ascii_start().starts_with(b"{")
}

/// Counts what is written to it.
struct ByteCount(usize);

impl io::Write for ByteCount {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
