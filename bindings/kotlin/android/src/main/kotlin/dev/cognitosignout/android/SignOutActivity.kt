package dev.cognitosignout.android

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.os.Bundle

/**
 * An activity without content below the browser's tab. It notices when the tab is gone: after a redirect, or because the user closed
 * it. The library starts it.
 *
 * It saves no state, because the call that it belongs to ends with the process.
 */
internal class SignOutActivity : Activity() {
    private var step: WebSteps.Step? = null

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        step = WebSteps.process.started()
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        step = WebSteps.process.started()
    }

    override fun onResume() {
        super.onResume()
        val tab = WebSteps.process.inFront(::open)
        if (tab == Tab.WAITS) return
        // If it is the only activity of its task, there is no activity of the app to return to.
        if (tab == Tab.ENDS && isTaskRoot) startApp()
        finish()
    }

    override fun onDestroy() {
        super.onDestroy()
        // The app's own activity was started again, and that closed everything above it, including the tab.
        if (isFinishing) step?.let(WebSteps.process::closed)
    }

    private fun open(page: Page): Boolean = try {
        startActivity(customTab(page, packageManager))
        true
    } catch (_: ActivityNotFoundException) {
        false
    }

    private fun startApp() {
        packageManager.getLaunchIntentForPackage(packageName)?.let(::startActivity)
    }

    companion object {
        /** Brings it to the front of the app's task, and closes the tab above it. */
        fun intent(context: Context): Intent = Intent(context, SignOutActivity::class.java)
            .addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP)
    }
}

/**
 * Receives the redirect from the browser, with the URI in the app's manifest. Any app can send any URL here: a URL that does not
 * belong to the waiting sign-out is ignored. In a process that has not started a sign-out, the tab is closed in any case, and
 * [LostRedirects] keeps the URL to try it later.
 */
public class RedirectActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val callback = intent?.dataString
        if (callback != null && WebSteps.process.redirected(callback)) startActivity(SignOutActivity.intent(this))
        finish()
    }
}
