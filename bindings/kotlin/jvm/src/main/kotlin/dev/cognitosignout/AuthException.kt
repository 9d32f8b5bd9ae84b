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
        AuthException(problem.code, problem.detail, problem.recovery)

    /** Cognito has said that the refresh token is dead. Nothing was removed: ask the user to sign in again. */
    public class SessionExpired internal constructor(problem: Problem) :
        AuthException(problem.code, problem.detail, problem.recovery)

    /** The keychain could not be read or written. */
    public class Vault internal constructor(problem: Problem) :
        AuthException(problem.code, problem.detail, problem.recovery)

    /** Cognito could not be reached, or refused. The session is as it was. */
    public class Service internal constructor(problem: Problem) :
        AuthException(problem.code, problem.detail, problem.recovery)

    /** A configuration or tokens are not what they must be; the message names the setting. Nothing was stored. */
    public class InvalidInput internal constructor(problem: Problem) :
        AuthException(problem.code, problem.detail, problem.recovery)

    /** The library itself could not run: its native part is missing (`native_library_missing`), or there was no thread. */
    public class Unusable internal constructor(problem: Problem) :
        AuthException(problem.code, problem.detail, problem.recovery)

    /** A step of a sign-out failed. Never thrown: it stands in the [SignOutResult]. */
    public class SignOutStep internal constructor(problem: Problem) :
        AuthException(problem.code, problem.detail, problem.recovery)

    override fun toString(): String = "AuthException($code: $message $recoverySuggestion)"
}
