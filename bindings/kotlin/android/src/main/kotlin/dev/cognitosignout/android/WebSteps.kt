package dev.cognitosignout.android

import dev.cognitosignout.Auth
import dev.cognitosignout.BrowserCompletion
import dev.cognitosignout.BrowserException
import dev.cognitosignout.NextPage
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

/** The page to show, and in which browser. Null: the user's default browser. */
internal class Page(val url: String, val browserPackage: String?)

/** The only web step that can be in progress, from the library's call to the end of the activity below the tab. */
internal class WebSteps {
    /** A page, and the completion for its outcome. */
    internal class Step(val completion: BrowserCompletion, @Volatile var page: Page) {
        /** Whether the activity was started. Android may refuse that without an error. */
        @Volatile
        var started = false

        /** Whether the page is in the browser. */
        @Volatile
        var opened = false
    }

    private val current = AtomicReference<Step?>()
    private val leaving = AtomicReference<Page?>()

    /** Redirects that arrived without a web step: the process that started it was killed. */
    val lost = LostRedirects()

    /** A new web step, which shows [page]. The library has given up an earlier one that is still in progress. */
    fun begin(completion: BrowserCompletion, page: Page): Step {
        val step = Step(completion, page)
        // Earlier redirects belong to another step, and later ones that do not match this step are late.
        lost.end()
        leaving.set(null)
        current.getAndSet(step)?.completion?.close()
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
                step.page = Page(next.url, step.page.browserPackage)
                step.opened = false
            }
            is NextPage.End -> {
                leaving.set(next.leaveAt?.let { Page(it, step.page.browserPackage) })
                end(step)
            }
        }
        return true
    }

    /** The activity is in front, without a tab above it. [open] returns whether a browser could show the page. */
    fun inFront(open: (Page) -> Boolean): Tab {
        // That page does not come back.
        leaving.getAndSet(null)?.let { return if (open(it)) Tab.LEAVES else Tab.ENDS }
        val step = current.get() ?: return Tab.ENDS
        if (step.opened) {
            closed(step)
        } else if (open(step.page)) {
            step.opened = true
            return Tab.WAITS
        } else {
            val missing = step.page.browserPackage?.let { "the browser $it is not installed" } ?: "no app opens web pages"
            fail(step, BrowserException.Kind.UNAVAILABLE, missing)
        }
        return Tab.ENDS
    }

    /** The tab was closed without a redirect: by the user. */
    fun closed(step: Step) = fail(step, BrowserException.Kind.CANCELLED, "the user closed the browser's tab")

    /** The activity did not start. */
    fun notStarted(step: Step) {
        if (step.started) return
        fail(step, BrowserException.Kind.UNAVAILABLE, "Android does not let an app open a browser from the background")
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
