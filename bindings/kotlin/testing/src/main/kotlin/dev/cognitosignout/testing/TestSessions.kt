package dev.cognitosignout.testing

import dev.cognitosignout.AppReason
import dev.cognitosignout.AuthEvent
import dev.cognitosignout.EndReason
import dev.cognitosignout.Secret
import dev.cognitosignout.Session
import dev.cognitosignout.SessionKind
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.SignedOutReason
import dev.cognitosignout.Tokens
import dev.cognitosignout.UserSession

/** Sessions, their tokens and their events. */
public object TestSessions {
    /** Somebody is signed in. */
    @JvmStatic
    @JvmOverloads
    public fun signedIn(session: Session = SessionBuilder().build()): SessionState.SignedIn = SessionState.SignedIn(session)

    /** The record cannot be read now, for example `vault_locked`. */
    @JvmStatic
    public fun unavailable(code: String): SessionState.Unavailable = SessionState.Unavailable(TestErrors.vault(code))

    /** Three texts in place of tokens. The real library refuses them. */
    @JvmStatic
    public fun tokens(): Tokens =
        Tokens(Secret.ofString("access token"), Secret.ofString("ID token"), Secret.ofString("refresh token"))

    /** The session has ended on this device. */
    @JvmStatic
    @JvmOverloads
    public fun signedOutEvent(
        reason: SignedOutReason = SignedOutReason.LOCAL,
        appReason: AppReason? = null,
    ): AuthEvent.SignedOut = AuthEvent.SignedOut(reason, appReason)

    /** Cognito says that the session has ended. */
    @JvmStatic
    @JvmOverloads
    public fun expiredEvent(reason: EndReason = EndReason.EXPIRED): AuthEvent.SessionExpired = AuthEvent.SessionExpired(reason)
}

/** Builds a [Session]. It begins as one of the user `ana`, who has signed in through the API, until 2100. */
public class SessionBuilder {
    private var sub = "5f3c1a52-0000-4000-8000-000000000000"
    private var username: String? = "ana"
    private var signedInWith = SignedInWith.API
    private var accessTokenExpiresMillis = 4_102_444_800_000
    private var expired = false
    private var identityId: String? = null

    /** See [Session.sub]. */
    public fun sub(sub: String): SessionBuilder = apply { this.sub = sub }

    /** See [Session.username]. */
    public fun username(username: String?): SessionBuilder = apply { this.username = username }

    /** See [Session.signedInWith]. */
    public fun signedInWith(how: SignedInWith): SessionBuilder = apply { signedInWith = how }

    /** See [Session.accessTokenExpiresMillis]. */
    public fun accessTokenExpiresMillis(millis: Long): SessionBuilder = apply { accessTokenExpiresMillis = millis }

    /** See [Session.expired]. */
    public fun expired(expired: Boolean): SessionBuilder = apply { this.expired = expired }

    /** See [Session.identityId]. */
    public fun identityId(id: String?): SessionBuilder = apply { identityId = id }

    /** Builds the session. */
    public fun build(): Session = Session(sub, username, signedInWith, accessTokenExpiresMillis, expired, identityId)
}

/**
 * Builds a [UserSession]. It begins as a token session of which nothing else is known.
 *
 * @param id the session's [UserSession.id].
 */
public class UserSessionBuilder(private val id: String?) {
    private var kind: SessionKind = SessionKind.Token
    private var clientId: String? = null
    private var createdMillis: Long? = null
    private var lastActiveMillis: Long? = null
    private var device: String? = null
    private var city: String? = null
    private var country: String? = null
    private var ipAddress: Secret? = null
    private var origin: String? = null
    private var isCurrent = false

    /** See [UserSession.kind]. */
    public fun kind(kind: SessionKind): UserSessionBuilder = apply { this.kind = kind }

    /** A [SessionKind.Other]. */
    public fun otherKind(name: String): UserSessionBuilder = kind(SessionKind.Other(name))

    /** See [UserSession.clientId]. */
    public fun clientId(id: String?): UserSessionBuilder = apply { clientId = id }

    /** See [UserSession.createdMillis]. */
    public fun createdMillis(millis: Long?): UserSessionBuilder = apply { createdMillis = millis }

    /** See [UserSession.lastActiveMillis]. */
    public fun lastActiveMillis(millis: Long?): UserSessionBuilder = apply { lastActiveMillis = millis }

    /** See [UserSession.device]. */
    public fun device(device: String?): UserSessionBuilder = apply { this.device = device }

    /** See [UserSession.city]. */
    public fun city(city: String?): UserSessionBuilder = apply { this.city = city }

    /** See [UserSession.country]. */
    public fun country(country: String?): UserSessionBuilder = apply { this.country = country }

    /** See [UserSession.ipAddress]. */
    public fun ipAddress(address: String?): UserSessionBuilder = apply { ipAddress = address?.let(Secret::ofString) }

    /** See [UserSession.origin]. */
    public fun origin(id: String?): UserSessionBuilder = apply { origin = id }

    /** See [UserSession.isCurrent]. */
    public fun isCurrent(isCurrent: Boolean): UserSessionBuilder = apply { this.isCurrent = isCurrent }

    /** Builds the session. */
    public fun build(): UserSession = UserSession(
        id, kind, clientId, createdMillis, lastActiveMillis, device, city, country, ipAddress, origin, isCurrent,
    )
}
