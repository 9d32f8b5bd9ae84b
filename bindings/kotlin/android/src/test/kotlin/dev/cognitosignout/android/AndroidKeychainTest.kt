package dev.cognitosignout.android

import android.app.backup.FullBackup
import android.app.backup.FullBackup.BackupScheme
import dev.cognitosignout.Auth
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertTrue
import java.io.File

/** The library's Android keychain: real preferences, and a fake Keystore. */
class AndroidKeychainTest : OnAndroid() {
    @Test
    fun `without the app's context the keychain returns an error, and nothing crashes`() {
        start("-Dwithout.context=true").use { app ->
            repeat(2) { assertEquals("Unavailable: vault_unavailable", app.tell("session")) }
            assertEquals("Failed:vault_unavailable", app.tell("sign out here"))
            // Caught, but Rust prints it.
            assertTrue("android context was not initialized" in app.errors.readText())
        }
        assertEquals(emptyList<String>(), server.requests())
    }

    @Test
    fun `with the context a session stays after its process ends, encrypted, until the sign-out`() = runBlocking<Unit> {
        // Android's keychain is never locked while the app runs.
        Auth.askToUnlockKeychain()
        val tokens = server.signIn()
        AndroidAuth.create(app, server.config()).use { it.storeSession(tokens, SignedInWith.API) }

        val stored = preferences().listFiles()!!.joinToString { it.readText() }
        assertTrue(stored.length > 100, "nothing is stored")
        for (token in server.issuedTokens()) assertFalse(token in stored, "a token lies open")

        kill()
        start().use { assertEquals("SignedIn", it.tell("session")) }
        val next = AndroidAuth.create(app, server.config())
        assertEquals(tokens.refreshToken, next.tokens().refreshToken)
        assertInstanceOf(SignOutResult.Complete::class.java, next.signOut())
        assertFalse(server.isLive(tokens.refreshToken))
        assertEquals(SessionState.SignedOut, AndroidAuth.create(app, server.config()).session())
    }

    @Test
    fun `a record restored without its key is corrupt until it is purged`() = runBlocking<Unit> {
        val tokens = server.signIn()
        AndroidAuth.create(app, server.config()).use { it.storeSession(tokens, SignedInWith.API) }
        kill()
        assertTrue(File(killed.root, KEYSTORE).delete())
        start().use { app ->
            assertEquals("Unavailable: record_corrupt", app.tell("session"))
            assertEquals("record_corrupt", app.tell("sign in", *tokens.secrets()))
            assertEquals("purged", app.tell("purge"))
            assertEquals("SignedOut", app.tell("session"))
            assertEquals("signed in", app.tell("sign in", *tokens.secrets()))
            assertEquals("SignedIn", app.tell("session"))
        }
    }

    /** What Android's backup leaves out, as it reads the rules itself. */
    @Test
    fun `the AAR's backup rules exclude everything that the library stores`() = runBlocking<Unit> {
        AndroidAuth.create(app, server.config()).use { it.storeSession(server.signIn(), SignedInWith.API) }
        assertEquals(setOf("keyring-cognito-signout.xml"), preferences().list()!!.toSet())
        val expected = File(app.dataDir, PREFERENCES).resolve("keyring-cognito-signout.xml").canonicalPath
        for (section in listOf("cloud-backup", "device-transfer")) {
            val excluded = excluded { parseNewBackupSchemeFromXmlLocked(rules("data_extraction"), section, it, mutableMapOf()) }
            assertTrue(expected in excluded, "$section: $excluded")
        }
        // Android 11 and older.
        val excluded = excluded { parseBackupSchemeFromXmlLocked(rules("full_backup"), it, mutableMapOf()) }
        assertTrue(expected in excluded, "$excluded")
    }

    private fun rules(name: String) =
        app.resources.getXml(app.resources.getIdentifier("cognito_sign_out_$name", "xml", app.packageName))

    private fun excluded(parse: BackupScheme.(MutableSet<BackupScheme.PathWithRequiredFlags>) -> Unit): List<String> {
        val paths = mutableSetOf<BackupScheme.PathWithRequiredFlags>()
        FullBackup.getBackupSchemeForTest(app).parse(paths)
        return paths.map { it.path }
    }
}
