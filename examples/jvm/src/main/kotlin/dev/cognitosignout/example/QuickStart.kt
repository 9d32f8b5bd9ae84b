package dev.cognitosignout.example

import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens

/** The quick start of docs/jvm-and-desktop.md, word for word: `tests/readme.rs` compares them. */
suspend fun quickStart(userPoolId: String, clientId: String, tokens: Tokens, request: suspend (Tokens) -> Unit) {
    val auth = Auth(AuthConfig.builder(userPoolId, clientId).build())
    // At launch: finishes earlier sign-outs. What is `kept` is tried again by itself.
    for (earlier in auth.resume().settled) {
        if (earlier is SignOutResult.Partial && !earlier.kept) println("not tried again by itself: $earlier")
    }
    auth.storeSession(tokens, SignedInWith.API) // after your sign-in; or HOSTED_UI, HOSTED_UI_PRIVATE
    request(auth.tokens()) // before each request of yours; keep no copy of the tokens
    when (val result = auth.signOut(SignOutOptions { globalSignOut = true })) { // on all devices
        is SignOutResult.Complete -> println("signed out")
        is SignOutResult.Partial -> println("signed out here, but: $result")
        is SignOutResult.Failed -> println("still signed in: ${result.exception.recoverySuggestion}")
    }
}
