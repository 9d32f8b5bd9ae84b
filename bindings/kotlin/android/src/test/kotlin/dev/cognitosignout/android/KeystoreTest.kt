package dev.cognitosignout.android

import dev.cognitosignout.FakeServer
import dev.cognitosignout.Tokens
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeEach
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.io.TempDir
import java.io.File

/** A failing Keystore, or a device that was not unlocked yet, signs nobody out and loses nothing. */
class KeystoreTest {
    @TempDir
    lateinit var device: File
    private val server = FakeServer()
    private lateinit var tokens: Tokens

    @BeforeEach
    fun signIn() {
        tokens = server.signIn()
        AppProcess(device, server).use { assertEquals("stored", it.store()) }
    }

    @AfterEach
    fun stop() = server.close()

    @Test
    fun `if the Keystore cannot provide its key, the record is not corrupt, and the session returns later`() {
        AppProcess(device, server).use { app ->
            app.tell("keystore", "GIVES_NO_KEY")
            assertEquals("Unavailable: vault_failed", app.tell("session"))
            val why = app.tell("why")
            assertTrue("java.security.UnrecoverableKeyException, caused by android.security.KeyStoreException" in why, why)
            assertEquals("Failed:vault_failed", app.tell("sign out here"))
            assertTrue(app.store().startsWith("vault_failed: "))
            app.tell("keystore", "WELL")
            assertEquals("SignedIn", app.tell("session"))
        }
        assertEquals(emptyList<String>(), server.requests())
    }

    @Test
    fun `if the Keystore hides its key for a moment, no new key replaces it`() {
        AppProcess(device, server).use { app ->
            app.tell("keystore", "GIVES_NO_KEY_AND_DENIES_IT")
            assertEquals("Unavailable: vault_failed", app.tell("session"))
            app.tell("keystore", "WELL")
            assertEquals("SignedIn", app.tell("session"))
        }
        AppProcess(device, server).use { app -> assertEquals("SignedIn", app.tell("session")) }
    }

    @Test
    fun `if the Keystore fails after the first read, the record is not corrupt either`() {
        AppProcess(device, server).use { app ->
            assertEquals("SignedIn", app.tell("session"))
            for (mood in listOf("GIVES_NO_KEY", "GIVES_NO_KEY_AND_DENIES_IT", "CARRIES_NOTHING_OUT")) {
                app.tell("keystore", mood)
                assertEquals("Unavailable: vault_failed", app.tell("session"), mood)
                assertEquals("Failed:vault_failed", app.tell("sign out here"), mood)
            }
            app.tell("keystore", "WELL")
            assertEquals("SignedIn", app.tell("session"))
        }
        assertEquals(emptyList<String>(), server.requests())
    }

    @Test
    fun `an operation that the Keystore drops once is repeated`() {
        AppProcess(device, server).use { app ->
            app.tell("keystore", "LETS_GO_ONCE")
            assertEquals("SignedIn", app.tell("session"))
        }
    }

    @Test
    fun `before the device is unlocked for the first time the keychain is locked`() {
        AppProcess(device, server).use { app ->
            app.tell("lock")
            assertEquals("Unavailable: vault_locked", app.tell("session"))
            assertEquals("Failed:vault_locked", app.tell("sign out here"))
            app.tell("unlock")
            assertEquals("SignedIn", app.tell("session"))
            assertEquals("Complete", app.tell("sign out here"))
        }
    }

    private fun AppProcess.store() =
        tell("store", tokens.accessToken.reveal(), tokens.idToken.reveal(), tokens.refreshToken.reveal())
}
