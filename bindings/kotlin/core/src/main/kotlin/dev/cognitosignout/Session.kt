package dev.cognitosignout

/**
 * The three tokens that Cognito issues at sign-in.
 *
 * @property accessToken authorises the user's own Cognito operations and the app's APIs. A JWT.
 * @property idToken says who the user is. A JWT.
 * @property refreshToken gets new access and ID tokens until it is revoked or expires. Opaque.
 */
public class Tokens(public val accessToken: Secret, public val idToken: Secret, public val refreshToken: Secret) {
    override fun toString(): String = "Tokens(<redacted>)"
}

/** How the user signed in. It decides whether the browser holds a session. */
public enum class SignedInWith {
    /** Through Cognito's API, without a browser. */
    API,

    /** Through the hosted pages in the user's own browser. Their cookie is still there. */
    HOSTED_UI,

    /** Through the hosted pages in a private (ephemeral) browser session. Its cookie is gone. */
    HOSTED_UI_PRIVATE,
}

/** Whether a user is signed in, according to the record on this device. */
public sealed class SessionState {
    /**
     * A session is on record.
     *
     * @property session what is known about it.
     */
    public class SignedIn internal constructor(public val session: Session) : SessionState() {
        override fun equals(other: Any?): Boolean = other is SignedIn && session == other.session

        override fun hashCode(): Int = session.hashCode()

        override fun toString(): String = "SignedIn($session)"
    }

    /** No session is on record. */
    public data object SignedOut : SessionState()

    /**
     * The record cannot be read now. This does *not* mean "signed out".
     *
     * @property exception the reason.
     */
    public class Unavailable internal constructor(public val exception: AuthException) : SessionState() {
        override fun toString(): String = "Unavailable($exception)"
    }
}

/**
 * A session, without its tokens.
 *
 * @property sub the user's `sub`: stable and unique in the user pool.
 * @property username the username, if the tokens contain one.
 * @property signedInWith how the user signed in.
 * @property accessTokenExpiresMillis when the access token expires, in milliseconds since 1970.
 * @property expired whether Cognito said that the refresh token is no longer valid.
 * @property identityId the user's identity ID in an identity pool, if the app has stored one.
 */
public class Session internal constructor(
    public val sub: String,
    public val username: String?,
    public val signedInWith: SignedInWith,
    public val accessTokenExpiresMillis: Long,
    public val expired: Boolean,
    public val identityId: String?,
) {
    private fun all() = listOf(sub, username, signedInWith, accessTokenExpiresMillis, expired, identityId)

    override fun equals(other: Any?): Boolean = other is Session && all() == other.all()

    override fun hashCode(): Int = all().hashCode()

    override fun toString(): String = "Session(signedInWith=$signedInWith, expired=$expired)"
}
