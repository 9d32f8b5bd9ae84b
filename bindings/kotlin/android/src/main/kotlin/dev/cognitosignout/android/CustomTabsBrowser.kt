package dev.cognitosignout.android

import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Bundle
import dev.cognitosignout.Browser
import dev.cognitosignout.BrowserCompletion
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch

/**
 * Opens pages in a Custom Tab of the user's browser, which shares the browser's cookies. The browser returns through
 * [RedirectActivity]. A browser without Custom Tabs shows an ordinary page.
 *
 * It must be the browser that the user signed in with: another browser also comes back, but ends no session. If the app sets a
 * browser for its sign-in, set the same browser here. Otherwise the user's current default browser is used, which may have changed
 * since the sign-in.
 *
 * The app must be in the foreground. Otherwise Android does not start the activity, and the web step fails.
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
        val step = WebSteps.process.begin(completion, Page(url, browserPackage))
        completion.onClosed { WebSteps.process.end(step) }
        context.startActivity(SignOutActivity.intent(context).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
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
    val session = Bundle().apply { putBinder("android.support.customtabs.extra.SESSION", null) }
    return Intent(Intent.ACTION_VIEW, Uri.parse(page.url))
        .setPackage(page.browserPackage ?: customTabsPackage(packages))
        .putExtras(session)
        .putExtra("androidx.browser.customtabs.extra.SHARE_STATE", SHARE_STATE_OFF)
}

/** The user should not share a logout page. */
private const val SHARE_STATE_OFF = 2

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
        val service = Intent("android.support.customtabs.action.CustomTabsService").setPackage(browser)
        packages.resolveService(service, 0) != null
    }
}
