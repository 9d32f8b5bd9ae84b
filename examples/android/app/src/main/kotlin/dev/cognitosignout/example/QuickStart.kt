package dev.cognitosignout.example

import android.content.Context
import android.util.Log
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.HostedUI
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens
import dev.cognitosignout.android.AndroidAuth
import dev.cognitosignout.android.resumeAfterLaunch

/** The quick start of README.md, word for word: `tests/readme.rs` compares them. */
suspend fun quickStart(
    context: Context,
    userPoolId: String,
    clientId: String,
    tokens: Tokens,
    request: suspend (Tokens) -> Unit,
) {
    fun log(what: Any) = Log.i("sign-out", "$what")

    val pages = HostedUI("auth.example.com", listOf(SignOutUri("myapp://signed-out")))
    val auth = AndroidAuth.create(context, AuthConfig.builder(userPoolId, clientId).hostedUI(pages))
    // At launch: finishes earlier sign-outs. What is `kept` is tried again by itself.
    for (earlier in auth.resumeAfterLaunch()) if (earlier is SignOutResult.Partial && !earlier.kept) log(earlier)
    auth.storeSession(tokens, SignedInWith.HOSTED_UI) // after your sign-in; or API, HOSTED_UI_PRIVATE
    request(auth.tokens()) // before each request of yours; keep no copy of the tokens
    when (val result = auth.signOut(SignOutOptions { globalSignOut = true })) { // on all devices
        is SignOutResult.Complete -> log("signed out")
        is SignOutResult.Partial -> log("signed out here, but: $result")
        is SignOutResult.Failed -> log("still signed in: ${result.exception.recoverySuggestion}")
    }
}
