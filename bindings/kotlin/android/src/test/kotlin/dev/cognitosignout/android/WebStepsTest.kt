package dev.cognitosignout.android

import dev.cognitosignout.Auth
import dev.cognitosignout.Browser
import dev.cognitosignout.FakeServer
import dev.cognitosignout.HostedUI
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.VaultChoice
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit

/** What the two activities do, without Android, against the library itself. */
class WebStepsTest {
    private val server = FakeServer()
    private val steps = WebSteps()
    private val tab = TestTab()
    private val auth = auth()

    private fun auth(): Auth {
        val config = server.config { hostedUI(HostedUI("auth.example.com", listOf(SignOutUri(REDIRECT)))) }
        val browser = Browser { url, _, completion ->
            steps.begin(completion, url)
            completion.onClosed { steps.end(completion) }
            tab.open(url)
        }
        return Auth(config, VaultChoice.Memory, browser = browser)
    }

    @AfterEach
    fun stop() {
        auth.close()
        server.close()
    }

    @Test
    fun `a redirect completes the web step, and a second one is nobody's`() {
        val result = signOut {
            assertTrue(tab.opened().startsWith("https://auth.example.com/logout?"))
            assertEquals(Tab.ENDS, steps.redirected(REDIRECT, tab))
            assertEquals(Tab.ENDS, steps.redirected(REDIRECT, tab))
            steps.closed()
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
        assertEquals(listOf("RevokeToken"), server.requests())
    }

    @Test
    fun `a tab that was closed fails the sign-out, and changes nothing`() {
        val result = signOut {
            tab.opened()
            assertEquals(Tab.ENDS, steps.closed())
            steps.redirected(REDIRECT, tab)
        }
        val failed = assertInstanceOf(SignOutResult.Failed::class.java, result)
        assertEquals("hosted_ui_cancelled", failed.exception.code)
        assertEquals(emptyList<String>(), server.requests())
        assertInstanceOf(SessionState.SignedIn::class.java, runBlocking { auth.session() })
    }

    @Test
    fun `another app's redirect is ignored, and the page comes back`() {
        val result = signOut {
            val page = tab.opened()
            assertEquals(Tab.WAITS, steps.redirected("myapp://elsewhere", tab))
            assertEquals(page, tab.opened())
            assertEquals(Tab.ENDS, steps.redirected(REDIRECT, tab))
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
    }

    @Test
    fun `a device without a browser says so`() {
        val result = signOut {
            tab.opened()
            assertEquals(Tab.ENDS, steps.unavailable())
        }
        assertEquals("hosted_ui_unavailable", (result as SignOutResult.Failed).exception.code)
    }

    @Test
    fun `a step whose time is over takes no redirect`() {
        val result = signOut(SignOutOptions(browserDeadlineMillis = 300)) { tab.opened() }
        assertEquals("hosted_ui_timed_out", (result as SignOutResult.Failed).exception.code)
        assertEquals(Tab.ENDS, steps.redirected(REDIRECT, tab))
        assertInstanceOf(SessionState.SignedIn::class.java, runBlocking { auth.session() })
    }

    @Test
    fun `a redirect to a new process is kept for the launch, once`() {
        assertEquals(Tab.ENDS, steps.redirected(REDIRECT, tab))
        assertTrue(steps.lost.isKept())
        assertEquals(REDIRECT, steps.lost.take())
        assertNull(steps.lost.take())
    }

    /** Signs a user out who came through the hosted pages; [meanwhile] is what happens to the tab. */
    private fun signOut(options: SignOutOptions = SignOutOptions(), meanwhile: () -> Unit): SignOutResult = runBlocking {
        auth.storeSession(server.signIn(), SignedInWith.HOSTED_UI)
        val signingOut = async(Dispatchers.Default) { auth.signOut(options) }
        meanwhile()
        signingOut.await()
    }

    private class TestTab : TabHost {
        private val pages = LinkedBlockingQueue<String>()

        override fun open(url: String): Boolean = pages.add(url)

        /** The page that is opened next. */
        fun opened(): String = pages.poll(20, TimeUnit.SECONDS) ?: error("no page")
    }

    private companion object {
        const val REDIRECT = "myapp://signed-out"
    }
}
