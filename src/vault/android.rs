//! Android's preferences and Keystore, asked whether a change has reached the disk.
//!
//! `SharedPreferences.commit()` changes what is in memory, then writes the file, and answers `false` if that fails, since
//! the storage is full: what is read back is the change all the same, until the process ends. The store of
//! `android-native-keyring-store` throws that answer away, so it is asked for again.

use std::any::Any;
use std::collections::HashMap;
use std::panic::catch_unwind;
use std::sync::Arc;

use android_native_keyring_store::Store;
use jni::objects::{GlobalRef, JObject, JValue};
use jni::{JNIEnv, JavaVM};
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error, Result};
use ndk_context::AndroidContext;

use super::VaultError;
use super::items::OpenStore;

/// Of the store. The preferences file, `keyring-cognito-signout.xml`, and the key in the Keystore are named after it.
const NAME: &str = "cognito-signout";

/// `Context.MODE_PRIVATE`, which the store opens the file with.
const MODE_PRIVATE: i32 = 0;

/// Opens the app's preferences. There are no access groups here.
pub(super) fn open(_access_group: Option<&str>) -> Result<OpenStore> {
    // It panics where the app has not given its context yet. Asked for inside the store, that would poison the
    // store's lock, and every later opening would panic too.
    let Ok(app) = catch_unwind(ndk_context::android_context) else {
        return Err(Error::PlatformFailure(
            "the app has not given its Android context yet".into(),
        ));
    };
    // A process that began with a full disk has made the key and kept no file: then the first opening makes the file and
    // stops at the key, and the second one finds both.
    let open = || Store::new_with_configuration(&HashMap::from([("name", NAME)]));
    let store = open().or_else(|_| open())?;
    let file = Preferences::of(app, &store.config.filename).map_err(platform_failure)?;
    Ok(OpenStore {
        // It reads an entry whose text is not base64 as absent.
        hides_unreadable: true,
        flush: Some(Arc::new(move || file.flush())),
        ..OpenStore::plain(Arc::new(Searchless(store)))
    })
}

pub(super) fn explain(_error: &Error) -> Option<VaultError> {
    None
}

/// The key asks for no unlocking: it is made without user authentication.
pub(super) fn ask_to_unlock() -> std::result::Result<(), VaultError> {
    Ok(())
}

fn platform_failure(error: jni::errors::Error) -> Error {
    Error::PlatformFailure(Box::new(error))
}

/// The preferences that the store keeps its entries in.
struct Preferences {
    vm: JavaVM,
    context: GlobalRef,
    name: String,
}

impl Preferences {
    #[allow(unsafe_code, reason = "the app's context comes as pointers")]
    fn of(app: AndroidContext, name: &str) -> jni::errors::Result<Self> {
        // SAFETY: whoever gave the context has promised that this is the process's virtual machine, of which there is
        // one for as long as the process lives.
        let vm = unsafe { JavaVM::from_raw(app.vm().cast()) }?;
        // SAFETY: and that this is a reference to the context, valid in every thread. It is borrowed here, for long
        // enough to make one of our own, and not freed: a `JObject` frees nothing.
        let context = unsafe { JObject::from_raw(app.context().cast()) };
        let context = vm.attach_current_thread()?.new_global_ref(context)?;
        let name = name.to_owned();
        Ok(Self { vm, context, name })
    }

    /// Has everything on the disk that is in memory, or fails.
    fn flush(&self) -> Result<()> {
        let mut env = self.vm.attach_current_thread().map_err(platform_failure)?;
        let written = env.with_local_frame(8, |env| {
            let written = self.commit_nothing(env);
            // A thread of the app's own would throw it later, somewhere else.
            if env.exception_check()? {
                env.exception_clear()?;
            }
            written
        });
        match written {
            Ok(true) => Ok(()),
            Ok(false) => Err(Error::PlatformFailure(
                "the change could not be written to the disk, which may be full".into(),
            )),
            Err(error) => Err(platform_failure(error)),
        }
    }

    /// Commits an edit that changes nothing: it answers at once if the file has what is in memory, and otherwise writes
    /// it, and answers whether that went well (`SharedPreferencesImpl.writeToFile`).
    ///
    /// Before Android 8 it writes only where the file is gone: the failed commit had moved it away or deleted it, unless
    /// it could not even do that, on storage that has become read-only.
    fn commit_nothing(&self, env: &mut JNIEnv<'_>) -> jni::errors::Result<bool> {
        let name = env.new_string(&self.name)?;
        let arguments = [JValue::Object(&name), JValue::Int(MODE_PRIVATE)];
        let signature = "(Ljava/lang/String;I)Landroid/content/SharedPreferences;";
        // Android has one object for each file: this is the store's.
        let file = env.call_method(&self.context, "getSharedPreferences", signature, &arguments)?;
        let signature = "()Landroid/content/SharedPreferences$Editor;";
        let edit = env.call_method(file.l()?, "edit", signature, &[])?;
        env.call_method(edit.l()?, "commit", "()Z", &[])?.z()
    }
}

/// The store without its search, which nobody here asks for: the regular expressions that it takes would be a good part
/// of the library that an app carries.
struct Searchless(Arc<Store>);

impl CredentialStoreApi for Searchless {
    fn vendor(&self) -> String {
        self.0.vendor()
    }

    fn id(&self) -> String {
        self.0.id()
    }

    fn build(&self, service: &str, user: &str, modifiers: Option<&HashMap<&str, &str>>) -> Result<Entry> {
        self.0.build(service, user, modifiers)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.debug_fmt(f)
    }
}
