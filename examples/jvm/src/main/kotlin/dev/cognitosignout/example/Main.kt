package dev.cognitosignout.example

import com.apollographql.apollo.ApolloClient
import com.apollographql.apollo.cache.normalized.api.MemoryCacheFactory
import com.apollographql.apollo.cache.normalized.normalizedCache
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.VaultChoice
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import okhttp3.Cache
import okhttp3.OkHttpClient
import kotlin.io.path.createTempDirectory

/**
 * Signs a user in at a fake Cognito and out again: first the other devices, then everywhere, then while Cognito is offline, and last
 * with steps of the app's own.
 */
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
            show(auth.signOut(SignOutOptions { globalSignOut = true }))

            auth.storeSession(cognito.signIn("ana"), SignedInWith.API)
            cognito.order("""{"do":"go_offline"}""")
            val result = auth.signOut(SignOutOptions { deadlineMillis = 2_000 })
            show(result)

            cognito.order("""{"do":"go_online"}""")
            if (result is SignOutResult.Partial) show(auth.retry(result))
            listening.cancel()
        }
        signOutWithSteps(cognito, config)
    }
}

/** The app's own server forgets the push token while the access token works, and the app's caches are emptied. */
private suspend fun signOutWithSteps(cognito: FakeCognito, config: AuthConfig) = PushServer(cognito.url).use { push ->
    val client = OkHttpClient.Builder().cache(Cache(createTempDirectory("http-cache").toFile(), 1_000_000)).build()
    val graphql = ApolloClient.Builder().serverUrl("${push.url}graphql").normalizedCache(MemoryCacheFactory()).build()
    val steps = listOf(forgetPushToken(client, push.url) { "token-1" }, emptyHttpCache(client), emptyApolloCache(graphql))
    Auth(config, vault = VaultChoice.Memory, signOutSteps = steps).use { auth ->
        auth.storeSession(cognito.signIn("ana"), SignedInWith.API)
        push.users["token-1"] = (auth.session() as SessionState.SignedIn).session.sub
        val result = auth.signOut()
        show(result)
        for (step in result.report.steps.app) println("  ${step.name}: ${step.status}")
        println("  users behind push tokens: ${push.users.size}")
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
        result.appStepErrors.forEach { println("  the app's step ${it.name}: ${it.exception.message}") }
    }
    is SignOutResult.Failed -> println("still signed in: ${result.exception.message}")
}
