package dev.cognitosignout.testing

import dev.cognitosignout.AuthEvent
import dev.cognitosignout.AuthException
import dev.cognitosignout.ErrorCode
import dev.cognitosignout.Resumed
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutClient
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutOthersResult
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.SignedOutReason
import dev.cognitosignout.StepStatus
import dev.cognitosignout.Tokens
import dev.cognitosignout.UserSession
import dev.cognitosignout.Verification
import kotlinx.coroutines.channels.BufferOverflow
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableSharedFlow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.future.await
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CompletionStage
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CopyOnWriteArrayList

/**
 * A [SignOutClient] for tests: without a server, a keychain and the native library. Nobody is signed in at first. Every call
 * succeeds, until the test says otherwise.
 *
 * ```
 * val client = FakeSignOutClient()
 * client.signIn()
 * client.answerSignOut(TestResults.partial().revokeTokenError(ErrorCode.NETWORK_UNAVAILABLE).build())
 * val model = SignOutViewModel(client)
 * ```
 *
 * For Java: `new JavaSignOutClient(new FakeSignOutClient())`.
 */
public class FakeSignOutClient : SignOutClient {
    private val state = MutableStateFlow<SessionState>(SessionState.SignedOut)
    private val heard = MutableSharedFlow<AuthEvent>(extraBufferCapacity = 64, onBufferOverflow = BufferOverflow.DROP_OLDEST)
    private val answers = ConcurrentLinkedQueue<CompletionStage<out SignOutResult>>()
    private val otherAnswers = ConcurrentLinkedQueue<SignOutOthersResult>()
    private val found = ConcurrentLinkedQueue<Resumed>()
    private val failures = ConcurrentLinkedQueue<AuthException>()
    private val asked = CopyOnWriteArrayList<SignOutOptions>()
    private val tried = CopyOnWriteArrayList<SignOutResult.Partial>()
    private val listed = CopyOnWriteArrayList<UserSession>()

    @Volatile
    private var stored = TestSessions.tokens()

    override val events: Flow<AuthEvent> = heard

    override val sessionState: Flow<SessionState> = state

    /** What each [signOut] was asked, the first one first. */
    public val signOuts: List<SignOutOptions> = asked

    /** What was given to [retry], the first one first. */
    public val retries: List<SignOutResult.Partial> = tried

    /** Signs somebody in, as [storeSession] does, but without a call that a test could want to fail. */
    @JvmOverloads
    public fun signIn(signedIn: SessionState.SignedIn = TestSessions.signedIn()) {
        if (state.value is SessionState.SignedIn) send(TestSessions.signedOutEvent(SignedOutReason.REPLACED))
        state.value = signedIn
        send(AuthEvent.SignedIn)
    }

    /** Sets the state without an event, for example [TestSessions.unavailable]. */
    public fun setState(newState: SessionState) {
        state.value = newState
    }

    /** Sends an event to those who collect [events] now. */
    public fun send(event: AuthEvent) {
        heard.tryEmit(event)
    }

    /** What [sessions] returns. */
    public fun setSessions(sessions: List<UserSession>) {
        listed.clear()
        listed.addAll(sessions)
    }

    /** The result of the next [signOut] or [retry]. Several calls say the results of several. */
    public fun answerSignOut(result: SignOutResult): Unit = answerSignOut(CompletableFuture.completedFuture(result))

    /** The same, but the call suspends until [result] is there. */
    public fun answerSignOut(result: CompletionStage<out SignOutResult>) {
        answers += result
    }

    /** The result of the next [signOutOthers] or [retryOthers]. */
    public fun answerOthers(result: SignOutOthersResult) {
        otherAnswers += result
    }

    /** What the next [resume] finds. Without this: nothing. */
    public fun answerResume(resumed: Resumed) {
        found += resumed
    }

    /** The next call that can throw throws this: [resume], [tokens], [storeSession], [sessions] or [endSession]. */
    public fun failNext(exception: AuthException) {
        failures += exception
    }

    override suspend fun resume(): Resumed {
        throwIfTold()
        return found.poll() ?: TestResults.resumed()
    }

    /** Whether the session is marked as expired. To have another answer, let the state be another one. */
    override suspend fun verify(): Verification = when (val now = state.value) {
        is SessionState.SignedOut -> TestResults.unknown(ErrorCode.SIGNED_OUT)
        is SessionState.Unavailable -> TestResults.unknown(now.exception.code)
        is SessionState.SignedIn -> if (now.session.expired) TestResults.ended() else Verification.Alive
    }

    override suspend fun session(): SessionState = state.value

    override suspend fun tokens(): Tokens {
        throwIfTold()
        when (val now = state.value) {
            is SessionState.SignedOut -> throw TestErrors.signedOut()
            is SessionState.Unavailable -> throw now.exception
            is SessionState.SignedIn -> if (now.session.expired) throw TestErrors.sessionExpired()
        }
        return stored
    }

    override suspend fun storeSession(tokens: Tokens, signedInWith: SignedInWith) {
        throwIfTold()
        stored = tokens
        signIn(TestSessions.signedIn(SessionBuilder().signedInWith(signedInWith).build()))
    }

    override suspend fun signOut(options: SignOutOptions): SignOutResult {
        asked += options
        val result = answers.poll()?.await() ?: TestResults.complete(reportOf(options).build())
        if (result.signedOutLocally && state.value is SessionState.SignedIn) {
            state.value = SessionState.SignedOut
            val reason = if (options.globalSignOut) SignedOutReason.GLOBAL else SignedOutReason.LOCAL
            send(TestSessions.signedOutEvent(reason, options.reason))
        }
        return result
    }

    override suspend fun retry(partial: SignOutResult.Partial): SignOutResult {
        tried += partial
        val done = ReportBuilder.skipped("already_done")
        return answers.poll()?.await() ?: TestResults.complete(ReportBuilder().web(done).commit(done).build())
    }

    override suspend fun sessions(): List<UserSession> {
        throwIfTold()
        return listed.toList()
    }

    override suspend fun endSession(id: String, linked: Boolean) {
        throwIfTold()
        val ended = listed.find { it.id == id } ?: throw TestErrors.service(ErrorCode.SESSION_NOT_FOUND)
        if (ended.isCurrent) throw TestErrors.service(ErrorCode.OWN_SESSION)
        listed.remove(ended)
    }

    override suspend fun signOutOthers(): SignOutOthersResult = others()

    override suspend fun retryOthers(partial: SignOutOthersResult.Partial): SignOutOthersResult = others()

    private fun others(): SignOutOthersResult {
        val result = otherAnswers.poll() ?: TestResults.othersComplete(listed.filter { !it.isCurrent })
        val ended = when (result) {
            is SignOutOthersResult.Complete -> result.sessions
            is SignOutOthersResult.Partial -> result.sessions.filter { it.exception == null }
            is SignOutOthersResult.Failed -> emptyList()
        }
        listed.removeAll(ended.map { it.session })
        return result
    }

    private fun reportOf(options: SignOutOptions): ReportBuilder = when {
        state.value !is SessionState.SignedIn -> ReportBuilder.of("no_session")
        options.globalSignOut -> ReportBuilder().globalSignOut(StepStatus.Done).signedOutEverywhere(true)
        else -> ReportBuilder()
    }.appReason(options.reason)

    private fun throwIfTold() {
        failures.poll()?.let { throw it }
    }
}
