package dev.cognitosignout.android

import android.app.Activity
import android.content.ActivityNotFoundException
import android.content.Context
import android.content.Intent
import android.os.Bundle
import android.view.MotionEvent

/**
 * An activity without content below the browser's tab. It notices when the tab is gone: after a redirect, or because the user closed
 * it. The library starts it.
 *
 * It saves no state, because the call that it belongs to ends with the process.
 */
internal class SignOutActivity : Activity() {
    private var step: WebSteps.Step? = null

    /** Whether [onResume] has just opened a page, which comes to the front in a moment. */
    private var opens = false

    /** Whether it is in front although a page is open, for example because the user has made an Auth Tab small. */
    private var isPageElsewhere = false

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
        opens = false
        val tab = WebSteps.process.inFront(::open)
        isPageElsewhere = tab == Tab.WAITS && !opens
        if (tab == Tab.WAITS) return
        // If it is the only activity of its task, there is no activity of the app to return to.
        if (tab == Tab.ENDS && isTaskRoot) startApp()
        finish()
    }

    /** The result of an Auth Tab. It comes before [onResume]. */
    override fun onActivityResult(requestCode: Int, resultCode: Int, data: Intent?) {
        super.onActivityResult(requestCode, resultCode, data)
        WebSteps.process.answered(resultCode, data?.dataString)
    }

    /** The user wants to use the app, which this activity covers. A second tap on the app's button is no such touch. */
    override fun onTouchEvent(event: MotionEvent): Boolean {
        if (isPageElsewhere) finish()
        return true
    }

    override fun onDestroy() {
        super.onDestroy()
        // The app's own activity was started again, and that closed everything above it, including the tab.
        if (isFinishing) step?.let(WebSteps.process::closed)
    }

    private fun open(page: Page): Opened = try {
        opens = true
        val authTab = authTab(page, packageManager)
        if (authTab == null) {
            startActivity(customTab(page, packageManager))
            Opened.PAGE
        } else {
            startActivityForResult(authTab, 0)
            Opened.AUTH_TAB
        }
    } catch (_: ActivityNotFoundException) {
        Opened.NOT
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
 * Receives the redirect from the browser. An app with hosted pages gives it the sign-out URI, here `myapp://signed-out`, in
 * `<application>` of its manifest:
 *
 * ```
 * <activity android:name="dev.cognitosignout.android.RedirectActivity" android:exported="true">
 *     <intent-filter>
 *         <action android:name="android.intent.action.VIEW" />
 *         <category android:name="android.intent.category.DEFAULT" />
 *         <category android:name="android.intent.category.BROWSABLE" />
 *         <data android:scheme="myapp" android:host="signed-out" />
 *     </intent-filter>
 * </activity>
 * ```
 *
 * The host distinguishes it from the callback of a sign-in, which may have the same scheme. For an App Link, the filter has
 * `android:autoVerify="true"`, the scheme `https`, the host and the path; the site's `assetlinks.json` names the app.
 *
 * Any app can send any URL here: a URL that does not belong to the waiting sign-out is ignored. In a process that has not started a
 * sign-out, the tab is closed in any case, and the URL is kept to be tried later.
 */
public class RedirectActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val callback = intent?.dataString
        if (callback != null && WebSteps.process.redirected(callback)) startActivity(SignOutActivity.intent(this))
        finish()
    }
}
