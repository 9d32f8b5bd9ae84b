package dev.cognitosignout

import dev.cognitosignout.ffi.Problem
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.future.future
import kotlinx.coroutines.launch
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException
import java.util.function.Consumer

/**
 * [Auth] for Java: futures in place of suspending functions. They complete exceptionally with an [AuthException], where the
 * functions throw one. Cancelling a future stops the waiting, and nothing half-way.
 *
 * ```
 * new JavaAuth(auth).signOut(SignOutOptions.builder().globalSignOut(true).build())
 *     .thenAccept(result -> System.out.println(result.getSignedOutLocally()));
 * ```
 *
 * @param auth whose calls these are.
 */
public class JavaAuth(private val auth: Auth) {
    /** See [Auth.signOut]. */
    @JvmOverloads
    public fun signOut(options: SignOutOptions = SignOutOptions()): CompletableFuture<SignOutResult> =
        future { signOut(options) }

    /** [signOut], whose result [callback] is given by [executor], once. If the [Auth] was closed before: a failed one. */
    public fun signOut(options: SignOutOptions, executor: Executor, callback: Consumer<in SignOutResult>) {
        signOut(options).whenComplete { result, thrown ->
            val answer = result ?: neverBegun(thrown)
            // What it throws is for the executor to handle: as a stage's action it would be lost.
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

    /** See [Auth.resume]. */
    public fun resume(): CompletableFuture<Resumed> = future { resume() }

    /** See [Auth.settlePending]. */
    public fun settlePending(): CompletableFuture<List<SignOutResult>> = future { settlePending() }

    /** See [Auth.storeSession]. */
    public fun storeSession(tokens: Tokens, signedInWith: SignedInWith): CompletableFuture<Void?> =
        done { storeSession(tokens, signedInWith) }

    /** See [Auth.session]. */
    public fun session(): CompletableFuture<SessionState> = future { session() }

    /** See [Auth.tokens]. */
    public fun tokens(): CompletableFuture<Tokens> = future { tokens() }

    /** See [Auth.refresh]. */
    public fun refresh(): CompletableFuture<Tokens> = future { refresh() }

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

    /** Has [listener] hear every event from now on, by [executor], until what is returned is closed. See [Auth.events]. */
    public fun onEvent(executor: Executor, listener: Consumer<in AuthEvent>): Listening {
        // Undispatched: it is listening when this returns.
        val job = libraryScope.launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
            try {
                auth.events.collect { event -> executor.execute { listener.accept(event) } }
            } catch (_: RejectedExecutionException) {
                // It was shut down: nobody listens any more.
            }
        }
        return Listening(job)
    }

    /** The one thing that such a call throws is that the [Auth] is closed: it has asked nobody for anything. */
    private fun neverBegun(thrown: Throwable): SignOutResult {
        val problem = Problem(
            code = ErrorCode.INTERRUPTED,
            detail = "the Auth was closed before it was asked to sign out",
            recovery = "Make one Auth for the process and keep it open. Sign out again.",
        )
        val notReached = StepStatus.Skipped("not_reached")
        val report = Report(
            steps = Steps(notReached, notReached, notReached, notReached, notReached, notReached),
            residual = emptyList(),
            signedOutEverywhere = false,
            browserSessions = emptyList(),
            logoutUrl = null,
            nextSignIn = null,
            elapsedMillis = 0,
        )
        val exception = AuthException.SignOutStep(problem).apply { initCause(thrown) }
        return SignOutResult.Failed(exception, report)
    }

    private fun <T> future(block: suspend Auth.() -> T): CompletableFuture<T> = libraryScope.future { auth.block() }

    // No stage of its own, which would wrap what the call throws.
    private fun done(block: suspend Auth.() -> Unit): CompletableFuture<Void?> = future {
        block()
        null
    }

    /** What concerns no app client. */
    public companion object {
        /** See [Auth.askToUnlockKeychain]. */
        @JvmStatic
        public fun askToUnlockKeychain(): CompletableFuture<Void?> = libraryScope.future {
            Auth.askToUnlockKeychain()
            null
        }
    }
}

/** A listener that hears events, until it is closed. */
public class Listening internal constructor(private val job: Job) : AutoCloseable {
    /** It hears nothing more, but for what its executor has been given already. */
    override fun close() {
        job.cancel()
    }
}
