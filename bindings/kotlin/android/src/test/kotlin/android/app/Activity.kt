package android.app

import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.ContextThemeWrapper

/**
 * Replaces the framework's class, which needs a device's native half. It has the methods that the library's activities call, and
 * those that [Host], the fake system, calls. All other Android classes are the framework's own code.
 */
open class Activity : ContextThemeWrapper() {
    /** The system, as an activity sees it. */
    interface Host {
        fun start(intent: Intent, caller: Activity?)
        fun finish(activity: Activity)
        fun isTaskRoot(activity: Activity): Boolean
    }

    private lateinit var host: Host
    private var intent: Intent? = null
    private var finishing = false

    open fun getIntent(): Intent? = intent
    open fun isFinishing(): Boolean = finishing
    open fun isTaskRoot(): Boolean = host.isTaskRoot(this)
    override fun startActivity(intent: Intent) = host.start(intent, this)

    open fun finish() {
        if (finishing) return
        finishing = true
        host.finish(this)
    }

    protected open fun onCreate(savedInstanceState: Bundle?) = Unit
    protected open fun onNewIntent(intent: Intent) = Unit
    protected open fun onResume() = Unit
    protected open fun onDestroy() = Unit

    fun create(host: Host, base: Context, intent: Intent, saved: Bundle?) {
        attachBaseContext(base)
        this.host = host
        this.intent = intent
        onCreate(saved)
    }

    fun newIntent(intent: Intent) = onNewIntent(intent)

    fun resume() = onResume()

    fun destroy(finishing: Boolean) {
        this.finishing = finishing
        onDestroy()
    }
}
