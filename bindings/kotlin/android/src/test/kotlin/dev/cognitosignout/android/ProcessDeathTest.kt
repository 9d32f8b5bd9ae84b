package dev.cognitosignout.android

import dev.cognitosignout.HostedUI
import dev.cognitosignout.ProviderLogout
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.SignedInWith
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTimeoutPreemptively
import org.junit.jupiter.api.Assertions.assertTrue
import java.time.Duration

/** Android kills an app while the user is in the browser: here one process is killed, and another starts on the same device. */
class ProcessDeathTest : OnAndroid() {
    private var tokens = server.signIn()

    @Test
    fun `the redirect starts the app, which finishes the sign-out when it resumes`() {
        killedInTheBrowser()
        start().use { app ->
            app.tell("restore")
            assertEquals("[Complete]", app.tell("redirect", REDIRECT))
            assertEquals("SignedOut", app.tell("session"))
            assertEquals("[MainActivity]", app.tell("stack"))
        }
        assertFalse(server.isLive(tokens.refreshToken))
        assertEquals(listOf("RevokeToken"), server.requests())
    }

    @Test
    fun `an Auth Tab returns the redirect to the new process`() {
        killedInTheBrowser()
        start().use { app ->
            app.tell("restore auth tab")
            assertEquals("[Complete]", app.tell("redirect", REDIRECT))
            assertEquals("[MainActivity]", app.tell("stack"))
        }
        assertFalse(server.isLive(tokens.refreshToken))
    }

    @Test
    fun `an app without any activity left is opened`() {
        killedInTheBrowser()
        start().use { app ->
            assertEquals("[Complete]", app.tell("redirect", REDIRECT))
            assertEquals("[MainActivity]", app.tell("stack"))
        }
        assertFalse(server.isLive(tokens.refreshToken))
    }

    @Test
    fun `an app that resumed before the browser came back gets an event`() {
        killedInTheBrowser()
        start().use { app ->
            app.tell("restore")
            assertEquals("[]", app.tell("resume"))
            val event = app.tell("listen and redirect", REDIRECT)
            assertTrue("SignedOut" in event, event)
            assertEquals("SignedOut", app.tell("session"))
            // The event comes first, the request to the server after it.
            assertTimeoutPreemptively(Duration.ofSeconds(20)) {
                while (server.isLive(tokens.refreshToken)) Thread.sleep(10)
            }
        }
    }

    @Test
    fun `a user who does not come back is still signed in, and can sign out`() {
        killedInTheBrowser()
        start().use { app ->
            app.tell("restore")
            assertEquals("[]", app.tell("close tab"))
            assertEquals("SignedIn", app.tell("session"))
            assertEquals(emptyList<String>(), server.requests())
            assertTrue(app.tell("sign out").startsWith("https://auth.example.com/logout?"))
            app.tell("redirect", REDIRECT)
            assertEquals("Complete", app.tell("result"))
            assertEquals("[MainActivity]", app.tell("stack"))
        }
        assertFalse(server.isLive(tokens.refreshToken))
    }

    @Test
    fun `another app's redirect does not finish the sign-out`() {
        killedInTheBrowser()
        start().use { app ->
            app.tell("restore")
            assertEquals("[]", app.tell("redirect", "$REDIRECT/elsewhere"))
            assertEquals("SignedIn", app.tell("session"))
        }
        assertEquals(emptyList<String>(), server.requests())
    }

    @Test
    fun `a URL from another app before the redirect does not replace it`() {
        killedInTheBrowser()
        start().use { app ->
            app.tell("restore")
            assertEquals("[]", app.tell("foreign intent", "$REDIRECT/elsewhere"))
            app.tell("foreign intent", "other://signed-out")
            // The app has resumed, so it gets an event.
            val event = app.tell("listen and redirect", REDIRECT)
            assertTrue("SignedOut" in event, event)
            assertEquals("SignedOut", app.tell("session"))
        }
    }

    @Test
    fun `a URL from another app after the redirect, before the app resumes, does not replace it`() {
        killedInTheBrowser()
        start().use { app ->
            for (callback in listOf("other://before", REDIRECT, "other://after")) app.tell("lose", callback)
            assertEquals("[Complete]", app.tell("resume"))
            assertEquals("SignedOut", app.tell("session"))
        }
        assertFalse(server.isLive(tokens.refreshToken))
    }

