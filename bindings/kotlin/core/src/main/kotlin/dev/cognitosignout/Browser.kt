package dev.cognitosignout

import dev.cognitosignout.ffi.Browser as FfiBrowser
import dev.cognitosignout.ffi.BrowserCompletion as FfiBrowserCompletion
import dev.cognitosignout.ffi.BrowserException as FfiBrowserException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicBoolean

/** Opens pages in the user's browser. On desktops use [SystemBrowser], on Android `CustomTabsBrowser`. */
public fun interface Browser {
    /**
     * Shows [url], and reports through [completion] when the browser is sent to [redirect]: now or later, on any thread. Called
     * on a thread that may block. Any exception counts as an error of the browser.
     */
    @Throws(BrowserException::class)
    public fun show(url: String, redirect: String, completion: BrowserCompletion)
}

/**
 * Why a browser could not end the session.
 *
 * @property kind what happened.
 * @param detail text for people.
 */
public class BrowserException(public val kind: Kind, internal val detail: String) : Exception(detail) {
    /** What happened. */
    public enum class Kind {
        /** The user closed the browser, or the app stopped waiting. */
        CANCELLED,

        /** There is no browser, or it could not be started. */
        UNAVAILABLE,

        /** The listener for the redirect could not start. */
        REDIRECT_TAKEN,

        /** The browser did not come back in time. */
        TIMED_OUT,
    }
}

/** What the browser should do after a redirect. */
public sealed class NextPage {
    /** The URL did not belong to this sign-out, or arrived twice or too late. Continue as before. */
    public data object Ignored : NextPage()

    /**
     * Another session must be ended: show this page, and continue to wait for the same redirect.
     *
     * @property url the page.
     */
    public class Show internal constructor(public val url: String) : NextPage()

    /**
     * The browser step has ended.
     *
     * @property leaveAt a last page to leave the browser at; it does not come back. Null: close the browser.
     */
    public class End internal constructor(public val leaveAt: String?) : NextPage()
}

/**
 * How a [Browser] reports what happened. The sign-out ends once and in time, even if a report comes twice, late or never.
 * [close] it when the browser is closed: the sign-out waits for that for half a second. Closing it without a report ends the
 * browser step at once, as unavailable.
 */
public class BrowserCompletion internal constructor(internal val inner: FfiBrowserCompletion) : AutoCloseable {
    private val closed = AtomicBoolean()

    /** The browser was sent to [callback]. */
    public fun redirected(callback: String): NextPage =
        said(NextPage.Ignored) { inner.redirected(callback).toPublic() }

    /** The browser failed. Only the first failure counts, and none after the last redirect. */
    public fun failed(exception: BrowserException): Unit = said(Unit) { inner.failed(exception.toFfi()) }

    /**
     * Runs [action] on a thread that may block when the browser step has ended: the last redirect has arrived, or the time is
     * over.
     */
    public fun onClosed(action: Runnable) {
        libraryScope.launch {
            said(Unit) { inner.closed() }
            withContext(Dispatchers.IO) { action.run() }
        }
    }

    /** The browser is closed. */
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

/** Adapts the app's browser to the library's. It must also catch an `Error`: UniFFI would treat the call as a success. */
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
