//! The Secret Service of Linux and the BSDs: as few calls as possible, and no prompts.
//!
//! The entries are those of `zbus-secret-service-keyring-store`, keyring-core's own store: the same label, attributes and content
//! type. That store searches at each operation, and unlocks whatever it needs: the desktop opens a prompt, and the call waits,
//! without a limit, until the user answers. A write that waits there could be made long after its caller has given up. So the calls
//! are made here, with the crate that it is built on.
//!
//! - **No prompt.** A search says which items are locked, and the service refuses to read or write a known item that is locked. A
//!   deletion that needs a prompt is not made. An item is created only if the collection is unlocked. The collection can still be
//!   locked between that check and the creation. That window is as short as one call on the bus.
//! - **A locked keychain does not look empty**, although some services find nothing in a locked collection.
//! - **One search for a turn**: see `turns.rs`.

mod entry;
mod error;
mod turns;

use std::any::Any;
use std::collections::HashMap;
use std::sync::Arc;

use keyring_core::api::CredentialStoreApi;
use keyring_core::{CredentialStore, Entry, Result};
use secret_service::blocking::SecretService;
use secret_service::{EncryptionType, Error};
use zbus::blocking::Connection;
use zbus::zvariant::OwnedObjectPath;

use crate::vault::VaultGuard;
use crate::vault::keychain::open_store::OpenStore;
use entry::Specifier;
pub(in crate::vault::keychain) use error::explain;
use error::failure;
use turns::Turns;

/// Connects to the user's Secret Service. There are no access groups here.
pub(in crate::vault::keychain) fn open(_access_group: Option<&str>) -> Result<OpenStore> {
    let service = Arc::new(Service::connect().map_err(failure)?);
    let in_turn = Arc::clone(&service);
    let store: Arc<CredentialStore> = Arc::new(Store(service));
    Ok(OpenStore {
        turn: Some(Arc::new(move |service, user| {
            VaultGuard::new(in_turn.turns.begin(service, user))
        })),
        ..OpenStore::plain(store)
    })
}

/// Opens the desktop's prompt for the default collection, and waits for the user's answer.
pub(in crate::vault::keychain) fn ask_to_unlock() -> Result<()> {
    // No secrets are sent, so it needs no encryption.
    let service = SecretService::connect(EncryptionType::Plain).map_err(failure)?;
    let collection = service.get_default_collection().map_err(failure)?;
    collection.unlock().map_err(failure)
}

/// One connection to the bus, and one encrypted session with the service.
struct Service {
    bus: Connection,
    secrets: SecretService<'static>,
    turns: Arc<Turns>,
}

impl Service {
    fn connect() -> std::result::Result<Self, Error> {
        let bus = Connection::session()?;
        Ok(Self {
            secrets: SecretService::connect_with_existing(EncryptionType::Dh, bus.clone())?,
            bus,
            turns: Arc::default(),
        })
    }

    /// Deletes an item, unless that needs a prompt. `Item::delete` of the crate would open it.
    fn delete(&self, item: &OwnedObjectPath) -> std::result::Result<(), Error> {
        let call = |object, interface, method| {
            let service = Some("org.freedesktop.secrets");
            self.bus.call_method(service, object, Some(interface), method, &())
        };
        let response = call(item, "org.freedesktop.Secret.Item", "Delete")?;
        let prompt: OwnedObjectPath = response.body().deserialize()?;
        if prompt.as_str() == "/" {
            return Ok(());
        }
        // Whether it works or not, nobody opens the prompt.
        let _ = call(&prompt, "org.freedesktop.Secret.Prompt", "Dismiss");
        Err(Error::Locked)
    }
}

struct Store(Arc<Service>);

impl CredentialStoreApi for Store {
    fn vendor(&self) -> String {
        "the Secret Service, by cognito-signout".into()
    }

    fn id(&self) -> String {
        env!("CARGO_PKG_VERSION").into()
    }

    fn build(&self, service: &str, user: &str, _modifiers: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        let specifier = Specifier::new(Arc::clone(&self.0), service, user);
        Ok(Entry::new_with_credential(Arc::new(specifier)))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}
