package dev.cognitosignout.bionic

import com.github.unidbg.arm.context.RegisterContext
import com.github.unidbg.pointer.UnidbgPointer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.Timeout
import java.io.File
import java.util.Base64
import java.util.concurrent.LinkedBlockingQueue
import java.util.concurrent.TimeUnit.SECONDS

/** The library that the Flutter plugin has for arm64, called as its two halves call it: Java with the app's context, and Dart. */
@Timeout(60)
class PluginTest {
    @Test
    fun `the library needs what Android 6 has, and nothing else`() {
        assertEquals(setOf("libc.so", "libdl.so"), android.needed)
    }

    @Test
    fun `the app's context arrives by the name that the Java class gives it`() {
        android.run {
            android.giveContext()
        }
    }

    @Test
    fun `a user signs out, in messages that Dart on 64 bits can read`() {
        val auth = newAuth("""{"user_pool_id":"eu-central-1_AbCdEf","client_id":"$CLIENT","vault":{"kind":"memory"}}""")
        val stored = auth.call(1, "store_session", tokens())
        assertEquals("""{"ok":null}""", stored)
        val session = auth.call(2, "session", "{}")
        assertTrue(""""state":"signed_in"""" in session, session)

        val result = auth.call(3, "sign_out", """{"global":true}""")

        assertTrue(""""result":"complete"""" in result, result)
        assertEquals(listOf("GlobalSignOut", "RevokeToken"), auth.requests)
        assertTrue(""""state":"signed_out"""" in auth.call(4, "session", "{}"))
        assertEquals(OK, auth.free())
        assertTrue(auth.free() != OK, "it was free already")
    }

    /** A handle, as the Dart package has it. */
    private class Handle(private val handle: Long) {
        val requests = mutableListOf<String>()

        /** The answer to a call. Each request is answered by Cognito's empty success. */
        fun call(id: Long, method: String, arguments: String): String {
            say("cs_auth_call", id, """{"method":"$method","args":$arguments}""")
            while (true) {
                val message = checkNotNull(messages.poll(50, SECONDS)) { "no answer to $method" }
                if (message.kind == ANSWER && message.id == id) return message.json!!
                if (message.kind != HTTP) continue
                val question = checkNotNull(message.json)
                requests += question.substringAfter("AWSCognitoIdentityProviderService.").substringBefore('"')
                say("cs_auth_answer", message.id, """{"ok":{"status":200,"headers":[["x-amzn-RequestId","1"]],"body":"{}"}}""")
            }
        }

        fun free(): Long = android.run { android.call("cs_auth_free", listOf(handle)) }

        private fun say(function: String, id: Long, json: String) = android.run {
            assertEquals(OK, android.call(function, listOf(handle, id, text(json).peer)))
        }
    }

    private fun newAuth(settings: String): Handle = android.run {
        assertEquals(1, android.call("cs_abi_version", listOf()))
        android.call("cs_dart_init", listOf(post.peer))
        val error = text("")
        val handle = android.call("cs_auth_new", listOf(text(settings).peer, android.address("cs_dart_post"), PORT, error.peer))
        assertTrue(handle != 0L) { error.getPointer(0).getString(0) }
        Handle(handle)
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

    private class Message(val kind: Long, val id: Long, val json: String?)

    private companion object {
        const val CLIENT = "1a2b3c"
        const val PORT = 4711L
        const val OK = 0L
        const val ANSWER = 1L
        const val HTTP = 2L

        // `Dart_CObject_Type` of dart_native_api.h.
        const val INT64 = 3
        const val STRING = 5
        const val ARRAY = 6

        val android = Android(File(System.getProperty("library")))
        val messages = LinkedBlockingQueue<Message>()

        /** In place of `Dart_PostCObject`: it copies the message. On 64 bits, a value begins 8 bytes after its type. */
        val post = android.function { process ->
            val registers = process.getContext<RegisterContext>()
            check(registers.getLongArg(0) == PORT)
            val array = registers.getPointerArg(1)
            check(array.getInt(0) == ARRAY && array.getLong(8) == 3L) { "no array of three" }
            val (kind, id, json) = List(3) { array.getPointer(16).getPointer(8L * it) }
            check(kind.getInt(0) == INT64 && id.getInt(0) == INT64)
            messages += Message(kind.getLong(8), id.getLong(8), if (json.getInt(0) == STRING) json.getPointer(8).getString(0) else null)
            1
        }

        /** [text] in the process's memory. Only inside `run`. */
        fun text(text: String): UnidbgPointer {
            val bytes = text.toByteArray() + 0
            return android.allocate(maxOf(bytes.size, 0x1000)).also { it.write(0, bytes, 0, bytes.size) }
        }
    }
}
