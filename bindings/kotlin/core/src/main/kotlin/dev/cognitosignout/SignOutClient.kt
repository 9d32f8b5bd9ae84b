package dev.cognitosignout

import kotlinx.coroutines.flow.Flow

/**
 * What an app's screens ask of [Auth]. A class that takes this in place of an [Auth] can be tested with a `FakeSignOutClient`, of
 * the artefact `cognito-signout-testing`: without a server, a device and the native library.
 *
 * The functions do what those of [Auth] do. Later versions may add some, so implement this only by delegation to an [Auth] or to
 * a `FakeSignOutClient`.
 */
public interface SignOutClient {
    /** See [Auth.events]. */
    public val events: Flow<AuthEvent>

    /** See [Auth.sessionState]. */
    public val sessionState: Flow<SessionState>

    /** See [Auth.resume]. */
    public suspend fun resume(): Resumed

    /** See [Auth.verify]. */
    public suspend fun verify(): Verification

    /** See [Auth.session]. */
    public suspend fun session(): SessionState

    /** See [Auth.tokens]. */
    public suspend fun tokens(): Tokens

    /** See [Auth.storeSession]. */
    public suspend fun storeSession(tokens: Tokens, signedInWith: SignedInWith)

    /** See [Auth.signOut]. */
    public suspend fun signOut(options: SignOutOptions = SignOutOptions()): SignOutResult

    /** See [Auth.retry]. */
    public suspend fun retry(partial: SignOutResult.Partial): SignOutResult

    /** See [Auth.sessions]. */
    public suspend fun sessions(): List<UserSession>

    /** See [Auth.endSession]. */
    public suspend fun endSession(id: String, linked: Boolean = false)

    /** See [Auth.signOutOthers]. */
    public suspend fun signOutOthers(): SignOutOthersResult

    /** See [Auth.retryOthers]. */
    public suspend fun retryOthers(partial: SignOutOthersResult.Partial): SignOutOthersResult
}
