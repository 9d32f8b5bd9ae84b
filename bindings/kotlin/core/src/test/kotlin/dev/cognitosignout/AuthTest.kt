package dev.cognitosignout

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.test.UnconfinedTestDispatcher
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

class AuthTest {
    private val server = FakeServer()
    private val auth = Auth(server.config(), VaultChoice.Memory)

    @AfterEach
    fun stop() {
        auth.close()
        server.close()
    }

    @Test
    fun `every listener receives the events in order`() = runTest {
        val listeners = List(2) {
            async(UnconfinedTestDispatcher(testScheduler)) { auth.events.take(2).toList() }
        }
        auth.storeSession(server.signIn(), SignedInWith.API)
        auth.signOut(SignOutOptions { globalSignOut = true })
        for (listener in listeners) {
            assertEquals(listOf("signed_in", "signed_out:global"), listener.await().map { it.name })
        }
    }

    @Test
    fun `a caller with an unconfined dispatcher may block after a call`() = runTest {
        withContext(Dispatchers.Unconfined) {
            auth.storeSession(server.signIn(), SignedInWith.API)
            // On the library's only thread this would deadlock.
            val nested = runBlocking { auth.session() }
            assertInstanceOf(SessionState.SignedIn::class.java, nested)
        }
    }

    @Test
    fun `a transport that throws an Error is an error like any other`() = runTest {
        val broken = HttpTransport { _, _ -> throw StackOverflowError("thrown: SECRET") }
        Auth(server.config(), VaultChoice.Memory, broken).use { auth ->
            auth.storeSession(server.signIn(), SignedInWith.API)
            val partial = assertInstanceOf(SignOutResult.Partial::class.java, auth.signOut())
            val revoke = partial.revokeTokenError!!
            assertEquals("transport_failed", revoke.exception.code)
            assertFalse("SECRET" in revoke.exception.message)
        }
    }

    @Test
    fun `a vault that throws an Error leaves the user signed in`() = runTest {
        val vault = object : Vault {
            var failing = false
            var record: ByteArray? = null
            override fun read(key: VaultKey) = record
            override fun delete(key: VaultKey) = Unit
            override fun write(key: VaultKey, record: ByteArray) {
                if (failing) throw OutOfMemoryError("thrown: SECRET")
                this.record = record
            }
        }
        Auth(server.config(), VaultChoice.Custom(vault)).use { auth ->
            auth.storeSession(server.signIn(), SignedInWith.API)
            vault.failing = true
            val failed = assertInstanceOf(SignOutResult.Failed::class.java, auth.signOut())
            assertEquals("vault_failed", failed.exception.code)
            assertEquals(emptyList<String>(), server.requests())
            assertInstanceOf(SessionState.SignedIn::class.java, auth.session())
        }
    }

    @Test
    fun `nothing that can be printed contains a token`() = runTest {
        val tokens = server.signIn()
        server.fault("RevokeToken", "Refuse(InvalidParameter)")
        server.fault("GlobalSignOut", "Refuse(InvalidParameter)")
        auth.storeSession(tokens, SignedInWith.API)
        val state = auth.session()
        val partial = auth.signOut(SignOutOptions { globalSignOut = true }) as SignOutResult.Partial
        val printed = listOf(
            tokens, tokens.refreshToken, state, partial, partial.revokeTokenError, partial.globalSignOutError,
            AwsCredentials("id", tokens.accessToken, tokens.accessToken, 0), Device("key", "group", tokens.accessToken),
        ).joinToString()
        assertEquals(tokens.refreshToken, partial.revokeTokenError!!.refreshToken)
        assertEquals(tokens.accessToken, partial.globalSignOutError!!.accessToken)
        assertTrue("<redacted>" in printed)
        for (token in server.issuedTokens()) assertFalse(token in printed, "a token is printed")
    }

