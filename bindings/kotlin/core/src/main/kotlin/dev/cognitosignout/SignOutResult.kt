package dev.cognitosignout

import dev.cognitosignout.ffi.PartialSignOut

internal const val BUILT_BY_A_TEST = "a result that a test has built says nothing to a real Auth"

/** What a sign-out achieved. There will be no fourth case. */
public sealed class SignOutResult {
    /** Whether the user is signed out of this device: true except for [Failed]. */
    public abstract val signedOutLocally: Boolean

    /** The outcome of each step, and what other services still accept. */
    public abstract val report: Report

    /** Signed out. Every requested step is done. */
    public class Complete internal constructor(override val report: Report) : SignOutResult() {
        override val signedOutLocally: Boolean
            get() = true

        override fun toString(): String = "Complete(report=$report)"
    }

    /**
     * Signed out of this device, but at least one step failed. [Auth.retry] tries the failed steps again. It cannot help if
     * `GlobalSignOut` failed and `RevokeToken` succeeded, because Cognito no longer accepts the access token: the user has to
     * sign in again, and then sign out globally.
     *
     * @property hostedUIError the browser's session was not ended.
     * @property globalSignOutError the user's other sessions are still valid.
     * @property revokeTokenError this session's refresh token is still valid.
     * @property localCleanupError paid or handed-over debts could not be removed from the keychain.
     * @property appStepErrors the app's own steps that failed, or that are on record and not registered. [Auth.retry] runs these
     *   again, and no other step of the app. See [AppStep].
     * @property kept whether the unpaid debt is also on record. If so, [Auth.resume], [Auth.settlePending] and the next sign-in
     *   try it again. If not, the tokens in these errors exist nowhere else.
     * @property displaced debts of the oldest earlier sign-outs. They were removed from the record because this sign-out left
     *   more than [UnpaidRevocations.Keep.maxDebts]. Pass each to [Auth.retry]: their tokens exist nowhere else.
     */
    public class Partial internal constructor(
        public val hostedUIError: HostedUIError?,
        public val globalSignOutError: GlobalSignOutError?,
        public val revokeTokenError: RevokeTokenError?,
        public val localCleanupError: LocalCleanupError?,
        public val appStepErrors: List<AppStepError>,
        public val kept: Boolean,
        public val displaced: List<Partial>,
        override val report: Report,
        private val inner: PartialSignOut?,
    ) : SignOutResult() {
        override val signedOutLocally: Boolean
            get() = true

        internal fun forLibrary(): PartialSignOut = requireNotNull(inner) { BUILT_BY_A_TEST }

        override fun toString(): String =
            "Partial(hostedUIError=$hostedUIError, globalSignOutError=$globalSignOutError, " +
                "revokeTokenError=$revokeTokenError, localCleanupError=$localCleanupError, appStepErrors=$appStepErrors, " +
                "kept=$kept, displaced=$displaced, report=$report)"
    }

    /**
     * Still signed in. Nothing has changed.
     *
     * @property exception the reason.
     */
    public class Failed internal constructor(
        public val exception: AuthException,
        override val report: Report,
    ) : SignOutResult() {
        override val signedOutLocally: Boolean
            get() = false

        override fun toString(): String = "Failed(exception=$exception, report=$report)"
    }
}

/**
 * The browser's session was not ended.
 *
 * @property exception what happened.
 * @property url the page that ends the session when the user's browser opens it, if one is known.
 */
public class HostedUIError internal constructor(public val exception: AuthException, public val url: String?) {
    override fun toString(): String = "HostedUIError(exception=$exception, url=$url)"
}

/**
 * `GlobalSignOut` failed.
 *
 * @property exception what happened.
 * @property accessToken the access token that `GlobalSignOut` requires.
 */
public class GlobalSignOutError internal constructor(
    public val exception: AuthException,
    public val accessToken: Secret,
) {
    override fun toString(): String = "GlobalSignOutError(exception=$exception, accessToken=$accessToken)"
}

/**
 * `RevokeToken` failed.
 *
 * @property exception what happened.
 * @property refreshToken the refresh token, which is still valid.
 */
public class RevokeTokenError internal constructor(
    public val exception: AuthException,
    public val refreshToken: Secret,
) {
    override fun toString(): String = "RevokeTokenError(exception=$exception, refreshToken=$refreshToken)"
}

/**
 * Paid or handed-over debts could not be removed from the keychain.
 *
 * @property exception what happened.
 */
public class LocalCleanupError internal constructor(public val exception: AuthException) {
    override fun toString(): String = "LocalCleanupError(exception=$exception)"
}

/**
 * One of the app's own steps failed.
 *
 * @property name the step's name.
 * @property exception what happened: `app_step_failed`, `timed_out`, or `app_step_not_registered`.
 */
public class AppStepError internal constructor(public val name: String, public val exception: AuthException) {
    override fun toString(): String = "AppStepError(name=$name, exception=$exception)"
}
