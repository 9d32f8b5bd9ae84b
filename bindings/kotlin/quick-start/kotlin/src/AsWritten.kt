import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens

/** It must compile. It is not run: it signs out at AWS. */
suspend fun asWritten(userPoolId: String, clientId: String, tokens: Tokens, request: suspend (Tokens) -> Unit) {
// THE GUIDE'S CODE
}
