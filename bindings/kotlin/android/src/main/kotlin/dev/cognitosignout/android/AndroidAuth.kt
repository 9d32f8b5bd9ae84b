package dev.cognitosignout.android

import android.content.Context
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.Browser
import dev.cognitosignout.BrowserAnswer
import dev.cognitosignout.HttpTransport
import dev.cognitosignout.SignOutProgress
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.UrlConnectionTransport
import dev.cognitosignout.VaultException

/** [Auth] as an Android app makes it. */
public object AndroidAuth {
    /**
     * An [Auth] on the Android Keystore, with Custom Tabs for its browser.
     *
     * @param context any of the app's; its application's is kept.
     * @param config the app client.
     * @param redirectScheme the scheme of the app's sign-out URI, as `manifestPlaceholders["cognitoSignOutScheme"]` says it.
     *   Unset: no browser.
     * @param transport how requests reach Cognito.
     * @throws VaultException if the native library is not there, or not for this device's processor.
     */
    @JvmStatic
    @JvmOverloads
    public fun create(
        context: Context,
        config: AuthConfig,
        redirectScheme: String? = null,
        transport: HttpTransport = UrlConnectionTransport(config),
    ): Auth {
        AndroidKeychain.initialize(context)
        val browser: Browser? = redirectScheme?.let { CustomTabsBrowser(context) }
        return Auth(config, transport = transport, browser = browser, redirectSchemes = listOfNotNull(redirectScheme))
    }
}

/**
 * To be called at launch, in place of [Auth.resume]: pays what an interrupted sign-out has left, and ends one whose browser
 * came back to a new process, the old one having been killed meanwhile.
 *
 * @return what became of each sign-out, the oldest first. One whose browser has not come back is left as it is: the user is
 *   signed in, and the next sign-out starts anew.
 */
public suspend fun Auth.resumeAfterLaunch(): List<SignOutResult> {
    val resumed = resume()
    val callback = WebSteps.lost.take() ?: return resumed.settled
    val progress = finishSignOut(BrowserAnswer.Redirected(callback))
    return resumed.settled + listOfNotNull((progress as? SignOutProgress.Finished)?.result)
}
