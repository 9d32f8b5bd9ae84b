package dev.cognitosignout

import dev.cognitosignout.ffi.ExchangeCompletion
import dev.cognitosignout.ffi.HttpRequest as FfiHttpRequest
import dev.cognitosignout.ffi.HttpTransport as FfiHttpTransport
import dev.cognitosignout.ffi.TransportException as FfiTransportException
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicBoolean

/**
 * Sends requests. It must verify the server's certificate, follow no redirect, keep no cookies, cache nothing, and pass on
 * the answer's headers: Cognito's answers are known by them. An app that pins certificates or has an HTTP client of its own
 * implements it. [UrlConnectionTransport] is the default.
 */
public fun interface HttpTransport {
    /**
     * Sends [request], and says through [completion] what came of it, now or later, on any thread. Called on a thread that
     * may block, of which there are many: requests at the same time do not wait for each other. Whatever it throws is an
     * error like any other.
     */
    @Throws(TransportException::class)
    public fun start(request: HttpRequest, completion: HttpCompletion)
}

/**
 * A request. Prints its method and URL only: its headers and its body can hold secrets.
 *
 * @property method `GET` or `POST`.
 * @property url where to. Never holds a token.
 * @property headers the headers, in order.
 * @property body empty for a `GET`.
 */
public class HttpRequest internal constructor(
    public val method: String,
    public val url: String,
    public val headers: List<HttpHeader>,
    public val body: ByteArray,
) {
    override fun toString(): String = "$method $url"
}

/**
 * One header. Prints its name only.
 *
 * @property name its name.
 * @property value its value.
 */
public class HttpHeader(public val name: String, public val value: String) {
    override fun toString(): String = name
}

/**
 * An answer, whatever its status. Prints its status only.
 *
 * @property status the status code.
 * @property headers the headers, in order.
 * @property body the body, at most 1 MiB.
 */
public class HttpResponse(public val status: Int, public val headers: List<HttpHeader>, public val body: ByteArray) {
    override fun toString(): String = "HTTP $status"
}

/**
 * Why no answer came.
 *
 * @property kind what decides whether the request is tried again.
 * @param detail for people. Must hold nothing of the request's headers or body.
 */
public class TransportException(public val kind: Kind, internal val detail: String) : Exception(detail) {
    /** What went wrong. */
    public enum class Kind {
        /** No connection could be made: offline, the name is unknown, the port is refused. Tried again. */
        CONNECT,

        /** The connection broke before the whole answer was there. Tried again. */
        IO,

        /** The server's certificate was not accepted. */
        TLS,

        /** The answer was too large or not HTTP at all. */
        BAD_RESPONSE,

        /** Anything else. */
        OTHER,
    }
}

/**
 * How an [HttpTransport] says what came of a request. The first answer counts; closing this without one is an error at once,
 * and whoever does neither is timed out.
 */
public class HttpCompletion internal constructor(private val inner: ExchangeCompletion) : AutoCloseable {
    private val ended = AtomicBoolean()

    /** An answer came. Returns whether it was waited for: false for a second one, or one that came too late. */
    public fun succeed(response: HttpResponse): Boolean = end { inner.succeed(response.toFfi()) }

    /** None came. Returns whether one was waited for. */
    public fun fail(exception: TransportException): Boolean = end { inner.fail(exception.toFfi()) }

    /** Has [action] run, on a thread that may block, once nobody waits for the answer: it has come, or its time is over. */
    public fun onClosed(action: Runnable) {
        libraryScope.launch {
            // It may have ended before this runs.
            if (!ended.get()) runCatching { inner.closed() }
            // Disconnecting may block, and the threads that this runs on are those of every call.
            withContext(Dispatchers.IO) { action.run() }
        }
    }

    /** No answer will come. */
    override fun close() {
        end { false }
    }

    private inline fun end(say: () -> Boolean): Boolean {
        if (!ended.compareAndSet(false, true)) return false
        return inner.use { say() }
    }
}

/** The library's port, over the app's. An `Error` must not pass: UniFFI would take the call for a success. */
internal class TransportAdapter(private val transport: HttpTransport) : FfiHttpTransport {
    override fun start(request: FfiHttpRequest, completion: ExchangeCompletion) {
        val copy = request.use {
            HttpRequest(it.verb(), it.url(), it.headers().map { (name, value) -> HttpHeader(name, value) }, it.body())
        }
        try {
            transport.start(copy, HttpCompletion(completion))
        } catch (exception: TransportException) {
            throw exception.toFfi()
        } catch (thrown: Throwable) {
            // Its own text may hold what was sent.
            throw FfiTransportException.Other("the app's transport threw ${thrown.javaClass.simpleName}")
        }
    }
}
