package dev.cognitosignout

import dev.cognitosignout.ffi.liveObjects
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import kotlin.time.Duration.Companion.minutes

class LeakTest {
    private val server = FakeServer()

    @Test
    fun `ten thousand sign-outs leave no object of the library's alive, and no memory in use`() =
        runTest(timeout = 5.minutes) {
            settle()
            val before = liveObjects()
            val tokens = server.signIn()
            signOut(1_000, tokens)
            settle()
            val warm = resident()

            signOut(9_000, tokens)
            settle()

            assertEquals(before, liveObjects())
            val grown = resident() - warm
            println("after 1,000 sign-outs $warm kB are resident, after 10,000 $grown kB more; $before objects before and after")
            assertTrue(grown < 32 * 1024, "$grown kB")
            server.close()
        }

    /**
     * By [APPS] apps at once, each sign-out with a session of its own, by a transport that answers by itself: what is looked
     * at is what crosses.
     */
    private suspend fun signOut(times: Int, tokens: Tokens) = coroutineScope {
        val revoked = HttpTransport { _, completion ->
            completion.succeed(HttpResponse(200, emptyList(), "{}".toByteArray()))
        }
        repeat(APPS) {
            launch(Dispatchers.Default) {
                Auth(server.config(), VaultChoice.Memory, revoked).use { auth ->
                    repeat(times / APPS) {
                        auth.storeSession(tokens, SignedInWith.API)
                        assertInstanceOf(SignOutResult.Complete::class.java, auth.signOut())
                    }
                }
            }
        }
    }

    /** Until the garbage collector has found all there is to find, which takes it real time. */
    private suspend fun settle() = withContext(Dispatchers.Default) {
        var last = ULong.MAX_VALUE
        for (time in 1..50) {
            System.gc()
            delay(50)
            val now = liveObjects()
            if (now == last && time > 6) break
            last = now
        }
    }

    /** This process's memory in use, in kB, as Linux counts it. */
    private fun resident(): Long =
        File("/proc/self/status").readLines().first { it.startsWith("VmRSS:") }.filter(Char::isDigit).toLong()

    private companion object {
        const val APPS = 4
    }
}
