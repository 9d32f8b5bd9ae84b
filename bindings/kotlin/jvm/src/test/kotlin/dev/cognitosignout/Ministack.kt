package dev.cognitosignout

import kotlinx.serialization.json.Json
import kotlinx.serialization.json.JsonArray
import kotlinx.serialization.json.JsonElement
import kotlinx.serialization.json.JsonObject
import kotlinx.serialization.json.JsonPrimitive
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import java.net.HttpURLConnection
import java.net.URL

/**
 * A user pool of the test's own on ministack, which `cargo xtask kotlin --test` has started. It is asked in plain HTTP, so that
 * it is not judged through the library under test.
 */
class Ministack {
    private val endpoint = checkNotNull(System.getenv("MINISTACK")) { "run it by `cargo xtask kotlin --test`" }
    private val userPoolId = ask("CreateUserPool", "PoolName" to "pool".json).inner("UserPool", "Id")
    private val clientId = ask(
        "CreateUserPoolClient",
        "UserPoolId" to userPoolId.json,
        "ClientName" to "client".json,
        "ExplicitAuthFlows" to JsonArray(listOf("ALLOW_USER_PASSWORD_AUTH".json, "ALLOW_REFRESH_TOKEN_AUTH".json)),
    ).inner("UserPoolClient", "ClientId")

    fun config(): AuthConfig = AuthConfig.builder(userPoolId, clientId).endpoint(endpoint).build()

    fun addUser(name: String) {
        val user = arrayOf("UserPoolId" to userPoolId.json, "Username" to name.json)
        ask("AdminCreateUser", *user, "MessageAction" to "SUPPRESS".json)
        ask("AdminSetUserPassword", *user, "Password" to PASSWORD.json, "Permanent" to JsonPrimitive(true))
    }

    fun signIn(name: String): Tokens {
        val answer = authenticate("USER_PASSWORD_AUTH", "USERNAME" to name.json, "PASSWORD" to PASSWORD.json)
        val tokens = (answer as? Answer.Given ?: error("$answer")).body["AuthenticationResult"]!!.jsonObject
        fun token(name: String) = Secret(tokens[name]!!.jsonPrimitive.content)
        return Tokens(token("AccessToken"), token("IdToken"), token("RefreshToken"))
    }

    /** What refreshing with [refreshToken] comes to: `ok`, or the error's code. */
    fun refreshing(refreshToken: Secret): String =
        authenticate("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN" to refreshToken.reveal().json).outcome

    /** What asking who the user is comes to: `ok`, or the error's code. */
    fun gettingUser(accessToken: Secret): String = answer("GetUser", "AccessToken" to accessToken.reveal().json).outcome

    private fun authenticate(flow: String, vararg parameters: Pair<String, JsonElement>): Answer = answer(
        "InitiateAuth",
        "ClientId" to clientId.json,
        "AuthFlow" to flow.json,
        "AuthParameters" to JsonObject(mapOf(*parameters)),
    )

    private fun ask(operation: String, vararg input: Pair<String, JsonElement>): JsonObject =
        when (val answer = answer(operation, *input)) {
            is Answer.Given -> answer.body
            is Answer.Refused -> error("$operation: ${answer.outcome}")
        }

    private fun answer(operation: String, vararg input: Pair<String, JsonElement>): Answer {
        val connection = URL(endpoint).openConnection() as HttpURLConnection
        connection.requestMethod = "POST"
        connection.doOutput = true
        connection.connectTimeout = 20_000
        connection.readTimeout = 20_000
        connection.setRequestProperty("content-type", "application/x-amz-json-1.1")
        connection.setRequestProperty("x-amz-target", "AWSCognitoIdentityProviderService.$operation")
        // What users ask for is not signed.
        if (operation !in setOf("InitiateAuth", "GetUser")) connection.setRequestProperty("authorization", SIGNED)
        connection.outputStream.use { it.write(JsonObject(mapOf(*input)).toString().toByteArray()) }
        val ok = connection.responseCode == 200
        val text = (if (ok) connection.inputStream else connection.errorStream).use { it.reader().readText() }
        val body = Json.parseToJsonElement(text.ifEmpty { "{}" }).jsonObject
        return if (ok) Answer.Given(body) else Answer.Refused(body["__type"]!!.jsonPrimitive.content)
    }

    private sealed class Answer(val outcome: String) {
        class Given(val body: JsonObject) : Answer("ok")

        class Refused(code: String) : Answer(code)
    }

    private fun JsonObject.inner(element: String, name: String) = getValue(element).jsonObject.getValue(name).jsonPrimitive.content

    private val String.json get() = JsonPrimitive(this)

    private companion object {
        const val PASSWORD = "Correct-Horse-1"

        /** Says who signs, as SigV4 does; ministack does not verify the signature. */
        const val SIGNED = "AWS4-HMAC-SHA256 Credential=test/20261121/eu-central-1/cognito-idp/aws4_request, " +
            "SignedHeaders=host, Signature=0"
    }
}
