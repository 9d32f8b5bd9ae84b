package dev.cognitosignout

import dev.cognitosignout.ffi.Problem

/**
 * Something that could not be done. Its text holds no secret and nothing that a server said.
 *
 * @property code what happened, for programs: `network_unavailable`, for instance. It never changes.
 * @property recoverySuggestion what to do about it, in a sentence for developers.
 */
public sealed class AuthException(
    public val code: String,
    message: String,
    public val recoverySuggestion: String,
) : Exception(message) {
    /** What [Throwable.message] says, which is always there. */
    override val message: String
        get() = super.message.orEmpty()

    /** Nobody is signed in. */
    public class SignedOut internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** Cognito has said that the refresh token is dead. Nothing was removed: ask the user to sign in again. */
    public class SessionExpired internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** The keychain could not be read or written. */
    public class Vault internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** Cognito could not be reached, or refused. The session is as it was. */
    public class Service internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** A configuration or tokens are not what they must be; the message names the setting. Nothing was stored. */
    public class InvalidInput internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /**
     * The library itself could not run: its native part cannot be used (`native_library_missing`), there was no thread, or this
     * is not the process of the Android app that has the session (`second_process`).
     */
    public class Unusable internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** A step of a sign-out failed. Never thrown: it stands in the [SignOutResult]. */
    public class SignOutStep internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    override fun toString(): String = "${javaClass.name}: $code: $message. $recoverySuggestion"
}

/** What happened, beginning with the setting that is wrong, where it is one. */
private fun Problem.message(): String = setting?.let { "${it.kotlin}: $detail" } ?: detail
