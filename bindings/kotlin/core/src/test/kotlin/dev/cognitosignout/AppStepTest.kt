package dev.cognitosignout

import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import java.util.concurrent.CountDownLatch
import java.util.concurrent.CyclicBarrier
import java.util.concurrent.TimeUnit
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.cancellation.CancellationException

/** The app's own steps, in Kotlin's own forms. When they run is proved in Rust. */
class AppStepTest {
    private val server = FakeServer()

    @AfterEach
    fun stop() {
        server.close()
    }

    private fun test(block: suspend () -> Unit) = runBlocking { withTimeout(30_000) { block() } }

    private fun app(vararg steps: AppStep) = Auth(server.config(), VaultChoice.Memory, signOutSteps = steps.toList())

    /** What the sign-out says of each step that failed. */
    private suspend fun failures(vararg steps: AppStep): Map<String, AuthException> = app(*steps).use { auth ->
        auth.storeSession(server.signIn(), SignedInWith.API)
        val result = auth.signOut()
        assertEquals(StepStatus.Done, result.report.steps.revokeToken)
        (result as? SignOutResult.Partial)?.appStepErrors.orEmpty().associate { it.name to it.exception }
    }

    private fun step(name: String, limit: Long? = null, run: suspend (LeavingSession) -> Unit) =
        AppStep(name, Phase.WHILE_TOKEN_LIVES, limit, run)

    @Test
    fun `of an exception only its class is told, unless it is the library's`() = test {
        val failures = failures(
            step("in_words") { throw AppStepException("the server says no") },
            step("exception") { error("thrown: SECRET") },
            step("error") { throw StackOverflowError("thrown: SECRET") },
            step("well") { },
        )
        val told = mapOf(
            "in_words" to "the server says no",
            "exception" to "the app's step threw IllegalStateException",
            "error" to "the app's step threw StackOverflowError",
        )
        assertEquals(told, failures.mapValues { it.value.message })
        assertEquals(setOf(ErrorCode.APP_STEP_FAILED), failures.values.map { it.code }.toSet())
    }

    /** It would end the coroutine without a word. */
    @Test
    fun `a step that gives up by a time limit in its own code has failed`() = test {
        val failures = failures(step("impatient") { withTimeout(1) { awaitCancellation() } })
        assertEquals("the app's step threw TimeoutCancellationException", failures["impatient"]!!.message)
    }

    @Test
    fun `a step whose time is over is cancelled`() = test {
        val ended = CompletableDeferred<Throwable>()
        val failures = failures(
            step("slow", limit = 100) {
                try {
                    awaitCancellation()
                } catch (cause: CancellationException) {
                    ended.complete(cause)
                    throw cause
                }
            },
        )
        assertEquals(ErrorCode.TIMED_OUT, failures["slow"]!!.code)
        ended.await()
    }

    /** More than the threads that the library's calls use. */
    @Test
    fun `steps that block and ignore their cancellation hold up neither the sign-out nor each other`() = test {
        val count = Runtime.getRuntime().availableProcessors().coerceAtLeast(2) + 1
        val (together, released) = CyclicBarrier(count) to CountDownLatch(1)
        val met = AtomicInteger()
        try {
            val failures = failures(
                *Array(count) {
                    step("stuck_$it", limit = 1_000) {
                        // Without these limits, a failure would leave the test no thread to report it.
                        together.await(10, TimeUnit.SECONDS)
                        met.incrementAndGet()
                        released.await(10, TimeUnit.SECONDS)
                    }
                },
            )
            assertEquals(List(count) { ErrorCode.TIMED_OUT }, failures.values.map { it.code })
            assertEquals(count, met.get(), "they did not run at the same time")
        } finally {
            released.countDown()
        }
    }

    @Test
    fun `a step that ends after its time is still owed, and runs again`() = test {
        val (released, ended) = CountDownLatch(1) to CompletableDeferred<Unit>()
        val told = mutableListOf<LeavingSession>()
        val late = step("late", limit = 100) {
            told += it
            if (told.size == 1) {
                released.await()
                ended.complete(Unit)
            }
        }
        app(late).use { auth ->
            auth.storeSession(server.signIn(), SignedInWith.API)
            val partial = assertInstanceOf(SignOutResult.Partial::class.java, auth.signOut())
            assertTrue(partial.kept)
            released.countDown()
            ended.await()
            val settled = auth.resume().settled.single()
            assertEquals(listOf("late" to "done"), settled.report.steps.app.map { it.name to it.status.toString().lowercase() })
            assertEquals(listOf(false, true), told.map { it.again })
            assertEquals(emptyList<SignOutResult>(), auth.resume().settled)
        }
    }

    @Test
    fun `a step sees the tokens, and prints none`() = test {
        val tokens = server.signIn()
        val seen = CompletableDeferred<LeavingSession>()
        val after = CompletableDeferred<LeavingSession>()
        val steps = arrayOf(
            step("first") { seen.complete(it) },
            AppStep("last", Phase.AFTER_SIGN_OUT) { after.complete(it) },
        )
        app(*steps).use { auth ->
            auth.storeSession(tokens, SignedInWith.API)
            auth.signOut()
        }
        val session = seen.await()
        assertEquals(tokens.accessToken to tokens.idToken, session.accessToken to session.idToken)
        assertEquals("ana" to TokenState.LIVES, session.username to session.tokenState)
        val printed = session.toString()
        assertTrue("<redacted>" in printed && "ana" in printed, printed)
        assertFalse(server.issuedTokens().any { it in printed }, "a token is printed")
        assertNull(after.await().accessToken)
        assertEquals(session.sub, after.await().sub)
    }

    @Test
    fun `a step that is not registered any more is owed, and reported without a phase`() = test {
        val vault = TestVault()
        fun process(vararg steps: AppStep) =
            Auth(server.config(), VaultChoice.Custom(InAnotherProcess(vault)), signOutSteps = steps.toList())
        process(step("gone") { throw AppStepException("not now") }).use { auth ->
            auth.storeSession(server.signIn(), SignedInWith.API)
            auth.signOut()
        }
        process().use { auth ->
            val partial = assertInstanceOf(SignOutResult.Partial::class.java, auth.resume().settled.single())
            val report = partial.report.steps.app.single()
            assertEquals(Triple("gone", null, StepStatus.Owed), Triple(report.name, report.phase, report.status))
            assertEquals(ErrorCode.APP_STEP_NOT_REGISTERED, partial.appStepErrors.single().exception.code)
        }
    }

    @Test
    fun `a wrong or repeated name and a negative time limit are refused at once`() {
        fun refusal(vararg steps: AppStep) = assertThrows<AuthException.InvalidInput> { app(*steps) }.message
        assertTrue("1 to 64" in refusal(step("no spaces") { }))
        assertTrue("a step settle itself" in refusal(step("settle") { }))
        assertTrue("two sign-out steps" in refusal(step("cache") { }, step("cache") { }))
        assertEquals("timeLimitMillis: must be a number, and not negative", refusal(step("cache", limit = -1) { }))
    }
}
