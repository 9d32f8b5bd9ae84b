//! Amplify Flutter on Linux: items of the Secret Service, written with libsecret.
//!
//! From amplify-flutter d8a895d, in `packages/secure_storage/amplify_secure_storage_dart/lib/src`:
//! `platforms/amplify_secure_storage_linux.dart`, `ffi/utils/linux_utils.dart`. libsecret adds the attribute `xdg:schema` to each item.

use std::collections::HashMap;

use secret_service::blocking::{Item, SecretService};
use secret_service::{EncryptionType, Error};

use super::Source;
use crate::adopt::{Layout, StoredItems};
use crate::secret::Secret;
use crate::vault::VaultError;

const NAMESPACE: &str = "com.amplify.awsCognitoAuthPlugin";

/// The items of Amplify Flutter in the Secret Service: GNOME Keyring, KDE Wallet, KeePassXC. A locked collection is
/// [`VaultError::Locked`], and opens no prompt: see [`KeychainVault::ask_to_unlock`](crate::vault::KeychainVault::ask_to_unlock).
///
/// In a Flatpak, libsecret keeps its items in a file of its own, which is not read.
#[derive(Debug)]
pub struct AmplifyFlutterOnLinux {
    schema: String,
}

impl AmplifyFlutterOnLinux {
    /// `application` is the id of the Flutter app's GTK application, such as `com.example.app`: `APPLICATION_ID` in its
    /// `linux/CMakeLists.txt`. If the app has set `LinuxSecureStorageOptions.accessGroup`, it is that group. For an app without GTK, it is
    /// the name of its executable.
    pub fn new(application: &str) -> Self {
        Self {
            schema: format!("{NAMESPACE}.{application}"),
        }
    }

    /// Calls `each` with the items, or with the only one that has this key.
    fn each(
        &self,
        key: Option<&str>,
        mut each: impl FnMut(&Item<'_>) -> Result<(), VaultError>,
    ) -> Result<(), VaultError> {
        let service = SecretService::connect(EncryptionType::Dh);
        let service = service.map_err(|error| VaultError::Unavailable(error.to_string()))?;
        let mut attributes = HashMap::from([("xdg:schema", self.schema.as_str())]);
        attributes.extend(key.map(|key| ("key", key)));
        let found = service.search_items(attributes).map_err(explained)?;
        if !found.locked.is_empty() {
            return Err(locked());
        }
        // Some services find nothing in a locked collection.
        if found.unlocked.is_empty() {
            match service.get_default_collection().and_then(|default| default.is_locked()) {
                Ok(false) | Err(Error::NoResult) => {}
                Ok(true) => return Err(locked()),
                Err(error) => return Err(explained(error)),
            }
        }
        found.unlocked.iter().try_for_each(&mut each)
    }
}

impl Source for AmplifyFlutterOnLinux {
    fn layout(&self) -> Layout {
        Layout::AmplifyFlutter
    }

    fn items(&self) -> Result<StoredItems, VaultError> {
        let mut items = StoredItems::default();
        self.each(None, |item| {
            let Some(key) = item.get_attributes().map_err(explained)?.remove("key") else {
                return Ok(());
            };
            // Every value that Amplify writes is text.
            let text = String::from_utf8(item.get_secret().map_err(explained)?);
            let text = text.map_err(|_| VaultError::Other("an item of Amplify Flutter is not text".into()))?;
            items.insert(key, Secret::from(text));
            Ok(())
        })?;
        Ok(items)
    }

    fn remove(&self, name: &str) -> Result<(), VaultError> {
        self.each(Some(name), |item| item.delete().map_err(explained))
    }
}

fn locked() -> VaultError {
    VaultError::Locked("the collection is locked".into())
}

/// None of these errors contains anything of an item.
fn explained(error: Error) -> VaultError {
    match error {
        Error::Locked | Error::Prompt | Error::PromptDisconnected => locked(),
        Error::Unavailable => VaultError::Unavailable(error.to_string()),
        _ => VaultError::Other(error.to_string()),
    }
}
