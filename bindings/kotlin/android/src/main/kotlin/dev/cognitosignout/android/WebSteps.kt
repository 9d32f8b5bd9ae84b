package dev.cognitosignout.android

import dev.cognitosignout.BrowserCompletion
import dev.cognitosignout.BrowserException
import dev.cognitosignout.NextPage
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

/** The one web step that can be under way, from the library's call to the end of the activity under the tab. */
internal class WebSteps {
    /** A page, and whom to tell what became of it. */
    internal class Step(val completion: BrowserCompletion, @Volatile var page: String) {
        /** Whether the activity was started, as Android may refuse without a word. */
        @Volatile
        var started = false

        /** Whether the page is in the browser. */
        @Volatile
        var opened = false
    }

    private val current = AtomicReference<Step?>()
    private val leaving = AtomicReference<String?>()

    /** No redirect is lost on a process that has had a web step of its own: it is late. */
    @Volatile
    private var hasBegun = false

    /** A redirect that came to a process without a web step: the one that had it was killed. */
    val lost = LostRedirect()

    /** A new web step, which shows [page]. One that was still under way has been given up by the library. */
    fun begin(completion: BrowserCompletion, page: String): Step {
        val step = Step(completion, page)
        hasBegun = true
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
            if (!hasBegun) lost.keep(callback)
            return true
        }
        when (val next = step.completion.redirected(callback)) {
            is NextPage.Ignored -> return false
            is NextPage.Show -> {
                step.page = next.url
                step.opened = false
            }
            is NextPage.End -> {
                leaving.set(next.leaveAt)
                end(step)
            }
        }
        return true
    }

    /** The activity is in front, and no tab above it. [open] says whether there was a browser to show a page. */
    fun inFront(open: (String) -> Boolean): Tab {
        // From there nothing comes back.
        leaving.getAndSet(null)?.let { return if (open(it)) Tab.LEAVES else Tab.ENDS }
        val step = current.get() ?: return Tab.ENDS
        if (step.opened) {
            closed(step)
        } else if (open(step.page)) {
            step.opened = true
            return Tab.WAITS
        } else {
            fail(step, BrowserException.Kind.UNAVAILABLE, "no app opens web pages")
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

/** A callback URL and the sign-out that it belongs to, in a process that began neither: whichever comes first waits. */
internal class LostRedirect {
    private var callback: String? = null
    private var heir: ((String) -> Unit)? = null

    fun keep(callback: String) {
        val waiting = synchronized(this) {
            heir.also {
                heir = null
                if (it == null) this.callback = callback
            }
        }
        waiting?.invoke(callback)
    }

    /** The one that has come; else [later] will be given it. Once. */
    @Synchronized
    fun take(later: (String) -> Unit): String? {
        val callback = callback
        this.callback = null
        heir = later.takeIf { callback == null }
        return callback
    }
}
