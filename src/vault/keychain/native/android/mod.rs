//! Android's preferences and Keystore, with two checks that the store of `android-native-keyring-store` does not make.
//!
//! **Does the Keystore work?** The store takes any failure with the key for a missing key. It then makes a new key, and replaces
//! the old one if the Keystore's failure hides it (from Android 12 on, `containsAlias` is false after any error). Everything that
//! the old key had encrypted is then lost. The store also takes any failure to decrypt for a broken record. So the key is read
//! here first, and it is tried before a record is called broken.
//!
//! **Has a change reached the disk?** `SharedPreferences.commit()` changes the data in memory and then writes the file. If that
//! fails, for example because the storage is full, it returns `false`, but until the process ends the change is what is read
//! back. The store ignores the returned value, so here it is asked for again.

mod app_context;

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use android_native_keyring_store::Store;
use jni::objects::{GlobalRef, JByteArray, JObject, JString, JThrowable, JValue};
use jni::{JNIEnv, JavaVM};
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error, Result};
use ndk_context::AndroidContext;

use crate::vault::VaultError;
use crate::vault::keychain::open_store::OpenStore;

/// The store's name. The preferences file, `keyring-cognito-signout.xml`, and the key in the Keystore are named after it.
const NAME: &str = "cognito-signout";

/// The name of both.
const FILE: &str = "keyring-cognito-signout";

/// The store keeps its configuration in the file under this name. It is there if the store has been made before.
const CONFIGURATION: &str = "vaultConfig";

/// `Context.MODE_PRIVATE`. The store opens the file with it.
const MODE_PRIVATE: i32 = 0;

/// Opens the app's preferences. There are no access groups here.
pub(in crate::vault::keychain) fn open(_access_group: Option<&str>) -> Result<OpenStore> {
    let Some(app) = app_context::given() else {
        return Err(Error::PlatformFailure(
            "the app has not given its Android context yet".into(),
        ));
    };
    let device = Arc::new(Device::of(app).map_err(Trouble::from)?);
    let was_made = device
        .ask("the app's preferences cannot be opened", Device::was_made)
        .map_err(Trouble::or_locked)?;
    // If it throws, this returns: no key is made while the Keystore cannot say whether there is one.
    let has_key = device.ask("the Keystore does not give its key", Device::has_key)?;
    let open = || Store::new_with_configuration(&HashMap::from([("name", NAME)]));
    let store = match open() {
        // An earlier process, on a full disk, has made the key but no file. Then the first opening makes the file and fails at the
        // key, and the second one finds both.
        Err(_) if has_key && !was_made => open(),
        answer => answer,
    };
    // A moment ago the key was certainly there or certainly missing. So what fails now is the Keystore, not a record.
    let store = store.map_err(|error| Trouble::failed("the Keystore cannot be used", &error))?;
    let flush = Arc::clone(&device);
    let trial = move || Ok(device.ask("the Keystore's key does not work", Device::try_key)?);
    Ok(OpenStore {
        // It answers "no entry" if an entry's text is not base64.
        hides_unreadable: true,
        flush: Some(Arc::new(move || flush.flush())),
        trial: Some(Arc::new(trial)),
        ..OpenStore::plain(Arc::new(Searchless(store)))
    })
}

pub(in crate::vault::keychain) fn explain(error: &Error) -> Option<VaultError> {
    let Error::PlatformFailure(why) = error else {
        return None;
    };
    let trouble = why.downcast_ref::<Trouble>()?;
    let detail = trouble.detail.clone();
    Some(if trouble.locked {
        VaultError::Locked(detail)
    } else {
        VaultError::Other(detail)
    })
}

/// Does nothing: the key is made without user authentication, so there is nothing to unlock.
pub(in crate::vault::keychain) fn ask_to_unlock() -> Result<()> {
    Ok(())
}

/// What Android could not do. Of an exception it has the class names only: the text may hold anything.
#[derive(Debug)]
struct Trouble {
    detail: String,
    /// The classes of the exception and of its causes.
    thrown: Vec<String>,
    /// The user has not unlocked the device since it started. The app's files cannot be read yet.
    locked: bool,
}

impl Trouble {
    fn failed(what: &str, why: impl fmt::Display) -> Self {
        Self {
            detail: format!("{what}: {why}"),
            thrown: Vec::new(),
            locked: false,
        }
    }

