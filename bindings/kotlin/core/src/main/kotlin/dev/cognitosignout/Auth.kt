package dev.cognitosignout

import dev.cognitosignout.ffi.Auth as FfiAuth
import dev.cognitosignout.ffi.AuthEvent as FfiAuthEvent
import dev.cognitosignout.ffi.EventListener
import dev.cognitosignout.ffi.Ports
import dev.cognitosignout.ffi.SessionState as FfiSessionState
import dev.cognitosignout.ffi.StateListener
import dev.cognitosignout.ffi.askToUnlockKeychain as ffiAskToUnlockKeychain
import dev.cognitosignout.ffi.classify as ffiClassify
import dev.cognitosignout.ffi.classifyWwwAuthenticate as ffiClassifyWwwAuthenticate
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.channels.trySendBlocking
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
import kotlinx.coroutines.flow.conflate
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

/**
 * The session of one app client of an Amazon Cognito user pool, and the way out of it.
 *
 * ```
 * val auth = Auth(AuthConfig.builder("eu-central-1_AbCdEf", "1a2b3c").build())
 * when (val result = auth.signOut()) {
 *     is SignOutResult.Complete -> showSignIn()
 *     is SignOutResult.Partial -> showSignIn(warning = result.revokeTokenError?.exception?.recoverySuggestion)
 *     is SignOutResult.Failed -> show(result.exception)
 * }
 * ```
 *
 * Create one and keep it. Every call answers in time, whatever the network, the browser and the keychain do. Cancelling the
 * calling coroutine stops the waiting, not the work: the library finishes what it began, and a debt that the sign-out could
 * not pay stays on record.
 *
 * On Android, use `AndroidAuth.create`. It also passes the app's context to the keychain.
 *
 * @param config the app client.
 * @param vault where the record is stored. Default: the platform's keychain.
 * @param transport how requests reach Cognito. Default: `HttpURLConnection`.
 * @param browser ends browser sessions. On desktops use [SystemBrowser]. Without one, the app opens the browser itself, with
 *   [beginSignOut] and [finishSignOut].
 * @param redirects where the browser can return to: schemes, or whole redirects. Of several sign-out URIs, the first that leads to
 *   one of them is used. Empty: any.
 * @param signOutSteps the app's own steps of every sign-out: see [AppStep]. A session that another one replaces ([storeSession]) or
 *   that [clearLocal] removes owes no steps.
 * @throws AuthException.InvalidInput if a step's name is not valid, is the name of one of the library's own steps ([Steps]), or is
 *   another step's, or if a time limit is negative.
 * @throws AuthException.Unusable if the system cannot start a thread.
 */
