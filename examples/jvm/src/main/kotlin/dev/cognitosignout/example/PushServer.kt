package dev.cognitosignout.example

import com.sun.net.httpserver.HttpExchange
import com.sun.net.httpserver.HttpServer
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonArray
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import okhttp3.HttpUrl
import okhttp3.HttpUrl.Companion.toHttpUrl
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import java.net.InetAddress
import java.net.InetSocketAddress
import java.util.concurrent.ConcurrentHashMap

/** An app's own server, which knows which user to send a push to. It asks Cognito whether an access token still works. */
class PushServer(private val cognito: String) : AutoCloseable {
    /** The `sub` of the user behind each push token. */
    val users = ConcurrentHashMap<String, String>()
    private val client = OkHttpClient()
    private val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0).apply {
        createContext("/push-tokens/") { it.use(::answer) }
        start()
    }
    val url: HttpUrl = "http://127.0.0.1:${server.address.port}/".toHttpUrl()

    private fun answer(exchange: HttpExchange) {
        val pushToken = exchange.requestURI.path.removePrefix("/push-tokens/")
        val user = userOf(exchange.requestHeaders.getFirst("Authorization").orEmpty().removePrefix("Bearer "))
        when {
            user == null -> exchange.sendResponseHeaders(401, -1)
            exchange.requestMethod == "DELETE" -> {
                // Not another user's.
                users.remove(pushToken, user)
                exchange.sendResponseHeaders(204, -1)
            }
            else -> exchange.sendResponseHeaders(405, -1)
        }
    }

    /** `GetUser` at Cognito, which refuses a token whose session has ended. */
    private fun userOf(accessToken: String): String? {
        val request = Request.Builder().url(cognito)
            .header("X-Amz-Target", "AWSCognitoIdentityProviderService.GetUser")
            .header("Content-Type", "application/x-amz-json-1.1")
            .post("""{"AccessToken":"$accessToken"}""".toRequestBody())
        client.newCall(request.build()).execute().use { response ->
            if (!response.isSuccessful) return null
            val attributes = Json.parseToJsonElement(response.body!!.string()).jsonObject.getValue("UserAttributes").jsonArray
            return attributes.map { it.jsonObject }.first { it.getValue("Name").jsonPrimitive.content == "sub" }
                .getValue("Value").jsonPrimitive.content
        }
    }

    override fun close() = server.stop(0)
}
