package android.app

import android.content.ContextWrapper

/** In place of the framework's, which asks the system for it: the name of the app's process. */
class Application : ContextWrapper(null) {
    companion object {
        /** Unset: it cannot be told. */
        @JvmStatic
        @Volatile
        var processName: String? = null
    }
}
