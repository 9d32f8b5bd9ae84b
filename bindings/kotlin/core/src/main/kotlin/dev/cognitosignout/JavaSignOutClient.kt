package dev.cognitosignout

import dev.cognitosignout.ffi.Problem
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.future.future
import kotlinx.coroutines.launch
import java.util.concurrent.CompletableFuture
import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException
import java.util.function.Consumer

/**
 * What an app's screens ask of [Auth], for Java: [SignOutClient] with futures instead of suspending functions. In the app it is a
 * [JavaAuth]. In a test of a class that takes it, it is around a `FakeSignOutClient`.
 *
 * @param client the object that makes the calls.
 */
public open class JavaSignOutClient(private val client: SignOutClient) {
    /** See [Auth.signOut]. */
    @JvmOverloads
    public fun signOut(options: SignOutOptions = SignOutOptions()): CompletableFuture<SignOutResult> =
        future { client.signOut(options) }

    /** [signOut] with a callback: [executor] calls [callback] once. If the [Auth] was closed before, the result is a failed one. */
    public fun signOut(options: SignOutOptions, executor: Executor, callback: Consumer<in SignOutResult>) {
        signOut(options).whenComplete { result, thrown ->
            val answer = result ?: neverBegun(thrown)
            // The executor handles what the callback throws. As a stage's action, it would be lost.
            executor.execute { callback.accept(answer) }
        }
    }

    /** See [Auth.retry]. */
    public fun retry(partial: SignOutResult.Partial): CompletableFuture<SignOutResult> = future { client.retry(partial) }

    /** See [Auth.sessions]. */
    public fun sessions(): CompletableFuture<List<UserSession>> = future { client.sessions() }

    /** See [Auth.endSession]. */
    @JvmOverloads
    public fun endSession(id: String, linked: Boolean = false): CompletableFuture<Void?> = done { client.endSession(id, linked) }

    /** See [Auth.signOutOthers]. */
    public fun signOutOthers(): CompletableFuture<SignOutOthersResult> = future { client.signOutOthers() }

    /** See [Auth.retryOthers]. */
    public fun retryOthers(partial: SignOutOthersResult.Partial): CompletableFuture<SignOutOthersResult> =
        future { client.retryOthers(partial) }

    /** See [Auth.storeSession]. */
    public fun storeSession(tokens: Tokens, signedInWith: SignedInWith): CompletableFuture<Void?> =
        done { client.storeSession(tokens, signedInWith) }

    /** See [Auth.resume]. */
    public fun resume(): CompletableFuture<Resumed> = future { client.resume() }

    /** See [Auth.verify]. */
    public fun verify(): CompletableFuture<Verification> = future { client.verify() }

    /** See [Auth.session]. */
    public fun session(): CompletableFuture<SessionState> = future { client.session() }

    /** See [Auth.tokens]. */
    public fun tokens(): CompletableFuture<Tokens> = future { client.tokens() }

    /** Calls [listener] on [executor] for every event from now on, until the returned object is closed. See [Auth.events]. */
    public fun onEvent(executor: Executor, listener: Consumer<in AuthEvent>): Listening =
        listen(client.events, executor, listener)

    /**
     * Calls [listener] on [executor] for the present state and each change of it, until the returned object is closed. See
     * [Auth.sessionState].
     */
    public fun onState(executor: Executor, listener: Consumer<in SessionState>): Listening =
        listen(client.sessionState, executor, listener)

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

    private fun <T> future(block: suspend () -> T): CompletableFuture<T> = libraryScope.future { block() }

    private fun done(block: suspend () -> Unit): CompletableFuture<Void?> = futureOfNothing(block)
}

// Not a stage of its own: that would wrap what the call throws.
internal fun futureOfNothing(block: suspend () -> Unit): CompletableFuture<Void?> = libraryScope.future {
    block()
    null
}

/** A listener for events. It is active until it is closed. */
public class Listening internal constructor(private val job: Job) : AutoCloseable {
    /** Stops the listener. It still receives the events that its executor already has. */
    override fun close() {
        job.cancel()
    }
}
