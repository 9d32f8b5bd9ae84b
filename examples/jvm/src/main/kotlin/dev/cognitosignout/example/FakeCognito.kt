package dev.cognitosignout.example

import dev.cognitosignout.Secret
import dev.cognitosignout.Tokens
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive

/** The program of `cargo build --example fake_cognito`. It takes orders as lines of JSON, and answers each with one line. */
class FakeCognito(program: String) : AutoCloseable {
    private val process = ProcessBuilder(program, "--session-tracking").redirectError(ProcessBuilder.Redirect.INHERIT).start()
    private val orders = process.outputStream.bufferedWriter()
    private val answers = process.inputStream.bufferedReader()
    private val place = answer()

    val url = place.text("url")
    val userPoolId = place.text("user_pool_id")
    val clientId = place.text("client_id")

    fun signIn(user: String): Tokens {
        val tokens = order("""{"do":"sign_in","user":"$user","scope":null}""")
        return Tokens(
            Secret(tokens.text("access_token")),
            Secret(tokens.text("id_token")),
            Secret(tokens.text("refresh_token")),
        )
    }

    fun order(line: String): JsonObject {
        orders.appendLine(line)
        orders.flush()
        return answer()
    }

    override fun close() {
        orders.close()
        process.waitFor()
    }

    private fun answer() = Json.parseToJsonElement(answers.readLine()).jsonObject

    private fun JsonObject.text(name: String) = getValue(name).jsonPrimitive.content
}
