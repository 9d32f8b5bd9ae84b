package dev.cognitosignout.flutter

import android.app.Application
import android.content.Context
import com.sun.jna.Callback
import com.sun.jna.Library
import com.sun.jna.Native
import com.sun.jna.Pointer
import com.sun.jna.ptr.PointerByReference
import dev.cognitosignout.android.FakeKeystore
import io.flutter.embedding.engine.plugins.FlutterPlugin.FlutterPluginBinding
import org.junit.Assert.assertEquals
import org.junit.Assert.assertFalse
import org.junit.Assert.assertTrue
import org.junit.Test
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.shadows.ShadowApplication
import java.io.File
import java.util.Base64
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.SECONDS

/** What the plugin's Java does for the library, as Dart sees it: through the C ABI. The preferences are Android's own, the Keystore is fake. */
@RunWith(RobolectricTestRunner::class)
class PluginTest {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val answers = LinkedBlockingQueue<String>()

    /** Kept here, because the library has only its address. */
    private val callback = object : OnMessage {
        override fun invoke(context: Long, kind: Int, id: Long, json: Pointer?) {
            if (kind == ANSWER) answers += json!!.getString(0)
            json?.let(library::cs_string_free)
        }
    }

    /** One test, because a process gets its context once. */
    @Test
    fun `the keychain works from the moment when an engine of the app's main process has started`() {
        FakeKeystore.install()
        // On a busy machine, Robolectric's first use of preferences takes seconds. The keychain does not wait that long.
        app.getSharedPreferences("first", Context.MODE_PRIVATE).edit().putString("", "").commit()
        val error = PointerByReference()
        val settings = """{"user_pool_id":"eu-central-1_AbCdEf","client_id":"$CLIENT","vault":{"kind":"keychain"}}"""
        val auth = library.cs_auth_new(settings, callback, 0, error)
        assertTrue(auth != 0L)
        assertTrue("vault_unavailable" in auth.call("store_session", tokens()))

        ShadowApplication.setProcessName("${app.packageName}:other")
        startEngine()
        assertTrue("vault_unavailable" in auth.call("store_session", tokens()))

        ShadowApplication.setProcessName(app.packageName)
        startEngine()
        // Another one, as for a push message.
        startEngine()

        assertEquals("""{"ok":null}""", auth.call("store_session", tokens()))
        val stored = File(app.dataDir, "shared_prefs/keyring-cognito-signout.xml").readText()
        assertTrue("nothing is stored: $stored", stored.length > 100)
        assertFalse("a token lies open", "refresh" in stored)
        assertTrue(""""state":"signed_in"""" in auth.call("session", "{}"))
        library.cs_auth_free(auth)
    }

    private fun startEngine() = CognitoSignOutPlugin().onAttachedToEngine(FlutterPluginBinding(app))

    private fun Long.call(method: String, arguments: String): String {
        assertEquals(0, library.cs_auth_call(this, 1, """{"method":"$method","args":$arguments}"""))
        return checkNotNull(answers.poll(60, SECONDS)) { "no answer to $method" }
    }

    private fun tokens(): String {
        fun jwt(use: String, client: String): String {
            val now = System.currentTimeMillis() / 1000
            val claims = """{"sub":"ana","token_use":"$use","$client":"$CLIENT","iat":$now,"exp":${now + 3600},"origin_jti":"1"}"""
            val base64 = Base64.getUrlEncoder().withoutPadding()
            return listOf("""{"alg":"RS256"}""", claims, "signature").joinToString(".") { base64.encodeToString(it.toByteArray()) }
        }
        val access = jwt("access", "client_id")
        return """{"access_token":"$access","id_token":"${jwt("id", "aud")}","refresh_token":"refresh","signed_in_with":"api"}"""
    }

    interface OnMessage : Callback {
        fun invoke(context: Long, kind: Int, id: Long, json: Pointer?)
    }

    @Suppress("FunctionName")
    interface SignOut : Library {
        fun cs_auth_new(settings: String, callback: OnMessage, context: Long, error: PointerByReference): Long

        fun cs_auth_call(auth: Long, id: Long, call: String): Int

        fun cs_auth_free(auth: Long): Int

        fun cs_string_free(string: Pointer)
    }

    private companion object {
        const val CLIENT = "1a2b3c"
        const val ANSWER = 1
        val library: SignOut = Native.load("cognito_signout", SignOut::class.java)
    }
}
