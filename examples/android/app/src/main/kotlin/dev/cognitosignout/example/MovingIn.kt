package dev.cognitosignout.example

import android.content.SharedPreferences
import dev.cognitosignout.Adoption
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.SessionState
import dev.cognitosignout.android.AmplifySession
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.withContext

/**
 * Adopts the session that Amplify has stored in [amplify], its opened preferences. To call at launch, until it succeeds once.
 * docs/moving/android.md has this code: `tests/readme.rs` compares them.
 */
suspend fun moveIn(auth: Auth, config: AuthConfig, amplify: SharedPreferences): Unit = withContext(Dispatchers.IO) {
    if (auth.session() == SessionState.SignedOut) {
        // Nobody: there is nothing to move.
        val found = AmplifySession.find(amplify, config) ?: return@withContext
        when (val adoption = auth.adopt(found.session)) {
            is Adoption.Refused -> throw adoption.exception
            Adoption.AlreadySignedOut -> return@withContext found.forgetSource()
            Adoption.Adopted, Adoption.AlreadySignedIn -> {}
        }
    }
    // Not before: until a refresh has shown that the session lives here, Amplify has the only one that does.
    auth.refresh() // offline: the next launch goes on here
    AmplifySession.forgetSource(amplify, config)
}
