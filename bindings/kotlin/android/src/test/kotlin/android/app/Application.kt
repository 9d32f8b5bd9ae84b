package android.app

import android.content.ContextWrapper

/** Replaces the framework's class, which asks the system: it has the name of the app's process. */
class Application : ContextWrapper(null) {
    companion object {
        /** Null: it is unknown. */
        @JvmStatic
        @Volatile
        var processName: String? = null
    }
}
