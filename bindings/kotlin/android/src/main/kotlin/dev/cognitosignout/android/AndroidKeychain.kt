package dev.cognitosignout.android

import android.content.Context
import dev.cognitosignout.AuthException
import dev.cognitosignout.withNativeLibrary

/** Android's Keystore. It needs the app's context before the first use. */
public object AndroidKeychain {
    private var initialized = false

    /**
     * Passes the application's context to the keychain. Any context of the app is accepted. Further calls do nothing. Before the first
     * call, every use of the keychain fails, and nothing else happens.
     *
     * @throws AuthException.Unusable if the native library is missing, or built for another processor.
     */
    @JvmStatic
    @Synchronized
    @Throws(AuthException::class)
    public fun initialize(context: Context) {
        if (initialized) return
        // There is one Application for the lifetime of the process. It is null before Application.onCreate.
        val application = context.applicationContext ?: context
        withNativeLibrary {
            System.loadLibrary("cognito_signout")
            AppContext.give(application)
        }
        initialized = true
    }
}
