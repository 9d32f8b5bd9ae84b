package dev.cognitosignout.example

import android.app.Application
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.HostedUI
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.android.AndroidAuth

/** Has the one [Auth] of the process. */
class App : Application() {
    val auth: Auth by lazy {
        val config = AuthConfig.builder(userPoolId = "eu-central-1_AbCdEf", clientId = "1a2b3c")
            .hostedUI(HostedUI("auth.example.com", listOf(SignOutUri("myapp://signed-out"))))
            .build()
        AndroidAuth.create(this, config, redirectScheme = "myapp")
    }
}
