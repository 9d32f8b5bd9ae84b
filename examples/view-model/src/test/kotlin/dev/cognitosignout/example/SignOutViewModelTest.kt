package dev.cognitosignout.example

import dev.cognitosignout.ErrorCode
import dev.cognitosignout.Secret
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens
import dev.cognitosignout.testing.FakeSignOutClient
import dev.cognitosignout.testing.SessionBuilder
import dev.cognitosignout.testing.TestResults
import dev.cognitosignout.testing.TestSessions
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.test.TestScope
import kotlinx.coroutines.test.runCurrent
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.util.concurrent.CompletableFuture

class SignOutViewModelTest {
    private val client = FakeSignOutClient().apply { signIn() }

    @Test
    fun `while the sign-out runs, a second touch does nothing`() = runTest {
        val result = CompletableFuture<SignOutResult>()
        client.answerSignOut(result)
        val model = SignOutViewModel(client, this)
        model.signOut(onAllDevices = true)
        runCurrent()
        model.signOut()
        assertEquals(Page.SIGNING_OUT, model.page.value)
        result.complete(TestResults.complete())
        runCurrent()
        assertEquals(Page.SIGN_IN, model.page.value)
        assertEquals(listOf(true), client.signOuts.map { it.globalSignOut })
    }

    @Test
    fun `each result has its page`() = runTest {
        val revoke = TestResults.partial().revokeTokenError(ErrorCode.NETWORK_UNAVAILABLE).build()
        val global = TestResults.partial().globalSignOutError(ErrorCode.MISSING_SCOPE).build()
        assertEquals(Page.SIGN_IN, pageAfter(TestResults.complete()))
        assertEquals(Page.SIGN_IN, pageAfter(revoke))
        assertEquals(Page.SIGN_IN_OTHERS_MAY_LIVE, pageAfter(global))
        assertEquals(Page.TRY_AGAIN, pageAfter(TestResults.failed(ErrorCode.VAULT_LOCKED)))
        assertEquals(Page.CANNOT_SIGN_OUT, pageAfter(TestResults.failed(ErrorCode.RECORD_TOO_NEW)))
    }

    private fun TestScope.pageAfter(result: SignOutResult): Page {
        client.answerSignOut(result)
        val model = SignOutViewModel(client, this)
        model.signOut()
        runCurrent()
        return model.page.value
    }

    @Test
    fun `the page shows who is signed in`() = runTest {
        client.signIn(TestSessions.signedIn(SessionBuilder().username("bo").build()))
        val model = SignOutViewModel(client, this)
        assertEquals("bo", model.username.first())
        client.setState(TestSessions.unavailable(ErrorCode.VAULT_LOCKED))
        assertEquals(null, model.username.first())
    }

    /** So the sign-in of an app can be tested too: it wraps tokens in secrets. */
    @Test
    fun `secrets, tokens and errors need no native library`() = runTest {
        val tokens = Tokens(Secret("access"), Secret("ID"), Secret("refresh"))
        client.storeSession(tokens, SignedInWith.HOSTED_UI)
        assertEquals(Secret("refresh"), client.tokens().refreshToken)
        assertEquals("<redacted>", "${Secret("refresh")}")
        val partial = TestResults.partial().revokeTokenError(ErrorCode.TIMED_OUT, Secret("refresh")).build()
        assertTrue("TIMED_OUT" !in "$partial" && ErrorCode.TIMED_OUT in "$partial" && "refresh\"" !in "$partial")
    }

    /** Not even JNA is there, so nothing of the above can have used it. */
    @Test
    fun `there is no native library`() {
        assertThrows(ClassNotFoundException::class.java) { Class.forName("com.sun.jna.Native") }
        assertEquals(null, javaClass.classLoader.getResource("linux-x86-64/libcognito_signout.so"))
    }
}
