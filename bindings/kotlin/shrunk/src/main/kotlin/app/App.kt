package app

import dev.cognitosignout.AppStep
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.AuthEvent
import dev.cognitosignout.Phase
import dev.cognitosignout.Secret
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens
import dev.cognitosignout.Vault
import dev.cognitosignout.VaultChoice
import dev.cognitosignout.VaultKey
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout

/** Uses both directions of the native interface: calls, a transport, a vault, a step, events, secrets and exceptions. */
fun main(arguments: Array<String>) = runBlocking {
    val (url, userPoolId, clientId, access, id, refresh) = arguments
    val config = AuthConfig.builder(userPoolId, clientId).endpoint(url).build()
    val stepped = CompletableDeferred<Boolean>()
    val step = AppStep("app", Phase.WHILE_TOKEN_LIVES) { stepped.complete(it.accessToken != null) }
    Auth(config, VaultChoice.Custom(MapVault()), signOutSteps = listOf(step)).use { auth ->
        val signedOut = async(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
            auth.events.first { it is AuthEvent.SignedOut }
        }
        auth.storeSession(Tokens(Secret(access), Secret(id), Secret(refresh)), SignedInWith.API)
        val result = auth.signOut(SignOutOptions { globalSignOut = true })
        withTimeout(20_000) { signedOut.await() }
        val refused = runCatching { auth.tokens() }.exceptionOrNull()
        val isComplete = result is SignOutResult.Complete && refused != null && stepped.await()
        println(if (isComplete) "complete" else "$result, $refused")
    }
}

private class MapVault : Vault {
    private val records = mutableMapOf<VaultKey, ByteArray>()

    override fun read(key: VaultKey): ByteArray? = records[key]

    override fun write(key: VaultKey, record: ByteArray) {
        records[key] = record
    }

    override fun delete(key: VaultKey) {
        records.remove(key)
    }
}

private operator fun <T> Array<T>.component6(): T = get(5)
