package dev.cognitosignout

/** A change of the session. It holds no secret. */
public sealed class AuthEvent {
    /** A session was stored. */
    public data object SignedIn : AuthEvent()

    /**
     * The session has ended on this device. The sign-out's result says what Cognito answered.
     *
     * @property reason what has ended it.
     * @property appReason the app's own reason, if the sign-out was given one ([SignOutOptions.reason]).
     */
    public class SignedOut internal constructor(
        public val reason: SignedOutReason,
        public val appReason: AppReason?,
    ) : AuthEvent() {
        private fun all() = listOf(reason, appReason)

        override fun equals(other: Any?): Boolean = other is SignedOut && all() == other.all()

        override fun hashCode(): Int = all().hashCode()

        override fun toString(): String = "SignedOut(reason=$reason, appReason=$appReason)"
    }

    /**
     * Cognito says that the session has ended. A refresh or [Auth.verify] has asked. The session is kept, because only an explicit
     * call signs out. Ask the user to sign in again.
     *
     * @property reason why it has ended.
     */
    public class SessionExpired internal constructor(public val reason: EndReason) : AuthEvent() {
        override fun equals(other: Any?): Boolean = other is SessionExpired && reason == other.reason

        override fun hashCode(): Int = reason.hashCode()

        override fun toString(): String = "SessionExpired(reason=$reason)"
    }

    /** A debt of an earlier sign-out was paid: its refresh token is revoked now. */
    public data object RevocationSettled : AuthEvent()
}

/** Why a session has ended on this device. */
public enum class SignedOutReason {
    /** [Auth.signOut] was called for this device. */
    LOCAL,

    /** [Auth.signOut] was called for every device. */
    GLOBAL,

    /** Another session was stored in its place. */
    REPLACED,

    /** Another process of the app has ended it. Found when this process read the record. */
    ELSEWHERE,
}
