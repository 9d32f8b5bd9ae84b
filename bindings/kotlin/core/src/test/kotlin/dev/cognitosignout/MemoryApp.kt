package dev.cognitosignout

import kotlinx.coroutines.runBlocking
import java.net.HttpURLConnection
import java.net.URL

/**
 * An app whose memory another process searches: `examples/memory_of_app`. It says each of its stages, and waits there. It wipes what
 * it reads, so what it leaves of the tokens comes from its strings, from the JVM, or from this library.
 */
object MemoryApp {
    private val server: String = System.getenv("MEMORY_TEST_SERVER")
    private val does: String = System.getenv("MEMORY_TEST_APP")

    @JvmStatic
    fun main(arguments: Array<String>) {
        if (does.startsWith("signs out")) signInAndOut() else haveTokens()
        // The collector runs a few times, and the library's objects are released.
        repeat(5) {
            System.gc()
            Thread.sleep(100)
        }
        stage("signed out")
    }

    private fun stage(name: String) {
        println(name)
        check(System.`in`.read() >= 0)
    }

    /** The access token, the ID token and the refresh token. */
    private fun tokens(): List<String> {
        val block = ByteArray(16 * 1024)
        var length = 0
        // Not by a stream with a buffer, which would keep the tokens.
        while (length < block.size) length += input.read(block, length, block.size - length)
        var start = 0
        val tokens = List(3) {
            val end = (start until block.size).first { block[it] == '\n'.code.toByte() }
            String(block, start, end - start).also { start = end + 1 }
        }
        block.fill(0)
        return tokens
    }

    private val input = java.io.FileInputStream(java.io.FileDescriptor.`in`)

    private fun haveTokens() {
        val tokens = tokens()
        stage("signed in")
        if (does == "sends a request") revoke(tokens[2])
    }

    /** The request that the library sends in a local sign-out, by the app itself. */
    private fun revoke(token: String) {
        val connection = URL(server).openConnection() as HttpURLConnection
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.addRequestProperty("content-type", "application/x-amz-json-1.1")
        connection.addRequestProperty("x-amz-target", "AWSCognitoIdentityProviderService.RevokeToken")
        val body = """{"Token":"$token","ClientId":"1example2client3of4fake5co"}""".encodeToByteArray()
        connection.setFixedLengthStreamingMode(body.size)
        connection.outputStream.use { it.write(body) }
        check(connection.responseCode == 200)
        connection.inputStream.use { it.readBytes() }
    }

    /** Sends nothing, and responds as Cognito does. */
    private val noNetwork = HttpTransport { _, completion ->
        val headers = listOf(HttpHeader("content-type", "application/x-amz-json-1.1"))
        completion.succeed(HttpResponse(200, headers, "{}".encodeToByteArray()))
    }

    private fun signInAndOut() {
        val config = AuthConfig.builder("eu-central-1_FakeCog01", "1example2client3of4fake5co").endpoint(server).build()
        val transport = if (does == "signs out") UrlConnectionTransport(config) else noNetwork
        Auth(config, VaultChoice.Memory, transport).use { auth ->
            store(auth)
            stage("signed in")
            check(runBlocking { auth.signOut() } is SignOutResult.Complete)
        }
    }

    /** The strings live no longer than this. */
    private fun store(auth: Auth) {
        val (access, id, refresh) = tokens().map(::Secret)
        runBlocking { auth.storeSession(Tokens(access, id, refresh), SignedInWith.API) }
    }
}
