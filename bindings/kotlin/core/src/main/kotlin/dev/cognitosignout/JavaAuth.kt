package dev.cognitosignout

import dev.cognitosignout.ffi.Problem
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.future.await
import kotlinx.coroutines.future.future
import kotlinx.coroutines.launch
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException
import java.util.function.Consumer

/**
 * [Auth] for Java, with futures instead of suspending functions. A future completes exceptionally with an [AuthException] where
 * the function throws one. Cancelling a future stops the waiting, not the work.
 *
 * ```
 * new JavaAuth(auth).signOut(SignOutOptions.builder().globalSignOut(true).build())
 *     .thenAccept(result -> System.out.println(result.getSignedOutLocally()));
 * ```
 *
 * @param auth the object that makes the calls.
 */
public class JavaAuth(private val auth: Auth) {
    /** See [Auth.signOut]. */
    @JvmOverloads
    public fun signOut(options: SignOutOptions = SignOutOptions()): CompletableFuture<SignOutResult> =
        future { signOut(options) }

    /** [signOut] with a callback: [executor] calls [callback] once. If the [Auth] was closed before, the result is a failed one. */
    public fun signOut(options: SignOutOptions, executor: Executor, callback: Consumer<in SignOutResult>) {
        signOut(options).whenComplete { result, thrown ->
            val answer = result ?: neverBegun(thrown)
            // The executor handles what the callback throws. As a stage's action, it would be lost.
            executor.execute { callback.accept(answer) }
        }
    }

    /** See [Auth.retry]. */
    public fun retry(partial: SignOutResult.Partial): CompletableFuture<SignOutResult> = future { retry(partial) }

    /** See [Auth.beginRetry]. */
    public fun beginRetry(partial: SignOutResult.Partial): CompletableFuture<SignOutProgress> =
        future { beginRetry(partial) }

    /** See [Auth.beginSignOut]. */
    @JvmOverloads
    public fun beginSignOut(options: SignOutOptions = SignOutOptions()): CompletableFuture<SignOutProgress> =
        future { beginSignOut(options) }

    /** See [Auth.finishSignOut]. */
    public fun finishSignOut(answer: BrowserAnswer): CompletableFuture<SignOutProgress> =
        future { finishSignOut(answer) }

    /** See [Auth.sessions]. */
    public fun sessions(): CompletableFuture<List<UserSession>> = future { sessions() }

    /** See [Auth.endSession]. */
    @JvmOverloads
    public fun endSession(id: String, linked: Boolean = false): CompletableFuture<Void?> = done { endSession(id, linked) }

    /** See [Auth.signOutOthers]. */
    public fun signOutOthers(): CompletableFuture<SignOutOthersResult> = future { signOutOthers() }

    /** See [Auth.retryOthers]. */
    public fun retryOthers(partial: SignOutOthersResult.Partial): CompletableFuture<SignOutOthersResult> =
        future { retryOthers(partial) }

    /** See [Auth.resume]. */
    public fun resume(): CompletableFuture<Resumed> = future { resume() }

    /** See [Auth.settlePending]. */
    public fun settlePending(): CompletableFuture<List<SignOutResult>> = future { settlePending() }

    /** See [Auth.storeSession]. */
    public fun storeSession(tokens: Tokens, signedInWith: SignedInWith): CompletableFuture<Void?> =
        done { storeSession(tokens, signedInWith) }

    /** See [Auth.adopt]. */
    public fun adopt(session: AdoptedSession): CompletableFuture<Adoption> = future { adopt(session) }

    /** See [Auth.session]. */
    public fun session(): CompletableFuture<SessionState> = future { session() }

    /** See [Auth.tokens]. */
    public fun tokens(): CompletableFuture<Tokens> = future { tokens() }

    /** See [Auth.refresh]. */
    public fun refresh(): CompletableFuture<Tokens> = future { refresh() }

    /** See [Auth.verify]. */
    public fun verify(): CompletableFuture<Verification> = future { verify() }

    /** See [Auth.remoteSignOut]. */
    public fun remoteSignOut(message: String): CompletableFuture<RemoteSignOut> = future { remoteSignOut(message) }

    /** See [Auth.refreshState]. */
    public fun refreshState(): CompletableFuture<Void?> = done { refreshState() }

