package dev.cognitosignout

/**
 * Why the app signs out: a word of the app's, for [SignOutOptions.reason]. The library passes it on and never interprets it. It
 * is never sent to Cognito, but it is in the log and on record: name no user in it.
 *
 * The word has 1 to 32 characters, each one of `a` to `z`, `0` to `9`, `_`, `.` and `-`. With any other word the sign-out fails
 * with `invalid_input`, and nothing has changed.
 *
 * @property word the word.
 */
// Not a value class: its members would have names that Java cannot call.
public class AppReason(public val word: String) {
    override fun equals(other: Any?): Boolean = other is AppReason && other.word == word

    override fun hashCode(): Int = word.hashCode()

    override fun toString(): String = word

    /** The words that mean the same in every app. */
    public companion object {
        /** The user asked for it. */
        @JvmField
        public val USER: AppReason = AppReason("user")

        /** The user was away for too long. */
        @JvmField
        public val TIMEOUT: AppReason = AppReason("timeout")

        /** The session may be in the wrong hands. */
        @JvmField
        public val SECURITY: AppReason = AppReason("security")

        /** A rule of the organisation, for example about the device. */
        @JvmField
        public val POLICY: AppReason = AppReason("policy")

        /** The user's account is gone. */
        @JvmField
        public val ACCOUNT_DELETED: AppReason = AppReason("account_deleted")
    }
}
