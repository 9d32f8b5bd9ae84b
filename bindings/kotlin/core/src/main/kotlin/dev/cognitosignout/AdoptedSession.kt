package dev.cognitosignout

/**
 * A user's session as another library has stored it, for [Auth.adopt].
 *
 * On Android, `AmplifySession.find` finds it. For a store that no [Layout] describes, create one.
 *
 * @property tokens the three tokens of the user pool.
 * @property signedInWith how the user signed in.
 * @property username the username. A device belongs to it.
 * @property identity the user's identity in the identity pool.
 * @property device the device that Cognito remembers for this user. The password is empty if the store has none.
 * @property provider the identity provider that the user signed in through. Only for the app to see: a sign-out reads the ID token.
 */
public class AdoptedSession @JvmOverloads constructor(
    public val tokens: Tokens,
    public val signedInWith: SignedInWith,
    public val username: String? = null,
    public val identity: Identity? = null,
    public val device: Device? = null,
    public val provider: String? = null,
) {
    override fun toString(): String = "AdoptedSession(signedInWith=$signedInWith)"

    /** How another library writes its store. */
    public enum class Layout {
        /** Amplify Swift v2. The items are the keychain's generic passwords of its service, by account. */
        AMPLIFY_SWIFT,

        /** Amplify Android v2. The items are the entries of its `EncryptedSharedPreferences` after decryption. */
        AMPLIFY_ANDROID,

        /** Amplify Flutter. The items are the entries of its secure storage. */
        AMPLIFY_FLUTTER,

        /** Amplify JS v5 and v6. The items are the entries of `localStorage` or `AsyncStorage`, or the cookies. */
        AMPLIFY_JS,

        /** AWSMobileClient on iOS. The items are the keychain's generic passwords of its three services, by account. */
        AWS_MOBILE_CLIENT_IOS,

        /** AWSMobileClient on Android. The items are the entries of its preference files after decryption. */
        AWS_MOBILE_CLIENT_ANDROID,
    }

    /** The readers. They touch no store. */
    public companion object {
        /**
         * Reads a session from the items of another library's store.
         *
         * @param layout how the other library writes its store.
         * @param items the items by name, after decryption.
         * @param config the app client.
         * @param identityPoolId the identity pool that the app used with the other library, if it used one.
         * @throws AdoptException if there is no session that can be adopted, or it cannot be read.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(AdoptException::class)
        public fun read(
            layout: Layout,
            items: Map<String, String>,
            config: AuthConfig,
            identityPoolId: String? = null,
        ): AdoptedSession = adopting { config.inner.readSession(layout.toFfi(), items.toFfi(), identityPoolId).toPublic() }

        /**
         * The names of the items that make up the session, in the order in which to remove them once it is on record. If a removal in
         * this order is cut short, this names what is left.
         *
         * @throws AdoptException.Missing if there is a session that is not whole: keep that store.
         * @throws AdoptException.Invalid if there is a session that cannot be read: keep that store.
         */
        @JvmStatic
        @JvmOverloads
        @Throws(AdoptException::class)
        public fun namesToForget(
            layout: Layout,
            items: Map<String, String>,
            config: AuthConfig,
            identityPoolId: String? = null,
        ): List<String> = adopting { config.inner.namesToForget(layout.toFfi(), items.toFfi(), identityPoolId) }

        private fun Map<String, String>.toFfi() = mapValues { Secret(it.value).inner }
    }
}

/** What became of a session that was to be adopted. */
public sealed class Adoption {
    /** The session is on record now: the user is signed in. */
    public data object Adopted : Adoption()

    /** A session was on record already. It is untouched. */
    public data object AlreadySignedIn : Adoption()

    /**
     * This session was on record here before, and has ended: it was signed out, for example. It stays signed out. Remove it from the
     * other library's store.
     */
    public data object AlreadySignedOut : Adoption()

    /**
     * Nothing was stored.
     *
     * @property exception the reason. `invalid_input`: the tokens are not a session of this app client. A code of the keychain: call
     *   again later.
     */
    public class Refused internal constructor(public val exception: AuthException) : Adoption() {
        override fun toString(): String = "Refused($exception)"
    }
}