    fn thrown(what: &str, classes: Vec<String>) -> Self {
        Self {
            thrown: classes.clone(),
            ..Self::failed(what, classes.join(", caused by "))
        }
    }

    /// `Context.getSharedPreferences` throws this class if the storage is encrypted with the user's credentials.
    fn or_locked(self) -> Self {
        Self {
            locked: self
                .thrown
                .first()
                .is_some_and(|class| class == "java.lang.IllegalStateException"),
            ..self
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail)
    }
}

impl std::error::Error for Trouble {}

impl From<jni::errors::Error> for Trouble {
    fn from(error: jni::errors::Error) -> Self {
        Self::failed("Java cannot be called", error)
    }
}

impl From<Trouble> for Error {
    fn from(trouble: Trouble) -> Self {
        Self::PlatformFailure(Box::new(trouble))
    }
}

/// The preferences with the store's entries, and the Keystore with its key.
struct Device {
    vm: JavaVM,
    context: GlobalRef,
}

impl Device {
    #[allow(unsafe_code, reason = "the app's context comes as pointers")]
    fn of(app: AndroidContext) -> jni::errors::Result<Self> {
        // SAFETY: `ndk_context` promises that this is the process's virtual machine. There is one for as long as the process
        // lives.
        let vm = unsafe { JavaVM::from_raw(app.vm().cast()) }?;
        // SAFETY: `ndk_context` promises that this is a reference to the context, valid in every thread. It is borrowed here only
        // to make a reference of our own, and it is not freed: a `JObject` frees nothing.
        let context = unsafe { JObject::from_raw(app.context().cast()) };
        let context = vm.attach_current_thread()?.new_global_ref(context)?;
        Ok(Self { vm, context })
    }

    /// Calls Java. `failed` says what it means if Java throws.
    fn ask<T>(
        &self,
        failed: &str,
        question: impl FnOnce(&Self, &mut JNIEnv<'_>) -> jni::errors::Result<T>,
    ) -> std::result::Result<T, Trouble> {
        let mut env = self.vm.attach_current_thread()?;
        env.with_local_frame(32, |env| {
            let answer = question(self, env);
            // Otherwise the app's thread would throw it later, somewhere else.
            if env.exception_check()? {
                let thrown = env.exception_occurred()?;
                env.exception_clear()?;
                return Err(Trouble::thrown(failed, classes(env, thrown)));
            }
            answer.map_err(|error| Trouble::failed(failed, error))
        })
    }

    /// The preferences. Android has one object for each file, so this is the store's object too.
    fn file<'a>(&self, env: &mut JNIEnv<'a>) -> jni::errors::Result<JObject<'a>> {
        let name = env.new_string(FILE)?;
        let arguments = [JValue::Object(&name), JValue::Int(MODE_PRIVATE)];
        let signature = "(Ljava/lang/String;I)Landroid/content/SharedPreferences;";
        env.call_method(&self.context, "getSharedPreferences", signature, &arguments)?
            .l()
    }

    /// Whether the store has been made before, in this process or an earlier one.
    fn was_made(&self, env: &mut JNIEnv<'_>) -> jni::errors::Result<bool> {
        let file = self.file(env)?;
        let name = env.new_string(CONFIGURATION)?;
        env.call_method(file, "contains", "(Ljava/lang/String;)Z", &[JValue::Object(&name)])?
            .z()
    }

    /// The store's key. The Keystore throws if it cannot say, and returns null only if there is no key. (Before Android 12 it also
    /// returns null if the process has lost its Keystore for good. Then it cannot make a key either.)
    fn key<'a>(&self, env: &mut JNIEnv<'a>) -> jni::errors::Result<JObject<'a>> {
        let name = env.new_string("AndroidKeyStore")?;
        let signature = "(Ljava/lang/String;)Ljava/security/KeyStore;";
        let keystore = env.call_static_method("java/security/KeyStore", "getInstance", signature, &[(&name).into()])?;
        let (keystore, nothing) = (keystore.l()?, JObject::null());
        let signature = "(Ljava/security/KeyStore$LoadStoreParameter;)V";
        env.call_method(&keystore, "load", signature, &[(&nothing).into()])?;
        let alias = env.new_string(FILE)?;
        let arguments = [(&alias).into(), (&nothing).into()];
        env.call_method(
            &keystore,
            "getKey",
            "(Ljava/lang/String;[C)Ljava/security/Key;",
            &arguments,
        )?
        .l()
    }

    fn has_key(&self, env: &mut JNIEnv<'_>) -> jni::errors::Result<bool> {
        Ok(!self.key(env)?.is_null())
    }

    /// Encrypts something with the key and decrypts it again. Throws if that does not work. Does nothing if there is no key.
    fn try_key(&self, env: &mut JNIEnv<'_>) -> jni::errors::Result<()> {
        const ENCRYPT: i32 = 1;
        const DECRYPT: i32 = 2;
        const TAG_BITS: i32 = 128;
        let key = self.key(env)?;
        if key.is_null() {
            return Ok(());
        }
        let cipher = cipher(env)?;
        let arguments = [ENCRYPT.into(), (&key).into()];
        env.call_method(&cipher, "init", "(ILjava/security/Key;)V", &arguments)?;
        let iv = env.call_method(&cipher, "getIV", "()[B", &[])?.l()?;
        let plain: JByteArray<'_> = env.byte_array_from_slice(b"a trial of the key")?;
        let encrypted = env.call_method(&cipher, "doFinal", "([B)[B", &[(&plain).into()])?.l()?;

        let cipher = self::cipher(env)?;
        let arguments = [TAG_BITS.into(), (&iv).into()];
        let parameters = env.new_object("javax/crypto/spec/GCMParameterSpec", "(I[B)V", &arguments)?;
        let signature = "(ILjava/security/Key;Ljava/security/spec/AlgorithmParameterSpec;)V";
        let arguments = [DECRYPT.into(), (&key).into(), (&parameters).into()];
        env.call_method(&cipher, "init", signature, &arguments)?;
        env.call_method(&cipher, "doFinal", "([B)[B", &[(&encrypted).into()])?;
        Ok(())
    }

    /// Makes sure that everything in memory is on the disk, or fails.
    fn flush(&self) -> Result<()> {
        if self.ask("the change could not be written to the disk", Self::commit_nothing)? {
            return Ok(());
        }
        Err(Error::PlatformFailure(
            "the change could not be written to the disk, which may be full".into(),
        ))
    }

    /// Commits an edit that changes nothing. If the file already has what is in memory, it returns true at once. Otherwise it
    /// writes the file, and returns whether that succeeded (`SharedPreferencesImpl.writeToFile`).
    ///
    /// Before Android 8 it writes only if the file is gone. The failed commit had moved or deleted the file, except on storage
    /// that has become read-only.
    fn commit_nothing(&self, env: &mut JNIEnv<'_>) -> jni::errors::Result<bool> {
        let file = self.file(env)?;
        let signature = "()Landroid/content/SharedPreferences$Editor;";
        let edit = env.call_method(file, "edit", signature, &[])?;
        env.call_method(edit.l()?, "commit", "()Z", &[])?.z()
    }
}

