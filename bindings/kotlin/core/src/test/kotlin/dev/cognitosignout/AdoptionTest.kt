package dev.cognitosignout

import dev.cognitosignout.AdoptedSession.Layout
import kotlinx.coroutines.test.runTest
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows
import java.io.File

/** Moving in, in Kotlin's own types. What the readers do is proved in Rust, by the same golden files. */
class AdoptionTest {
    private val config = AuthConfig.builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado").build()
    private val identityPool = "eu-central-1:11112222-3333-4444-5555-666677778888"

    private fun golden(layout: Layout, ending: String = ""): Map<String, String> {
        val file = File(System.getProperty("bindings"), "../tests/files/adopt/${layout.name.lowercase()}$ending.json")
        return Json.parseToJsonElement(file.readText()).jsonObject.mapValues { it.value.jsonPrimitive.content }
    }

    @Test
    fun `each layout's session is read, with identity and device`() {
        for (layout in Layout.entries) {
            val session = AdoptedSession.read(layout, golden(layout), config, identityPool)
            assertEquals("ana", session.username, "$layout")
            assertEquals(SignedInWith.API, session.signedInWith)
            assertEquals(Secret("golden-refresh-token-of-ana"), session.tokens.refreshToken)
            assertEquals("eu-central-1_golden-device", session.device?.key)
            if (layout != Layout.AMPLIFY_JS) assertEquals("ASIAGOLDEN", session.identity?.credentials?.accessKeyId)
            assertFalse("golden" in "$session" || "ana" in "$session", "$session")

            val names = AdoptedSession.namesToForget(layout, golden(layout), config, identityPool)
            assertTrue(names.isNotEmpty() && golden(layout).keys.containsAll(names), "$names")
            val hosted = if (layout == Layout.AMPLIFY_ANDROID) continue else golden(layout, "_hosted_ui")
            assertEquals("Google", AdoptedSession.read(layout, hosted, config, identityPool).provider)
        }
    }

    @Test
    fun `each error has its own type, and says what to do`() {
        for (layout in Layout.entries) {
            val read = { ending: String -> AdoptedSession.read(layout, golden(layout, ending), config, identityPool) }
            assertEquals(ErrorCode.SIGNED_OUT, assertThrows<AdoptException.NobodySignedIn> { read("_nobody") }.code)
            assertTrue(assertThrows<AdoptException.Guest> { read("_guest") }.recoverySuggestion.startsWith("Nothing to adopt"))
            assertThrows<AdoptException.Federated> { read("_federated") }
        }
        val other = AuthConfig.builder("eu-central-1_Other", "other").build()
        val swift = golden(Layout.AMPLIFY_SWIFT)
        assertThrows<AdoptException.OtherConfiguration> { AdoptedSession.read(Layout.AMPLIFY_SWIFT, swift, other) }
        val unreadable = mapOf("amplify.eu-central-1_AbCdEf123.session" to "hunter2")
        for (call in listOf<() -> Any>(
            { AdoptedSession.read(Layout.AMPLIFY_SWIFT, unreadable, config) },
            { AdoptedSession.namesToForget(Layout.AMPLIFY_SWIFT, unreadable, config) },
        )) {
            assertEquals("session must be JSON", assertThrows<AdoptException.Invalid> { call() }.message)
        }
        val flutter = golden(Layout.AMPLIFY_FLUTTER).filterKeys { !it.endsWith(".idToken") }
        val missing = assertThrows<AdoptException.Missing> { AdoptedSession.read(Layout.AMPLIFY_FLUTTER, flutter, config) }
        assertEquals("<client id>.idToken is missing", missing.message)
    }

    @Test
    fun `an adopted session is signed in, and ends here`() = runTest {
        FakeServer().use { server ->
            val session = AdoptedSession(
                server.signIn(), SignedInWith.API, "ana", Identity("eu-central-1:1"), Device("key", "group", Secret("password")),
            )
            Auth(server.config(), VaultChoice.Memory).use { auth ->
                val never = AwsCredentials("ASIA", Secret("secret"), Secret("session"), expiresMillis = -1)
                val refused = auth.adopt(AdoptedSession(session.tokens, SignedInWith.API, "ana", Identity("1", never)))
                assertInstanceOf(AuthException.InvalidInput::class.java, (refused as Adoption.Refused).exception)

                assertEquals(Adoption.Adopted, auth.adopt(session))
                assertEquals(emptyList<String>(), server.requests())
                assertEquals("eu-central-1:1", auth.identity()?.identityId)
                assertEquals("key", auth.device("ana")?.key)
                assertEquals(Adoption.AlreadySignedIn, JavaAuth(auth).adopt(session).get())
                assertInstanceOf(SignOutResult.Complete::class.java, auth.signOut())
                assertEquals(Adoption.AlreadySignedOut, auth.adopt(session))
            }
            assertEquals(0, server.liveSessions())

            val other = AuthConfig.builder("eu-central-1_Other", "other").endpoint(server.url).build()
            Auth(other, VaultChoice.Memory).use { auth ->
                val refused = assertInstanceOf(Adoption.Refused::class.java, auth.adopt(session))
                assertEquals(ErrorCode.INVALID_INPUT, refused.exception.code)
                assertEquals(SessionState.SignedOut, auth.session())
            }
        }
    }
}
