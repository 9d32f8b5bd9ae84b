package dev.cognitosignout

import dev.cognitosignout.ffi.Problem
import dev.cognitosignout.ffi.VaultException as FfiVaultException
import dev.cognitosignout.ffi.storeProblem

/**
 * Why another library's store gave no session, or still has one. It contains nothing of the store's content.
 *
 * @property code what happened, for programs. It never changes.
 * @property recoverySuggestion what to do about it, for developers.
 */
public sealed class AdoptException(
    public val code: String,
    message: String,
    public val recoverySuggestion: String,
) : Exception(message) {
    /** [Throwable.message], but never null. */
    override val message: String
        get() = super.message.orEmpty()

    /** The store has no session: the user had signed out, or never signed in. */
    public class NobodySignedIn internal constructor(problem: Problem) :
        AdoptException(problem.code, problem.detail, problem.recovery)

    /** The store has a guest of the identity pool, who has no tokens of the user pool. */
    public class Guest internal constructor(problem: Problem) :
        AdoptException(problem.code, problem.detail, problem.recovery)

    /** The store has a session of the identity pool alone, made with another provider's token. */
    public class Federated internal constructor(problem: Problem) :
        AdoptException(problem.code, problem.detail, problem.recovery)

    /** The store has a session, but of another user pool, identity pool or app client. */
    public class OtherConfiguration internal constructor(problem: Problem) :
        AdoptException(problem.code, problem.detail, problem.recovery)

    /** A part of the session is missing. The message names the place. */
    public class Missing internal constructor(problem: Problem) :
        AdoptException(problem.code, problem.detail, problem.recovery)

    /** A part of the session has the wrong form. The message names the place. */
    public class Invalid internal constructor(problem: Problem) :
        AdoptException(problem.code, problem.detail, problem.recovery)

    /** The store cannot be read now. This does not mean that nobody was signed in. */
    public class Store internal constructor(problem: Problem) :
        AdoptException(problem.code, problem.detail, problem.recovery)

    /**
     * Some of the session's items could not be removed. Call `forgetSource` again.
     *
     * @property left their names, which can contain the username.
     */
    public class NotRemoved internal constructor(problem: Problem, public val left: List<String>) :
        AdoptException(problem.code, problem.detail, problem.recovery)

    override fun toString(): String = "${javaClass.name}: $code: $message. $recoverySuggestion"
}

/** The store cannot be read: its exception's name, and never its text, which may contain parts of it. */
internal fun storeFailed(thrown: Throwable): AdoptException.Store =
    AdoptException.Store(storeProblem(FfiVaultException.Other(thrown.javaClass.simpleName))).apply { initCause(thrown) }

/** Items that could not be removed, because a change did not reach the disk. */
internal fun notRemoved(left: List<String>): AdoptException.NotRemoved =
    AdoptException.NotRemoved(storeProblem(FfiVaultException.Other("the change was not written to the disk")), left)
