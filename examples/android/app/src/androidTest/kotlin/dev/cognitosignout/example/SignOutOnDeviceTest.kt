package dev.cognitosignout.example

import android.app.Activity
import android.content.Intent
import android.util.Base64
import androidx.test.platform.app.InstrumentationRegistry
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.HostedUI
import dev.cognitosignout.Secret
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens
import dev.cognitosignout.android.AndroidAuth
import dev.cognitosignout.android.signOut
import kotlinx.coroutines.runBlocking
import org.junit.Assert.assertEquals
import org.junit.Assert.assertTrue
import org.junit.Test
import java.util.UUID

/**
 * With what only a device has: its Keystore, and a Custom Tab of its browser. The browser must not ask its first questions
 * (`.github/workflows/ci.yml` sees to that), and the network is not needed.
 */
class SignOutOnDeviceTest {
    private val instrumentation = InstrumentationRegistry.getInstrumentation()
    private val context = instrumentation.targetContext

    /** A new one, because the record outlives a test that was interrupted. */
    private val clientId = UUID.randomUUID().toString().filter { it != '-' }

    @Test
    fun aSessionIsInTheKeystoreUntilItsSignOutInACustomTab() = AcceptingServer("myapp://signed-out").use { server ->
        val config = AuthConfig.builder("eu-central-1_AbCdEf123", clientId)
            .endpoint(server.origin)
            .hostedUI(HostedUI(server.origin, listOf(SignOutUri("myapp://signed-out"))))
        runBlocking {
            AndroidAuth.create(context, config).use { it.storeSession(tokens(), SignedInWith.HOSTED_UI) }
            AndroidAuth.create(context, config).use { auth ->
                val session = auth.session()
                assertEquals("ana", (session as? SessionState.SignedIn)?.session?.username)

                val result = onScreen { activity -> auth.signOut(activity) }
                assertTrue("$result", result is SignOutResult.Complete)
                assertEquals(setOf("GET /logout", "POST /"), server.requests.toSet() - "GET /favicon.ico")
            }
            AndroidAuth.create(context, config).use { assertTrue("${it.session()}", it.session() is SessionState.SignedOut) }
        }
    }

    /** With an activity of the app in front of the user. */
    private suspend fun <T> onScreen(act: suspend (Activity) -> T): T {
        val intent = Intent(context, MainActivity::class.java).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        val activity = instrumentation.startActivitySync(intent)
        return try {
            act(activity)
        } finally {
            activity.finish()
        }
    }

    /** Longer than an entry of some keychains. Nobody looks at the signatures. */
    private fun tokens(): Tokens {
        val expires = System.currentTimeMillis() / 1000 + 3600
        val common = """"sub":"1","exp":$expires,"padding":"${"x".repeat(3000)}""""
        return Tokens(
            Secret(jwt("""{$common,"token_use":"access","client_id":"$clientId","username":"ana"}""")),
            Secret(jwt("""{$common,"token_use":"id","aud":"$clientId","cognito:username":"ana"}""")),
            Secret("the-refresh-token"),
        )
    }

    private fun jwt(claims: String): String = listOf("""{"alg":"none"}""", claims, "signature").joinToString(".") {
        Base64.encodeToString(it.toByteArray(), Base64.URL_SAFE or Base64.NO_PADDING or Base64.NO_WRAP)
    }
}
