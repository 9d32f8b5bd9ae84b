package dev.cognitosignout

import com.sun.jna.Function
import com.sun.jna.Structure
import dev.cognitosignout.ffi.liveObjects
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.minutes

class LeakTest {
    private val server = FakeServer()

    @AfterEach
    fun stop() = server.close()

    /** Every tenth is partial, so that the release of its tokens is tested too. */
    @Test
    fun `ten thousand sign-outs leave no library object alive and no memory in use`() =
        runTest(timeout = 5.minutes) {
            settle()
            val before = liveObjects()
            val tokens = server.signIn()
            val inUse = mutableListOf<Long>()
            apps { auths ->
                repeat(10) {
                    signOut(1_000, auths, tokens)
                    settle()
                    inUse += javaHeap() + nativeHeap()
                }
            }
            settle()

            println("in use after each 1,000 sign-outs, in kB: ${inUse.map { it / 1024 }}")
            assertAllReleased(before)
            // The memory that the JVM and the allocators keep grows slowly at first: about 200 bytes for each of these sign-outs, and
            // nothing after 15,000. One token alone has 1,000 bytes.
            val each = (inUse[9] - inUse[2]) / 7_000
            assertTrue(each < 600, "$each bytes each: $inUse")
        }

    /** Each result carries the sessions, each with an IP address of its own, and what a retry needs. */
    @Test
    fun `the user's sessions, ended in part and then all, leave no library object alive`() = runTest(timeout = 2.minutes) {
        settle()
        val before = liveObjects()
        FakeServer("--session-tracking").use { server ->
            Auth(server.config { sessionTracking(true) }, VaultChoice.Memory).use { auth ->
                auth.storeSession(server.signIn(), SignedInWith.API)
                repeat(50) {
                    repeat(2) { server.signIn() }
                    val other = auth.sessions().first { !it.isCurrent }
                    server.fault("RevokeUserSession", "Refuse(Forbidden)", times = 2)
                    val partial = assertInstanceOf(SignOutOthersResult.Partial::class.java, auth.signOutOthers())
                    auth.endSession(other.id!!)
                    assertTrue(liveObjects() > before + 1u, "what the retry needs, for one")
                    assertInstanceOf(SignOutOthersResult.Complete::class.java, auth.retryOthers(partial))
                }
            }
        }
        settle()
        assertAllReleased(before)
    }

    /** A leak is of one object or more for each call. Objects of tests that ran before can be released meanwhile, so fewer are no error. */
    private fun assertAllReleased(before: ULong) {
        val left = liveObjects()
        assertTrue(left <= before, "$left objects are alive, and $before were before")
    }

    /**
     * Several apps at once, each with a listener for events, a step of its own, and a transport that answers without a server: the
     * test is about what crosses to the native library.
     */
    private suspend fun apps(use: suspend (List<Auth>) -> Unit) = coroutineScope {
        val asked = AtomicInteger()
        val transport = HttpTransport { _, completion ->
            val refused = asked.incrementAndGet() % 10 == 0
            val body = if (refused) """{"__type":"InvalidParameterException","message":"no"}""" else "{}"
            val headers = listOf(HttpHeader("x-amzn-requestid", "1"))
            completion.succeed(HttpResponse(if (refused) 400 else 200, headers, body.toByteArray()))
        }
        val heard = AtomicInteger()
        // Kept debts would be paid in between, with more requests.
        val config = server.config { unpaidRevocations(UnpaidRevocations.HandOver) }
        val ran = AtomicInteger()
        val step = AppStep("counts", Phase.WHILE_TOKEN_LIVES) { if (it.accessToken != null) ran.incrementAndGet() }
        val auths = List(4) { Auth(config, VaultChoice.Memory, transport, signOutSteps = listOf(step)) }
        val listening = auths.map { auth ->
            launch(Dispatchers.Default, CoroutineStart.UNDISPATCHED) { auth.events.collect { heard.incrementAndGet() } }
        }
        use(auths)
        assertTrue(heard.get() > 0)
        assertEquals(10_000, asked.get())
        assertEquals(10_000, ran.get())
        listening.forEach { it.cancelAndJoin() }
        auths.forEach { it.close() }
    }

    private suspend fun signOut(times: Int, auths: List<Auth>, tokens: Tokens) = coroutineScope {
        for (auth in auths) {
            launch(Dispatchers.Default) {
                repeat(times / auths.size) {
                    auth.storeSession(tokens, SignedInWith.API)
                    assertTrue(auth.signOut().signedOutLocally)
                }
            }
        }
    }

    /** Waits until the garbage collector has found everything, in real time. */
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

    private fun javaHeap(): Long = Runtime.getRuntime().run { totalMemory() - freeMemory() }

    /** What glibc has given and not got back: unlike what is resident, it does not grow by what is free. */
    private fun nativeHeap(): Long =
        (Function.getFunction("c", "mallinfo2").invoke(MallocInfo::class.java, emptyArray()) as MallocInfo)
            .run { uordblks + hblkhd }

    /** `struct mallinfo2`, by glibc's names. */
    @Structure.FieldOrder(
        "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost",
    )
    class MallocInfo : Structure(), Structure.ByValue {
        @JvmField var arena = 0L
        @JvmField var ordblks = 0L
        @JvmField var smblks = 0L
        @JvmField var hblks = 0L
        @JvmField var hblkhd = 0L
        @JvmField var usmblks = 0L
        @JvmField var fsmblks = 0L
        @JvmField var uordblks = 0L
        @JvmField var fordblks = 0L
        @JvmField var keepcost = 0L
    }
}
