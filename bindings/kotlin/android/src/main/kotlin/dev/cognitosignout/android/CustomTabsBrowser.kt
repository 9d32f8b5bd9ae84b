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
 * Opens pages in a Custom Tab of the user's browser, whose cookies it has, and comes back by [RedirectActivity]. A browser
 * without Custom Tabs shows the page as any other.
 *
 * It has to be the browser that the user signed in with: every other one comes back just the same, and ends nothing. An app
 * that names a browser for its sign-in names it here too. For one that does not, it is the user's own browser of today, which
 * may be another than that of the sign-in.
 *
 * The app must be in the foreground: Android starts no activity for one that is not, and the web step has failed then.
 */
public class CustomTabsBrowser internal constructor(
    context: Context,
    private val browserPackage: String? = null,
    private val later: (() -> Unit) -> Unit,
) : Browser {
    private val context: Context = context.applicationContext ?: context

    /**
     * @param context any of the app's; its application's is kept.
     * @param browserPackage the browser to open pages in, as `com.android.chrome`: what the app passes to whatever signs its
     *   users in, as Amplify's `browserPackage`. Unset: the user's own.
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

/** Activities start within a second. For five, Android may hold one back after the user has left the app. */
private fun whenItShouldHaveStarted(check: () -> Unit) {
    CoroutineScope(Dispatchers.Default).launch {
        delay(10_000)
        check()
    }
}

/** What `androidx.browser` would build: an intent is a Custom Tab if it has a session, be it null. */
internal fun customTab(page: Page, packages: PackageManager): Intent {
    val session = Bundle().apply { putBinder("android.support.customtabs.extra.SESSION", null) }
    return Intent(Intent.ACTION_VIEW, Uri.parse(page.url))
        .setPackage(page.browserPackage ?: customTabsPackage(packages))
        .putExtras(session)
        .putExtra("androidx.browser.customtabs.extra.SHARE_STATE", SHARE_STATE_OFF)
}

/** A logout page is not to be shared. */
private const val SHARE_STATE_OFF = 2

/**
 * The browser in which AppAuth and Amplify sign users in, and so the one that has the session: the user's own, if it has
 * Custom Tabs, or else one that has. Null: whatever opens web pages.
 */
private fun customTabsPackage(packages: PackageManager): String? {
    // No page, so that no app answers that opens those of one site.
    val page = Intent(Intent.ACTION_VIEW, Uri.fromParts("https", "", null)).addCategory(Intent.CATEGORY_BROWSABLE)
    val browsers = listOfNotNull(packages.resolveActivity(page, 0)) +
        packages.queryIntentActivities(page, PackageManager.MATCH_ALL)
    return browsers.map { it.activityInfo.packageName }.firstOrNull { browser ->
        val service = Intent("android.support.customtabs.action.CustomTabsService").setPackage(browser)
        packages.resolveService(service, 0) != null
    }
}
