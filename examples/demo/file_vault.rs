//! The demo's own vault: one file. An app writes its own vault if the platform's keychain is not suitable. A real vault would
//! encrypt the record; this one relies on the file's permissions.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use cognito_signout::vault::{Vault, VaultError, VaultGuard, VaultKey};
use serde_json::Value;
use zeroize::Zeroizing;

/// Keeps records in a folder that exists.
#[derive(Debug, Clone)]
pub(crate) struct FileVault {
    folder: PathBuf,
}

impl FileVault {
    pub(crate) fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Both parts of the key are letters, digits and few other characters: safe in a file's name.
    fn path(&self, key: &VaultKey, ending: &str) -> PathBuf {
        self.folder
            .join(format!("{}.{}.{ending}", key.user_pool_id, key.client_id))
    }

    /// What the demo shows of the record: whether it has a session, and how many debts. No app needs this.
    pub(crate) fn content(&self, key: &VaultKey) -> Result<String, VaultError> {
        let Some(record) = self.read(key)? else {
            return Ok("nothing".into());
        };
        // The parser's message could quote a token.
        let record: Value =
            serde_json::from_slice(&record).map_err(|_| VaultError::Corrupt("the record is not JSON".into()))?;
        let session = if record["session"].is_null() {
            "no session"
        } else {
            "a session"
        };
        let debts = record["pending"].as_array().map_or(0, Vec::len);
        let plural = if debts == 1 { "" } else { "s" };
        Ok(format!("{session}, {debts} debt{plural}"))
    }
}

impl Vault for FileVault {
    fn read(&self, key: &VaultKey) -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
        match fs::read(self.path(key, "json")) {
            Ok(record) => Ok(Some(Zeroizing::new(record))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed(&error)),
        }
    }

    /// Writes a second file and renames it: a process that is killed meanwhile leaves the old record whole.
    fn write(&self, key: &VaultKey, record: &[u8]) -> Result<(), VaultError> {
        let beside = self.path(key, "new");
        write_private(&beside, record)
            .and_then(|()| fs::rename(&beside, self.path(key, "json")))
            .map_err(|error| failed(&error))
    }

    fn delete(&self, key: &VaultKey) -> Result<(), VaultError> {
        match fs::remove_file(self.path(key, "json")) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(&error)),
            _ => Ok(()),
        }
    }

    /// Two of these may use one folder.
    fn identity(&self) -> Option<String> {
        Some(format!("demo::FileVault {}", self.folder.display()))
    }

    /// The system releases the lock when the file is closed, also when the process is killed.
    fn lock(&self, key: &VaultKey, patience: Duration) -> Result<VaultGuard, VaultError> {
        let file = File::create(self.path(key, "lock")).map_err(|error| failed(&error))?;
        let patience = Instant::now() + patience;
        while file.try_lock().is_err() {
            if Instant::now() > patience {
                return Err(VaultError::Locked("another process holds the record".into()));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(VaultGuard::new(file))
    }
}

fn write_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(content)?;
    file.sync_all()
}

fn failed(error: &io::Error) -> VaultError {
    VaultError::Other(error.to_string())
}
