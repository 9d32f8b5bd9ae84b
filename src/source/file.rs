//! The file of Amplify Flutter on Windows: a JSON object with the protected bytes of each item, as numbers.
//!
//! From amplify-flutter d8a895d, in `packages/secure_storage/amplify_secure_storage_dart/lib/src`:
//! `platforms/amplify_secure_storage_windows.dart`, `utils/file_key_value_store.dart`.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use zeroize::Zeroizing;

use crate::adopt::StoredItems;
use crate::secret::Secret;
use crate::vault::VaultError;

/// The file's name in the app's folder.
const FILE: &str = "com.amplify.awsCognitoAuthPlugin.secure_storage.json";

/// Takes the protection from an item's bytes.
pub(super) type Unprotect = fn(&mut [u8]) -> Result<Zeroizing<Vec<u8>>, VaultError>;

#[derive(Debug)]
pub(super) struct ItemFile {
    path: PathBuf,
    unprotect: Unprotect,
}

impl ItemFile {
    pub(super) fn new(folder: &Path, unprotect: Unprotect) -> Self {
        Self {
            path: folder.join(FILE),
            unprotect,
        }
    }

    pub(super) fn items(&self) -> Result<StoredItems, VaultError> {
        let items = self.read()?.into_iter().map(|(name, value)| {
            let mut bytes = serde_json::from_value::<Vec<u8>>(value).map_err(|_| unreadable())?;
            let text = (self.unprotect)(&mut bytes)?;
            let text = str::from_utf8(&text).map_err(|_| unreadable())?;
            Ok((name, Secret::from(text)))
        });
        items.collect()
    }

    /// Writes the file anew beside the old one, which it then replaces at once.
    pub(super) fn remove(&self, name: &str) -> Result<(), VaultError> {
        let mut items = self.read()?;
        if items.remove(name).is_none() {
            return Ok(());
        }
        let new = self.path.with_extension("json.new");
        fs::write(&new, Value::Object(items).to_string()).map_err(failed)?;
        fs::rename(&new, &self.path).map_err(failed)
    }

    fn read(&self) -> Result<Map<String, Value>, VaultError> {
        match fs::read_to_string(&self.path) {
            // Amplify makes the file before it writes to it.
            Ok(text) if text.is_empty() => Ok(Map::new()),
            Ok(text) => serde_json::from_str(&text).map_err(|_| unreadable()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Map::new()),
            Err(error) => Err(failed(error)),
        }
    }
}

/// Not serde_json's own message, which can quote what it read.
fn unreadable() -> VaultError {
    VaultError::Other(format!("{FILE} cannot be read"))
}

fn failed(error: std::io::Error) -> VaultError {
    VaultError::Other(format!("{FILE}: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In place of DPAPI: each bit turned.
    fn turned(bytes: &mut [u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        match bytes {
            [] => Err(VaultError::Other("the data is invalid".into())),
            bytes => Ok(Zeroizing::new(bytes.iter().map(|byte| !byte).collect())),
        }
    }

    fn with(content: &str) -> (tempfile::TempDir, ItemFile) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FILE), content).unwrap();
        let file = ItemFile::new(folder.path(), turned);
        (folder, file)
    }

    fn protected(text: &str) -> Value {
        text.bytes().map(|byte| Value::from(!byte)).collect()
    }

    #[test]
    fn each_item_is_unprotected_and_removed_alone() {
        let content = serde_json::json!({ "a.idToken": protected("x"), "b": protected("ü") });
        let (_folder, file) = with(&content.to_string());
        let both = StoredItems::from_json(r#"{ "a.idToken": "x", "b": "ü" }"#).unwrap();
        assert_eq!(file.items(), Ok(both));
        for _ in 0..2 {
            assert_eq!(file.remove("a.idToken"), Ok(()));
            assert_eq!(file.items(), Ok(StoredItems::from_json(r#"{ "b": "ü" }"#).unwrap()));
        }
    }

    #[test]
    fn no_file_and_an_empty_one_are_empty_stores() {
        let folder = tempfile::tempdir().unwrap();
        let absent = ItemFile::new(folder.path(), turned);
        let (_folder, empty) = with("");
        for file in [absent, empty] {
            assert_eq!(file.items(), Ok(StoredItems::default()));
            assert_eq!(file.remove("a"), Ok(()));
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_is_an_error_without_its_content_and_stays() {
        for content in [
            r#"{ "hunter2""#,
            r#"{ "hunter2": "hunter2" }"#,
            r#"{ "hunter2": [] }"#,
            r#"{ "a": [0] }"#,
        ] {
            let (folder, file) = with(content);
            let error = file.items().unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
            assert_eq!(fs::read_to_string(folder.path().join(FILE)).unwrap(), content);
        }
    }
}
