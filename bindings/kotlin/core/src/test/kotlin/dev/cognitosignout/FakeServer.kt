package dev.cognitosignout

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.boolean
import kotlinx.serialization.json.int
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.io.BufferedReader
import java.io.BufferedWriter

/** `FakeCognito` in its own process: see `examples/fake_cognito`. It ends with this process. */
class FakeServer(vararg arguments: String) : AutoCloseable {
    private val process = ProcessBuilder(listOf(System.getProperty("fake.cognito")) + arguments)
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start()
    private val orders: BufferedWriter = process.outputStream.bufferedWriter()
    private val answers: BufferedReader = process.inputStream.bufferedReader()
    private val place: JsonObject = answer()

    val url: String = place.text("url")

    fun config(change: AuthConfig.Builder.() -> Unit = {}): AuthConfig =
        AuthConfig.builder(place.text("user_pool_id"), place.text("client_id")).endpoint(url).apply(change).build()

    @JvmOverloads
    fun signIn(
        user: String = "ana",
        scope: String? = null,
        through: String? = null,
        browser: Boolean = false,
    ): Tokens {
        val tokens = order(
            "sign_in",
            "user" to JsonPrimitive(user),
            "scope" to JsonPrimitive(scope),
            "through" to JsonPrimitive(through),
            "browser" to JsonPrimitive(browser),
        )
        return Tokens(
            Secret(tokens.text("access_token")),
            Secret(tokens.text("id_token")),
            Secret(tokens.text("refresh_token")),
        )
    }

    fun fault(operation: String, fault: String, times: Int? = null, afterEffect: Boolean = false) {
        order(
            "fault",
            "operation" to JsonPrimitive(operation),
            "fault" to JsonPrimitive(fault),
            "times" to JsonPrimitive(times),
            "after_effect" to JsonPrimitive(afterEffect),
        )
    }

    /** The names of the operations that the server received, in order. */
    fun requests(): List<String> = order("requests")["requests"]!!.jsonArray.map {
        it.jsonObject["operation"]!!.jsonPrimitive.content
    }

    fun isLive(refreshToken: Secret): Boolean =
        order("is_refresh_token_live", "token" to JsonPrimitive(refreshToken.reveal()))["live"]!!.jsonPrimitive.boolean

    fun liveSessions(user: String = "ana"): Int =
        order("live_sessions", "user" to JsonPrimitive(user))["live"]!!.jsonPrimitive.int

    fun hasBrowserSession(user: String = "ana"): Boolean =
        order("has_browser_session", "user" to JsonPrimitive(user))["live"]!!.jsonPrimitive.boolean

    fun issuedTokens(): List<String> =
        order("issued_tokens")["tokens"]!!.jsonArray.map { it.jsonPrimitive.content }

    @Synchronized
    fun order(what: String, vararg arguments: Pair<String, JsonElement>): JsonObject {
        val order = JsonObject(mapOf("do" to JsonPrimitive(what)) + arguments)
        orders.appendLine(order.toString())
        orders.flush()
        val answer = answer()
        check("error" !in answer) { "$order: $answer" }
        return answer
    }

    override fun close() {
        orders.close()
        process.waitFor()
    }

    private fun answer(): JsonObject = Json.parseToJsonElement(answers.readLine()).jsonObject

    private fun JsonObject.text(name: String): String = getValue(name).jsonPrimitive.content
}
