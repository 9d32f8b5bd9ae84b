package io.crates.keyring;

import android.content.Context;

/**
 * The native library binds its only Java function to a class of this name, as Kotlin would name a companion object. The AAR of
 * cognito-signout has a class of this name too: an app cannot have both, and must not, because each brings a library of its own.
 */
public final class Keyring {
    private Keyring() {}

    public static final class Companion {
        public native void initializeNdkContext(Context context);
    }
}
