package dev.cognitosignout.testing

import dev.cognitosignout.AppReason
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthEvent
import dev.cognitosignout.AuthException
import dev.cognitosignout.ErrorCode
import dev.cognitosignout.FakeServer
import dev.cognitosignout.Secret
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutClient
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens
import dev.cognitosignout.VaultChoice
import dev.cognitosignout.Verification
import dev.cognitosignout.recordedApi
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CompletableFuture

class FakeSignOutClientTest {
    @Test
    fun `the public API for tests is the one on record`() {
        val api = recordedApi(FakeSignOutClient::class.java, "kotlin-testing.txt")
        assertTrue("public final class dev/cognitosignout/testing/FakeSignOutClient " in api)
        assertTrue("ffi" !in api, "what UniFFI generates is public")
    }

    /** A view model's test proves something only if the fake tells it what the library would. */
    @Test
    fun `the fake tells a screen what the library tells it`() = FakeServer().use { server ->
        val ofFake = FakeSignOutClient().let { fake -> story(fake) { fake.failNextRevocation() } }
        Auth(server.config(), VaultChoice.Memory).use { auth ->
            val ofLibrary = story(auth, server::signIn) { server.fault("RevokeToken", "Refuse(Forbidden)", times = 1) }
            assertEquals(ofLibrary, ofFake)
        }
        assertEquals(20, ofFake.size)
    }

    private fun FakeSignOutClient.failNextRevocation() =
        answerSignOut(TestResults.partial().revokeTokenError(ErrorCode.FORBIDDEN).build())

    /** Signs in and out in several ways, and notes all that a screen sees of it. */
    private fun story(
        client: SignOutClient,
        tokens: () -> Tokens = TestSessions::tokens,
        failNextRevocation: () -> Unit,
    ): List<String> = runBlocking {
        val events = async(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) { client.events.take(6).toList() }
        val told = mutableListOf<String>()
        suspend fun note(what: String, value: suspend () -> Any) {
            val said = try {
                value()
            } catch (exception: AuthException) {
                exception
            }
            told += "$what: ${told(said)}"
        }
        note("signed out at first") { client.session() }
        note("tokens of nobody") { client.tokens() }
        note("sign-out of nobody") { client.signOut() }
        note("launch") { client.resume() }
        note("is nobody's session alive") { (client.verify() as Verification.Unknown).exception }
        client.storeSession(tokens(), SignedInWith.API)
        note("signed in") { client.session() }
        note("tokens") { client.tokens() }
        note("alive") { client.verify() }
        note("sign-out") { client.signOut(SignOutOptions { reason = AppReason.USER }) }
        note("signed out") { client.session() }
        client.storeSession(tokens(), SignedInWith.API)
        client.storeSession(tokens(), SignedInWith.API)
        note("global sign-out") { client.signOut(SignOutOptions { globalSignOut = true }) }
        client.storeSession(tokens(), SignedInWith.API)
        failNextRevocation()
        val partial = client.signOut()
        note("partial") { partial }
        note("after a partial one") { client.session() }
        note("retry") { client.retry(partial as SignOutResult.Partial) }
        told + withTimeout(20_000) { events.await() }.map { "event $it" }
    }

    private fun told(value: Any): String = when (value) {
        is AuthException -> "${value.javaClass.simpleName} ${value.code}"
        is SignOutResult -> "${value.javaClass.simpleName} ${value.signedOutLocally} ${value.report.steps} " +
            "everywhere=${value.report.signedOutEverywhere} ${value.report.appReason} ${value.report.browserSessions}" +
            if (value is SignOutResult.Partial) " ${value.revokeTokenError?.exception?.code} ${value.kept}" else ""
        else -> value.toString()
    }

    @Test
    fun `a call suspends until the test gives the result`() = runBlocking {
        val client = FakeSignOutClient().apply { signIn() }
        val later = CompletableFuture<SignOutResult>()
        client.answerSignOut(later)
        val result = async(start = CoroutineStart.UNDISPATCHED) { client.signOut() }
        assertTrue(result.isActive)
        assertTrue(client.session() is SessionState.SignedIn)
        later.complete(TestResults.failed(ErrorCode.VAULT_LOCKED))
        assertEquals(ErrorCode.VAULT_LOCKED, (result.await() as SignOutResult.Failed).exception.code)
        assertTrue(client.session() is SessionState.SignedIn, "failed means unchanged")
    }

    @Test
    fun `a partial result has an error`() {
        assertThrows(IllegalArgumentException::class.java) { TestResults.partial().build() }
    }

    @Test
    fun `sessions end one by one or all but this one`() = runBlocking {
        val client = FakeSignOutClient()
        val own = UserSessionBuilder("tkn1").isCurrent(true).build()
        val others = listOf("tkn2", "tkn3", "sso4").map { UserSessionBuilder(it).build() }
        client.setSessions(listOf(own) + others)
        client.endSession("tkn2")
        assertEquals(listOf("tkn1", "tkn3", "sso4"), client.sessions().map { it.id })
        assertEquals(ErrorCode.OWN_SESSION, failure { client.endSession("tkn1") })
        assertEquals(ErrorCode.SESSION_NOT_FOUND, failure { client.endSession("tkn2") })
        client.answerOthers(TestResults.othersPartial(ended = listOf(others[1]), left = listOf(others[2])))
        client.signOutOthers()
        assertEquals(listOf("tkn1", "sso4"), client.sessions().map { it.id })
        client.signOutOthers()
        assertEquals(listOf("tkn1"), client.sessions().map { it.id })
    }

    private suspend fun failure(call: suspend () -> Unit): String? = try {
        call()
        null
    } catch (exception: AuthException) {
        exception.code
    }

    /** Also where the library is there: the secrets of builders are of another form. */
    @Test
    fun `equal secrets are equal, whoever has made them`() {
        val (one, other) = Secret("refresh token") to TestSessions.tokens().refreshToken
        assertEquals(one, other)
        assertEquals(other, one)
        assertEquals("refresh token", other.reveal())
        assertFalse(one == TestSessions.tokens().accessToken)
        assertEquals("<redacted>", "$other")
    }

    @Test
    fun `a real Auth refuses a result that a test has built`() = FakeServer().use { server ->
        Auth(server.config(), VaultChoice.Memory).use { auth ->
            val partial = TestResults.partial().revokeTokenError(ErrorCode.TIMED_OUT).build()
            assertThrows(IllegalArgumentException::class.java) { runBlocking { auth.retry(partial) } }
        }
        Unit
    }
}
