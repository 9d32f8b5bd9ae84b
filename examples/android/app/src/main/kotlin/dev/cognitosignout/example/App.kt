package dev.cognitosignout.example

import android.app.Application
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.HostedUI
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.android.AndroidAuth
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async

/** Has the one [Auth] of the process. */
class App : Application() {
    private val config = AuthConfig.builder(userPoolId = "eu-central-1_AbCdEf", clientId = "1a2b3c")
        .hostedUI(HostedUI("auth.example.com", listOf(SignOutUri("myapp://signed-out"))))

    /** It loads native code, which takes too long for the main thread. */
    val auth: Deferred<Auth> by lazy { CoroutineScope(Dispatchers.Default).async { AndroidAuth.create(this@App, config) } }
}
