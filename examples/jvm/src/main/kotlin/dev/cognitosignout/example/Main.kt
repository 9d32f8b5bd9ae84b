package dev.cognitosignout.example

import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.VaultChoice
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

/** Signs a user in at a fake Cognito and out again: first the other devices, then everywhere, then while Cognito is offline. */
fun main(arguments: Array<String>) = runBlocking {
    FakeCognito(arguments.single()).use { cognito ->
        val config = AuthConfig.builder(cognito.userPoolId, cognito.clientId).endpoint(cognito.url).build()
        // An app leaves out the vault, and so uses the platform's keychain.
        Auth(config, vault = VaultChoice.Memory).use { auth ->
            val listening = launch(start = CoroutineStart.UNDISPATCHED) {
                auth.events.collect { event -> println("event: $event") }
            }

            auth.storeSession(cognito.signIn("ana"), SignedInWith.API)
            cognito.signIn("ana") // on another device
            showDevices(auth)
            signOutOtherDevices(auth)
            show(auth.signOut(SignOutOptions(globalSignOut = true)))

            auth.storeSession(cognito.signIn("ana"), SignedInWith.API)
            cognito.order("""{"do":"go_offline"}""")
            val result = auth.signOut(SignOutOptions(deadlineMillis = 2_000))
            show(result)

            cognito.order("""{"do":"go_online"}""")
            if (result is SignOutResult.Partial) show(auth.retry(result))
            listening.cancel()
        }
    }
}

/** The messages of an app to its user and its developers. */
private fun show(result: SignOutResult) = when (result) {
    is SignOutResult.Complete -> println("signed out; other services accept ${result.report.residual.size} tokens until they expire")
    is SignOutResult.Partial -> {
        println("signed out of this device")
        result.revokeTokenError?.let { println("  the session is still valid at Cognito: ${it.exception.recoverySuggestion}") }
        result.globalSignOutError?.let { println("  the user's other sessions are still valid: ${it.exception.recoverySuggestion}") }
        result.hostedUIError?.let { println("  the browser is still signed in: open ${it.url}") }
        result.localCleanupError?.let { println("  the keychain: ${it.exception.recoverySuggestion}") }
    }
    is SignOutResult.Failed -> println("still signed in: ${result.exception.message}")
}
