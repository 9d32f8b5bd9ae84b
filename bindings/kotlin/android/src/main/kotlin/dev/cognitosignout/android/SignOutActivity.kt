package dev.cognitosignout.android

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.os.Bundle

/**
 * Lies under the browser's tab, shows nothing, and so is told when the tab goes: by a redirect, or because the user has closed
 * it. The library starts it.
 *
 * It keeps nothing that would have to outlive the process: the call that it answers does not.
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
        // In a task of its own, there is nothing of the app's to come back to.
        if (tab == Tab.ENDS && isTaskRoot) startApp()
        finish()
    }

    override fun onDestroy() {
        super.onDestroy()
        // The app's own activity was started anew and has swept away what lay above it, the tab among it.
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
        /** Brings it to the front of the app's task, closing the tab above it. */
        fun intent(context: Context): Intent = Intent(context, SignOutActivity::class.java)
            .addFlags(Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP)
    }
}

/**
 * Where the browser is sent, as the app's manifest has it. Any app may send anything here: what is not the sign-out's that waits
 * is ignored. In a process that began none, the tab is closed whatever comes, and [LostRedirects] keeps it to be tried.
 */
public class RedirectActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val callback = intent?.dataString
        if (callback != null && WebSteps.process.redirected(callback)) startActivity(SignOutActivity.intent(this))
        finish()
    }
}
