package dev.cognitosignout

import dev.cognitosignout.ffi.ExchangeCompletion
import dev.cognitosignout.ffi.HttpRequest as FfiHttpRequest
import dev.cognitosignout.ffi.HttpTransport as FfiHttpTransport
import dev.cognitosignout.ffi.TransportException as FfiTransportException
import com.sun.jna.Pointer
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext
import java.util.concurrent.atomic.AtomicBoolean

/**
 * Sends requests. It must verify the server's certificate, follow no redirect, keep no cookies, cache nothing, and pass on
 * the response's headers: they show that a response is Cognito's. Implement it to pin certificates or to use the app's own
 * HTTP client. [UrlConnectionTransport] is the default.
 */
public fun interface HttpTransport {
    /**
     * Sends [request], and reports the outcome through [completion]: now or later, on any thread. Called on a thread that may
     * block. There are many of these threads, so concurrent requests do not wait for each other. Any exception counts as an
     * error of the transport.
     */
    @Throws(TransportException::class)
    public fun start(request: HttpRequest, completion: HttpCompletion)
}

/**
 * A request. It prints only its method and URL: the headers and the body can contain secrets.
 *
 * @property method `GET` or `POST`.
 * @property url the URL. It never contains a token.
 * @property headers the headers, in order.
 * @property body the body, empty for a `GET`.
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
 * One header. It prints only its name.
 *
 * @property name the name.
 * @property value the value.
 */
public class HttpHeader(public val name: String, public val value: String) {
    override fun toString(): String = name
}

/**
 * A response with any status. It prints only its status.
 *
 * @property status the status code.
 * @property headers the headers, in order.
 * @property body the body, at most 1 MiB.
 */
public class HttpResponse(public val status: Int, public val headers: List<HttpHeader>, public val body: ByteArray) {
    override fun toString(): String = "HTTP $status"
}

/**
 * Why there is no response.
 *
 * @property kind what went wrong. It decides whether the request is tried again.
 * @param detail text for people. It must contain nothing from the request's headers or body.
 */
public class TransportException(public val kind: Kind, internal val detail: String) : Exception(detail) {
    /** What went wrong. */
    public enum class Kind {
        /** No connection: the device is offline, the name is unknown, or the port is refused. Tried again. */
        CONNECT,

        /** The connection broke before the response was complete. Tried again. */
        IO,

        /** The server's certificate was not accepted. */
        TLS,

        /** The response was too large or was not HTTP. */
        BAD_RESPONSE,

        /** Anything else. */
        OTHER,
    }
}

/**
 * How an [HttpTransport] reports the outcome of a request. The first report counts. Closing it without a report fails the
 * request at once; without either, the request times out.
 */
public class HttpCompletion internal constructor(private val inner: ExchangeCompletion) : AutoCloseable {
    private val ended = AtomicBoolean()

    /** A response has arrived. Returns false if nobody waited for it: it was the second one, or too late. */
    public fun succeed(response: HttpResponse): Boolean = end { inner.succeed(response.toFfi()) }

    /** There is no response. Returns false if nobody waited for one. */
    public fun fail(exception: TransportException): Boolean = end { inner.fail(exception.toFfi()) }

    /** Runs [action] on a thread that may block when nobody waits any more: the response has arrived, or the time is over. */
    public fun onClosed(action: Runnable) {
        libraryScope.launch {
            // The request may have ended before this runs.
            if (!ended.get()) runCatching { inner.closed() }
            // Disconnecting may block, and every call needs the threads that this runs on.
            withContext(Dispatchers.IO) { action.run() }
        }
    }

    /** There will be no response. */
    override fun close() {
        end { false }
    }

    private inline fun end(say: () -> Boolean): Boolean {
        if (!ended.compareAndSet(false, true)) return false
        return inner.use { say() }
    }
}

/** Adapts the app's transport to the library's. It must also catch an `Error`: UniFFI would treat the call as a success. */
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
            // Its own text may contain parts of the request.
            throw FfiTransportException.Other("the app's transport threw ${thrown.javaClass.simpleName}")
        }
    }
}

/** The library wipes its own body. A copy that UniFFI makes would stay in memory. */
private fun FfiHttpRequest.body(): ByteArray = Pointer(bodyAddress().toLong()).getByteArray(0, bodyLength().toInt())
