package dev.cognitosignout

/**
 * The outcome of each step, and what other services still accept.
 *
 * @property steps the outcome of each step.
 * @property residual tokens that are still accepted. A service that verifies tokens offline accepts an access or ID token until
 *   it expires, whatever Cognito was told. The refresh token is listed if Cognito cannot revoke it.
 * @property signedOutEverywhere whether every session of the user has ended, on every device. False if a global sign-out found
 *   nobody signed in.
 * @property browserSessions the sessions in the user's browser, and the outcome of each.
 * @property logoutUrl the page that ends the sessions that may persist in the browser, if one is known.
 * @property nextSignIn the `prompt` that the next sign-in should use, so that it does not silently reuse a session that may
 *   persist in the browser.
 * @property appReason why the app signed out, if a call said so ([SignOutOptions.reason]). A later payment of what is owed has it
 *   too.
 * @property elapsedMillis the duration of the call.
 */
public class Report internal constructor(
    public val steps: Steps,
    public val residual: List<Residual>,
    public val signedOutEverywhere: Boolean,
    public val browserSessions: List<BrowserSession>,
    public val logoutUrl: String?,
    public val nextSignIn: Prompt?,
    public val appReason: AppReason?,
    public val elapsedMillis: Long,
) {
    override fun toString(): String =
        "Report(steps=$steps, residual=$residual, signedOutEverywhere=$signedOutEverywhere, " +
            "browserSessions=$browserSessions, logoutUrl=$logoutUrl, nextSignIn=$nextSignIn, appReason=$appReason, " +
            "elapsedMillis=$elapsedMillis)"
}

/**
 * The six steps of a sign-out, in the order in which they run; and the app's own steps.
 *
 * @property web ends the browser's session at the hosted pages: in the browser, or as a part of `RevokeToken`.
 * @property commit reads the record, and signs this device out with one write.
 * @property refresh gets a valid access token for `GlobalSignOut`.
 * @property globalSignOut `GlobalSignOut` ends every session of the user.
 * @property revokeToken `RevokeToken` revokes this session's refresh token.
 * @property settle removes paid and handed-over debts from the keychain.
 * @property app the app's own steps: all that are registered; in a retry or a payment, those that were still owed. See [AppStep].
 */
public class Steps internal constructor(
    public val web: StepStatus,
    public val commit: StepStatus,
    public val refresh: StepStatus,
    public val globalSignOut: StepStatus,
    public val revokeToken: StepStatus,
    public val settle: StepStatus,
    public val app: List<AppStepReport>,
) {
    private fun all() = listOf(web, commit, refresh, globalSignOut, revokeToken, settle, app)

    override fun equals(other: Any?): Boolean = other is Steps && all() == other.all()

    override fun hashCode(): Int = all().hashCode()

    override fun toString(): String =
        "Steps(web=$web, commit=$commit, refresh=$refresh, globalSignOut=$globalSignOut, revokeToken=$revokeToken, " +
            "settle=$settle, app=$app)"
}

/**
 * What became of one of the app's own steps.
 *
 * @property name the name that it was registered with.
 * @property phase when it runs. Null if no step of this name is registered.
 * @property status its outcome.
 */
public class AppStepReport internal constructor(
    public val name: String,
    public val phase: Phase?,
    public val status: StepStatus,
) {
    private fun all() = listOf(name, phase, status)

    override fun equals(other: Any?): Boolean = other is AppStepReport && all() == other.all()

    override fun hashCode(): Int = all().hashCode()

    override fun toString(): String = "AppStepReport(name=$name, phase=$phase, status=$status)"
}

/** The outcome of one step. */
public sealed class StepStatus {
    /** The step is done. */
    public data object Done : StepStatus()

    /**
     * Cognito has accepted the request, and nothing confirms that it was carried out: the step `web` with
     * [WebPolicy.BY_REVOCATION].
     */
    public data object Requested : StepStatus()

    /** One of the app's own steps is on record, and nothing here can do it, because no step of this name is registered. */
    public data object Owed : StepStatus()

    /**
     * The step was not needed, or not reached.
     *
     * @property why the reason, for example `no_session`. These strings never change.
     */
    public class Skipped internal constructor(public val why: String) : StepStatus() {
        override fun equals(other: Any?): Boolean = other is Skipped && why == other.why

        override fun hashCode(): Int = why.hashCode()

        override fun toString(): String = "Skipped($why)"
    }

    /**
     * The step failed.
     *
     * @property code an [ErrorCode], for example `network_unavailable`.
     */
    public class Failed internal constructor(public val code: String) : StepStatus() {
        override fun equals(other: Any?): Boolean = other is Failed && code == other.code

        override fun hashCode(): Int = code.hashCode()

        override fun toString(): String = "Failed($code)"
    }
}

/**
 * A token that is still accepted. Services that verify tokens offline accept an access or ID token; Cognito accepts a refresh
 * token.
 *
 * @property token the kind of token.
 * @property validUntilMillis its `exp`, in milliseconds since 1970. Null for a refresh token, which does not contain it.
 */
public class Residual internal constructor(public val token: TokenKind, public val validUntilMillis: Long?) {
    private fun all() = listOf(token, validUntilMillis)

    override fun equals(other: Any?): Boolean = other is Residual && all() == other.all()

    override fun hashCode(): Int = all().hashCode()

    override fun toString(): String = "Residual(token=$token, validUntilMillis=$validUntilMillis)"
}

/** The kind of token. */
public enum class TokenKind {
    /** The access token. */
    ACCESS,

    /** The ID token. */
    ID,

    /** The refresh token of a session that Cognito cannot revoke. Every copy of it still works. */
    REFRESH,
}

/**
 * A session in the user's browser when the sign-out began.
 *
 * @property identityProvider the identity provider's name in the user pool. Null for the session at the hosted pages.
 * @property state its outcome.
 */
public class BrowserSession internal constructor(
    public val identityProvider: String?,
    public val state: BrowserSessionState,
) {
    private fun all() = listOf(identityProvider, state)

    override fun equals(other: Any?): Boolean = other is BrowserSession && all() == other.all()

    override fun hashCode(): Int = all().hashCode()

    override fun toString(): String = "BrowserSession(identityProvider=$identityProvider, state=$state)"
}

/** The outcome of a browser's session, as far as the library can see it. */
public enum class BrowserSessionState {
    /** The site ended it and sent the browser back. */
    ENDED,

    /** The site has been asked to end it, without a page. It does so within a few seconds, and nothing confirms it. */
    END_REQUESTED,

    /** It was not ended, or its end cannot be seen. The end of a provider's session can never be seen. */
    MAY_PERSIST,
}

/** The `prompt` that the next sign-in should use. */
public enum class Prompt {
    /** Sign in again, even if there is a session. */
    LOGIN,

    /** Choose the account at the provider. Cognito only passes this on: name the provider in the URL. */
    SELECT_ACCOUNT,
}
