package io.crates.keyring

import android.content.Context

/**
 * The name by which `android-native-keyring-store`, which is part of the native library, binds its one function. An app that
 * has that crate in a library of its own has a class of this name too, and one of the two must go.
 */
internal class Keyring private constructor() {
    companion object {
        external fun initializeNdkContext(context: Context)
    }
}
