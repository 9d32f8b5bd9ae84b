package dev.cognitosignout

import kotlinx.coroutines.test.runTest
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** The user's sessions in Kotlin's own types. What they do is proved by the shared scenarios. */
class UserSessionTest {
    private val server = FakeServer("--session-tracking")
    private val auth = Auth(server.config { sessionTracking(true) }, VaultChoice.Memory)

    @AfterEach
    fun stop() {
        auth.close()
        server.close()
    }

    @Test
    fun `the place and the IP address are not in the text of a session`() = runTest {
        auth.storeSession(server.signIn(), SignedInWith.API)
        val own = auth.sessions().single().id!!
        set(own, "LastIPAddress", JsonPrimitive("198.51.100.7"))
        val place = mapOf("City" to JsonPrimitive("Springfield"), "Country" to JsonPrimitive("Atlantis"))
        set(own, "LastLocation", JsonObject(place))

        val session = auth.sessions().single()
        assertTrue(session.isCurrent && session.kind == SessionKind.Token)
        assertNotNull(session.createdMillis)
        assertNotNull(session.lastActiveMillis)
        assertEquals("Springfield, Atlantis", "${session.city}, ${session.country}")
        assertEquals("198.51.100.7", session.ipAddress?.reveal())
        for (personal in listOf("198.51.100.7", "Springfield", "Atlantis")) {
            assertFalse(personal in "$session", "$session")
        }
    }

    @Test
    fun `one's own session is refused with what to do instead`() = runTest {
        auth.storeSession(server.signIn(), SignedInWith.API)
        val own = auth.sessions().single().id!!
        val refused = assertThrows<AuthException.Service> { auth.endSession(own) }
        assertEquals(ErrorCode.OWN_SESSION, refused.code)
        assertTrue("signOut" in refused.recoverySuggestion)
    }

    @Test
    fun `a partial result can be retried`() = runTest {
        auth.storeSession(server.signIn(), SignedInWith.API)
        server.signIn()
        server.fault("RevokeUserSession", "Refuse(InvalidParameter)", times = 1)
        val partial = assertInstanceOf(SignOutOthersResult.Partial::class.java, auth.signOutOthers())
        assertEquals(listOf(ErrorCode.REFUSED), partial.sessions.map { it.exception?.code })
        val complete = assertInstanceOf(SignOutOthersResult.Complete::class.java, auth.retryOthers(partial))
        assertEquals(listOf(null), complete.sessions.map { it.exception })
        assertEquals(1, server.liveSessions())
    }

    @Test
    fun `a sign-out by revocation names the setting that it needs`() = runTest {
        Auth(server.config(), VaultChoice.Memory).use { auth ->
            auth.storeSession(server.signIn(), SignedInWith.HOSTED_UI)
            val result = auth.signOut(SignOutOptions { web = WebPolicy.BY_REVOCATION })
            val failed = assertInstanceOf(SignOutResult.Failed::class.java, result)
            assertEquals(ErrorCode.INVALID_INPUT, failed.exception.code)
            assertTrue(failed.exception.message.startsWith("sessionTracking: must be "), failed.exception.message)
        }
    }

    private fun set(session: String, member: String, value: JsonElement) {
        server.order(
            "set_session",
            "id" to JsonPrimitive(session),
            "member" to JsonPrimitive(member),
            "value" to value,
        )
    }
}
