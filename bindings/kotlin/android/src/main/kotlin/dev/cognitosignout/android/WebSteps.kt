package dev.cognitosignout.android

import dev.cognitosignout.Auth
import dev.cognitosignout.BrowserCompletion
import dev.cognitosignout.BrowserException
import dev.cognitosignout.NextPage
import java.util.Collections
import java.util.WeakHashMap
import java.util.concurrent.atomic.AtomicReference

/** What the activity that lies under the tab is to do, being in front. */
internal enum class Tab {
    /** It has opened a page, and goes on waiting. */
    WAITS,

    /** It ends. */
    ENDS,

    /** It ends, and the page that it has opened stays. */
    LEAVES,
}

/** What to show, and in which browser: unset, the user's own. */
internal class Page(val url: String, val browserPackage: String?)

/** The one web step that can be under way, from the library's call to the end of the activity under the tab. */
internal class WebSteps {
    /** A page, and whom to tell what became of it. */
    internal class Step(val completion: BrowserCompletion, @Volatile var page: Page) {
        /** Whether the activity was started, as Android may refuse without a word. */
        @Volatile
        var started = false

        /** Whether the page is in the browser. */
        @Volatile
        var opened = false
    }

    private val current = AtomicReference<Step?>()
    private val leaving = AtomicReference<Page?>()

    /** The redirects that came to a process without a web step: the one that had it was killed. */
    val lost = LostRedirects()

    /** A new web step, which shows [page]. One that was still under way has been given up by the library. */
    fun begin(completion: BrowserCompletion, page: Page): Step {
        val step = Step(completion, page)
        // What came before it is another's, and what comes after it and is not its own is late.
        lost.end()
        leaving.set(null)
        current.getAndSet(step)?.completion?.close()
        return step
    }

    /** The library waits no more. */
    fun end(step: Step) {
        if (current.compareAndSet(step, null)) step.completion.close()
    }

    /** The activity has been started: the step that it is for. */
    fun started(): Step? = current.get()?.apply { started = true }

    /** The browser was sent to [callback]. True: the tab is to be closed; false: another app's doing, the user is not done. */
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

    /** The activity is in front, and no tab above it. [open] says whether there was a browser to show a page. */
    fun inFront(open: (Page) -> Boolean): Tab {
        // From there nothing comes back.
        leaving.getAndSet(null)?.let { return if (open(it)) Tab.LEAVES else Tab.ENDS }
        val step = current.get() ?: return Tab.ENDS
        if (step.opened) {
            closed(step)
        } else if (open(step.page)) {
            step.opened = true
            return Tab.WAITS
        } else {
            val missing = step.page.browserPackage?.let { "the browser $it is not there" } ?: "no app opens web pages"
            fail(step, BrowserException.Kind.UNAVAILABLE, missing)
        }
        return Tab.ENDS
    }

    /** The tab was closed, and no redirect has done it: the user has. */
    fun closed(step: Step) = fail(step, BrowserException.Kind.CANCELLED, "the user closed the browser's tab")

    /** Nothing has been seen of the activity. */
    fun notStarted(step: Step) {
        if (step.started) return
        fail(step, BrowserException.Kind.UNAVAILABLE, "Android lets no app open its browser from the background")
    }

    private fun fail(step: Step, kind: BrowserException.Kind, detail: String) {
        if (!current.compareAndSet(step, null)) return
        step.completion.failed(BrowserException(kind, detail))
        step.completion.close()
    }

    /** The process's own. */
    companion object {
        val process = WebSteps()
    }
}

/**
 * Callback URLs, and the sign-outs that one of them may belong to, in a process that began neither: whichever comes first waits.
 * Any app can send some too, before or after the browser does, so that each is to be tried, and by each [Auth]: it is for one
 * of them alone.
 *
 * Once the process has begun a web step of its own, there is none any more.
 */
internal class LostRedirects {
    /** One that has come, and those that need not try it again. */
    internal class Kept(val callback: String) {
        internal val tried: MutableSet<Auth> = Collections.newSetFromMap(WeakHashMap())
    }

    private val callbacks = ArrayDeque<Kept>()
    private val waiting = mutableMapOf<Auth, () -> Unit>()
    private var ended = false

    fun keep(callback: String) {
        val heirs = synchronized(this) {
            if (ended) return
            // One that comes again has been tried by nobody.
            callbacks.removeAll { it.callback == callback }
            // Another app can send as many as it likes.
            if (callbacks.size == MOST) callbacks.removeFirst()
            callbacks += Kept(callback)
            wake(waiting.keys.toList())
        }
        heirs.forEach { it() }
    }

    /** One that [auth] took, and that was not its own: the others try it. */
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
     * One that has come and that [auth] has not tried yet, for it alone until it is [put back][putBack]; if there is none,
     * [later] is called when there is. Once.
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

    /** No sign-out of [auth]'s waits for those that have come. They may be another's. */
    @Synchronized
    fun forget(auth: Auth) {
        callbacks.forEach { it.tried += auth }
        waiting -= auth
    }

    /** None is waited for in this process any more. */
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