/// The same cipher as the store's.
fn cipher<'a>(env: &mut JNIEnv<'a>) -> jni::errors::Result<JObject<'a>> {
    let transformation = env.new_string("AES/GCM/NoPadding")?;
    let signature = "(Ljava/lang/String;)Ljavax/crypto/Cipher;";
    let arguments = [(&transformation).into()];
    env.call_static_method("javax/crypto/Cipher", "getInstance", signature, &arguments)?
        .l()
}

/// The class names of the exception and of its causes.
fn classes(env: &mut JNIEnv<'_>, thrown: JThrowable<'_>) -> Vec<String> {
    const DEEPEST: usize = 4;
    let mut names = Vec::new();
    let mut next = JObject::from(thrown);
    while !next.is_null() && names.len() < DEEPEST {
        let described = name_of_class(env, &next).and_then(|name| {
            let cause = env.call_method(&next, "getCause", "()Ljava/lang/Throwable;", &[])?;
            Ok((name, cause.l()?))
        });
        let Ok((name, cause)) = described else {
            // This second exception says less. It must be cleared before Java is called again.
            let _ = env.exception_clear();
            break;
        };
        names.push(name);
        next = cause;
    }
    if names.is_empty() {
        names.push("an exception".into());
    }
    names
}

fn name_of_class(env: &mut JNIEnv<'_>, object: &JObject<'_>) -> jni::errors::Result<String> {
    let class = env.get_object_class(object)?;
    let name = env.call_method(class, "getName", "()Ljava/lang/String;", &[])?.l()?;
    Ok(env.get_string(&JString::from(name))?.into())
}

/// The store without its search, which is not used here. Its regular expressions would be a large part of the library in an
/// app.
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
