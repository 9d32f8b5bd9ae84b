package dev.cognitosignout

import dev.cognitosignout.ffi.PartialSignOutOthers

/**
 * One of the user's sessions, as Cognito lists it. Every value can be missing.
 *
 * The list spans all app clients of the user pool. The place and the IP address are personal data: [toString] shows neither.
 *
 * @property id its id: `tkn` or `sso`, and 25 more characters.
 * @property kind what kind of session it is.
 * @property clientId the app client that it belongs to.
 * @property createdMillis when the user signed in, in milliseconds since 1970.
 * @property lastActiveMillis when it was last used by a sign-in or a refresh, in milliseconds since 1970.
 * @property device the operating system and the browser or app, as Cognito reads them from the `user-agent` header. It can be
 *   `unknown`.
 * @property city the city from which it was last used.
 * @property country the English name of the country from which it was last used. It can be `unknown`.
 * @property ipAddress the IP address from which it was last used.
 * @property origin for a token session: the id of the SSO session that it came through. Null if the user signed in through the
 *   API.
 * @property isCurrent whether it is the session of this app on this device.
 */
public class UserSession internal constructor(
    public val id: String?,
    public val kind: SessionKind,
    public val clientId: String?,
    public val createdMillis: Long?,
    public val lastActiveMillis: Long?,
    public val device: String?,
    public val city: String?,
    public val country: String?,
    public val ipAddress: Secret?,
    public val origin: String?,
    public val isCurrent: Boolean,
) {
    override fun toString(): String =
        "UserSession(id=$id, kind=$kind, clientId=$clientId, createdMillis=$createdMillis, " +
            "lastActiveMillis=$lastActiveMillis, device=$device, origin=$origin, isCurrent=$isCurrent)"
}

/** The kinds of session. */
public sealed class SessionKind {
    /** One app's session on one device: the life of one refresh token. */
    public data object Token : SessionKind()

    /** The session behind the cookie of a browser. Apps sign in through it without asking the user. */
    public data object Sso : SessionKind()

    /**
     * Another kind.
     *
     * @property name the server's word for it.
     */
    public class Other internal constructor(public val name: String) : SessionKind() {
        override fun equals(other: Any?): Boolean = other is Other && name == other.name

        override fun hashCode(): Int = name.hashCode()

        override fun toString(): String = "Other($name)"
    }
}

/**
 * One of the user's other sessions, and whether it has ended.
 *
 * @property session the session, as it was listed.
 * @property exception why it could not be ended. Null: it has ended.
 */
public class EndedSession internal constructor(public val session: UserSession, public val exception: AuthException?) {
    override fun toString(): String = "EndedSession(session=$session, exception=$exception)"
}

/** What became of the user's other sessions. There will be no fourth case. */
public sealed class SignOutOthersResult {
    /**
     * Every other session has ended. A new one may have begun since the list was read.
     *
     * @property sessions each other session that there was.
     */
    public class Complete internal constructor(public val sessions: List<EndedSession>) : SignOutOthersResult() {
        override fun toString(): String = "Complete(sessions=$sessions)"
    }

    /**
     * At least one other session could not be ended. Pass it to [Auth.retryOthers].
     *
     * @property sessions each other session that there was: those with an exception are left.
     */
    public class Partial internal constructor(
        public val sessions: List<EndedSession>,
        private val inner: PartialSignOutOthers?,
    ) : SignOutOthersResult() {
        internal fun forLibrary(): PartialSignOutOthers = requireNotNull(inner) { BUILT_BY_A_TEST }

        override fun toString(): String = "Partial(sessions=$sessions)"
    }

    /**
     * Nothing has changed: the list could not be read, or it does not say which session is this one.
     *
     * @property exception the reason.
     */
    public class Failed internal constructor(public val exception: AuthException) : SignOutOthersResult() {
        override fun toString(): String = "Failed(exception=$exception)"
    }
}
