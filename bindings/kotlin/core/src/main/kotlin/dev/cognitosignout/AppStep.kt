package dev.cognitosignout

import dev.cognitosignout.ffi.AppStepCompletion
import dev.cognitosignout.ffi.AppStepFailure
import dev.cognitosignout.ffi.AppStepRunner
import dev.cognitosignout.ffi.LeavingSession as FfiLeavingSession
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.launch
import java.util.concurrent.CompletionStage
import kotlin.time.Duration

/**
 * A step of the app's own, that is a part of every sign-out. Register it where the [Auth] is made.
 *
 * ```
 * val forgetPushToken = AppStep("forget_push_token", Phase.WHILE_TOKEN_LIVES, timeLimitMillis = 2_000) { session ->
 *     session.accessToken?.let { api.forgetPushToken(it.reveal()) }
 * }
 * val auth = Auth(config, signOutSteps = listOf(forgetPushToken))
 * ```
 *
 * From the write that signs this device out, the step's name is on record. It comes off the record when the step has succeeded. If
 * the step fails, or the process ends, it runs again: in [Auth.retry], in [Auth.resume], or when the next user has signed in. So a
 * step can run more than once, and must be idempotent. A step that fails or hangs stops no other step.
 *
 * A step may call this library. The user is signed out by then: [Auth.tokens] throws [AuthException.SignedOut], and another
 * [Auth.signOut] waits for this one, and so for the step.
 *
 * The step runs in a coroutine of its own, on [Dispatchers.IO], where it may block. Its coroutine is cancelled when its time is over.
 * Code that ignores that runs on, and the sign-out does not wait for it.
 *
 * A step fails if it throws, a `CancellationException` of its own included. The exception's text can contain a token, so the result
 * and the log have only the name of its class. To say more, throw an [AppStepException].
 *
 * For Java, [JavaAuth.appStep] makes a step.
 *
 * @property name 1 to 64 of the characters `a-z`, `A-Z`, `0-9`, `_`, `-` and `.`. It must stay the same in later versions of the app:
 *   after a crash, the name on record finds the step again.
 * @property phase when the step runs.
 * @property timeLimitMillis the longest time that the step may take. Null: 5 s. The sign-out's own deadline can end it sooner: see
 *   [Phase].
 * @param run the step itself.
 */
public class AppStep(
    public val name: String,
    public val phase: Phase,
    public val timeLimitMillis: Long? = null,
    internal val run: suspend (session: LeavingSession) -> Unit,
) {
    override fun toString(): String = "AppStep(name=$name, phase=$phase, timeLimitMillis=$timeLimitMillis)"
}

/** [AppStep] with its time limit as a duration. */
@JvmSynthetic
public fun AppStep(name: String, phase: Phase, timeLimit: Duration, run: suspend (session: LeavingSession) -> Unit): AppStep =
    AppStep(name, phase, timeLimit.inWholeMilliseconds, run)

/** When one of the app's own steps runs. */
public enum class Phase {
    /**
     * When the user is signed out of this device, and before Cognito is asked to end the session: the session's tokens still work.
     * The steps of this phase run side by side, for a third of the sign-out's time at most.
     *
     * An access token that has expired is renewed first. With [AuthConfig.Builder.refreshTokenRotation] it is renewed only for a
     * global sign-out, which needs it too: a new refresh token whose response is lost could never be revoked.
     */
    WHILE_TOKEN_LIVES,

    /** At the end, when Cognito has been asked. The steps of this phase run side by side. */
    AFTER_SIGN_OUT,
}

/**
 * What a step is told of the session that has ended. It prints no token.
 *
 * @property sub the user's `sub`, if the access token can be read.
 * @property username the username, if the tokens name one.
 * @property accessToken the session's access token: only in [Phase.WHILE_TOKEN_LIVES].
 * @property idToken the session's ID token: only in [Phase.WHILE_TOKEN_LIVES].
 * @property tokenState whether the tokens still work.
 * @property again the step has been begun before, by an earlier call or process, and may have been carried out.
 * @property signedInSince somebody is signed in again on this device. Remove only what belongs to the user who has left.
 */
public class LeavingSession internal constructor(
    public val sub: String?,
    public val username: String?,
    public val accessToken: Secret?,
    public val idToken: Secret?,
    public val tokenState: TokenState,
    public val again: Boolean,
    public val signedInSince: Boolean,
) {
    override fun toString(): String =
        "LeavingSession(sub=$sub, username=$username, accessToken=$accessToken, idToken=$idToken, tokenState=$tokenState, " +
            "again=$again, signedInSince=$signedInSince)"
}

/**
 * Whether the tokens of a session that has ended on this device still work, as far as this device knows. A service that verifies
 * tokens offline accepts them until they expire, whatever Cognito was told.
 */
public enum class TokenState {
    /** Nobody has asked Cognito to end the session yet, and the access token has not expired. */
    LIVES,

    /** An earlier call or process may have ended the session at Cognito. */
    MAY_HAVE_DIED,

    /** The session has ended at Cognito, or the access token has expired and could not be renewed. */
    HAS_DIED,
}

/**
 * Why one of the app's own steps failed, in the app's words. Of any other exception, the result has only the name of its class.
 *
 * @param reason text for people: it is a part of the result and the log, and should contain no secret. A text that contains one of
 *   the session's tokens is left out.
 */
public class AppStepException(internal val reason: String) : Exception(reason)

/** One of the app's own steps in Java: see [JavaAuth.appStep]. */
public fun interface JavaAppStep {
    /**
     * Starts the step. It has ended when the returned stage has, and it fails if that fails, or if this throws. Called on a thread
     * that may block. When the step's time is over, a stage that is a `CompletableFuture` is cancelled.
     */
    @Throws(Exception::class)
    public fun start(session: LeavingSession): CompletionStage<*>
}

/** Carries out one of the app's steps for the library. */
internal class AppStepAdapter(private val step: AppStep) : AppStepRunner {
    override fun start(session: FfiLeavingSession, completion: AppStepCompletion) {
        val leaving = session.toPublic()
        val running = libraryScope.launch(Dispatchers.IO) {
            val failure = failure { step.run(leaving) }
            if (failure == null) completion.succeed() else completion.fail(failure)
        }
        libraryScope.launch {
            completion.use {
                it.closed()
                running.cancelAndJoin()
            }
        }
    }

    /** Also an `Error`, and a cancellation that the step threw itself: its report would be missing. */
    private inline fun failure(run: () -> Unit): AppStepFailure? = try {
        run()
        null
    } catch (exception: AppStepException) {
        AppStepFailure.Failed(exception.reason)
    } catch (thrown: Throwable) {
        // Its own text may contain a token.
        AppStepFailure.Failed("the app's step threw ${thrown.javaClass.simpleName}")
    }
}
