package dev.cognitosignout.android

import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Bundle
import android.os.Handler
import dev.cognitosignout.Browser
import dev.cognitosignout.BrowserCompletion
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import java.util.Locale

/**
 * Opens pages in a tab of the user's browser, which shares the browser's cookies: in an Auth Tab if the browser has them (Chrome from
 * version 137), otherwise in a Custom Tab. A browser without either shows an ordinary page.
 *
 * An Auth Tab returns the redirect and the user's cancelling itself. From the others, the browser returns through
 * [RedirectActivity], and a user who comes back to the app has cancelled: also one who has only made the tab small, or opened it in
 * the browser.
 *
 * It must be the browser that the user signed in with: another browser also comes back, but ends no session. If the app sets a
 * browser for its sign-in, set the same browser here. Otherwise the user's current default browser is used, which may have changed
 * since the sign-in.
 *
 * The app must be in the foreground, and its main thread must not be blocked. Otherwise Android does not start the activity, and the
 * web step fails.
 */
public class CustomTabsBrowser internal constructor(
    context: Context,
    private val browserPackage: String? = null,
    private val later: (() -> Unit) -> Unit,
) : Browser {
    private val context: Context = context.applicationContext ?: context

    /**
     * @param context any context of the app. Only its application context is kept.
     * @param browserPackage the browser to open pages in, for example `com.android.chrome`. Use the value that the app uses for
     *   sign-in, for example Amplify's `browserPackage`. Null: the user's default browser.
     */
    @JvmOverloads
    public constructor(context: Context, browserPackage: String? = null) :
        this(context, browserPackage, ::whenItShouldHaveStarted)

    override fun show(url: String, redirect: String, completion: BrowserCompletion) {
        val step = WebSteps.process.begin(completion, Page(url, redirect, browserPackage))
        completion.onClosed { WebSteps.process.end(step) }
        Handler(context.mainLooper).post { step.mainThreadIsFree = true }
        val window = WebSteps.process.window()
        if (window == null) {
            context.startActivity(SignOutActivity.intent(context).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
        } else {
            window.runOnUiThread { window.startActivity(SignOutActivity.intent(window)) }
        }
        later { WebSteps.process.notStarted(step) }
    }
}

/** Activities start within a second. Android may delay one for five seconds after the user has left the app. */
private fun whenItShouldHaveStarted(check: () -> Unit) {
    CoroutineScope(Dispatchers.Default).launch {
        delay(10_000)
        check()
    }
}

/** The intent that `androidx.browser` would build. An intent opens a Custom Tab if it has a session extra, even a null one. */
internal fun customTab(page: Page, packages: PackageManager): Intent {
    val session = Bundle().apply { putBinder(EXTRA_SESSION, null) }
    return Intent(Intent.ACTION_VIEW, Uri.parse(page.url))
        .setPackage(page.browserPackage ?: customTabsPackage(packages))
        .putExtras(session)
        // The user should not share a logout page, or move it to where the app does not notice its end.
        .putExtra(EXTRA_SHARE_STATE, STATE_OFF)
        .putExtra(EXTRA_OPEN_IN_BROWSER_STATE, STATE_OFF)
}

/**
 * The same page in an Auth Tab, to start for a result. Null: the browser has none. It comes back with the first URL that has the
 * redirect's scheme; for `https`, with one that has its host and path, if the browser can verify that the app owns the host.
 */
internal fun authTab(page: Page, packages: PackageManager): Intent? {
    val redirect = Uri.parse(page.redirect ?: return null)
    val tab = customTab(page, packages)
    val service = Intent(CUSTOM_TABS_SERVICE).setPackage(tab.`package` ?: return null).addCategory(CATEGORY_AUTH_TAB)
    if (packages.resolveService(service, 0) == null) return null
    tab.putExtra(EXTRA_LAUNCH_AUTH_TAB, true)
    return if (redirect.scheme == "https") {
        tab.putExtra(EXTRA_HTTPS_REDIRECT_HOST, redirect.host)
            .putExtra(EXTRA_HTTPS_REDIRECT_PATH, redirect.path.orEmpty().ifEmpty { "/" })
    } else {
        // Browsers write schemes in small letters.
        tab.putExtra(EXTRA_REDIRECT_SCHEME, redirect.scheme?.lowercase(Locale.ROOT))
    }
}

/**
 * The browser that AppAuth and Amplify use for sign-in, which therefore has the session: the user's default browser if it supports
 * Custom Tabs, otherwise another browser that does. Null: any app that opens web pages.
 */
private fun customTabsPackage(packages: PackageManager): String? {
    // No host, so that apps for the pages of one site do not match.
    val page = Intent(Intent.ACTION_VIEW, Uri.fromParts("https", "", null)).addCategory(Intent.CATEGORY_BROWSABLE)
    val browsers = listOfNotNull(packages.resolveActivity(page, 0)) +
        packages.queryIntentActivities(page, PackageManager.MATCH_ALL)
    return browsers.map { it.activityInfo.packageName }.firstOrNull { browser ->
        val service = Intent(CUSTOM_TABS_SERVICE).setPackage(browser)
        packages.resolveService(service, 0) != null
    }
}

// Constants of `androidx.browser`: the tests compare them.
internal const val CUSTOM_TABS_SERVICE = "android.support.customtabs.action.CustomTabsService"
internal const val CATEGORY_AUTH_TAB = "androidx.browser.auth.category.AuthTab"
internal const val EXTRA_SESSION = "android.support.customtabs.extra.SESSION"
internal const val EXTRA_SHARE_STATE = "androidx.browser.customtabs.extra.SHARE_STATE"
internal const val EXTRA_OPEN_IN_BROWSER_STATE = "androidx.browser.customtabs.extra.OPEN_IN_BROWSER_STATE"
internal const val STATE_OFF = 2
internal const val EXTRA_LAUNCH_AUTH_TAB = "androidx.browser.auth.extra.LAUNCH_AUTH_TAB"
internal const val EXTRA_REDIRECT_SCHEME = "androidx.browser.auth.extra.REDIRECT_SCHEME"
internal const val EXTRA_HTTPS_REDIRECT_HOST = "androidx.browser.auth.extra.HTTPS_REDIRECT_HOST"
internal const val EXTRA_HTTPS_REDIRECT_PATH = "androidx.browser.auth.extra.HTTPS_REDIRECT_PATH"
internal const val RESULT_VERIFICATION_FAILED = 2
internal const val RESULT_VERIFICATION_TIMED_OUT = 3
