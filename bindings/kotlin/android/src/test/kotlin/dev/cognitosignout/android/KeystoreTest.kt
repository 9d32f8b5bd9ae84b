package dev.cognitosignout.android

import dev.cognitosignout.SignedInWith
import kotlinx.coroutines.runBlocking
import org.junit.Before
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue

/** A failing Keystore, or a device that was not unlocked yet, signs nobody out and loses nothing. */
class KeystoreTest : OnAndroid() {
    private val tokens = server.signIn()

    @Before
    fun signIn() = runBlocking {
        AndroidAuth.create(app, server.config()).use { it.storeSession(tokens, SignedInWith.API) }
        kill()
    }

    @Test
    fun `if the Keystore cannot provide its key, the record is not corrupt, and the session returns later`() {
        start().use { app ->
            app.tell("keystore", "GIVES_NO_KEY")
            assertEquals("Unavailable: vault_failed", app.tell("session"))
            val why = app.tell("why")
            assertTrue("java.security.UnrecoverableKeyException, caused by android.security.KeyStoreException" in why, why)
            assertEquals("Failed:vault_failed", app.tell("sign out here"))
            assertTrue(app.tell("store", *tokens.secrets()).startsWith("vault_failed: "))
            app.tell("keystore", "WELL")
            assertEquals("SignedIn", app.tell("session"))
        }
        assertEquals(emptyList<String>(), server.requests())
    }

    @Test
    fun `if the Keystore hides its key for a moment, no new key replaces it`() {
        start().use { app ->
            app.tell("keystore", "GIVES_NO_KEY_AND_DENIES_IT")
            assertEquals("Unavailable: vault_failed", app.tell("session"))
            app.tell("keystore", "WELL")
            assertEquals("SignedIn", app.tell("session"))
        }
        start().use { app -> assertEquals("SignedIn", app.tell("session")) }
    }

    @Test
    fun `if the Keystore fails after the first read, the record is not corrupt either`() {
        // Here the JVM also checks what native code does with exceptions, which makes a process three times slower.
        start("-Xcheck:jni").use { app ->
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
        start().use { app ->
            app.tell("keystore", "LETS_GO_ONCE")
            assertEquals("SignedIn", app.tell("session"))
        }
    }

    @Test
    fun `before the device is unlocked for the first time the keychain is locked`() {
        start().use { app ->
            app.tell("lock")
            assertEquals("Unavailable: vault_locked", app.tell("session"))
            assertEquals("Failed:vault_locked", app.tell("sign out here"))
            app.tell("unlock")
            assertEquals("SignedIn", app.tell("session"))
            assertEquals("Complete", app.tell("sign out here"))
        }
    }
}
