package dev.cognitosignout.example

import android.net.Uri
import android.util.Base64
import dev.cognitosignout.Auth
import dev.cognitosignout.Prompt
import dev.cognitosignout.Secret
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens
import java.io.IOException
import java.net.HttpURLConnection
import java.net.URL
import java.security.MessageDigest
import java.security.SecureRandom
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext
import org.json.JSONObject

/**
 * A sign-in at the hosted pages, by the authorization code with PKCE, whose session goes to the library.
 * docs/beside-your-sign-in.md has this code: `tests/readme.rs` compares them.
 *
 * [origin] is the user pool's domain, as `https://auth.example.com`. [callback] is one of the app client's callback URLs, as
 * `myapp://signed-in`. [state] and [verifier] have to outlive the process: it may end while the browser is in front.
 */
class HostedSignIn(
    private val origin: String,
    private val clientId: String,
    private val callback: String,
    val state: String = random(),
    val verifier: String = random(),
) {
    /** The page to open in a Custom Tab. [prompt] is what the last sign-out's report said: `report.nextSignIn`. */
    fun page(prompt: Prompt? = null): Uri {
        val page = Uri.parse("$origin/oauth2/authorize").buildUpon()
            .appendQueryParameter("client_id", clientId)
            .appendQueryParameter("redirect_uri", callback)
            .appendQueryParameter("response_type", "code")
            // With the second scope, the access token can sign the user out everywhere.
            .appendQueryParameter("scope", "openid aws.cognito.signin.user.admin")
            .appendQueryParameter("state", state)
            .appendQueryParameter("code_challenge", base64(MessageDigest.getInstance("SHA-256").digest(verifier.toByteArray())))
            .appendQueryParameter("code_challenge_method", "S256")
        if (prompt != null) page.appendQueryParameter("prompt", prompt.name.lowercase())
        return page.build()
    }

    /** [answer] is where the browser came back. False: it is no answer to this sign-in, or the user has not signed in. */
    suspend fun finish(answer: Uri, auth: Auth): Boolean {
        val code = answer.getQueryParameter("code")
        if (answer.getQueryParameter("state") != state || code == null) return false
        auth.storeSession(withContext(Dispatchers.IO) { tokens(code) }, SignedInWith.HOSTED_UI)
        return true
    }

    private fun tokens(code: String): Tokens {
        val form = Uri.Builder()
            .appendQueryParameter("grant_type", "authorization_code")
            .appendQueryParameter("client_id", clientId)
            .appendQueryParameter("redirect_uri", callback)
            .appendQueryParameter("code", code)
            .appendQueryParameter("code_verifier", verifier)
            .build().encodedQuery!!
        val request = URL("$origin/oauth2/token").openConnection() as HttpURLConnection
        request.instanceFollowRedirects = false
        request.useCaches = false
        request.doOutput = true
        request.setRequestProperty("Content-Type", "application/x-www-form-urlencoded")
        request.outputStream.use { it.write(form.toByteArray()) }
        if (request.responseCode != 200) throw IOException("the hosted pages answered ${request.responseCode}")
        val tokens = JSONObject(request.inputStream.use { it.readBytes().decodeToString() })
        fun token(name: String) = Secret(tokens.getString(name))
        return Tokens(token("access_token"), token("id_token"), token("refresh_token"))
    }
}

private fun random(): String = base64(ByteArray(32).also { SecureRandom().nextBytes(it) })

private fun base64(bytes: ByteArray): String =
    Base64.encodeToString(bytes, Base64.URL_SAFE or Base64.NO_PADDING or Base64.NO_WRAP)
