package dev.cognitosignout.testing

import dev.cognitosignout.AuthException
import dev.cognitosignout.ErrorCode
import dev.cognitosignout.ffi.Problem

/** Exceptions as the library throws them. The code is an [ErrorCode]; the texts are not the library's. */
public object TestErrors {
    /** Nobody is signed in. */
    @JvmStatic
    public fun signedOut(): AuthException = AuthException.SignedOut(problem(ErrorCode.SIGNED_OUT))

    /** Cognito said that the session has ended. */
    @JvmStatic
    public fun sessionExpired(): AuthException = AuthException.SessionExpired(problem(ErrorCode.SESSION_EXPIRED))

    /** The keychain could not be read or written, for example [ErrorCode.VAULT_LOCKED]. */
    @JvmStatic
    public fun vault(code: String): AuthException = AuthException.Vault(problem(code))

    /** Cognito could not be reached, or refused, for example [ErrorCode.NETWORK_UNAVAILABLE]. */
    @JvmStatic
    public fun service(code: String): AuthException = AuthException.Service(problem(code))

    /** An input was not valid. */
    @JvmStatic
    public fun invalidInput(): AuthException = AuthException.InvalidInput(problem(ErrorCode.INVALID_INPUT))

    /** A step failed: it is a part of a result and is never thrown. */
    internal fun step(code: String): AuthException = AuthException.SignOutStep(problem(code))

    private fun problem(code: String) = Problem(
        code = code,
        detail = "a test says $code",
        recovery = "The library says here what to do.",
    )
}
