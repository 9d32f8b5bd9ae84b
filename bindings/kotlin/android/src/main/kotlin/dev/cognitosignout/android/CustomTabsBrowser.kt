package dev.cognitosignout.android

import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import dev.cognitosignout.Browser
import dev.cognitosignout.BrowserCompletion

/**
 * Opens pages in a Custom Tab of the user's browser, whose cookies it has, and comes back by [RedirectActivity]. A browser
 * without Custom Tabs shows the page as any other.
 *
 * @param context any of the app's; its application's is kept.
 */
public class CustomTabsBrowser(context: Context) : Browser {
    private val context: Context = context.applicationContext ?: context

    override fun show(url: String, redirect: String, completion: BrowserCompletion) {
        WebSteps.process.begin(completion, url)
        completion.onClosed { WebSteps.process.end(completion) }
        context.startActivity(SignOutActivity.intent(context, url).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
    }
}

/** What `androidx.browser` would build: an intent is a Custom Tab if it has a session, be it null. */
internal fun customTab(url: String): Intent {
    val session = Bundle().apply { putBinder("android.support.customtabs.extra.SESSION", null) }
    return Intent(Intent.ACTION_VIEW, Uri.parse(url))
        .putExtras(session)
        .putExtra("androidx.browser.customtabs.extra.SHARE_STATE", SHARE_STATE_OFF)
}

/** A logout page is not to be shared. */
private const val SHARE_STATE_OFF = 2
