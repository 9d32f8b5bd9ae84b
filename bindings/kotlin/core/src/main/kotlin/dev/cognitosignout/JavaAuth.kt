package dev.cognitosignout

import kotlinx.coroutines.future.await
import kotlinx.coroutines.future.future
import java.util.concurrent.CompletableFuture

/**
 * [Auth] for Java, with futures instead of suspending functions: those of [JavaSignOutClient], and the rest. A future completes
 * exceptionally with an [AuthException] where the function throws one. Cancelling a future stops the waiting, not the work.
 *
 * ```
 * new JavaAuth(auth).signOut(SignOutOptions.builder().globalSignOut(true).build())
 *     .thenAccept(result -> System.out.println(result.getSignedOutLocally()));
 * ```
 *
 * @param auth the object that makes the calls.
 */
public class JavaAuth(private val auth: Auth) : JavaSignOutClient(auth) {
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

    /** See [Auth.settlePending]. */
    public fun settlePending(): CompletableFuture<List<SignOutResult>> = future { settlePending() }

    /** See [Auth.adopt]. */
    public fun adopt(session: AdoptedSession): CompletableFuture<Adoption> = future { adopt(session) }

    /** See [Auth.refresh]. */
    public fun refresh(): CompletableFuture<Tokens> = future { refresh() }

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

    private fun <T> future(block: suspend Auth.() -> T): CompletableFuture<T> = libraryScope.future { auth.block() }

    private fun done(block: suspend Auth.() -> Unit): CompletableFuture<Void?> = futureOfNothing { auth.block() }

    /** Calls that need no app client. */
    public companion object {
        /**
         * One of the app's steps, for the constructor of [Auth]: see [AppStep].
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
