package dev.cognitosignout

import dev.cognitosignout.ffi.Problem

/**
 * A call that failed. Its text contains no secret and no text from a server.
 *
 * @property code what happened, for programs: one of [ErrorCode]. It never changes.
 * @property recoverySuggestion what to do about it, for developers.
 */
public sealed class AuthException(
    public val code: String,
    message: String,
    public val recoverySuggestion: String,
) : Exception(message) {
    /** [Throwable.message], but never null. */
    override val message: String
        get() = super.message.orEmpty()

    /** Nobody is signed in. */
    public class SignedOut internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** Cognito said that the session has ended; [Auth.verify] says why. Nothing was removed: ask the user to sign in again. */
    public class SessionExpired internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** The keychain could not be read or written. */
    public class Vault internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** Cognito could not be reached, or refused. The session has not changed. */
    public class Service internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** A configuration or the tokens are not valid. The message names the setting. Nothing was stored. */
    public class InvalidInput internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /**
     * The library itself cannot run: its native part cannot be used (`native_library_missing`), no thread could be started, or
     * the session belongs to another process of the Android app (`second_process`).
     */
    public class Unusable internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    /** A step failed. Never thrown: it is part of the [SignOutResult], [SignOutOthersResult] or [Verification]. */
    public class SignOutStep internal constructor(problem: Problem) :
        AuthException(problem.code, problem.message(), problem.recovery)

    override fun toString(): String = "${javaClass.name}: $code: $message. $recoverySuggestion"
}

/** What happened. If a setting is wrong, its name comes first. */
private fun Problem.message(): String = setting?.let { "${it.kotlin}: $detail" } ?: detail
