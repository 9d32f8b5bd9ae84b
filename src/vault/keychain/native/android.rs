//! Android's preferences and Keystore, asked what the store of `android-native-keyring-store` does not ask.
//!
//! **Whether the Keystore is well.** The store takes whatever goes wrong with the key for a key that is not there. It then
//! makes a new one, over the old one if the Keystore is unwell enough (from Android 12 on `containsAlias` is false after any
//! error), and whatever the old one had encrypted is lost. It takes whatever goes wrong with decrypting for a record that
//! is broken. So the key is asked for here first, and tried before a record is called broken.
//!
//! **Whether a change has reached the disk.**
//! `SharedPreferences.commit()` changes what is in memory, then writes the file, and answers `false` if that fails, since
//! the storage is full: what is read back is the change all the same, until the process ends. The store of
//! `android-native-keyring-store` throws that answer away, so it is asked for again.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::panic::catch_unwind;
use std::sync::Arc;

use android_native_keyring_store::Store;
use jni::objects::{GlobalRef, JByteArray, JObject, JString, JThrowable, JValue};
use jni::{JNIEnv, JavaVM};
use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error, Result};
use ndk_context::AndroidContext;

use crate::vault::VaultError;
use crate::vault::keychain::items::OpenStore;

/// Of the store. The preferences file, `keyring-cognito-signout.xml`, and the key in the Keystore are named after it.
const NAME: &str = "cognito-signout";

/// The store's name for both.
const FILE: &str = "keyring-cognito-signout";

/// Under which the store keeps its configuration in the file: it is there if the store has been made before.
const CONFIGURATION: &str = "vaultConfig";

/// `Context.MODE_PRIVATE`, which the store opens the file with.
const MODE_PRIVATE: i32 = 0;

