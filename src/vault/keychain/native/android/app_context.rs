//! The app's context, through which the preferences and the Keystore are reached.
//!
//! Our packages give it through the function here. In a Rust app, whatever starts the app gives it to `ndk-context` itself.

use std::panic::catch_unwind;

use ndk_context::AndroidContext;

/// The context, or nothing before it has been given.
pub(super) fn given() -> Option<AndroidContext> {
    // `ndk_context` panics if it has none. In the AAR's library nothing catches a panic, and nobody else gives a context.
    #[cfg(all(feature = "ffi", panic = "abort"))]
    from_java::GIVEN.get()?;
    // Inside the store, the panic would poison the store's lock, and every later opening would panic too.
    catch_unwind(ndk_context::android_context).ok()
}

#[cfg(feature = "ffi")]
mod from_java {
    use jni::JNIEnv;
    use jni::objects::{GlobalRef, JClass, JObject};
    use once_cell::sync::OnceCell;

    pub(super) static GIVEN: OnceCell<GlobalRef> = OnceCell::new();

    /// Java calls it as `dev.cognitosignout.android.AppContext.give`. The first context counts. Without one, each use of the
    /// keychain fails.
    #[allow(
        unsafe_code,
        non_snake_case,
        reason = "Java finds it by its name, and `ndk_context` takes pointers"
    )]
    // SAFETY: nothing else has this name, and the arguments are those that Java gives to a static function.
    #[unsafe(no_mangle)]
    extern "system" fn Java_dev_cognitosignout_android_AppContext_give(
        env: JNIEnv<'_>,
        _class: JClass<'_>,
        context: JObject<'_>,
    ) {
        let given = GIVEN.get_or_try_init(|| -> jni::errors::Result<_> {
            let context = env.new_global_ref(context)?;
            let vm = env.get_java_vm()?.get_java_vm_pointer();
            // SAFETY: both stay valid: the virtual machine ends with the process, and `GIVEN` keeps the reference.
            unsafe { ndk_context::initialize_android_context(vm.cast(), context.as_raw().cast()) };
            Ok(context)
        });
        if let Err(error) = given {
            tracing::warn!(%error, "the app's context could not be kept");
        }
    }
}
