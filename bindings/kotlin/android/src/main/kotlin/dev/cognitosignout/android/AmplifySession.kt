package dev.cognitosignout.android

import android.content.Context
import android.content.SharedPreferences
import dev.cognitosignout.AdoptException
import dev.cognitosignout.AdoptedSession
import dev.cognitosignout.AdoptedSession.Layout
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.notRemoved
import dev.cognitosignout.storeFailed

/**
 * The session that Amplify Android, Amplify Flutter or AWSMobileClient has stored on this device.
 *
 * ```
 * suspend fun atLaunch() = withContext(Dispatchers.IO) {
 *     if (auth.session() == SessionState.SignedOut) {
 *         val found = AmplifySession.find(preferences, config) ?: return@withContext
 *         log(auth.adopt(found.session))
 *     }
 *     // Not before a refresh has shown that the session lives here. Offline, it throws, and the next launch goes on.
 *     auth.refresh()
 *     AmplifySession.forgetSource(preferences, config)
 * }
 * ```
 *
 * Do this before Amplify is configured, or without Amplify in the app: Amplify keeps a session in memory, and writes it again. The calls
 * read and write files: do not call them on the main thread.
 *
 * @property session the session, for `Auth.adopt`.
 */
public class AmplifySession private constructor(public val session: AdoptedSession, private val stores: Stores) {
    /**
     * Removes the session from the store, and nothing else. The same as the static call, with what [find] was given.
     *
     * @throws AdoptException like the static call.
     */
    @Throws(AdoptException::class)
    public fun forgetSource(): Unit = stores.forget()

    override fun toString(): String = "AmplifySession($session)"

    /** Finds sessions, and forgets them. */
    public companion object {
        /**
         * Finds what Amplify Android v2 or Amplify Flutter has stored. Null: nobody is signed in. The store is not changed.
         *
         * @param preferences the opened `EncryptedSharedPreferences` of Amplify. The guide "Moving from Amplify" shows how to open them.
         * @param config the app client.
         * @param identityPoolId the identity pool that the app used with Amplify. Without it, Amplify Flutter's identity is not found,
         *   and a guest in its store is not told from nobody.
         * @throws AdoptException if there is no session that can be adopted, or it cannot be read. [AdoptException.Store]: the preferences
         *   cannot be decrypted.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(AdoptException::class)
        public fun find(preferences: SharedPreferences, config: AuthConfig, identityPoolId: String? = null): AmplifySession? =
            found(ofAmplify(preferences, config, identityPoolId))

        /**
         * Finds what AWSMobileClient has stored. Null: nobody is signed in. The store is not changed.
         *
         * @param context any context of the app.
         * @param config the app client.
         * @param identityPoolId the identity pool that the app used with AWSMobileClient. Without it, its identity is not found.
         * @throws AdoptException if there is no session that can be adopted, or it cannot be read. [AdoptException.Store]: the Keystore
         *   does not give the key.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(AdoptException::class)
        public fun findAwsMobileClient(context: Context, config: AuthConfig, identityPoolId: String? = null): AmplifySession? =
            found(ofMobileClient(context, config, identityPoolId))

        /**
         * Removes the session of the app client from Amplify's preferences, and nothing else. Afterwards [find] finds none. Call it once
         * the session is on record here and a refresh has shown that it lives.
         *
         * It can be called at each launch: if there is no session, it changes nothing, and if an earlier call was cut short, it removes
         * what that has left. A guest's identity stays.
         *
         * @param preferences those that [find] gets.
         * @param config the app client.
         * @param identityPoolId the identity pool that the app used with Amplify.
         * @throws AdoptException.NotRemoved names what is still there.
         * @throws AdoptException if the store or the session cannot be read. Nothing was removed then.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(AdoptException::class)
        public fun forgetSource(preferences: SharedPreferences, config: AuthConfig, identityPoolId: String? = null): Unit =
            ofAmplify(preferences, config, identityPoolId).forget()

        /**
         * The same as [forgetSource], for what AWSMobileClient has stored.
         *
         * @param context any context of the app.
         * @param config the app client.
         * @param identityPoolId the identity pool that the app used with AWSMobileClient.
         * @throws AdoptException like [forgetSource].
         */
        @JvmStatic
        @JvmOverloads
        @Throws(AdoptException::class)
        public fun forgetAwsMobileClient(context: Context, config: AuthConfig, identityPoolId: String? = null): Unit =
            ofMobileClient(context, config, identityPoolId).forget()

        private fun found(stores: Stores) = stores.find()?.let { AmplifySession(it, stores) }

        private fun ofAmplify(preferences: SharedPreferences, config: AuthConfig, identityPoolId: String?) =
            Stores(listOf(Layout.AMPLIFY_ANDROID, Layout.AMPLIFY_FLUTTER), config, identityPoolId) { plainItems(preferences) }

        private fun ofMobileClient(context: Context, config: AuthConfig, identityPoolId: String?) =
            Stores(listOf(Layout.AWS_MOBILE_CLIENT_ANDROID), config, identityPoolId) {
                mobileClientItems(context, config.userPoolId)
            }

        private fun plainItems(preferences: SharedPreferences) = preferences.all.entries.mapNotNull { (name, value) ->
            (value as? String)?.let { name to StoredItem(it, preferences, mapOf(name to it)) }
        }.toMap()
    }
}

/**
 * An item in preferences.
 *
 * @property value its text, after decryption.
 * @property entries what the preferences have for it.
 */
internal class StoredItem(val value: String, val preferences: SharedPreferences, val entries: Map<String, String>)

/** The stores that may have the session of one app client. */
internal class Stores(
    private val layouts: List<Layout>,
    private val config: AuthConfig,
    private val identityPoolId: String?,
    private val open: () -> Map<String, StoredItem>,
) {
    fun find(): AdoptedSession? {
        val items = items().mapValues { it.value.value }
        var first: AdoptException? = null
        for (layout in layouts) {
            try {
                return AdoptedSession.read(layout, items, config, identityPoolId)
            } catch (_: AdoptException.NobodySignedIn) {
                // Perhaps in the next layout.
            } catch (exception: AdoptException) {
                first = first ?: exception
            }
        }
        if (first != null) throw first
        return null
    }

    fun forget() {
        val items = items()
        val values = items.mapValues { it.value.value }
        for (layout in layouts) {
            var left = AdoptedSession.namesToForget(layout, values, config, identityPoolId)
            while (left.isNotEmpty()) {
                // Those of one file at once. What says that there is a session goes last.
                val preferences = items.getValue(left.first()).preferences
                val names = left.takeWhile { items.getValue(it).preferences === preferences }
                remove(names.map(items::getValue), preferences) || throw notRemoved(left)
                left = left.drop(names.size)
            }
        }
    }

    /** Whether the file has the change too. If it has not, memory must not have it either: the next call would find nothing to remove. */
    private fun remove(items: List<StoredItem>, preferences: SharedPreferences): Boolean {
        val entries = items.flatMap { it.entries.entries }
        val done = preferences.edit().apply { entries.forEach { remove(it.key) } }.commit()
        if (!done) preferences.edit().apply { entries.forEach { putString(it.key, it.value) } }.apply()
        return done
    }

    /** Everything in the stores. `EncryptedSharedPreferences` throw if an entry cannot be decrypted. */
    private fun items(): Map<String, StoredItem> = try {
        open()
    } catch (exception: Exception) {
        throw storeFailed(exception)
    }
}
