package dev.cognitosignout

/**
 * Why Cognito no longer accepts a session. It is said only if the code and the text of Cognito's error leave no doubt.
 *
 * There is no reason for a session that a sign-in elsewhere has evicted (`MaxPerUser` of a pool that tracks sessions): no
 * documented code or text of Cognito says so. Such a session has the reason [REVOKED] or [UNKNOWN].
 *
 * @property word the reason as a string that never changes: for logs and metrics.
 */
public enum class EndReason(public val word: String) {
    /** It was revoked: by a sign-out, by an administrator, or from another device. */
    REVOKED("revoked"),

    /** The lifetime of its refresh token is over. */
    EXPIRED("expired"),

    /** An administrator has disabled the user. */
    USER_DISABLED("user_disabled"),

    /** The user has been deleted. */
    USER_DELETED("user_deleted"),

    /** The user must choose a new password first. The next sign-in asks for it. */
    PASSWORD_RESET("password_reset"),

    /** Cognito does not say, or not in words that this version knows. */
    UNKNOWN("unknown"),
}

/** Whether the session lives at Cognito, from [Auth.verify]. */
public sealed class Verification {
    /** Cognito has just accepted the session's tokens. */
    public data object Alive : Verification()

    /**
     * Cognito no longer accepts the session. It is marked as expired on this device. Ask the user to sign in again.
     *
     * @property reason why it has ended.
     */
    public class Ended internal constructor(public val reason: EndReason) : Verification() {
        override fun equals(other: Any?): Boolean = other is Ended && reason == other.reason

        override fun hashCode(): Int = reason.hashCode()

        override fun toString(): String = "Ended(reason=$reason)"
    }

    /**
     * It is not known now, and nothing has changed: Cognito could not be asked or answered something else, the keychain could not
     * be read, or nobody is signed in (any more).
     *
     * @property exception why it is not known.
     */
    public class Unknown internal constructor(public val exception: AuthException) : Verification() {
        override fun toString(): String = "Unknown(exception=$exception)"
    }
}

/** What became of a push message, from [Auth.remoteSignOut]. */
public sealed class RemoteSignOut {
    /** The message is not about a sign-out, or it cannot be read. Nothing has happened. */
    public data object NotRecognized : RemoteSignOut()

    /** It is about another user or another session than the one on record, or nobody is signed in. Nothing has happened. */
    public data object OtherSession : RemoteSignOut()

    /**
     * It is about the session on record, and Cognito was asked about that session.
     *
     * @property verification the answer, as that of [Auth.verify].
     */
    public class Verified internal constructor(public val verification: Verification) : RemoteSignOut() {
        override fun equals(other: Any?): Boolean = other is Verified && verification == other.verification

        override fun hashCode(): Int = verification.hashCode()

        override fun toString(): String = "Verified(verification=$verification)"
    }
}

/**
 * What a refusal says about the token that was sent, from [Auth.classify] or [Auth.classifyWwwAuthenticate].
 *
 * @property word the refusal as a string that never changes: for logs and metrics.
 */
public enum class Refusal(public val word: String) {
    /** The token was revoked. [Auth.verify] says whether the session has ended, and marks it. */
    REVOKED("revoked"),

    /** The token has expired. [Auth.refresh] gets a new one; then try again, once. */
    EXPIRED("expired"),

    /** The token lacks a scope. Request the scope at sign-in: a new token has the same scopes. */
    INSUFFICIENT_SCOPE("insufficient_scope"),

    /** Something else, or the text leaves a doubt. For a status 401, ask [Auth.verify]. */
    OTHER("other"),
}
