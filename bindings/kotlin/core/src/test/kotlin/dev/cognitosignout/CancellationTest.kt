package dev.cognitosignout

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.cancel
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.StandardTestDispatcher
import kotlinx.coroutines.test.currentTime
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit
import kotlin.time.Duration.Companion.hours

/** Callers that are cancelled during a request. */
class CancellationTest {
    private val server = FakeServer()
    private val transport = HeldTransport(UrlConnectionTransport(server.config()))
    private val auth = Auth(server.config(), VaultChoice.Memory, transport)

    @AfterEach
    fun stop() {
        auth.close()
        server.close()
    }

    @Test
    fun `leaving a screen does not stop its sign-out`() = runTest {
        val tokens = server.signIn()
        auth.storeSession(tokens, SignedInWith.API)
        val screen = CoroutineScope(StandardTestDispatcher(testScheduler))
        val caller = screen.launch { auth.signOut() }
        transport.reached.await()

        screen.cancel()
        caller.join()
        assertTrue(server.isLive(tokens.refreshToken))
        transport.letGo()

        transport.answered.await()
        assertFalse(server.isLive(tokens.refreshToken))
        assertEquals(SessionState.SignedOut, auth.session())
    }

    @Test
    fun `the debt of a cancelled caller is paid by the next resume`() = runTest {
        val config = server.config { unpaidRevocations(UnpaidRevocations.HandOver) }
        Auth(config, VaultChoice.Memory, transport).use { auth ->
            val tokens = server.signIn()
            auth.storeSession(tokens, SignedInWith.API)
            server.fault("RevokeToken", "Refuse(Forbidden)", times = 1)
            val caller = launch(Dispatchers.Default) { auth.signOut() }
            transport.reached.await()
            caller.cancelAndJoin()
            transport.letGo()
            withContext(Dispatchers.Default) {
                withTimeout(20_000) {
                    while (auth.resume().settled.isEmpty()) delay(10)
                }
            }
            assertFalse(server.isLive(tokens.refreshToken))
        }
    }

    /** Such an action may block: disconnecting does. */
    @Test
    fun `blocking actions at the end of a request do not delay other calls`() {
        val stuck = CountDownLatch(1)
        val running = CountDownLatch(ACTIONS)
        val transport = HttpTransport { _, completion ->
            repeat(ACTIONS) {
                completion.onClosed {
                    running.countDown()
                    stuck.await()
                }
            }
            completion.close()
        }
        Auth(server.config(), VaultChoice.Memory, transport).use { auth ->
            val java = JavaAuth(auth)
            java.storeSession(server.signIn(), SignedInWith.API).get(20, TimeUnit.SECONDS)
            java.signOut()
            try {
                assertTrue(running.await(20, TimeUnit.SECONDS), "they do not run at the same time")
                assertEquals(SessionState.SignedOut, java.session().get(20, TimeUnit.SECONDS))
            } finally {
                stuck.countDown()
            }
        }
    }

    /** An hour of virtual test time: the caller's clock is not the sign-out's. */
    @Test
    fun `a caller that times out takes no result from another caller of the same sign-out`() = runTest {
        auth.storeSession(server.signIn(), SignedInWith.API)
        val patient = async(Dispatchers.Default) { auth.signOut() }
        transport.reached.await()

        assertNull(withTimeoutOrNull(1.hours) { auth.signOut() })
        assertEquals(1.hours.inWholeMilliseconds, currentTime)
        transport.letGo()

        assertInstanceOf(SignOutResult.Complete::class.java, patient.await())
        assertEquals(listOf("RevokeToken"), server.requests())
    }

    private companion object {
        /** More than the number of threads for calls. */
        val ACTIONS = Runtime.getRuntime().availableProcessors().coerceAtLeast(2) + 1
    }

    /** Holds the first request until it is released. */
    private class HeldTransport(private val real: HttpTransport) : HttpTransport {
        val reached = CompletableDeferred<Unit>()
        val answered = CompletableDeferred<Unit>()
        private lateinit var send: () -> Unit

        override fun start(request: HttpRequest, completion: HttpCompletion) {
            if (reached.isCompleted) return real.start(request, completion)
            send = { real.start(request, completion) }
            reached.complete(Unit)
        }

        fun letGo() {
            send()
            answered.complete(Unit)
        }
    }
}
