package dev.cognitosignout

/**
 * The three tokens that Cognito gives at sign-in.
 *
 * @property accessToken authorises the user's own operations at Cognito and the app's APIs. A JWT.
 * @property idToken says who the user is. A JWT.
 * @property refreshToken gets new access and ID tokens, until it is revoked or expires. Opaque.
 */
public class Tokens(public val accessToken: Secret, public val idToken: Secret, public val refreshToken: Secret) {
    override fun toString(): String = "Tokens(<redacted>)"
}

/** How the user signed in, which decides whether the browser holds a session. */
public enum class SignedInWith {
    /** Through Cognito's API: no browser was involved. */
    API,

    /** Through the hosted pages in the user's own browser, whose cookie is still there. */
    HOSTED_UI,

    /** Through the hosted pages in a private (ephemeral) browser session, which has forgotten its cookie. */
    HOSTED_UI_PRIVATE,
}

/** Whether somebody is signed in, as the device knows it. */
public sealed class SessionState {
    /**
     * A session is on record.
     *
     * @property session what can be said of it.
     */
    public class SignedIn internal constructor(public val session: Session) : SessionState() {
        override fun toString(): String = "SignedIn($session)"
    }

    /** None is. */
    public data object SignedOut : SessionState()

    /**
     * The record cannot be read now. This is *not* "signed out".
     *
     * @property exception why.
     */
    public class Unavailable internal constructor(public val exception: AuthException) : SessionState() {
        override fun toString(): String = "Unavailable($exception)"
    }
}

/**
 * What can be said of a session without showing its tokens.
 *
 * @property sub the user's `sub`: stable and unique in the user pool.
 * @property username the username, where the tokens name one.
 * @property signedInWith how the user signed in.
 * @property accessTokenExpiresMillis when the access token expires, in milliseconds since 1970.
 * @property expired whether Cognito has said that the refresh token is dead.
 * @property identityId the identity pool's id of the user, if the app has stored one.
 */
public class Session internal constructor(
    public val sub: String,
    public val username: String?,
    public val signedInWith: SignedInWith,
    public val accessTokenExpiresMillis: Long,
    public val expired: Boolean,
    public val identityId: String?,
) {
    override fun toString(): String = "Session(signedInWith=$signedInWith, expired=$expired)"
}

/**
 * Credentials of an identity pool, kept beside the session and cleared with it.
 *
 * @property identityId as `eu-central-1:1234…`.
 * @property credentials the AWS credentials, if there are any.
 */
public class Identity @JvmOverloads constructor(
    public val identityId: String,
    public val credentials: AwsCredentials? = null,
) {
    override fun toString(): String = "Identity(identityId=$identityId, credentials=$credentials)"
}

/**
 * Temporary AWS credentials of an identity pool.
 *
 * @property accessKeyId the access key id.
 * @property secretAccessKey the secret access key.
 * @property sessionToken the session token.
 * @property expiresMillis when they expire, in milliseconds since 1970.
 */
public class AwsCredentials(
    public val accessKeyId: String,
    public val secretAccessKey: Secret,
    public val sessionToken: Secret,
    public val expiresMillis: Long,
) {
    override fun toString(): String = "AwsCredentials(<redacted>)"
}

/**
 * A device that Cognito remembers for a user. It outlives sign-out.
 *
 * @property key `DEVICE_KEY`, which refreshing a remembered device's tokens asks for.
 * @property groupKey `DEVICE_GROUP_KEY`.
 * @property password the device's password.
 */
public class Device(public val key: String, public val groupKey: String, public val password: Secret) {
    override fun toString(): String = "Device(key=$key)"
}

/** What happens to the session. Holds no secret. */
public sealed class AuthEvent {
    /** A session was stored. */
    public data object SignedIn : AuthEvent()

    /**
     * The session has ended on this device. What Cognito says of it stands in the sign-out's result.
     *
     * @property reason why.
     */
    public class SignedOut internal constructor(public val reason: SignedOutReason) : AuthEvent() {
        override fun toString(): String = "SignedOut($reason)"
    }

    /** Cognito says that the refresh token is dead. The record is kept: ask the user to sign in again. */
    public data object SessionExpired : AuthEvent()

    /** What an earlier sign-out had left unpaid is paid: its refresh token is dead now. */
    public data object RevocationSettled : AuthEvent()
}

/** Why a session has ended on this device. */
public enum class SignedOutReason {
    /** [Auth.signOut] was called, for this device. */
    LOCAL,

    /** [Auth.signOut] was called, for every device. */
    GLOBAL,

    /** Another session was stored in its place. */
    REPLACED,
}
