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
        if (does == "has strings" || does == "sends a request") haveTokens() else signInAndOut()
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
    private fun noNetwork(newTokens: ByteArray) = HttpTransport { request, completion ->
        val refreshes = request.headers.any { it.value.endsWith("GetTokensFromRefreshToken") }
        val headers = listOf(HttpHeader("content-type", "application/x-amz-json-1.1"))
        completion.succeed(HttpResponse(200, headers, if (refreshes) newTokens else "{}".encodeToByteArray()))
    }

    /** Cognito's response to a refresh. These tokens stand for new ones. */
    private fun response(tokens: List<String>): ByteArray {
        val (access, id, refresh) = tokens
        val result = """{"ExpiresIn":3600,"AccessToken":"$access","IdToken":"$id","RefreshToken":"$refresh"}"""
        return """{"AuthenticationResult":$result}""".encodeToByteArray()
    }

    /** Keeps the record in memory, and wipes it. */
    private class AppVault : Vault {
        private var record: ByteArray? = null

        override fun read(key: VaultKey): ByteArray? = record?.copyOf()

        override fun write(key: VaultKey, record: ByteArray) {
            delete(key)
            this.record = record
        }

        override fun delete(key: VaultKey) {
            record?.fill(0)
            record = null
        }
    }

    private fun signInAndOut() {
        val config = AuthConfig.builder("eu-central-1_FakeCog01", "1example2client3of4fake5co").endpoint(server)
            .refreshTokenRotation(does == "refreshes").build()
        val newTokens = ByteArray(16 * 1024) { ' '.code.toByte() }
        val transport = if (does == "signs out") UrlConnectionTransport(config) else noNetwork(newTokens)
        val vault = if (does == "has a vault") VaultChoice.Custom(AppVault()) else VaultChoice.Memory
        Auth(config, vault, transport).use { auth ->
            store(auth, newTokens)
            when (does) {
                "reads a token" -> runBlocking { auth.tokens() }.refreshToken.reveal()
                "refreshes" -> runBlocking { auth.refresh() }
            }
            newTokens.fill(0)
            stage("signed in")
            check(runBlocking { auth.signOut() } is SignOutResult.Complete)
        }
    }

    /** The strings live no longer than this: the collector wipes nothing, but the JVM uses their memory again. */
    private fun store(auth: Auth, newTokens: ByteArray) {
        val tokens = tokens()
        if (does == "refreshes") response(tokens).copyInto(newTokens)
        val (access, id, refresh) = tokens.map(::Secret)
        runBlocking { auth.storeSession(Tokens(access, id, refresh), SignedInWith.API) }
    }
}
