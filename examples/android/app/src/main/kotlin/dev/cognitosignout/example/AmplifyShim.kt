package dev.cognitosignout.example

import dev.cognitosignout.Auth
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.launch

/**
 * Amplify's sign-out with a callback. With this file and these imports, calls keep their form:
 * `import dev.cognitosignout.SignOutResult as AWSCognitoAuthSignOutResult`.
 * docs/moving/android.md has this code: `tests/readme.rs` compares them.
 */
object Amplify {
    lateinit var Auth: AmplifyAuth
}

class AmplifyAuth(private val auth: Auth) {
    fun signOut(options: SignOutOptions = SignOutOptions(), onComplete: (SignOutResult) -> Unit) {
        // It outlives the activity, as Amplify's does.
        CoroutineScope(Dispatchers.Default).launch { onComplete(auth.signOut(options)) }
    }
}
