package dev.cognitosignout

import dev.cognitosignout.ffi.Auth as FfiAuth
import dev.cognitosignout.ffi.AuthEvent as FfiAuthEvent
import dev.cognitosignout.ffi.EventListener
import dev.cognitosignout.ffi.Ports
import dev.cognitosignout.ffi.askToUnlockKeychain as ffiAskToUnlockKeychain
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.channels.awaitClose
import kotlinx.coroutines.channels.trySendBlocking
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.callbackFlow
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
 * Make one and keep it. Every call answers in time, whatever the network, the browser and the keychain do. Cancelling the
 * coroutine that calls stops the waiting, and nothing half-way: what was begun goes on to its end, and what a sign-out could
 * not pay then stays on record.
 *
 * On Android, make it by `AndroidAuth.create`, which also gives the keychain the app's context.
 *
 * @param config the app client.
 * @param vault where the record is kept. Default: the platform's keychain.
 * @param transport how requests reach Cognito. Default: `HttpURLConnection`.
 * @param browser what ends browser sessions: on desktops, [SystemBrowser]. Unset: the app does it itself, by
 *   [beginSignOut] and [finishSignOut].
 * @param redirectSchemes the schemes of the sign-out URIs that the browser can come back by. None: any.
 * @throws AuthException.Unusable if the system has no thread to give.
 */
public class Auth
@JvmOverloads
@Throws(AuthException::class)
constructor(
    config: AuthConfig,
    vault: VaultChoice = VaultChoice.Keychain(),
    transport: HttpTransport = UrlConnectionTransport(config),
    browser: Browser? = null,
    redirectSchemes: List<String> = if (browser is SystemBrowser) listOf("http") else emptyList(),
) : AutoCloseable {
    private val inner: FfiAuth = translated {
        FfiAuth(
            config.inner,
            Ports(TransportAdapter(transport), vault.toFfi(), browser?.let(::BrowserAdapter), redirectSchemes),
        )
    }

    /** What happens to the session, from the moment that it is collected. A collector that lags misses the oldest. */
    public val events: Flow<AuthEvent> = callbackFlow {
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
     * Signs out: of this device at once, then at Cognito, and says what was achieved. Calls at the same time join one
     * sign-out.
     */
    public suspend fun signOut(options: SignOutOptions = SignOutOptions()): SignOutResult =
        call { signOut(options.toFfi()).toPublic() }

    /**
     * Tries again what failed in [partial], with the tokens that it carries; last of all the browser's session, in the
     * library's browser. An app that opens the browser itself calls [beginRetry].
     */
    public suspend fun retry(partial: SignOutResult.Partial): SignOutResult =
        call { retry(partial.inner).toPublic() }

    /**
     * Tries again what failed in [partial], for an app that opens the browser itself: pays what is owed, and gives the page
     * to open where the browser's session is still to be ended. What comes of it goes to [finishSignOut], in this process.
     */
    public suspend fun beginRetry(partial: SignOutResult.Partial): SignOutProgress =
        call { beginRetry(partial.inner).toPublic() }

    /** Signs out, up to where a page has to be opened in the user's browser. */
    public suspend fun beginSignOut(options: SignOutOptions = SignOutOptions()): SignOutProgress =
        call { beginSignOut(options.toFfi()).toPublic() }

    /** Goes on with a sign-out that waits for the browser. A callback that is no URL is none of its own. */
    public suspend fun finishSignOut(answer: BrowserAnswer): SignOutProgress =
        call { finishSignOut(answer.toFfi()).toPublic() }

    /**
     * To be called at launch: pays what earlier sign-outs have left, and says whether one waits for the browser. What cannot be
     * paid now, as without a network, stays on record and is tried again: see [SignOutResult.Partial.kept].
     *
     * @throws AuthException.Vault if the keychain cannot be read.
     */
    public suspend fun resume(): Resumed = call { resume().toPublic() }

    /**
     * Pays what earlier sign-outs left on record. What cannot be paid now stays there: see [SignOutResult.Partial.kept].
     *
     * @throws AuthException.Vault if the keychain cannot be read.
     */
    public suspend fun settlePending(): List<SignOutResult> = call { settlePending().map { it.toPublic() } }

    /**
     * Stores the session of a user who has just signed in.
     *
     * @throws AuthException.InvalidInput if the tokens are not Cognito's, of this app client.
     * @throws AuthException.Vault if the keychain cannot be written.
     */
    public suspend fun storeSession(tokens: Tokens, signedInWith: SignedInWith): Unit =
        call { storeSession(tokens.toFfi(), signedInWith.toFfi()) }

    /** Who is signed in, as the device knows it. */
    public suspend fun session(): SessionState = call { session().toPublic() }

    /**
     * The session's tokens, refreshed first if the access token is about to expire.
     *
     * @throws AuthException.SignedOut if nobody is signed in.
     * @throws AuthException.SessionExpired if the refresh token is dead.
     * @throws AuthException.Service if Cognito cannot be reached, or refuses.
     * @throws AuthException.Vault if the keychain cannot be read or written.
     */
    public suspend fun tokens(): Tokens = call { tokens().toPublic() }

    /**
     * New tokens, even if those on record are good.
     *
     * @throws AuthException as [tokens] does.
     */
    public suspend fun refresh(): Tokens = call { refresh().toPublic() }

    /**
     * Keeps an identity pool's identity beside the session, until the session ends. Null removes it.
     *
     * @throws AuthException.SignedOut if nobody is signed in.
     * @throws AuthException.Vault if the keychain cannot be read or written.
     * @throws AuthException.InvalidInput for an expiry that is no date.
     */
    public suspend fun setIdentity(identity: Identity?): Unit = call { setIdentity(identity?.toFfi()) }

    /**
     * The identity that was kept.
     *
     * @throws AuthException.SignedOut if nobody is signed in.
     * @throws AuthException.Vault if the keychain cannot be read.
     */
    public suspend fun identity(): Identity? = call { identity()?.toPublic() }

    /**
     * Keeps the metadata of a device that Cognito remembers for [username]. Null removes it.
     *
     * @throws AuthException.Vault if the keychain cannot be read or written.
     */
    public suspend fun setDevice(username: String, device: Device?): Unit =
        call { setDevice(username, device?.toFfi()) }

    /**
     * The metadata that was kept.
     *
     * @throws AuthException.Vault if the keychain cannot be read.
     */
    public suspend fun device(username: String): Device? = call { device(username)?.toPublic() }

    /**
     * Forgets the session on this device, silently: no request, no event.
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
     * Lets go of the library's half. Not necessary: the garbage collector does it too. Calls that are under way go on, and
     * new ones throw an [IllegalStateException].
     */
    override fun close() {
        inner.close()
    }

    /** Away from the library's one thread, on which the caller's code would go on if its dispatcher were unconfined. */
    private suspend fun <T> call(block: suspend FfiAuth.() -> T): T =
        withContext(Dispatchers.Default) { translatedSuspending { inner.block() } }

    /** What concerns no app client. */
    public companion object {
        /**
         * Asks the user to unlock the keychain, where the platform leaves that to the app (Linux desktops do), and waits
         * for the answer. Everywhere else it returns at once.
         *
         * @throws AuthException.Vault if the user declines, or there is nobody to ask.
         * @throws AuthException.Unusable if the native library is missing, or not for this system and processor.
         */
        public suspend fun askToUnlockKeychain(): Unit =
            withContext(Dispatchers.Default) {
                withNativeLibrary { translatedSuspending { ffiAskToUnlockKeychain() } }
            }
    }
}