    @Test
    fun `each enum here has the entries of the generated one`() {
        // They are converted by name: this test finds a missing entry before an app does.
        assertEquals(names<dev.cognitosignout.ffi.WebPolicy>(), names<WebPolicy>())
        assertEquals(names<dev.cognitosignout.ffi.SignedInWith>(), names<SignedInWith>())
        assertEquals(names<dev.cognitosignout.ffi.TokenKind>(), names<TokenKind>())
        assertEquals(names<dev.cognitosignout.ffi.Prompt>(), names<Prompt>())
        assertEquals(names<dev.cognitosignout.ffi.RevocationRoute>(), names<RevocationRoute>())
        assertEquals(names<dev.cognitosignout.ffi.SignedOutReason>(), names<SignedOutReason>())
        assertEquals(names<dev.cognitosignout.ffi.BrowserSessionState>(), names<BrowserSessionState>())
        assertEquals(names<dev.cognitosignout.ffi.EndReason>(), names<EndReason>())
        assertEquals(names<dev.cognitosignout.ffi.Refusal>(), names<Refusal>())
        assertEquals(names<dev.cognitosignout.ffi.Phase>(), names<Phase>())
        assertEquals(names<dev.cognitosignout.ffi.TokenState>(), names<TokenState>())
    }

    @Test
    fun `a wrong configuration names the setting`() {
        val exception = assertThrows<AuthException.InvalidInput> {
            AuthConfig.builder("no pool", "client").build()
        }
        assertTrue(exception.message.startsWith("userPoolId: must be "), exception.message)
        assertTrue(exception.recoverySuggestion.isNotEmpty())
        val told = "${AuthException.InvalidInput::class.java.name}: invalid_input: ${exception.message}. "
        assertEquals(told + exception.recoverySuggestion, exception.toString())
    }

    @Test
    fun `every negative number is refused, and the message names the setting`() = runTest {
        val builder = AuthConfig.builder("eu-central-1_AbCdEf", "1a2b3c")
        val wrong = listOf(
            "connectTimeoutMillis" to builder.connectTimeoutMillis(-1),
            "attemptTimeoutMillis" to AuthConfig.builder("eu-central-1_AbCdEf", "1a2b3c").attemptTimeoutMillis(-1),
            "refreshMarginMillis" to AuthConfig.builder("eu-central-1_AbCdEf", "1a2b3c").refreshMarginMillis(-5),
        )
        for ((setting, config) in wrong) {
            val exception = assertThrows<AuthException.InvalidInput> { config.build() }
            assertEquals("$setting: must be a number, and not negative", exception.message)
        }
        val failed = auth.signOut(SignOutOptions { deadlineMillis = -1 }) as SignOutResult.Failed
        assertEquals(ErrorCode.INVALID_INPUT, failed.exception.code)
        assertEquals("deadlineMillis: must be a number, and not negative", failed.exception.message)
    }

    @Test
    fun `hosted pages can have provider logouts`() {
        val pages = HostedUI(
            "auth.example.com",
            listOf(SignOutUri("myapp://signed-out")),
            providers = mapOf("Okta" to ProviderLogout.Okta("no domain")),
        )
        val exception = assertThrows<AuthException.InvalidInput> {
            AuthConfig.builder("eu-central-1_AbCdEf", "1a2b3c").hostedUI(pages).build()
        }
        assertTrue(exception.message.startsWith("hostedUI.providers.Okta.domain: must be "), exception.message)
    }

    @Test
    fun `Amplify's file gives a configuration`() {
        val json = """{"version":"1","auth":{"aws_region":"eu-central-1","user_pool_id":"eu-central-1_AbCdEf",
            "user_pool_client_id":"1a2b3c"}}"""
        val config = AuthConfig.fromAmplifyJson(json).build()
        assertEquals("eu-central-1_AbCdEf", config.userPoolId)
        assertEquals("1a2b3c", config.clientId)
    }

    @Test
    fun `a call after closing throws`() = runTest {
        auth.close()
        assertThrows<IllegalStateException> { auth.session() }
    }

    private inline fun <reified E : Enum<E>> names() = enumValues<E>().map { it.name }
}
