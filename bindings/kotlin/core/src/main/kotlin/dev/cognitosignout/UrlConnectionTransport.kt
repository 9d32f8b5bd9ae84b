package dev.cognitosignout

import java.io.ByteArrayOutputStream
import java.io.EOFException
import java.io.IOException
import java.io.InputStream
import java.net.ConnectException
import java.net.HttpRetryException
import java.net.HttpURLConnection
import java.net.MalformedURLException
import java.net.NoRouteToHostException
import java.net.ProtocolException
import java.net.SocketException
import java.net.SocketTimeoutException
import java.net.URL
import java.net.UnknownHostException
import java.security.cert.CertPathValidatorException
import java.security.cert.CertificateException
import java.util.concurrent.atomic.AtomicBoolean
import javax.net.ssl.SSLException
import javax.net.ssl.SSLHandshakeException
import javax.net.ssl.SSLPeerUnverifiedException

/** In a companion object this would be public. */
private const val MAX_BODY = 1024 * 1024

/**
 * HTTPS with the platform's `HttpURLConnection`, with its trust store, network security configuration and proxies. It follows
 * no redirect, caches nothing, and refuses a response over 1 MiB. It disconnects a request that nobody waits for any more. If
 * the app sets `CookieHandler.setDefault`, these connections send its cookies too.
 *
 * @param connectTimeoutMillis the time limit for opening one connection: at least 1, because 0 means no limit.
 * @param readTimeoutMillis how long the server may be silent: at least 1.
 */
public class UrlConnectionTransport(
    private val connectTimeoutMillis: Int,
    private val readTimeoutMillis: Int,
) : HttpTransport {
    init {
        require(connectTimeoutMillis > 0) { "connectTimeoutMillis: at least 1" }
        require(readTimeoutMillis > 0) { "readTimeoutMillis: at least 1" }
    }

    /** With the time limits of [config]. */
    public constructor(config: AuthConfig) : this(
        config.connectTimeoutMillis.coerceAtMost(Int.MAX_VALUE.toLong()).toInt(),
        config.attemptTimeoutMillis.coerceAtMost(Int.MAX_VALUE.toLong()).toInt(),
    )

    override fun start(request: HttpRequest, completion: HttpCompletion) {
        val answered = AtomicBoolean()
        val response = exchange(request) { connection ->
            // A connection that has answered is kept for the next request.
            completion.onClosed { if (!answered.get()) connection.disconnect() }
        }
        answered.set(true)
        completion.succeed(response)
    }

    /** The response to [request]. [opened] receives the connection, to disconnect it. */
    @Throws(TransportException::class)
    internal fun exchange(request: HttpRequest, opened: (HttpURLConnection) -> Unit = {}): HttpResponse {
        var connected = false
        try {
            val connection = open(request)
            opened(connection)
            connection.connect()
            connected = true
            return exchange(connection, request)
        } catch (retry: HttpRetryException) {
            // The JDK throws this for a 401 to a streamed body. The response's text is lost.
            return HttpResponse(retry.responseCode(), emptyList(), ByteArray(0))
        } catch (_: MalformedURLException) {
            throw TransportException(TransportException.Kind.OTHER, "the URL cannot be opened")
        } catch (failure: IOException) {
            throw TransportException(kind(failure, connected), failure.javaClass.simpleName)
        } catch (_: SecurityException) {
            throw TransportException(TransportException.Kind.OTHER, "the app may not use the network")
        }
    }

    private fun open(request: HttpRequest): HttpURLConnection {
        val connection = URL(request.url).openConnection() as HttpURLConnection
        connection.requestMethod = request.method
        connection.connectTimeout = connectTimeoutMillis
        connection.readTimeout = readTimeoutMillis
        connection.instanceFollowRedirects = false
        connection.useCaches = false
        connection.allowUserInteraction = false
        for (header in request.headers) {
            connection.addRequestProperty(header.name, header.value)
        }
        if (request.method == "POST") {
            connection.doOutput = true
            // The JDK repeats a POST without a response by itself, unless its body is streamed. The library decides about
            // retries: a refresh token that rotates works only once.
            connection.setFixedLengthStreamingMode(request.body.size)
        }
        return connection
    }

    private fun exchange(connection: HttpURLConnection, request: HttpRequest): HttpResponse {
        if (request.method == "POST") {
            connection.outputStream.use { it.write(request.body) }
        }
        val status = connection.responseCode
        if (status < 0) throw ProtocolException("not HTTP")
        // getInputStream throws for an error status.
        val body = (connection.errorStream ?: connection.inputStream).use(::readAll)
        val headers = connection.headerFields.flatMap { (name, values) ->
            // The status line is a header without a name.
            if (name == null) emptyList() else values.map { HttpHeader(name, it) }
        }
        return HttpResponse(status, headers, body)
    }

    private fun readAll(stream: InputStream): ByteArray {
        val body = ByteArrayOutputStream()
        val buffer = ByteArray(8 * 1024)
        while (true) {
            val read = stream.read(buffer)
            if (read < 0) return body.toByteArray()
            if (body.size() + read > MAX_BODY) throw ProtocolException("too large")
            body.write(buffer, 0, read)
        }
    }

    private companion object {
        fun kind(failure: IOException, connected: Boolean): TransportException.Kind = when {
            failure is SSLException -> if (isTrust(failure)) TransportException.Kind.TLS else TransportException.Kind.IO
            failure is ProtocolException -> TransportException.Kind.BAD_RESPONSE
            failure is UnknownHostException || failure is ConnectException || failure is NoRouteToHostException ->
                TransportException.Kind.CONNECT
            failure is SocketException || failure is SocketTimeoutException || failure is EOFException ->
                if (connected) TransportException.Kind.IO else TransportException.Kind.CONNECT
            // The JDK's text for a response that does not begin like HTTP.
            failure.message.orEmpty().startsWith("Invalid Http response") -> TransportException.Kind.BAD_RESPONSE
            else -> TransportException.Kind.IO
        }

        /** A connection that broke during the handshake does not show that the certificate is wrong. */
        fun isTrust(failure: SSLException): Boolean {
            val causes = generateSequence<Throwable>(failure) { it.cause }.take(8).toList()
            return when {
                causes.any { it is CertificateException || it is CertPathValidatorException } -> true
                failure is SSLPeerUnverifiedException -> true
                failure is SSLHandshakeException -> causes.none { it is EOFException || it is SocketException }
                else -> false
            }
        }
    }
}
