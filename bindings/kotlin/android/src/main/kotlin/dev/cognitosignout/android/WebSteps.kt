package dev.cognitosignout.android

import android.app.Activity
import dev.cognitosignout.Auth
import dev.cognitosignout.BrowserCompletion
import dev.cognitosignout.BrowserException
import dev.cognitosignout.NextPage
import java.lang.ref.WeakReference
import java.util.Collections
import java.util.WeakHashMap
import java.util.concurrent.atomic.AtomicReference

/** What the activity below the tab does when it is in front. */
internal enum class Tab {
    /** It has opened a page, and continues to wait. */
    WAITS,

    /** It finishes. */
    ENDS,

    /** It finishes, and the page that it has opened stays. */
    LEAVES,
}

/** How a page was opened. */
internal enum class Opened {
    /** Not yet; or no browser could. */
    NOT,

    /** As a page that does not say when it is closed. */
    PAGE,

    /** In an Auth Tab, which returns a result when it is closed. */
    AUTH_TAB,
}

/**
 * The page to show, and in which browser. Null: the user's default browser.
 *
 * @property redirect where the browser is sent at the end. Null: nowhere, the user stays at the page.
 */
internal class Page(val url: String, val redirect: String?, val browserPackage: String?)

/** The only web step that can be in progress, from the library's call to the end of the activity below the tab. */
internal class WebSteps {
    /** A page, and the completion for its outcome. */
    internal class Step(val completion: BrowserCompletion, @Volatile var page: Page) {
        /** Whether the activity was started. Android may refuse that without an error. */
        @Volatile
        var started = false

        /** Whether the main thread has done something since the step began. */
        @Volatile
        var mainThreadIsFree = false

        /** How the page was opened in the browser. */
        @Volatile
        var opened = Opened.NOT
    }

    private val current = AtomicReference<Step?>()
    private val windows = AtomicReference<WeakReference<Activity>?>()
    private val leaving = AtomicReference<Page?>()

    /** Redirects that arrived without a web step: the process that started it was killed. */
    val lost = LostRedirects()

    /** Calls [signOut], whose pages are started from [activity]. */
    suspend fun <T> inWindow(activity: Activity, signOut: suspend () -> T): T {
        val window = WeakReference(activity)
        windows.set(window)
        try {
            return signOut()
        } finally {
            windows.compareAndSet(window, null)
        }
    }

    /** The activity to start the next page from. Null: the app itself. */
    fun window(): Activity? = windows.get()?.get()?.takeUnless { it.isFinishing || it.isDestroyed }

    /** A new web step, which shows [page]. An earlier one that is still in progress belongs to another [Auth], or was given up. */
    fun begin(completion: BrowserCompletion, page: Page): Step {
        val step = Step(completion, page)
        // Earlier redirects belong to another step, and later ones that do not match this step are late.
        lost.end()
        leaving.set(null)
        current.getAndSet(step)?.run {
            val taken = BrowserException(BrowserException.Kind.REDIRECT_TAKEN, "another sign-out of this app has opened its page")
            this.completion.failed(taken)
            this.completion.close()
        }
        return step
    }

    /** The library does not wait any more. */
    fun end(step: Step) {
        if (current.compareAndSet(step, null)) step.completion.close()
    }

    /** The activity was started. Returns its step. */
    fun started(): Step? = current.get()?.apply { started = true }

    /** The browser was sent to [callback]. True: close the tab. False: another app sent it, and the user has not finished. */
    fun redirected(callback: String): Boolean {
        val step = current.get()
        if (step == null) {
            lost.keep(callback)
            return true
        }
        when (val next = step.completion.redirected(callback)) {
            is NextPage.Ignored -> return false
            is NextPage.Show -> {
                step.page = Page(next.url, step.page.redirect, step.page.browserPackage)
                step.opened = Opened.NOT
            }
            is NextPage.End -> {
                leaving.set(next.leaveAt?.let { Page(it, null, step.page.browserPackage) })
                end(step)
            }
        }
        return true
    }

    /** An Auth Tab was closed with this [result]. It was sent to [callback] if that is [Activity.RESULT_OK]. */
    fun answered(result: Int, callback: String?) {
        val step = current.get()
        if (step == null) {
            if (callback != null) lost.keep(callback)
            return
        }
        // Otherwise it showed an earlier page, and was closed to make room for this one.
        if (step.opened != Opened.AUTH_TAB) return
        when (result) {
            Activity.RESULT_OK ->
                if (callback == null || !redirected(callback)) {
                    fail(step, BrowserException.Kind.UNAVAILABLE, "the browser came back with a URL that does not end this sign-out")
                }
            RESULT_VERIFICATION_FAILED ->
                fail(step, BrowserException.Kind.UNAVAILABLE, "the browser found that this app does not own ${step.page.redirect}")
            RESULT_VERIFICATION_TIMED_OUT ->
                fail(step, BrowserException.Kind.UNAVAILABLE, "the browser could not verify in time who owns ${step.page.redirect}")
            else -> closed(step)
        }
    }

