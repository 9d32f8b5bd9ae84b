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
import org.junit.jupiter.api.io.TempDir
import org.w3c.dom.Element
import java.io.File
import javax.xml.parsers.DocumentBuilderFactory

/** The library's Android keychain, on a JVM with the framework's classes and a fake device. */
@TestMethodOrder(MethodOrderer.OrderAnnotation::class)
class AndroidKeychainTest {
    @Test
    @Order(1)
    fun `without the app's context the keychain returns an error, and nothing crashes`() = runBlocking<Unit> {
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
    fun `with the context a session stays after its process ends, encrypted, until the sign-out`() = runBlocking<Unit> {
        FakeDevice.installKeystore()
        // Called twice, with another context: the first one is kept.
        AndroidKeychain.initialize(device)
        AndroidKeychain.initialize(FakeDevice())
        // Android's keychain is never locked while the app runs.
        Auth.askToUnlockKeychain()
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

    @Test
    fun `a record restored without its key is corrupt until it is purged`(@TempDir folder: File) {
        FakeServer().use { server ->
            val secrets = server.signIn().run { listOf(accessToken, idToken, refreshToken) }.map { it.reveal() }.toTypedArray()
            AppProcess(folder, server).use { assertEquals("signed in", it.tell("sign in", *secrets)) }

            assertTrue(File(folder, FakeDevice.KEYSTORE).delete())
            AppProcess(folder, server).use { app ->
                assertEquals("Unavailable: record_corrupt", app.tell("session"))
                assertEquals("record_corrupt", app.tell("sign in", *secrets))
                assertEquals("purged", app.tell("purge"))
                assertEquals("SignedOut", app.tell("session"))
                assertEquals("signed in", app.tell("sign in", *secrets))
                assertEquals("SignedIn", app.tell("session"))
            }
        }
    }

    @Test
    @Order(3)
    fun `the AAR's backup rules exclude everything that the library stores`() {
        assertEquals(device.files(), leftOut("full_backup", "full-backup-content"))
        assertEquals(device.files(), leftOut("data_extraction", "cloud-backup"))
        assertEquals(device.files(), leftOut("data_extraction", "device-transfer"))
    }

    private fun leftOut(rules: String, of: String): Set<String> {
        val file = File(System.getProperty("bindings"), "kotlin/android/src/main/aar/res/xml/cognito_sign_out_$rules.xml")
        val document = DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(file)
        val excluded = (document.getElementsByTagName(of).item(0) as Element).getElementsByTagName("exclude")
        return List(excluded.length) { excluded.item(it) as Element }
            .filter { it.getAttribute("domain") == "sharedpref" }.map { it.getAttribute("path") }.toSet()
    }

    private companion object {
        val device = FakeDevice()
    }
}
