package dev.cognitosignout

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * How to sign out. The default: sign out of this device, with a web step if the session needs one, within ten seconds.
 *
 * ```
 * auth.signOut(SignOutOptions { globalSignOut = true })
 * ```
 *
 * In Java: `SignOutOptions.builder().globalSignOut(true).build()`. A negative time makes the sign-out fail with `invalid_input`;
 * nothing has changed then.
 *
 * @property globalSignOut whether to end every session of the user, on every device.
 * @property web the web policy. Default: [WebPolicy.REQUIRED] for a session that began in the shared browser; other sessions
 *   have no web step. With [AuthConfig.Builder.sessionTracking], the default is [WebPolicy.BY_REVOCATION] instead of
 *   `REQUIRED`, unless a [ProviderLogout] is configured for the provider that the user signed in with. Concurrent calls share the
 *   strongest of their policies. A call that comes too late for that has `joined_too_late` in its
 *   [SignOutResult.Partial.hostedUIError].
 * @property signOutUri one of the configured sign-out URIs. Default: the first that the browser can return to. For concurrent
 *   calls, the first one that sets it decides.
 * @property deadlineMillis the time limit of the call in milliseconds, without the user's time in the browser. Default: 10 s.
 * @property browserDeadlineMillis the time limit for the user in the browser, in milliseconds. Default: 3 minutes.
 * @property reason why the app signs out. It is in the event, in the report, in the log, and on record with what is still owed to
 *   Cognito. For concurrent calls, the first one that sets it decides, until the session has ended on this device.
 */
public class SignOutOptions private constructor(
    public val globalSignOut: Boolean,
    public val web: WebPolicy?,
    public val signOutUri: String?,
    public val deadlineMillis: Long?,
    public val browserDeadlineMillis: Long?,
    public val reason: AppReason?,
) {
    private fun all() = listOf(globalSignOut, web, signOutUri, deadlineMillis, browserDeadlineMillis, reason)

    override fun equals(other: Any?): Boolean = other is SignOutOptions && all() == other.all()

    override fun hashCode(): Int = all().hashCode()

    override fun toString(): String =
        "SignOutOptions(globalSignOut=$globalSignOut, web=$web, signOutUri=$signOutUri, deadlineMillis=$deadlineMillis, " +
            "browserDeadlineMillis=$browserDeadlineMillis, reason=$reason)"

    /** Collects options. Kotlin sets its properties, Java calls its functions. A later version may add more of both. */
    public class Builder internal constructor() {
        /** See [SignOutOptions.globalSignOut]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var globalSignOut: Boolean = false

        /** See [SignOutOptions.web]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var web: WebPolicy? = null

        /** See [SignOutOptions.signOutUri]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var signOutUri: String? = null

        /** See [SignOutOptions.deadlineMillis]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var deadlineMillis: Long? = null

        /** See [SignOutOptions.browserDeadlineMillis]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var browserDeadlineMillis: Long? = null

        /** See [SignOutOptions.reason]. */
        @get:JvmSynthetic
        @set:JvmSynthetic
        public var reason: AppReason? = null

        /** [deadlineMillis] as a duration. */
        public var deadline: Duration?
            @JvmSynthetic get() = deadlineMillis?.milliseconds
            @JvmSynthetic set(limit) {
                deadlineMillis = limit?.inWholeMilliseconds
            }

        /** [browserDeadlineMillis] as a duration. */
        public var browserDeadline: Duration?
            @JvmSynthetic get() = browserDeadlineMillis?.milliseconds
            @JvmSynthetic set(limit) {
                browserDeadlineMillis = limit?.inWholeMilliseconds
            }

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

/** Options for a sign-out: `SignOutOptions { globalSignOut = true }`. What is not set has its default. */
@JvmSynthetic
public fun SignOutOptions(build: SignOutOptions.Builder.() -> Unit = {}): SignOutOptions =
    SignOutOptions.builder().apply(build).build()

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
