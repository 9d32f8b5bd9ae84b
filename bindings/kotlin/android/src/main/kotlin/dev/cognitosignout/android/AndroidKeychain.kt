package dev.cognitosignout.android

import android.content.Context
import dev.cognitosignout.AuthException
import dev.cognitosignout.withNativeLibrary
import io.crates.keyring.Keyring

/** Android's Keystore, which wants to be given the app's context before it is asked for anything. */
public object AndroidKeychain {
    private var initialized = false

    /**
     * Gives the keychain the application's context; any context of the app will do. The second call does nothing. Until the
     * first, whatever asks for the keychain is answered with an error, and nothing else happens.
     *
     * @throws AuthException.Unusable if the native library is not there, or not for this device's processor.
     */
    @JvmStatic
    @Synchronized
    @Throws(AuthException::class)
    public fun initialize(context: Context) {
        if (initialized) return
        // Of the Application there is one, for as long as the process lives. It is null before Application.onCreate.
        val application = context.applicationContext ?: context
        withNativeLibrary {
            System.loadLibrary("cognito_signout")
            Keyring.initializeNdkContext(application)
        }
        initialized = true
    }
}