/// Opens the app's preferences. There are no access groups here.
pub(in crate::vault::keychain) fn open(_access_group: Option<&str>) -> Result<OpenStore> {
    // It panics where the app has not given its context yet. Asked for inside the store, that would poison the
    // store's lock, and every later opening would panic too.
    let Ok(app) = catch_unwind(ndk_context::android_context) else {
        return Err(Error::PlatformFailure(
            "the app has not given its Android context yet".into(),
        ));
    };
    let device = Arc::new(Device::of(app).map_err(Trouble::from)?);
    let was_made = device
        .ask("the app's preferences cannot be opened", Device::was_made)
        .map_err(Trouble::or_locked)?;
    // What it throws stops here: no key is made while the Keystore cannot say whether there is one.
    let has_key = device.ask("the Keystore does not give its key", Device::has_key)?;
    let open = || Store::new_with_configuration(&HashMap::from([("name", NAME)]));
    let store = match open() {
        // A process that began with a full disk has made the key and kept no file: then the first opening makes the file and
        // stops at the key, and the second one finds both.
        Err(_) if has_key && !was_made => open(),
        answer => answer,
    };
    // The key was there, or was certainly not, a moment ago: whatever fails now is the Keystore's doing, and no record's.
    let store = store.map_err(|error| Trouble::failed("the Keystore cannot be used", &error))?;
    let flush = Arc::clone(&device);
    let trial = move || Ok(device.ask("the Keystore's key does not work", Device::try_key)?);
    Ok(OpenStore {
        // It reads an entry whose text is not base64 as absent.
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

/// The key asks for no unlocking: it is made without user authentication.
pub(in crate::vault::keychain) fn ask_to_unlock() -> std::result::Result<(), VaultError> {
    Ok(())
}

/// What Android could not do. Of what was thrown, the names of the classes alone: its text may hold anything.
#[derive(Debug)]
struct Trouble {
    detail: String,
    /// What was thrown, and after it its causes.
    thrown: Vec<String>,
    /// The user has not unlocked the device since it was started: the app's files cannot be read yet.
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

    /// `Context.getSharedPreferences` throws this for storage that is encrypted with the user's credentials.
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

/// The preferences that the store keeps its entries in, and the Keystore that it has its key in.
struct Device {
    vm: JavaVM,
    context: GlobalRef,
}

impl Device {
    #[allow(unsafe_code, reason = "the app's context comes as pointers")]
    fn of(app: AndroidContext) -> jni::errors::Result<Self> {
        // SAFETY: whoever gave the context has promised that this is the process's virtual machine, of which there is
        // one for as long as the process lives.
        let vm = unsafe { JavaVM::from_raw(app.vm().cast()) }?;
        // SAFETY: and that this is a reference to the context, valid in every thread. It is borrowed here, for long
        // enough to make one of our own, and not freed: a `JObject` frees nothing.
        let context = unsafe { JObject::from_raw(app.context().cast()) };
        let context = vm.attach_current_thread()?.new_global_ref(context)?;
        Ok(Self { vm, context })
    }

    /// Asks Java. `failed` says what it means if that throws.
    fn ask<T>(
        &self,
        failed: &str,
        question: impl FnOnce(&Self, &mut JNIEnv<'_>) -> jni::errors::Result<T>,
    ) -> std::result::Result<T, Trouble> {
        let mut env = self.vm.attach_current_thread()?;
        env.with_local_frame(32, |env| {
            let answer = question(self, env);
            // A thread of the app's own would throw it later, somewhere else.
            if env.exception_check()? {
                let thrown = env.exception_occurred()?;
                env.exception_clear()?;
                return Err(Trouble::thrown(failed, classes(env, thrown)));
            }
            answer.map_err(|error| Trouble::failed(failed, error))
        })
    }

    /// Android has one object for each file: this is the store's.
    fn file<'a>(&self, env: &mut JNIEnv<'a>) -> jni::errors::Result<JObject<'a>> {
        let name = env.new_string(FILE)?;
        let arguments = [JValue::Object(&name), JValue::Int(MODE_PRIVATE)];
        let signature = "(Ljava/lang/String;I)Landroid/content/SharedPreferences;";
        env.call_method(&self.context, "getSharedPreferences", signature, &arguments)?
            .l()
    }

    /// Whether the store has been made before, in this process or in another.
    fn was_made(&self, env: &mut JNIEnv<'_>) -> jni::errors::Result<bool> {
        let file = self.file(env)?;
        let name = env.new_string(CONFIGURATION)?;
        env.call_method(file, "contains", "(Ljava/lang/String;)Z", &[JValue::Object(&name)])?
            .z()
    }

    /// The store's key. The Keystore throws if it cannot tell, and gives null only if there is none. (Before Android 12 it
    /// also gives null if the process has lost its Keystore for good: then it can make no key either.)
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

    /// Encrypts something with the key, and decrypts it. Throws if that does not work; a key that is not there cannot be
    /// tried.
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

    /// Has everything on the disk that is in memory, or fails.
    fn flush(&self) -> Result<()> {
        if self.ask("the change could not be written to the disk", Self::commit_nothing)? {
            return Ok(());
        }
        Err(Error::PlatformFailure(
            "the change could not be written to the disk, which may be full".into(),
        ))
    }

    /// Commits an edit that changes nothing: it answers at once if the file has what is in memory, and otherwise writes
    /// it, and answers whether that went well (`SharedPreferencesImpl.writeToFile`).
    ///
    /// Before Android 8 it writes only where the file is gone: the failed commit had moved it away or deleted it, unless
    /// it could not even do that, on storage that has become read-only.
    fn commit_nothing(&self, env: &mut JNIEnv<'_>) -> jni::errors::Result<bool> {
        let file = self.file(env)?;
        let signature = "()Landroid/content/SharedPreferences$Editor;";
        let edit = env.call_method(file, "edit", signature, &[])?;
        env.call_method(edit.l()?, "commit", "()Z", &[])?.z()
    }
}

/// As the store makes it.
fn cipher<'a>(env: &mut JNIEnv<'a>) -> jni::errors::Result<JObject<'a>> {
    let transformation = env.new_string("AES/GCM/NoPadding")?;
    let signature = "(Ljava/lang/String;)Ljavax/crypto/Cipher;";
    let arguments = [(&transformation).into()];
    env.call_static_method("javax/crypto/Cipher", "getInstance", signature, &arguments)?
        .l()
}

/// The names of what was thrown, and of its causes: what Java calls their classes.
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
            // What it throws now says less. It goes before anything else is asked of Java.
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
