package dev.cognitosignout.android

import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.AuthException
import dev.cognitosignout.HostedUI
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.SignedInWith
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runBlocking
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.robolectric.Shadows.shadowOf
import java.io.File
import java.util.concurrent.TimeUnit

/** The manifest and the configuration must name the same sign-out URI: `AndroidAuth.create` compares them. */
class ReceivedRedirectsTest : OnAndroid() {
    private val packages = shadowOf(app.packageManager)
    private val receiver = ComponentName(app, RedirectActivity::class.java)
    private val signIn = ComponentName(app.packageName, "dev.cognitosignout.android.SignInActivity")

    private fun hosted(vararg uris: String): AuthConfig =
        server.config { hostedUI(HostedUI("auth.example.com", uris.map { SignOutUri(it) })) }

    private fun refused(vararg uris: String): AuthException =
        assertThrows(AuthException.InvalidInput::class.java) { AndroidAuth.create(app, hosted(*uris)) }

    @Test
    fun `a sign-out URI that the manifest does not name is refused, with the lines to add`() {
        val refused = refused("myapp://sign-out")
        assertEquals("invalid_input", refused.code)
        assertTrue("myapp://sign-out" in refused.message, refused.message)
        assertTrue("""<data android:scheme="myapp" android:host="sign-out" />""" in refused.recoverySuggestion, refused.recoverySuggestion)
        assertFalse("autoVerify" in refused.recoverySuggestion, refused.recoverySuggestion)
    }

    @Test
    fun `the lines for an App Link ask Android to verify it`() {
        val refused = refused("https://app.example.com/signed-out")
        val data = """<data android:scheme="https" android:host="app.example.com" android:path="/signed-out" />"""
        assertTrue(data in refused.recoverySuggestion, refused.recoverySuggestion)
        assertTrue("""<intent-filter android:autoVerify="true">""" in refused.recoverySuggestion, refused.recoverySuggestion)
    }

    @Test
    fun `a sign-out URI that only another activity receives is refused, with its name`() {
        val refused = refused("myapp://${FakePhone.SIGN_IN_HOST}")
        assertTrue(signIn.className in refused.message, refused.message)
    }

    @Test
    fun `a sign-out URI that two activities receive is refused, because Android would ask the user`() {
        val wholeScheme = IntentFilter(Intent.ACTION_VIEW).apply {
            addCategory(Intent.CATEGORY_DEFAULT)
            addCategory(Intent.CATEGORY_BROWSABLE)
            addDataScheme(FakePhone.SCHEME)
        }
        packages.addIntentFilterForActivity(signIn, wholeScheme)
        val refused = refused(REDIRECT)
        assertTrue(signIn.className in refused.message, refused.message)
        assertTrue("another host" in refused.recoverySuggestion, refused.recoverySuggestion)
    }

    @Test
    fun `an app without hosted pages needs no line in its manifest`() {
        packages.clearIntentFilterForActivity(receiver)
        AndroidAuth.create(app, server.config()).close()
    }

    @Test
    fun `nor does an app that opens the pages itself`() = runBlocking {
        packages.clearIntentFilterForActivity(receiver)
        AndroidAuth.create(app, hosted(REDIRECT), AndroidAuthOptions { opensPages = false }).use { auth ->
            auth.storeSession(server.signIn(), SignedInWith.HOSTED_UI)
            val failed = assertInstanceOf(SignOutResult.Failed::class.java, auth.signOut())
            assertEquals("hosted_ui_unavailable", failed.exception.code)
        }
    }

    /** Otherwise a build with an unset placeholder would fail, or any app could start the activity. */
    @Test
    fun `the library's own manifest names no URI and exports nothing`() {
        val manifest = File(System.getProperty("bindings"), "kotlin/android/src/main/aar/AndroidManifest.xml").readText()
        assertFalse("\${" in manifest, manifest)
        assertFalse("android:exported=\"true\"" in manifest, manifest)
        assertEquals(1, "android:scheme".toRegex().findAll(manifest).count(), "the query for browsers only")
    }

    @Test
    fun `it can be created off the caller's thread, from Kotlin and from Java`() = runBlocking(Dispatchers.Unconfined) {
        val config = AuthConfig.builder(server.config().userPoolId, server.config().clientId).endpoint(server.url)
        AndroidAuth.create(app, config).close()
        AndroidAuth.createAsync(app, config).get(20, TimeUnit.SECONDS).close()
    }
}
