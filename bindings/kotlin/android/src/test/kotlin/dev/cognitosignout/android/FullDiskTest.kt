package dev.cognitosignout.android

import dev.cognitosignout.FakeServer
import dev.cognitosignout.Tokens
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File

/** On a full disk Android's preferences change only in memory, until the process ends. */
class FullDiskTest {
    @TempDir
    lateinit var device: File
    private val server = FakeServer()
    private val tokens = server.signIn()

    @AfterEach
    fun stop() = server.close()

    @Test
    fun `a sign-out that does not reach the disk fails, and the user stays signed in, also at the next start`() {
        AppProcess(device, server).use { app ->
            assertEquals("stored", app.store(tokens))
            app.tell("fill disk")
            assertEquals("Failed:vault_failed", app.tell("sign out here"))
            assertEquals("SignedIn", app.tell("session"))
        }
        assertTrue(server.isLive(tokens.refreshToken))
        AppProcess(device, server).use { app -> assertEquals("SignedIn", app.tell("session")) }
    }

    @Test
    fun `the same process can sign out when the disk has space again`() {
        AppProcess(device, server).use { app ->
            assertEquals("stored", app.store(tokens))
            app.tell("fill disk")
            assertEquals("Failed:vault_failed", app.tell("sign out here"))
            app.tell("free disk")
            assertEquals("Complete", app.tell("sign out here"))
        }
        assertFalse(server.isLive(tokens.refreshToken))
        AppProcess(device, server).use { app -> assertEquals("SignedOut", app.tell("session")) }
    }

    @Test
    fun `a session that does not reach the disk is not stored`() {
        AppProcess(device, server).use { app ->
            app.tell("fill disk")
            val said = app.store(tokens)
            assertTrue("could not be written to the disk" in said, said)
            assertEquals("SignedOut", app.tell("session"))
        }
        AppProcess(device, server).use { app ->
            assertEquals("SignedOut", app.tell("session"))
            assertEquals("stored", app.store(tokens))
        }
        AppProcess(device, server).use { app -> assertEquals("SignedIn", app.tell("session")) }
    }

    private fun AppProcess.store(tokens: Tokens) =
        tell("store", tokens.accessToken.reveal(), tokens.idToken.reveal(), tokens.refreshToken.reveal())
}
