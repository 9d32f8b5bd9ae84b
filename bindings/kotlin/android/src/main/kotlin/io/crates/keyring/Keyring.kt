package io.crates.keyring

import android.content.Context

/**
 * `android-native-keyring-store`, a part of the native library, binds its only function to a class of this name. If the app also uses
 * that crate in its own library, it has a second class of this name, and one of the two must be removed.
 */
internal class Keyring private constructor() {
    companion object {
        external fun initializeNdkContext(context: Context)
    }
}
