package dev.cognitosignout

/**
 * What was done, what was not, and what other services will go on accepting.
 *
 * @property steps what became of each step.
 * @property residual tokens that services which verify them offline accept until they expire, whatever Cognito was told; and
 *   the refresh token, if Cognito cannot revoke it.
 * @property signedOutEverywhere whether every session of the user has ended, on every device. Not if a global sign-out found
 *   nobody signed in.
 * @property browserSessions the sessions that the user's browser held, and what became of each.
 * @property logoutUrl the page that ends what may persist in the browser, where one is known.
 * @property nextSignIn what the next sign-in should ask for, so that it does not silently use a session that may persist in
 *   the browser.
 * @property elapsedMillis how long the call took.
 */
public class Report internal constructor(
    public val steps: Steps,
    public val residual: List<Residual>,
    public val signedOutEverywhere: Boolean,
    public val browserSessions: List<BrowserSession>,
    public val logoutUrl: String?,
    public val nextSignIn: Prompt?,
    public val elapsedMillis: Long,
) {
    override fun toString(): String =
        "Report(steps=$steps, residual=$residual, signedOutEverywhere=$signedOutEverywhere, " +
            "browserSessions=$browserSessions, logoutUrl=$logoutUrl, nextSignIn=$nextSignIn, elapsedMillis=$elapsedMillis)"
}

/**
 * The six steps of a sign-out, in the order in which they run.
 *
 * @property web ending the browser's session at the hosted pages.
 * @property commit reading the record, and the one write that signs this device out.
 * @property refresh getting a valid access token for `GlobalSignOut`.
 * @property globalSignOut `GlobalSignOut`: every session of the user.
 * @property revokeToken `RevokeToken`: this session's refresh token.
 * @property settle removing what is paid or handed over from the keychain.
 */
public class Steps internal constructor(
    public val web: StepStatus,
    public val commit: StepStatus,
    public val refresh: StepStatus,
    public val globalSignOut: StepStatus,
    public val revokeToken: StepStatus,
    public val settle: StepStatus,
) {
    override fun toString(): String =
        "Steps(web=$web, commit=$commit, refresh=$refresh, globalSignOut=$globalSignOut, revokeToken=$revokeToken, " +
            "settle=$settle)"
}

/** What became of one step. */
public sealed class StepStatus {
    /** It was carried out. */
    public data object Done : StepStatus()

    /**
     * It was not needed, or not reached.
     *
     * @property why as `no_session`: a string that never changes.
     */
    public class Skipped internal constructor(public val why: String) : StepStatus() {
        override fun toString(): String = "Skipped($why)"
    }

    /**
     * It was tried, and failed.
     *
     * @property code as `network_unavailable`: a string that never changes.
     */
    public class Failed internal constructor(public val code: String) : StepStatus() {
        override fun toString(): String = "Failed($code)"
    }
}

/**
 * A token that is still accepted: an access or ID token by whoever verifies it offline, a refresh token by Cognito.
 *
 * @property token which one.
 * @property validUntilMillis its `exp`, in milliseconds since 1970: until then. Unset for a refresh token, which does not say.
 */
public class Residual internal constructor(public val token: TokenKind, public val validUntilMillis: Long?) {
    override fun toString(): String = "Residual(token=$token, validUntilMillis=$validUntilMillis)"
}

/** Which token. */
public enum class TokenKind {
    /** The access token. */
    ACCESS,

    /** The ID token. */
    ID,

    /** The refresh token, of a session that Cognito cannot revoke: whoever has a copy can go on with it. */
    REFRESH,
}

/**
 * A session that the user's browser held when the sign-out began.
 *
 * @property identityProvider whose it is, by its name in the user pool; unset for the hosted pages' own.
 * @property state what became of it.
 */
public class BrowserSession internal constructor(
    public val identityProvider: String?,
    public val state: BrowserSessionState,
) {
    override fun toString(): String = "BrowserSession(identityProvider=$identityProvider, state=$state)"
}

/** What became of a browser's session, as far as it can be seen. */
public enum class BrowserSessionState {
    /** Its holder has ended it and has sent the browser back. */
    ENDED,

    /** It was left alone, or its end cannot be seen from here: a provider's never can. */
    MAY_PERSIST,
}

/** What the next sign-in should ask for. */
public enum class Prompt {
    /** Sign in anew, whatever session there is. */
    LOGIN,

    /** Choose the account at the provider. Cognito passes it on, and does not ask itself: name the provider in the URL. */
    SELECT_ACCOUNT,
}
