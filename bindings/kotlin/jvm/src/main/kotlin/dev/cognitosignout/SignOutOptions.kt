package dev.cognitosignout

/**
 * How to sign out. The default: this device, the web step as the session needs it, ten seconds.
 *
 * Times are in milliseconds, since Android has no `java.time` before API level 26. A sign-out with a negative one fails with
 * `invalid_input`, and nothing has changed.
 *
 * @property globalSignOut whether every session of the user is to end, on every device.
 * @property web what the web step means. Unset: [WebPolicy.REQUIRED] for a session that began in the shared browser, no web
 *   step for any other. Calls at the same time share the strongest of their policies; one that comes too late for that has
 *   `joined_too_late` in its [SignOutResult.Partial.hostedUIError].
 * @property signOutUri one of the configured sign-out URIs. Unset: the first that the browser can come back to. Of calls at
 *   the same time the first that chooses decides.
 * @property deadlineMillis the time within which the call answers, the user's time in the browser not counted. Unset: 10 s.
 * @property browserDeadlineMillis the time that the user has in the browser. Unset: 3 minutes.
 */
public class SignOutOptions @JvmOverloads constructor(
    public val globalSignOut: Boolean = false,
    public val web: WebPolicy? = null,
    public val signOutUri: String? = null,
    public val deadlineMillis: Long? = null,
    public val browserDeadlineMillis: Long? = null,
) {
    override fun toString(): String =
        "SignOutOptions(globalSignOut=$globalSignOut, web=$web, signOutUri=$signOutUri, deadlineMillis=$deadlineMillis, " +
            "browserDeadlineMillis=$browserDeadlineMillis)"

    /** For Java: `SignOutOptions.builder().globalSignOut(true).build()`. */
    public class Builder internal constructor() {
        private var globalSignOut = false
        private var web: WebPolicy? = null
        private var signOutUri: String? = null
        private var deadlineMillis: Long? = null
        private var browserDeadlineMillis: Long? = null

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

        /** The options. */
        public fun build(): SignOutOptions =
            SignOutOptions(globalSignOut, web, signOutUri, deadlineMillis, browserDeadlineMillis)
    }

    /** Where Java begins. */
    public companion object {
        /** The defaults, to be changed. */
        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}

/** What the web step means for a session that began in the shared browser. */
public enum class WebPolicy {
    /** Leave the browser's session alone. */
    SKIP,

    /** Try to end it; sign out of this device whatever becomes of it. */
    BEST_EFFORT,

    /** End it first; if that is cancelled or fails, the user stays signed in and nothing has changed. */
    REQUIRED,
}
