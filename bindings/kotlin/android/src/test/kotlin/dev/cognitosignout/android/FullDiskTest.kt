package dev.cognitosignout.android

import org.junit.Assume.assumeTrue
import org.junit.Before
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import java.io.File

/** On a full disk Android's preferences change only in memory, until the process ends. */
class FullDiskTest : OnAndroid() {
    private val tokens = server.signIn()

    @Before
    fun limits() = assumeTrue("no prlimit here", File("/usr/bin/prlimit").exists())

    @Test
    fun `a sign-out that does not reach the disk fails, and the user stays signed in, also at the next start`() {
        start().use { app ->
            assertEquals("stored", app.tell("store", *tokens.secrets()))
            app.fillDisk()
            assertEquals("Failed:vault_failed", app.tell("sign out here"))
            assertEquals("SignedIn", app.tell("session"))
        }
        assertTrue(server.isLive(tokens.refreshToken))
        start().use { app -> assertEquals("SignedIn", app.tell("session")) }
    }

    @Test
    fun `the same process can sign out when the disk has space again`() {
        start().use { app ->
            assertEquals("stored", app.tell("store", *tokens.secrets()))
            app.fillDisk()
            assertEquals("Failed:vault_failed", app.tell("sign out here"))
            app.freeDisk()
            assertEquals("Complete", app.tell("sign out here"))
        }
        assertFalse(server.isLive(tokens.refreshToken))
        start().use { app -> assertEquals("SignedOut", app.tell("session")) }
    }

    @Test
    fun `a session that does not reach the disk is not stored`() {
        start().use { app ->
            app.fillDisk()
            val said = app.tell("store", *tokens.secrets())
            assertTrue("could not be written to the disk" in said, said)
            assertEquals("SignedOut", app.tell("session"))
        }
        start().use { app ->
            assertEquals("SignedOut", app.tell("session"))
            assertEquals("stored", app.tell("store", *tokens.secrets()))
        }
        start().use { app -> assertEquals("SignedIn", app.tell("session")) }
    }
}
