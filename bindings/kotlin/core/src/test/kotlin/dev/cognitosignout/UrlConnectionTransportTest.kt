package dev.cognitosignout

import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import java.net.InetAddress
import java.net.ServerSocket
import java.util.concurrent.CompletableFuture
import java.util.concurrent.TimeUnit
import kotlin.concurrent.thread

class UrlConnectionTransportTest {
    @Test
    fun `a request that nobody waits for any more is disconnected`() = runTest {
        // Accepts the request, and never responds.
        ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { silent ->
            val disconnected = CompletableFuture<Int>()
            thread(isDaemon = true) {
                silent.accept().use { socket ->
                    val input = socket.getInputStream()
                    runCatching { while (input.read() >= 0) Unit }
                    disconnected.complete(-1)
                }
            }
            val auth = authAt(silent)
            val partial = assertInstanceOf(
                SignOutResult.Partial::class.java,
                auth.signOut(SignOutOptions { deadlineMillis = 1_000 }),
            )
            assertEquals("timed_out", partial.revokeTokenError!!.exception.code)
            assertEquals(-1, disconnected.get(2, TimeUnit.SECONDS))
        }
    }

    @Test
    fun `a response that is not HTTP is an error, and the request is not sent again`() = runTest {
        ServerSocket(0, 8, InetAddress.getLoopbackAddress()).use { server ->
            var connections = 0
            thread(isDaemon = true) {
                while (true) {
                    val socket = runCatching { server.accept() }.getOrNull() ?: return@thread
                    connections++
                    socket.getInputStream().read(ByteArray(16 * 1024))
                    socket.getOutputStream().write("SSH-2.0-OpenSSH_9.2\r\n\r\n".toByteArray())
                    socket.close()
                }
            }
            val result = authAt(server).signOut()
            val partial = assertInstanceOf(SignOutResult.Partial::class.java, result, result::toString)
            assertEquals("unexpected_response", partial.revokeTokenError!!.exception.code)
            assertEquals(1, connections)
        }
    }

    @Test
    fun `a 401 to a streamed body is a response`() {
        ServerSocket(0, 8, InetAddress.getLoopbackAddress()).use { server ->
            thread(isDaemon = true) {
                server.accept().use { socket ->
                    socket.getInputStream().read(ByteArray(16 * 1024))
                    val answer = "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
                    socket.getOutputStream().write(answer.toByteArray())
                }
            }
            val request = HttpRequest("POST", "http://127.0.0.1:${server.localPort}/", emptyList(), "token".toByteArray())
            assertEquals(401, UrlConnectionTransport(2_000, 2_000).exchange(request).status)
        }
    }

    @Test
    fun `an untrusted certificate and an unreachable server are different errors`() {
        val kinds = mapOf(
            "https://localhost:1/" to TransportException.Kind.CONNECT,
            "https://nowhere.invalid/" to TransportException.Kind.CONNECT,
        )
        for ((url, expected) in kinds) {
            val transport = UrlConnectionTransport(500, 500)
            assertEquals(expected, transport.failure(url), url)
        }
        UntrustedServer().use { server ->
            assertEquals(TransportException.Kind.TLS, UrlConnectionTransport(2_000, 2_000).failure(server.url))
        }
    }

    @Test
    fun `zero is not a time limit`() {
        assertThrows<IllegalArgumentException> { UrlConnectionTransport(0, 1_000) }
        assertThrows<IllegalArgumentException> { UrlConnectionTransport(1_000, 0) }
    }

    private suspend fun authAt(server: ServerSocket): Auth = FakeServer().use { real ->
        val config = real.config { endpoint("http://127.0.0.1:${server.localPort}/") }
        Auth(config, VaultChoice.Memory).apply { storeSession(real.signIn(), SignedInWith.API) }
    }

    /** The transport's error for a `GET` of [url]. */
    private fun UrlConnectionTransport.failure(url: String): TransportException.Kind {
        val failure = runCatching { exchange(HttpRequest("GET", url, emptyList(), ByteArray(0))) }.exceptionOrNull()
        assertTrue(failure is TransportException, "$failure")
        return (failure as TransportException).kind
    }
}