    /** See [Auth.setIdentity]. */
    public fun setIdentity(identity: Identity?): CompletableFuture<Void?> = done { setIdentity(identity) }

    /** See [Auth.identity]. */
    public fun identity(): CompletableFuture<Identity?> = future { identity() }

    /** See [Auth.setDevice]. */
    public fun setDevice(username: String, device: Device?): CompletableFuture<Void?> =
        done { setDevice(username, device) }

    /** See [Auth.device]. */
    public fun device(username: String): CompletableFuture<Device?> = future { device(username) }

    /** See [Auth.clearLocal]. */
    public fun clearLocal(): CompletableFuture<Void?> = done { clearLocal() }

    /** See [Auth.purgeLocal]. */
    public fun purgeLocal(): CompletableFuture<Void?> = done { purgeLocal() }

    /** Calls [listener] on [executor] for every event from now on, until the returned object is closed. See [Auth.events]. */
    public fun onEvent(executor: Executor, listener: Consumer<in AuthEvent>): Listening =
        listen(auth.events, executor, listener)

    /**
     * Calls [listener] on [executor] for the present state and each change of it, until the returned object is closed. See
     * [Auth.sessionState].
     */
    public fun onState(executor: Executor, listener: Consumer<in SessionState>): Listening =
        listen(auth.sessionState, executor, listener)

    /** A sign-out throws only if the [Auth] is closed: it has then sent no request. */
    private fun neverBegun(thrown: Throwable): SignOutResult {
        val problem = Problem(
            code = ErrorCode.INTERRUPTED,
            detail = "the Auth was closed before it was asked to sign out",
            recovery = "Make one Auth for the process and keep it open. Sign out again.",
        )
        val notReached = StepStatus.Skipped("not_reached")
        val report = Report(
            steps = Steps(notReached, notReached, notReached, notReached, notReached, notReached, emptyList()),
            residual = emptyList(),
            signedOutEverywhere = false,
            browserSessions = emptyList(),
            logoutUrl = null,
            nextSignIn = null,
            appReason = null,
            elapsedMillis = 0,
        )
        val exception = AuthException.SignOutStep(problem).apply { initCause(thrown) }
        return SignOutResult.Failed(exception, report)
    }

    private fun <T> listen(all: Flow<T>, executor: Executor, listener: Consumer<in T>): Listening {
        // Undispatched: the listener is active when this function returns.
        val job = libraryScope.launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
            try {
                all.collect { executor.execute { listener.accept(it) } }
            } catch (_: RejectedExecutionException) {
                // The executor was shut down: nobody listens any more.
            }
        }
        return Listening(job)
    }

    private fun <T> future(block: suspend Auth.() -> T): CompletableFuture<T> = libraryScope.future { auth.block() }

    // Not a stage of its own: that would wrap what the call throws.
    private fun done(block: suspend Auth.() -> Unit): CompletableFuture<Void?> = future {
        block()
        null
    }

    /** Calls that need no app client. */
    public companion object {
        /**
         * A step of the app's own, for the constructor of [Auth]: see [AppStep].
         *
         * ```
         * AppStep forgetPushToken = JavaAuth.appStep("forget_push_token", Phase.WHILE_TOKEN_LIVES, session ->
         *     api.forgetPushToken(session.getAccessToken()));
         * ```
         *
         * @param name the step's name: see [AppStep.name].
         * @param phase when the step runs.
         * @param timeLimitMillis the longest time that the step may take. Null: 5 s.
         * @param step the step itself.
         */
        @JvmStatic
        @JvmOverloads
        public fun appStep(name: String, phase: Phase, timeLimitMillis: Long? = null, step: JavaAppStep): AppStep =
            AppStep(name, phase, timeLimitMillis) { session -> step.start(session).await() }

        /** See [Auth.askToUnlockKeychain]. */
        @JvmStatic
        public fun askToUnlockKeychain(): CompletableFuture<Void?> = libraryScope.future {
            Auth.askToUnlockKeychain()
            null
        }
    }
}

/** A listener for events. It is active until it is closed. */
public class Listening internal constructor(private val job: Job) : AutoCloseable {
    /** Stops the listener. It still receives the events that its executor already has. */
    override fun close() {
        job.cancel()
    }
}