public class Auth
@JvmOverloads
@Throws(AuthException::class)
constructor(
    config: AuthConfig,
    vault: VaultChoice = VaultChoice.Keychain(),
    transport: HttpTransport = UrlConnectionTransport(config),
    browser: Browser? = null,
    redirects: List<String> = if (browser is SystemBrowser) listOf("http") else emptyList(),
    signOutSteps: List<AppStep> = emptyList(),
) : SignOutClient, AutoCloseable {
    private val inner: FfiAuth = translated {
        FfiAuth(
            config.inner,
            Ports(
                TransportAdapter(transport),
                vault.toFfi(),
                browser?.let(::BrowserAdapter),
                redirects,
                signOutSteps.map { it.toFfi() },
            ),
        )
    }

    /** Every change of the session, from the start of the collection. A slow collector misses the oldest events. */
    override val events: Flow<AuthEvent> = callbackFlow {
        val listener = object : EventListener {
            override fun onEvent(event: FfiAuthEvent) {
                trySendBlocking(event.toPublic())
            }

            override fun onEnd() {
                close()
            }
        }
        val subscription = inner.subscribe(listener)
        awaitClose { subscription.use { it.cancel() } }
    }

    /**
     * The session's state, from the start of the collection: the present one first, then each change of it. Those are a sign-in,
     * a sign-out by this process or another one, a refresh by this process, and a session that has expired. No change is missed
     * between asking and listening. A slow collector gets only the newest state.
     *
     * What another process does is noticed at the next call that reads the record: see [refreshState].
     */
    override val sessionState: Flow<SessionState> = callbackFlow {
        val listener = object : StateListener {
            override fun onState(state: FfiSessionState) {
                trySend(state.toPublic())
            }

            override fun onEnd() {
                close()
            }
        }
        val subscription = inner.subscribeStates(listener)
        awaitClose { subscription.use { it.cancel() } }
    }.conflate()

    /**
     * A scope for work that belongs to the user who is signed in, such as requests and subscriptions. Its coroutines are cancelled
     * with a [SessionEndedException] as soon as the session ends: at the commit of a sign-out, when another session takes its
     * place, at [clearLocal] and [purgeLocal], or when another process is found to have signed out. The next session has a new
     * scope. One coroutine that fails does not cancel the others.
     *
     * ```
     * auth.sessionScope().launch { messages().collect(::show) }
     * ```
     *
     * Each call returns a scope of its own, which the app may cancel. Its dispatcher is [Dispatchers.Default].
     *
     * @throws AuthException.SignedOut if nobody is signed in.
     * @throws AuthException.Vault if the keychain cannot be read.
     */
    public suspend fun sessionScope(): CoroutineScope {
        val session = call { sessionScope() }
        val job = SupervisorJob()
        job.invokeOnCompletion { session.leave() }
        libraryScope.launch {
            if (session.ended() != null) job.cancel(SessionEndedException())
            // Only now nobody uses it any more.
            job.join()
            session.close()
        }
        return CoroutineScope(job + Dispatchers.Default)
    }

    /**
     * Notices what another process or a part of the app in another process has done to the record, for example that it has
     * signed out. Then the event [AuthEvent.SignedOut] is sent once, with the reason [SignedOutReason.ELSEWHERE], and
     * [sessionScope] is cancelled. Nothing else happens. Call it when the app comes to the front.
     *
     * @throws AuthException.Vault if the keychain cannot be read: call again later.
     */
    public suspend fun refreshState(): Unit = call { refreshState() }

    /**
     * Signs out: first of this device, then at Cognito. The result says what was achieved. Concurrent calls join one sign-out.
     */
    override suspend fun signOut(options: SignOutOptions): SignOutResult =
        call { signOut(options.toFfi()).toPublic() }

    /**
     * Tries the failed steps of [partial] again, with the tokens that it carries. The browser's session comes last, in the
     * library's browser. An app that opens the browser itself calls [beginRetry].
     */
    override suspend fun retry(partial: SignOutResult.Partial): SignOutResult =
        call { retry(partial.forLibrary()).toPublic() }

    /**
     * Tries the failed steps of [partial] again, for an app that opens the browser itself. It pays the debt, and returns the
     * page to open if the browser's session must still be ended. Pass the outcome to [finishSignOut], in this process.
     */
    public suspend fun beginRetry(partial: SignOutResult.Partial): SignOutProgress =
        call { beginRetry(partial.forLibrary()).toPublic() }

    /** Starts a sign-out, and stops where the app must open a page in the user's browser. */
    public suspend fun beginSignOut(options: SignOutOptions = SignOutOptions()): SignOutProgress =
        call { beginSignOut(options.toFfi()).toPublic() }

    /** Continues a sign-out that waits for the browser. A callback that is not a URL is ignored. */
    public suspend fun finishSignOut(answer: BrowserAnswer): SignOutProgress =
        call { finishSignOut(answer.toFfi()).toPublic() }

    /**
     * Where the user is signed in: all the user's sessions in this user pool, on all its app clients, the last active first.
     * The tokens are refreshed first if the access token is about to expire. The call ends within ten seconds.
     *
     * @throws AuthException.Service if Cognito cannot be reached, or refuses: `session_tracking_off`, `missing_scope`,
     *   `sessions_not_supported`.
     * @throws AuthException like [tokens].
     */
    override suspend fun sessions(): List<UserSession> = call { sessions().map { it.toPublic() } }

    /**
     * Ends another one of the user's sessions, within ten seconds. To end the session of this app on this device, call [signOut].
     *
     * @param id the session's [UserSession.id].
     * @param linked whether what belongs to it ends too, within a few seconds: for a token session the SSO session that it came
     *   through, for an SSO session all token sessions that came through it.
     * @throws AuthException.InvalidInput if [id] is not a session's id.
     * @throws AuthException.Service with `own_session` for the session of this app on this device, and with [linked] also for the
     *   SSO session that it came through; with `session_not_found` for one that had ended before.
     * @throws AuthException like [sessions].
     */
    override suspend fun endSession(id: String, linked: Boolean): Unit = call { endSession(id, linked) }

    /**
     * Ends every other session of the user: all token sessions but this app's on this device, and the browsers' SSO sessions
     * but the one that this session came through. A session that has ended already counts as ended. Access and ID tokens of
     * those sessions are accepted offline until they expire.
     *
     * The list is read within ten seconds, and the sessions are ended within ten more.
     */
    override suspend fun signOutOthers(): SignOutOthersResult = call { signOutOthers().toPublic() }

    /**
     * Tries again to end the sessions that [signOutOthers] has left, and only those, within ten seconds. If this app has signed
     * out since and a user has signed in again, it fails with `session_not_found`.
     */
    override suspend fun retryOthers(partial: SignOutOthersResult.Partial): SignOutOthersResult =
        call { retryOthers(partial.forLibrary()).toPublic() }

    /**
     * Call this at launch. It pays the debts of earlier sign-outs, and says whether a sign-out waits for the browser. A debt
     * that cannot be paid now, for example without a network, stays on record: see [SignOutResult.Partial.kept].
     *
     * @throws AuthException.Vault if the keychain cannot be read.
     */
    override suspend fun resume(): Resumed = call { resume().toPublic() }

    /**
     * Pays the debts that earlier sign-outs left on record. A debt that cannot be paid now stays there: see
     * [SignOutResult.Partial.kept].
     *
     * @throws AuthException.Vault if the keychain cannot be read.
     */
    public suspend fun settlePending(): List<SignOutResult> = call { settlePending().map { it.toPublic() } }

    /**
     * Stores the session of a user who has just signed in.
     *
     * @throws AuthException.InvalidInput if the tokens are not Cognito's or belong to another app client.
     * @throws AuthException.Vault if the keychain cannot be written.
     */
    override suspend fun storeSession(tokens: Tokens, signedInWith: SignedInWith): Unit =
        call { storeSession(tokens.toFfi(), signedInWith.toFfi()) }

    /**
     * Puts a session that another library has stored on record, with its identity and its device: nobody has to sign in again. A
     * session that is on record already wins, even an expired one. It sends no request, and never touches the other library's store.
     *
     * Everything is one write. If the app is killed before it, the next launch can call this again; after it, the next call returns
     * [Adoption.AlreadySignedIn].
     *
     * The record remembers which sign-in was adopted last, also after a sign-out. So a session that the other library's store still
     * has is not adopted again: that call returns [Adoption.AlreadySignedOut].
     *
     * To verify the session, call [refresh] afterwards. Once new tokens are on record, remove the other library's session.
     */
    public suspend fun adopt(session: AdoptedSession): Adoption = call { adopt(session.toFfi()).toPublic() }

    /** Who is signed in, according to the record on this device. It sends no request. */
    override suspend fun session(): SessionState = call { session().toPublic() }

    /**
     * The session's tokens. They are refreshed first if the access token is about to expire.
     *
     * @throws AuthException.SignedOut if nobody is signed in.
     * @throws AuthException.SessionExpired if the refresh token is no longer valid.
     * @throws AuthException.Service if Cognito cannot be reached, or refuses.
     * @throws AuthException.Vault if the keychain cannot be read or written.
     */
    override suspend fun tokens(): Tokens = call { tokens().toPublic() }

    /**
     * New tokens, even if those on record are still valid.
     *
     * @throws AuthException like [tokens].
     */
    public suspend fun refresh(): Tokens = call { refresh().toPublic() }

    /**
     * Asks Cognito whether the session on record lives, within ten seconds.
     *
     * The request is `GetUser`. A refresh asks instead if the access token has expired, or if it lacks the scope
     * `aws.cognito.signin.user.admin`, which `GetUser` needs. If `GetUser` refuses the token, a refresh decides. If the session has
     * ended, it is marked as expired, and the event [AuthEvent.SessionExpired] is sent once, as after a refused refresh. Nobody is
     * signed out: the app calls [signOut], or asks the user to sign in again. For a session that is already marked, the answer
     * comes from the record.
     *
     * Call it when the app comes to the front, or when the app's own API refuses a token: [classifyWwwAuthenticate].
     */
    override suspend fun verify(): Verification = call { verify().toPublic() }

    /**
     * Takes the push message by which the app's server says that it has signed the user out (`AdminUserGlobalSignOut`). If it is
     * about the session on record, Cognito is asked, as [verify] does, and what [verify] does happens. The message alone does
     * nothing: a push can be forged, late, or meant for the last user of the device.
     *
     * ```
     * auth.remoteSignOut(JSONObject(remoteMessage.data as Map<*, *>).toString())
     * ```
     *
     * @param message the whole message as JSON. Its member `cognito_signout` is an object, or a string with that object's JSON, as
     *   in FCM's data. `sub` in it is the user's; with `origin_jti` it is only about the session whose tokens have that claim.
     */
    public suspend fun remoteSignOut(message: String): RemoteSignOut = call { remoteSignOut(message).toPublic() }

    /**
     * Stores an identity pool's identity beside the session, until the session ends. Null removes it.
     *
     * @throws AuthException.SignedOut if nobody is signed in.
     * @throws AuthException.Vault if the keychain cannot be read or written.
     * @throws AuthException.InvalidInput if the expiry is out of range for a date.
     */
    public suspend fun setIdentity(identity: Identity?): Unit = call { setIdentity(identity?.toFfi()) }

    /**
     * The identity that [setIdentity] stored.
     *
     * @throws AuthException.SignedOut if nobody is signed in.
     * @throws AuthException.Vault if the keychain cannot be read.
     */
    public suspend fun identity(): Identity? = call { identity()?.toPublic() }

    /**
     * Stores the metadata of a device that Cognito remembers for [username]. Null removes it.
     *
     * @throws AuthException.Vault if the keychain cannot be read or written.
     */
    public suspend fun setDevice(username: String, device: Device?): Unit =
        call { setDevice(username, device?.toFfi()) }

    /**
     * The metadata that [setDevice] stored.
     *
     * @throws AuthException.Vault if the keychain cannot be read.
     */
    public suspend fun device(username: String): Device? = call { device(username)?.toPublic() }

    /**
     * Removes the session from this device, without a request and without an event.
     *
     * @throws AuthException.Vault if the keychain cannot be written.
     */
    public suspend fun clearLocal(): Unit = call { clearLocal() }

    /**
     * Removes everything of this app client from the keychain, without reading it.
     *
     * @throws AuthException.Vault if the keychain cannot be written.
     */
    public suspend fun purgeLocal(): Unit = call { purgeLocal() }

    /**
     * Releases the native object. This is optional: the garbage collector does it too. Calls in progress continue. New calls
     * throw an [IllegalStateException].
     */
    override fun close() {
        inner.close()
    }

    /** Leaves the library's only thread. With an unconfined dispatcher the caller's code would continue on it. */
    private suspend fun <T> call(block: suspend FfiAuth.() -> T): T =
        withContext(Dispatchers.Default) { translatedSuspending { inner.block() } }

    /** Calls that need no app client. */
    public companion object {
        /**
         * What a refusal by Cognito says about the token that the app sent: for an app's own call to the user pools API, or to an
         * endpoint under `/oauth2/` of the pool's domain. It changes nothing and sends nothing. The error's name and text decide. A
         * status below 400 refuses nothing, so it is [Refusal.OTHER].
         *
         * @throws AuthException.Unusable if the native library is missing, or built for another system or processor.
         */
        @JvmStatic
        @Throws(AuthException::class)
        public fun classify(status: Int, body: String): Refusal =
            withNativeLibrary { ffiClassify(status.coerceIn(0, UShort.MAX_VALUE.toInt()).toUShort(), body).toPublic() }

        /**
         * What a refusal by an app's own API says about the token, from the response's header `WWW-Authenticate`: for an API behind
         * a JWT authorizer of API Gateway, or any other that writes RFC 6750's errors. If the response has the header several
         * times, join the values with commas. It changes nothing and sends nothing.
         *
         * Whether a token has expired or was revoked is free text there. It counts if it says one of them and nothing else.
         *
         * @throws AuthException.Unusable if the native library is missing, or built for another system or processor.
         */
        @JvmStatic
        @Throws(AuthException::class)
        public fun classifyWwwAuthenticate(header: String): Refusal =
            withNativeLibrary { ffiClassifyWwwAuthenticate(header).toPublic() }

        /**
         * Asks the user to unlock the keychain, and waits for the answer. Only Linux desktops leave this to the app; on other
         * platforms the call returns at once.
         *
         * @throws AuthException.Vault if the user declines, or no one can be asked.
         * @throws AuthException.Unusable if the native library is missing, or built for another system or processor.
         */
        public suspend fun askToUnlockKeychain(): Unit =
            withContext(Dispatchers.Default) {
                withNativeLibrary { translatedSuspending { ffiAskToUnlockKeychain() } }
            }
    }
}
