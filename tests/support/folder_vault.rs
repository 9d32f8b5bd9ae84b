use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::PathBuf;

use cognito_signout::vault::{Vault, VaultError, VaultKey};
use zeroize::Zeroizing;

/// Keeps each record in its own file, in a folder that is encrypted by other means and used by one process.
#[derive(Debug)]
struct Folder(PathBuf);

impl Folder {
    /// Each key has its own names. (`with_extension` would not work: the app client's id follows the last dot.)
    fn file(&self, key: &VaultKey, ending: &str) -> PathBuf {
        self.0.join(format!("{}.{}.{ending}", key.user_pool_id, key.client_id))
    }
}

/// A file that only this user may read.
fn create(path: PathBuf) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

fn failed(error: io::Error) -> VaultError {
    VaultError::Other(error.kind().to_string())
}

impl Vault for Folder {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match fs::read(self.file(key, "record")) {
            Ok(record) => Ok(Some(record.into())),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(error)),
        }
    }

    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        // The new record is on the disk before it replaces the old one: a reader sees the whole old record or the whole new one.
        let written = create(self.file(key, "new")).and_then(|mut new| {
            new.write_all(record)?;
            new.sync_all()
        });
        written
            .and_then(|()| fs::rename(self.file(key, "new"), self.file(key, "record")))
            .map_err(failed)
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        match fs::remove_file(self.file(key, "record")) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(error)),
            _ => Ok(()),
        }
    }

    // Two of these objects may use the same folder.
    fn identity(&self) -> Option<String> {
        Some(format!("my_app::Folder {}", self.0.display()))
    }
}
