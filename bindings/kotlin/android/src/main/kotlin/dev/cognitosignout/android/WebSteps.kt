package dev.cognitosignout.android

import dev.cognitosignout.BrowserCompletion
import dev.cognitosignout.BrowserException
import dev.cognitosignout.NextPage
import java.util.concurrent.atomic.AtomicReference

/** What becomes of the activity that lies under the tab. */
internal enum class Tab {
    /** It goes on waiting. */
    WAITS,

    /** It ends, and the tab with it. */
    ENDS,
}

/** What the activities do with a tab; apart from them, so that it can be tested without Android. */
internal interface TabHost {
    /** Opens [url] in the tab. False: there is no browser. */
    fun open(url: String): Boolean
}

/** The one web step that can be under way, from the library's call to the end of the activity under the tab. */
internal class WebSteps {
    private class Step(val completion: BrowserCompletion, @Volatile var page: String)

    private val current = AtomicReference<Step?>()

    /** A redirect that came to a process without a web step: the one that had it was killed. */
    val lost = LostRedirect()

    /** A new web step, which shows [page]. One that was still under way has been given up by the library. */
    fun begin(completion: BrowserCompletion, page: String) {
        current.getAndSet(Step(completion, page))?.completion?.close()
    }

    /** The library waits no more. */
    fun end(completion: BrowserCompletion) {
        val step = current.get()
        if (step?.completion === completion && current.compareAndSet(step, null)) completion.close()
    }

    /** The browser was sent to [callback], which has closed the tab. */
    fun redirected(callback: String, tab: TabHost): Tab {
        val step = current.get()
        if (step == null) {
            lost.keep(callback)
            return Tab.ENDS
        }
        return when (val next = step.completion.redirected(callback)) {
            // Another app's doing: the user was not done.
            is NextPage.Ignored -> opened(step.page, step, tab)
            is NextPage.Show -> opened(next.url, step, tab)
            is NextPage.End -> {
                // From there nothing comes back: the tab stays, and the activity goes.
                next.leaveAt?.let(tab::open)
                end(step.completion)
                Tab.ENDS
            }
        }
    }

    /** The activity is in front again, and no redirect has brought it there: the user has closed the tab. */
    fun closed(): Tab {
        fail(BrowserException(BrowserException.Kind.CANCELLED, "the user closed the browser's tab"))
        return Tab.ENDS
    }

    /** There is no browser. */
    fun unavailable(): Tab {
        fail(BrowserException(BrowserException.Kind.UNAVAILABLE, "no app opens web pages"))
        return Tab.ENDS
    }

    private fun opened(page: String, step: Step, tab: TabHost): Tab {
        step.page = page
        return if (tab.open(page)) Tab.WAITS else unavailable()
    }

    private fun fail(exception: BrowserException) {
        val completion = current.getAndSet(null)?.completion ?: return
        completion.failed(exception)
        completion.close()
    }

    /** The process's own. */
    companion object {
        val process = WebSteps()
        val lost: LostRedirect
            get() = process.lost
    }
}

/** A callback URL, kept until the app asks for it at launch. */
internal class LostRedirect {
    private val callback = AtomicReference<String?>()

    fun keep(callback: String) = this.callback.set(callback)

    fun isKept(): Boolean = callback.get() != null

    /** Once. */
    fun take(): String? = callback.getAndSet(null)
}
