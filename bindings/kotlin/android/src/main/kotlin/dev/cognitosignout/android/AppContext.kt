package dev.cognitosignout.android

import android.content.Context

/** How the native library gets the app's context. It finds this function by its name. */
internal object AppContext {
    @JvmStatic
    external fun give(context: Context)
}
