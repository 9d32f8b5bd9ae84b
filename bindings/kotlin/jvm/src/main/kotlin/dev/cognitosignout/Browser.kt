package dev.cognitosignout

import dev.cognitosignout.ffi.Browser as FfiBrowser
import dev.cognitosignout.ffi.BrowserCompletion as FfiBrowserCompletion
import dev.cognitosignout.ffi.BrowserException as FfiBrowserException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicBoolean

/** Opens pages in the user's browser. On desktops, [SystemBrowser] does; on Android, `CustomTabsBrowser`. */
public fun interface Browser {
    /**
     * Shows [url], and says through [completion] when the browser is sent to [redirect], now or later, on any thread.
     * Called on a thread that may block. Whatever it throws is an error like any other.
     */
    @Throws(BrowserException::class)
    public fun show(url: String, redirect: String, completion: BrowserCompletion)
}

/**
 * Why a browser could not end the session.
 *
 * @property kind what happened.
 * @param detail for people.
 */
public class BrowserException(public val kind: Kind, internal val detail: String) : Exception(detail) {
    /** What happened. */
    public enum class Kind {
        /** The user closed the browser, or the app withdrew. */
        CANCELLED,

        /** There is no browser, or it could not be started. */
        UNAVAILABLE,

        /** What listens for the redirect could not. */
        REDIRECT_TAKEN,

        /** Nothing came back in time. */
        TIMED_OUT,
    }
}

/** What is to become of the browser after a redirect. */
public sealed class NextPage {
    /** The URL was not this sign-out's, or it came twice, or too late: go on as before. */
    public data object Ignored : NextPage()

    /**
     * Another session is to be ended: show this, and go on waiting for the same redirect.
     *
     * @property url what to show.
     */
    public class Show internal constructor(public val url: String) : NextPage()

    /**
     * Nothing more is waited for.
     *
     * @property leaveAt a page to leave the browser at, from which nothing comes back; else close the browser.
     */
    public class End internal constructor(public val leaveAt: String?) : NextPage()
}

/**
 * How a [Browser] says what happened. Whatever it says twice, late or never, the sign-out ends once and in time. [close] it
 * when the browser is gone: the sign-out waits for that, for half a second, and closing it without a word ends it at once.
 */
public class BrowserCompletion internal constructor(internal val inner: FfiBrowserCompletion) : AutoCloseable {
    private val closed = AtomicBoolean()

    /** The browser was sent to [callback]. */
    public fun redirected(callback: String): NextPage =
        said(NextPage.Ignored) { inner.redirected(callback).toPublic() }

    /** The browser failed. Only the first of these, and none after the last redirect, is heard. */
    public fun failed(exception: BrowserException): Unit = said(Unit) { inner.failed(exception.toFfi()) }

    /**
     * Has [action] run, on a thread that may block, once nothing more is waited for: the last redirect came, or the time is
     * over.
     */
    public fun onClosed(action: Runnable) {
        libraryScope.launch {
            said(Unit) { inner.closed() }
            withContext(Dispatchers.IO) { action.run() }
        }
    }

    /** The browser is gone. */
    override fun close() {
        if (closed.compareAndSet(false, true)) inner.close()
    }

    private inline fun <T> said(tooLate: T, say: () -> T): T = try {
        say()
    } catch (_: IllegalStateException) {
        // The object was closed.
        tooLate
    }
}

/** The library's port, over the app's. An `Error` must not pass: UniFFI would take the call for a success. */
internal class BrowserAdapter(private val browser: Browser) : FfiBrowser {
    override fun show(url: String, redirect: String, completion: FfiBrowserCompletion) {
        try {
            browser.show(url, redirect, BrowserCompletion(completion))
        } catch (exception: BrowserException) {
            throw exception.toFfi()
        } catch (thrown: Throwable) {
            throw FfiBrowserException.Unavailable("the app's browser threw ${thrown.javaClass.simpleName}")
        }
    }
}