    /** The activity is in front, without a tab above it. */
    fun inFront(open: (Page) -> Opened): Tab {
        // That page does not come back.
        leaving.getAndSet(null)?.let { return if (open(it) == Opened.NOT) Tab.ENDS else Tab.LEAVES }
        val step = current.get() ?: return Tab.ENDS
        when (step.opened) {
            Opened.PAGE -> closed(step)
            // Its result has not come, so it is still open somewhere.
            Opened.AUTH_TAB -> return Tab.WAITS
            Opened.NOT -> {
                step.opened = open(step.page)
                if (step.opened != Opened.NOT) return Tab.WAITS
                val missing = step.page.browserPackage?.let { "the browser $it is not installed" } ?: "no app opens web pages"
                fail(step, BrowserException.Kind.UNAVAILABLE, missing)
            }
        }
        return Tab.ENDS
    }

    /** The user has closed the tab, or has left it. */
    fun closed(step: Step) = fail(step, BrowserException.Kind.CANCELLED, "the user closed the browser's tab")

    /** The activity did not start. */
    fun notStarted(step: Step) {
        if (step.started) return
        val why = when (step.mainThreadIsFree) {
            true -> "Android does not let an app open a browser from the background"
            false -> "the app's main thread is blocked, perhaps by runBlocking around the sign-out"
        }
        fail(step, BrowserException.Kind.UNAVAILABLE, why)
    }

    private fun fail(step: Step, kind: BrowserException.Kind, detail: String) {
        if (!current.compareAndSet(step, null)) return
        step.completion.failed(BrowserException(kind, detail))
        step.completion.close()
    }

    /** One for the process. */
    companion object {
        val process = WebSteps()
    }
}

/**
 * Callback URLs, and the [Auth]s whose sign-outs one of them may belong to, in a process that started neither. Whichever comes first
 * waits for the other. Any app can send URLs, before or after the browser does. So every [Auth] tries every URL; a URL belongs to at
 * most one of them.
 *
 * After this process has started its own web step, it keeps no more URLs.
 */
internal class LostRedirects {
    /** A URL that has arrived, and the [Auth]s that have tried it. */
    internal class Kept(val callback: String) {
        internal val tried: MutableSet<Auth> = Collections.newSetFromMap(WeakHashMap())
    }

    private val callbacks = ArrayDeque<Kept>()
    private val waiting = mutableMapOf<Auth, () -> Unit>()
    private var ended = false

    fun keep(callback: String) {
        val heirs = synchronized(this) {
            if (ended) return
            // A URL that arrives again is tried again.
            callbacks.removeAll { it.callback == callback }
            // Another app can send any number of URLs.
            if (callbacks.size == MOST) callbacks.removeFirst()
            callbacks += Kept(callback)
            wake(waiting.keys.toList())
        }
        heirs.forEach { it() }
    }

    /** Returns a URL that [auth] took and that did not belong to it. The others try it. */
    fun putBack(kept: Kept, auth: Auth) {
        val heirs = synchronized(this) {
            kept.tried += auth
            if (ended || callbacks.size == MOST) return
            callbacks.addFirst(kept)
            wake(waiting.keys - kept.tried)
        }
        heirs.forEach { it() }
    }

    /**
     * A URL that [auth] has not tried yet. No other [Auth] gets it until it is [put back][putBack]. If there is none, [later] is
     * called once when there is one.
     */
    @Synchronized
    fun take(auth: Auth, later: () -> Unit): Kept? {
        waiting -= auth
        val kept = callbacks.firstOrNull { auth !in it.tried }
        if (kept != null) {
            callbacks -= kept
        } else if (!ended) {
            waiting[auth] = later
        }
        return kept
    }

    /** No sign-out of [auth] waits for the URLs that have arrived. They may belong to another [Auth]. */
    @Synchronized
    fun forget(auth: Auth) {
        callbacks.forEach { it.tried += auth }
        waiting -= auth
    }

    /** This process does not wait for any URL any more. */
    @Synchronized
    fun end() {
        callbacks.clear()
        waiting.clear()
        ended = true
    }

    private fun wake(heirs: Collection<Auth>): List<() -> Unit> = heirs.mapNotNull(waiting::remove)

    private companion object {
        const val MOST = 16
    }
}
