package dev.cognitosignout.example

import com.apollographql.apollo.ApolloClient
import com.apollographql.apollo.cache.normalized.apolloStore
import dev.cognitosignout.AppStep
import dev.cognitosignout.AppStepException
import dev.cognitosignout.Phase
import kotlinx.coroutines.runInterruptible
import okhttp3.HttpUrl
import okhttp3.OkHttpClient
import okhttp3.Request

// What an app does of its own when a user leaves, as the guide `docs/app-steps.md` shows it. These run on Android too.

/**
 * The app's own server forgets which user this device's push token belongs to, while the user's access token still works. A step can
 * run again, so 204 and 404 are both right.
 */
fun forgetPushToken(client: OkHttpClient, server: HttpUrl, pushToken: suspend () -> String) =
    AppStep("forget_push_token", Phase.WHILE_TOKEN_LIVES, timeLimitMillis = 3_000) { session ->
        val accessToken = session.accessToken ?: return@AppStep
        val url = server.newBuilder().addPathSegments("push-tokens/${pushToken()}").build()
        val request = Request.Builder().url(url).delete().header("Authorization", "Bearer ${accessToken.reveal()}").build()
        val status = runInterruptible { client.newCall(request).execute().use { it.code } }
        // 404: an earlier attempt has removed it.
        if (status != 204 && status != 404) throw AppStepException("the push server's status is $status")
    }

/** Requests of the user who has left are cancelled, their connections closed, and what they brought is removed from the disk. */
fun emptyHttpCache(client: OkHttpClient) = AppStep("empty_http_cache", Phase.AFTER_SIGN_OUT) { session ->
    // Requests of the next user need no cancelling.
    if (!session.signedInSince) client.dispatcher.cancelAll()
    client.connectionPool.evictAll()
    client.cache?.evictAll()
}

/** The normalised cache, in memory and in SQLite. The next user's queries ask the server again. */
fun emptyApolloCache(client: ApolloClient) = AppStep("empty_apollo_cache", Phase.AFTER_SIGN_OUT) {
    client.apolloStore.clearAll()
}
