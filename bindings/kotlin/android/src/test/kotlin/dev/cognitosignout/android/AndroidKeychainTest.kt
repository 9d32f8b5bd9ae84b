package dev.cognitosignout.android

import dev.cognitosignout.Auth
import dev.cognitosignout.FakeServer
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.MethodOrderer
import org.junit.jupiter.api.Order
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestMethodOrder

/** The library's Android keychain, on a JVM with the framework's classes and fakes of what a device has. */
@TestMethodOrder(MethodOrderer.OrderAnnotation::class)
class AndroidKeychainTest {
    @Test
    @Order(1)
    fun `before it has the app's context the keychain is an error, and nothing crashes`() = runBlocking<Unit> {
        FakeServer().use { server ->
            val auth = Auth(server.config())
            repeat(2) {
                val state = assertInstanceOf(SessionState.Unavailable::class.java, auth.session())
                assertEquals("vault_unavailable", state.exception.code)
            }
            val failed = assertInstanceOf(SignOutResult.Failed::class.java, auth.signOut())
            assertEquals("vault_unavailable", failed.exception.code)
            assertEquals(emptyList<String>(), server.requests())
        }
    }

    @Test
    @Order(2)
    fun `with the context a session outlives its process, encrypted, until the sign-out`() = runBlocking<Unit> {
        FakeDevice.installKeystore()
        val device = FakeDevice()
        // Twice, and with another context: the first stays.
        AndroidKeychain.initialize(device)
        AndroidKeychain.initialize(FakeDevice())
        FakeServer().use { server ->
            val tokens = server.signIn()
            AndroidAuth.create(device, server.config()).use { it.storeSession(tokens, SignedInWith.API) }

            assertTrue(device.stored().length > 100, "nothing is stored")
            for (token in server.issuedTokens()) assertFalse(token in device.stored(), "a token lies open")

            val next = AndroidAuth.create(device, server.config())
            assertInstanceOf(SessionState.SignedIn::class.java, next.session())
            assertEquals(tokens.refreshToken, next.tokens().refreshToken)
            assertInstanceOf(SignOutResult.Complete::class.java, next.signOut())
            assertFalse(server.isLive(tokens.refreshToken))

            assertEquals(SessionState.SignedOut, AndroidAuth.create(device, server.config()).session())
        }
    }
}
