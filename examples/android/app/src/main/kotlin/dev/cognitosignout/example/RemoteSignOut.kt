package dev.cognitosignout.example

import dev.cognitosignout.Auth
import dev.cognitosignout.EndReason
import dev.cognitosignout.RemoteSignOut
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.Verification
import dev.cognitosignout.WebPolicy
import org.json.JSONObject

/**
 * A push message that came from Firebase, as docs/remote-sign-out.md shows it, word for word: `tests/readme.rs` compares them. Call
 * it in `onMessageReceived`, with the message's `data`.
 */
suspend fun pushReceived(data: Map<String, String>, auth: Auth, showSignIn: (EndReason) -> Unit) {
    val outcome = auth.remoteSignOut(JSONObject(data).toString())
    // Anything else is another push, or one for the last user.
    val verified = (outcome as? RemoteSignOut.Verified)?.verification ?: return
    when (verified) {
        is Verification.Ended -> {
            auth.signOut(SignOutOptions { web = WebPolicy.SKIP }) // forgets the session; no page can open now
            showSignIn(verified.reason)
        }
        is Verification.Alive, is Verification.Unknown -> Unit // ask again with `verify()` when the app comes to the front
    }
}