    @Test
    fun `an Auth that waits for no browser leaves the redirect to the Auth that does`() {
        killedInTheBrowser()
        start().use { app ->
            app.tell("lose", REDIRECT)
            assertEquals("[]", app.tell("resume other"))
            assertEquals("[Complete]", app.tell("resume"))
            assertEquals("SignedOut", app.tell("session"))
        }
        assertFalse(server.isLive(tokens.refreshToken))
    }

    @Test
    fun `if two Auths wait for the browser, each gets its own redirect`() {
        killedInTheBrowser()
        start().use { app ->
            signIn(app, "sign in other")
            assertEquals("Show", app.tell("begin other"))
        }
        start().use { app ->
            app.tell("lose", REDIRECT)
            assertEquals("[]", app.tell("resume other"))
            assertEquals("[Complete]", app.tell("resume"))
            assertEquals("SignedIn", app.tell("session other"))
            // It continues to wait for its own redirect.
            app.tell("lose", OTHER_REDIRECT)
            assertTimeoutPreemptively(Duration.ofSeconds(20)) {
                while (app.tell("session other") != "SignedOut") Thread.sleep(10)
            }
        }
    }

    @Test
    fun `a redirect that arrived before a sign-out began does not finish it`() {
        start().use { app ->
            app.tell("lose", REDIRECT)
            signIn(app)
            assertTrue(app.tell("sign out").startsWith("https://auth.example.com/logout?"))
            val shown = app.tell("stack")
            assertEquals("[]", app.tell("resume"))
            assertEquals("SignedIn", app.tell("session"))
            assertEquals(shown, app.tell("stack"))
            assertEquals(emptyList<String>(), server.requests())
            app.tell("redirect", REDIRECT)
            assertEquals("Complete", app.tell("result"))
        }
    }

    @Test
    fun `a redirect that arrived while no sign-out waited does not finish a later one in two calls`() {
        start().use { app ->
            app.tell("lose", REDIRECT)
            assertEquals("[]", app.tell("resume"))
            signIn(app)
            assertEquals("Show", app.tell("begin"))
            assertEquals("[]", app.tell("resume"))
            assertEquals("SignedIn", app.tell("session"))
        }
        assertEquals(emptyList<String>(), server.requests())
    }

    @Test
    fun `a provider's page that can no longer be shown does not stop the sign-out`() {
        tokens = tokens.through("Idp")
        killedInTheBrowser()
        start().use { app ->
            app.tell("restore")
            assertEquals("[Complete]", app.tell("redirect", REDIRECT))
            assertEquals("SignedOut", app.tell("session"))
        }
        assertFalse(server.isLive(tokens.refreshToken))
    }

    @Test
    fun `cancelling the caller before a provider's page was shown leaves no waiting sign-out`() {
        tokens = tokens.through("Idp")
        killedInTheBrowser()
        start().use { app ->
            app.tell("lose", REDIRECT)
            // After the start and what the record says, the page is there.
            app.tell("resume and go", "3")
            assertEquals("SignedOut", app.tell("session"))
        }
    }

    @Test
    fun `a caller that is cancelled before it takes the redirect leaves it to the next caller`() {
        killedInTheBrowser()
        start().use { app ->
            app.tell("lose", REDIRECT)
            app.tell("resume and go", "2")
            assertEquals("SignedIn", app.tell("session"))
            assertEquals("[Complete]", app.tell("resume"))
        }
    }

    @Test
    fun `without the native library there is an error`() {
        start("-Djava.library.path=${killed.root}").use { app ->
            repeat(2) {
                val said = app.tell("create")
                assertTrue(said.startsWith("native_library_missing: "), said)
                assertTrue("java.lang.UnsatisfiedLinkError" in said, said)
            }
        }
    }

    private fun signIn(app: AppProcess, order: String = "sign in") =
        assertEquals("signed in", app.tell(order, *tokens.secrets()))

    /** What is on the device after that is what a process leaves that is killed while the page is in front. */
    private fun killedInTheBrowser() = runBlocking<Unit> {
        val config = server.config {
            hostedUI(HostedUI("auth.example.com", listOf(SignOutUri(REDIRECT))))
            providerLogout("Idp", ProviderLogout.Template(PROVIDER_PAGE))
        }
        AndroidAuth.create(app, config).use { auth ->
            auth.storeSession(tokens, SignedInWith.HOSTED_UI)
            val phone = FakePhone().apply { open() }
            val signingOut = async(Dispatchers.Default) { auth.signOut() }
            assertTrue(phone.nextTab().dataString!!.startsWith("https://auth.example.com/logout?"))
            kill()
            phone.closeTab()
            signingOut.await()
        }
    }
}
