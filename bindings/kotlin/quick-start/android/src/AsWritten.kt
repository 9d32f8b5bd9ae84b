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

suspend fun asWritten(
    context: Context,
    userPoolId: String,
    clientId: String,
    tokens: Tokens,
    request: suspend (Tokens) -> Unit,
) {
    fun log(what: Any) = Log.i("sign-out", "$what")
// THE README'S CODE
}
