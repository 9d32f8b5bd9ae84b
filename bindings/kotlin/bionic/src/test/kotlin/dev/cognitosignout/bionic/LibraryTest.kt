package dev.cognitosignout.bionic

import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.AuthException
import dev.cognitosignout.HttpHeader
import dev.cognitosignout.HttpResponse
import dev.cognitosignout.Secret
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens
import dev.cognitosignout.VaultChoice
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.BeforeAll
import org.junit.jupiter.api.MethodOrderer
import org.junit.jupiter.api.Order
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestMethodOrder
import org.junit.jupiter.api.Timeout
import java.lang.reflect.InvocationTargetException
import java.util.Base64
import java.util.Collections

/** The library that `cargo xtask android` would ship for arm64, under the Kotlin that it ships. */
@Timeout(60)
@TestMethodOrder(MethodOrderer.OrderAnnotation::class)
class LibraryTest {
    @Test
    fun `the library needs what Android 6 has, and nothing else`() {
        assertEquals(setOf("libc.so", "libdl.so"), Bridge.android.needed)
    }

    @Test
    fun `the generated Kotlin accepts the library's version and each of its checksums`() {
        checkChecksums()

        assertTrue(checksums.size > 50, "$checksums")
        assertEquals(checksums, Bridge.calls.keys.filterTo(sortedSetOf()) { "_checksum_" in it })
        assertTrue("ffi_cognito_signout_uniffi_contract_version" in Bridge.calls)
    }

    @Test
    fun `the generated Kotlin refuses a checksum that differs`() {
        Bridge.wrong += checksums.last()
        try {
            val refused = assertThrows(InvocationTargetException::class.java) { checkChecksums() }
            assertTrue("checksum mismatch" in refused.targetException.message!!, "$refused")
        } finally {
            Bridge.wrong.clear()
        }
    }

    @Test
    fun `a secret is revealed, compared, and printed redacted`() {
        val secret = Secret("s3cret-ä")

        assertEquals("s3cret-ä", secret.reveal())
        assertEquals(Secret("s3cret-ä"), secret)
        assertEquals("<redacted>", secret.toString())
        assertTrue(Bridge.calls.keys.any { it.endsWith("_reveal") }, "it was not in the library")
    }

    @Test
    fun `before the app's context is given the keychain is an error, and it arrives by the name that the Kotlin class gives it`() {
        val auth = Auth(AuthConfig.builder("eu-central-1_AbCdEf", CLIENT).build())
        val failed = assertThrows(AuthException.Vault::class.java) { runBlocking { auth.tokens() } }
        assertEquals("vault_unavailable", failed.code, "$failed")
        auth.close()

        Bridge.android.run { Bridge.android.giveContext() }
    }

    @Test
    fun `a user signs out`() = runBlocking {
        val requests = Collections.synchronizedList(mutableListOf<String>())
        val config = AuthConfig.builder("eu-central-1_AbCdEf", CLIENT).build()
        val auth = Auth(config, VaultChoice.Memory, transport = { request, completion ->
            requests += request.headers.single { it.name.lowercase() == "x-amz-target" }.value
            completion.succeed(HttpResponse(200, listOf(HttpHeader("x-amzn-RequestId", "1")), "{}".toByteArray()))
        })
        auth.storeSession(tokens(), SignedInWith.API)
        assertInstanceOf(SessionState.SignedIn::class.java, auth.session())

        val result = auth.signOut()

        assertInstanceOf(SignOutResult.Complete::class.java, result, result::toString)
        assertEquals(SessionState.SignedOut, auth.session())
        assertEquals(listOf("AWSCognitoIdentityProviderService.RevokeToken"), requests)
        auth.close()
        assertTrue(Bridge.calls.keys.any { it.endsWith("_free_auth") }, "it was not freed")
    }

    @Test
    @Order(Order.DEFAULT + 1)
    fun `a panic ends the process, and the crash report has its place and not its text`() {
        val message = Bridge.android.run {
            Bridge.android.crashOf {
                // More bytes than there can be: the standard library panics.
                val (buffer, status, result) = List(3) { Bridge.android.allocate(4096) }
                Bridge.android.call("ffi_cognito_signout_rustbuffer_reserve", listOf(buffer.peer, -1L, status.peer), result)
            }
        }

        assertTrue(Regex("cognito-signout panicked at .*:\\d+:\\d+").matches("$message"), "$message")
    }

    private fun tokens(): Tokens {
        fun jwt(use: String, client: String): Secret {
            val now = System.currentTimeMillis() / 1000
            val claims = """{"sub":"ana","token_use":"$use","$client":"$CLIENT","iat":$now,"exp":${now + 3600},"origin_jti":"1"}"""
            val text = Base64.getUrlEncoder().withoutPadding()
            return Secret(listOf("""{"alg":"RS256"}""", claims, "signature").joinToString(".") { text.encodeToString(it.toByteArray()) })
        }
        return Tokens(jwt("access", "client_id"), jwt("id", "aud"), Secret("refresh"))
    }

    /** What the Kotlin does at the first use of the library. */
    private fun checkChecksums() {
        val library = checking.getField("INSTANCE").get(null)
        val generated = Class.forName("dev.cognitosignout.ffi.Cognito_signoutKt")
        for (check in listOf("uniffiCheckContractApiVersion", "uniffiCheckApiChecksums")) {
            generated.getDeclaredMethod(check, checking).apply { isAccessible = true }.invoke(null, library)
        }
    }

    private val checksums get() = checking.methods.map { it.name }.filterTo(sortedSetOf()) { "_checksum_" in it }

    private val checking get() = Class.forName("dev.cognitosignout.ffi.IntegrityCheckingUniffiLib")

    private companion object {
        const val CLIENT = "1a2b3c"

        @JvmStatic
        @BeforeAll
        fun emulate() {
            Bridge.install()
            Class.forName("dev.cognitosignout.ffi.IntegrityCheckingUniffiLib")
        }
    }
}
