package dev.cognitosignout

/**
 * How to sign out. The default: sign out of this device, with a web step if the session needs one, within ten seconds.
 *
 * Times are in milliseconds, because Android has no `java.time` before API level 26. A negative time makes the sign-out fail
 * with `invalid_input`; nothing has changed then.
 *
 * @property globalSignOut whether to end every session of the user, on every device.
 * @property web the web policy. Default: [WebPolicy.REQUIRED] for a session that began in the shared browser; other sessions
 *   have no web step. With [AuthConfig.Builder.sessionTracking], the default is [WebPolicy.BY_REVOCATION] instead of
 *   `REQUIRED`, unless a [ProviderLogout] is configured for the provider that the user signed in with. Concurrent calls share the strongest of their policies. A call that comes too late for that has
 *   `joined_too_late` in its [SignOutResult.Partial.hostedUIError].
 * @property signOutUri one of the configured sign-out URIs. Default: the first that the browser can return to. For concurrent
 *   calls, the first one that sets it decides.
 * @property deadlineMillis the time limit of the call, without the user's time in the browser. Default: 10 s.
 * @property browserDeadlineMillis the time limit for the user in the browser. Default: 3 minutes.
 * @property reason why the app signs out. It is in the event, in the report, in the log, and on record with what is still owed to
 *   Cognito. For concurrent calls, the first one that sets it decides, until the session has ended on this device.
 */
public class SignOutOptions @JvmOverloads constructor(
    public val globalSignOut: Boolean = false,
    public val web: WebPolicy? = null,
    public val signOutUri: String? = null,
    public val deadlineMillis: Long? = null,
    public val browserDeadlineMillis: Long? = null,
    public val reason: AppReason? = null,
) {
    override fun toString(): String =
        "SignOutOptions(globalSignOut=$globalSignOut, web=$web, signOutUri=$signOutUri, deadlineMillis=$deadlineMillis, " +
            "browserDeadlineMillis=$browserDeadlineMillis, reason=$reason)"

    /** For Java: `SignOutOptions.builder().globalSignOut(true).build()`. */
    public class Builder internal constructor() {
        private var globalSignOut = false
        private var web: WebPolicy? = null
        private var signOutUri: String? = null
        private var deadlineMillis: Long? = null
        private var browserDeadlineMillis: Long? = null
        private var reason: AppReason? = null

        /** See [SignOutOptions.globalSignOut]. */
        public fun globalSignOut(globalSignOut: Boolean): Builder = apply { this.globalSignOut = globalSignOut }

        /** See [SignOutOptions.web]. */
        public fun web(policy: WebPolicy): Builder = apply { web = policy }

        /** See [SignOutOptions.signOutUri]. */
        public fun signOutUri(uri: String): Builder = apply { signOutUri = uri }

        /** See [SignOutOptions.deadlineMillis]. */
        public fun deadlineMillis(millis: Long): Builder = apply { deadlineMillis = millis }

        /** See [SignOutOptions.browserDeadlineMillis]. */
        public fun browserDeadlineMillis(millis: Long): Builder = apply { browserDeadlineMillis = millis }

        /** See [SignOutOptions.reason]. */
        public fun reason(reason: AppReason): Builder = apply { this.reason = reason }

        /** Builds the options. */
        public fun build(): SignOutOptions =
            SignOutOptions(globalSignOut, web, signOutUri, deadlineMillis, browserDeadlineMillis, reason)
    }

    /** The start for Java. */
    public companion object {
        /** A builder with the defaults. */
        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}

/** What the web step does for a session that began in the shared browser. */
public enum class WebPolicy {
    /** Does not end the browser's session. */
    SKIP,

    /**
     * Ends it at Cognito, by `RevokeToken`: no page opens. Cognito ends it within a few seconds, and nothing confirms it. The
     * session at an identity provider stays. Needs [AuthConfig.Builder.sessionTracking] and
     * [RevocationRoute.USER_POOLS_API]: otherwise the sign-out fails with `invalid_input`, and nothing has changed.
     */
    BY_REVOCATION,

    /** Tries to end it. Signs out of this device even if that fails. */
    BEST_EFFORT,

    /** Ends it first. If that is cancelled or fails, the user stays signed in and nothing has changed. */
    REQUIRED,
}
