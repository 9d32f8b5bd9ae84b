package dev.cognitosignout

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineExceptionHandler
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancel
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import kotlin.coroutines.cancellation.CancellationException

/** What ends with the session, in Kotlin's own forms. That the core notices each end is proved in Rust. */
class SessionScopeTest {
    private val server = FakeServer()
    private val vault = TestVault()
    private val auth = process()

    private fun process() = Auth(server.config(), VaultChoice.Custom(InAnotherProcess(vault)))

    @AfterEach
    fun stop() {
        auth.close()
        server.close()
    }

    private fun test(block: suspend () -> Unit) = runBlocking { withTimeout(30_000) { block() } }

    @Test
    fun `the work of the user is cancelled with a cause of its own when the session ends`() = test {
        auth.storeSession(server.signIn(), SignedInWith.API)
        val (started, ended) = CompletableDeferred<Unit>() to CompletableDeferred<Throwable>()
        auth.sessionScope().launch {
            started.complete(Unit)
            try {
                awaitCancellation()
            } catch (cause: CancellationException) {
                ended.complete(cause)
                throw cause
            }
        }
        started.await()
        auth.signOut()
        assertInstanceOf(SessionEndedException::class.java, ended.await())
        assertThrows<AuthException.SignedOut> { runBlocking { auth.sessionScope() } }
    }

    @Test
    fun `work that fails or is cancelled by the app ends nothing else`() = test {
        auth.storeSession(server.signIn(), SignedInWith.API)
        val (one, other) = auth.sessionScope() to auth.sessionScope()
        val ignored = CoroutineExceptionHandler { _, _ -> }
        one.launch(ignored) { error("the app's own") }.join()
        assertTrue(one.isActive)
        one.cancel()
        assertTrue(other.isActive)
        assertEquals("signed_in", auth.session().name)
        other.cancel()
    }

    @Test
    fun `the states begin with the present one and miss none in between`() = test {
        auth.storeSession(server.signIn(), SignedInWith.API)
        assertEquals("signed_in", auth.sessionState.first().name)
        val states = Channel<String>(Channel.UNLIMITED)
        withContext(Dispatchers.Default) {
            val collecting = launch { auth.sessionState.collect { states.send(it.name) } }
            assertEquals("signed_in", states.receive())
            auth.signOut()
            assertEquals("signed_out", states.receive())
            auth.storeSession(server.signIn(), SignedInWith.API)
            assertEquals("signed_in", states.receive())
            collecting.cancel()
        }
    }

    @Test
    fun `a sign-out by another process is noticed and ends the scope`() = test {
        auth.storeSession(server.signIn(), SignedInWith.API)
        val scope = auth.sessionScope()
        process().use { it.signOut() }
        assertTrue(scope.isActive, "nobody has looked yet")
        auth.refreshState()
        scope.coroutineContext[Job]!!.join()
        assertFalse(scope.isActive)
    }
}
