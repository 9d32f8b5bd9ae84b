package dev.cognitosignout

import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The shortest way through everything: Kotlin, the native library, `HttpURLConnection`, a server. */
class SignOutTest {
    private val server = FakeServer()
    private val auth = Auth(server.config(), VaultChoice.Memory)

    @AfterEach
    fun stop() {
        auth.close()
        server.close()
    }

    @Test
    fun `signing out revokes the refresh token and removes the session`() = runTest {
        val tokens = server.signIn()
        auth.storeSession(tokens, SignedInWith.API)
        assertInstanceOf(SessionState.SignedIn::class.java, auth.session())

        val result = auth.signOut()

        assertInstanceOf(SignOutResult.Complete::class.java, result, result::toString)
        assertTrue(result.signedOutLocally)
        assertEquals(SessionState.SignedOut, auth.session())
        assertEquals(listOf("RevokeToken"), server.requests())
        assertFalse(server.isLive(tokens.refreshToken))
    }
}
