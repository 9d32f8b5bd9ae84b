package dev.cognitosignout.android

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.os.Bundle

/**
 * Lies under the browser's tab, shows nothing, and so is told when the tab goes: by a redirect, or because the user has closed
 * it. The library starts it.
 */
public class SignOutActivity : Activity(), TabHost {
    private var opened = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        opened = savedInstanceState?.getBoolean(OPENED) ?: false
    }

    override fun onResume() {
        super.onResume()
        val callback = intent.getStringExtra(CALLBACK)
        val page = intent.getStringExtra(PAGE)
        intent.removeExtra(CALLBACK)
        intent.removeExtra(PAGE)
        val tab = when {
            callback != null -> WebSteps.process.redirected(callback, this)
            // Made anew after the process was killed, it has its first intent again.
            page != null && !opened -> if (open(page)) Tab.WAITS else WebSteps.process.unavailable()
            opened -> WebSteps.process.closed()
            else -> Tab.ENDS
        }
        if (tab == Tab.ENDS) {
            if (callback != null && WebSteps.lost.isKept()) startApp()
            finish()
        }
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        setIntent(intent)
        if (intent.hasExtra(PAGE)) opened = false
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putBoolean(OPENED, opened)
    }

    override fun open(url: String): Boolean = try {
        startActivity(customTab(url))
        opened = true
        true
    } catch (_: ActivityNotFoundException) {
        false
    }

    /** The process that began was killed: the app is to go on by `resumeAfterLaunch`. */
    private fun startApp() {
        packageManager.getLaunchIntentForPackage(packageName)?.let(::startActivity)
    }

    internal companion object {
        private const val PAGE = "dev.cognitosignout.android.PAGE"
        private const val CALLBACK = "dev.cognitosignout.android.CALLBACK"
        private const val OPENED = "dev.cognitosignout.android.OPENED"

        /** Shows [page]. */
        fun intent(context: Context, page: String): Intent =
            Intent(context, SignOutActivity::class.java).putExtra(PAGE, page)

        /** Gives [callback] to the one that is there, closing the tab above it. */
        fun redirect(context: Context, callback: String): Intent =
            Intent(context, SignOutActivity::class.java)
                .putExtra(CALLBACK, callback)
                .addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP)
    }
}

/** Where the browser is sent. Any app may send anything here: what is not this sign-out's is ignored. */
public class RedirectActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        intent?.dataString?.let { startActivity(SignOutActivity.redirect(this, it)) }
        finish()
    }
}
