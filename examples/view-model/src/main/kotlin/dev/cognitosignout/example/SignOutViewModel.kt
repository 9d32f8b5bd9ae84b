package dev.cognitosignout.example

import dev.cognitosignout.ErrorCode
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutClient
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.MutableStateFlow
import kotlinx.coroutines.flow.StateFlow
import kotlinx.coroutines.flow.map
import kotlinx.coroutines.launch

/** The page with the button. In an Android app it is a `ViewModel`, and [scope] its `viewModelScope`. */
class SignOutViewModel(private val client: SignOutClient, private val scope: CoroutineScope) {
    private val shown = MutableStateFlow(Page.READY)

    /** What the page shows. */
    val page: StateFlow<Page> = shown

    /** Who is signed in. Null: nobody, or it cannot be read now. */
    val username: Flow<String?> = client.sessionState.map { (it as? SessionState.SignedIn)?.session?.username }

    /** The user has touched the button. */
    fun signOut(onAllDevices: Boolean = false) {
        if (shown.value == Page.SIGNING_OUT) return
        shown.value = Page.SIGNING_OUT
        scope.launch {
            shown.value = when (val result = client.signOut(SignOutOptions { globalSignOut = onAllDevices })) {
                is SignOutResult.Complete -> Page.SIGN_IN
                is SignOutResult.Partial -> if (result.globalSignOutError == null) Page.SIGN_IN else Page.SIGN_IN_OTHERS_MAY_LIVE
                is SignOutResult.Failed ->
                    if (ErrorCode.isRetryable(result.exception.code)) Page.TRY_AGAIN else Page.CANNOT_SIGN_OUT
            }
        }
    }
}

/** What the page shows. */
enum class Page {
    /** The button. */
    READY,

    /** A wheel. */
    SIGNING_OUT,

    /** The sign-in page. */
    SIGN_IN,

    /** The sign-in page, with the warning that the user may still be signed in on other devices. */
    SIGN_IN_OTHERS_MAY_LIVE,

    /** The button, with the words "try again". The user is still signed in. */
    TRY_AGAIN,

    /** The button, with a text for the support. The user is still signed in. */
    CANNOT_SIGN_OUT,
}
