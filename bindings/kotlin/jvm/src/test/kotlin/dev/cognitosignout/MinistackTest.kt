package dev.cognitosignout

import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** By `HttpURLConnection`, against a Cognito that nobody here wrote. Who is signed out is asked at the server itself. */
class MinistackTest {
    private val pool = Ministack().apply { addUser("ana") }
    private val auth = Auth(pool.config(), VaultChoice.Memory)

    @AfterEach
    fun stop() {
        auth.close()
    }

    @Test
    fun `a session is stored, and its tokens are refreshed`() = runTest {
        val given = pool.signIn("ana")
        auth.storeSession(given, SignedInWith.API)

        val signedIn = assertInstanceOf(SessionState.SignedIn::class.java, auth.session())
        assertEquals("ana", signedIn.session.username)
        val refreshed = auth.refresh()
        assertNotEquals(given.accessToken, refreshed.accessToken)
        assertEquals("ok", pool.gettingUser(refreshed.accessToken))
    }

    @Test
    fun `a local sign-out kills this session's refresh token, and no other's`() = runTest {
        val (here, elsewhere) = pool.signIn("ana") to pool.signIn("ana")
        auth.storeSession(here, SignedInWith.API)
        assertEquals("ok", pool.refreshing(here.refreshToken))

        val result = auth.signOut()

        assertInstanceOf(SignOutResult.Complete::class.java, result, result::toString)
        assertInstanceOf(StepStatus.Done::class.java, result.report.steps.revokeToken)
        assertEquals("NotAuthorizedException", pool.refreshing(here.refreshToken))
        assertEquals("ok", pool.refreshing(elsewhere.refreshToken))
        assertThrows<AuthException.SignedOut> { auth.tokens() }
    }

    @Test
    fun `a global sign-out kills every session of the user, and no other user's`() = runTest {
        pool.addUser("bea")
        val (here, elsewhere, beas) = listOf("ana", "ana", "bea").map(pool::signIn)
        auth.storeSession(here, SignedInWith.API)

        val result = auth.signOut(SignOutOptions(globalSignOut = true))

        assertInstanceOf(SignOutResult.Complete::class.java, result, result::toString)
        assertInstanceOf(StepStatus.Done::class.java, result.report.steps.globalSignOut)
        for (session in listOf(here, elsewhere)) {
            assertEquals("NotAuthorizedException", pool.refreshing(session.refreshToken))
            assertEquals("NotAuthorizedException", pool.gettingUser(session.accessToken))
        }
        assertEquals("ok", pool.refreshing(beas.refreshToken))
    }

    @Test
    fun `a session that was ended elsewhere has expired here, and can still be signed out of`() = runTest {
        auth.storeSession(pool.signIn("ana"), SignedInWith.API)
        Auth(pool.config(), VaultChoice.Memory).use { elsewhere ->
            elsewhere.storeSession(pool.signIn("ana"), SignedInWith.API)
            elsewhere.signOut(SignOutOptions(globalSignOut = true))
        }

        assertThrows<AuthException.SessionExpired> { auth.refresh() }
        val result = auth.signOut()

        assertInstanceOf(SignOutResult.Complete::class.java, result, result::toString)
        assertEquals(SessionState.SignedOut, auth.session())
    }
}
