package dev.cognitosignout.android

import android.content.Context
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.AuthException
import dev.cognitosignout.Browser
import dev.cognitosignout.BrowserAnswer
import dev.cognitosignout.BrowserException
import dev.cognitosignout.HttpTransport
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutProgress
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.UrlConnectionTransport
import dev.cognitosignout.VaultException
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.future.future
import java.util.concurrent.CompletableFuture

/**
 * [Auth] as an Android app makes it.
 *
 * Its record lies in `SharedPreferences`, encrypted with a key of the Android Keystore, which is in no backup. It is to be left
 * out of them too, which the app says in its manifest's `<application>`:
 *
 * ```
 * android:dataExtractionRules="@xml/cognito_sign_out_data_extraction"
 * android:fullBackupContent="@xml/cognito_sign_out_full_backup"
 * ```
 *
 * or, in rules of its own, by `<exclude domain="sharedpref" path="keyring-cognito-signout.xml" />`. A record that was restored
 * all the same can be read by nobody: [Auth.session] is [SessionState.Unavailable], and whatever else reads or writes it fails,
 * with the code `record_corrupt`, until it is purged:
 *
 * ```
 * val state = auth.session()
 * if (state is SessionState.Unavailable && state.exception.code == "record_corrupt") auth.purgeLocal()
 * ```
 */
public object AndroidAuth {
    /**
     * An [Auth] on the Android Keystore, with Custom Tabs for its browser.
     *
     * @param context any of the app's; its application's is kept.
     * @param config the app client.
     * @param redirectScheme the scheme of the app's sign-out URI: "myapp" of `myapp://signed-out`, for which the app's build
     *   file says `manifestPlaceholders["cognitoSignOutScheme"] = "myapp"` and
     *   `manifestPlaceholders["cognitoSignOutHost"] = "signed-out"`. The host must be another than that of the callback URI by
     *   which the app signs in, if that has the same scheme. Unset: no browser, and the app's manifest says
     *   `<activity android:name="dev.cognitosignout.android.RedirectActivity" tools:node="remove" />`.
     * @param transport how requests reach Cognito.
     * @throws VaultException if the native library is not there, or not for this device's processor.
     * @throws AuthException.Unusable if the system has no thread to give.
     */
    @JvmStatic
    @JvmOverloads
    @Throws(VaultException::class, AuthException::class)
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

    /** [Auth.resumeAfterLaunch] for Java: completes exceptionally with what that throws. */
    @JvmStatic
    public fun resumeAfterLaunch(auth: Auth): CompletableFuture<List<SignOutResult>> =
        CoroutineScope(Dispatchers.Default).future { auth.resumeAfterLaunch() }
}

/**
 * To be called at launch, in place of [Auth.resume]: pays what an interrupted sign-out has left, and ends one whose browser
 * came back to a new process, the old one having been killed meanwhile.
 *
 * Called before the browser has come back, as from `Application.onCreate`, it ends that sign-out when it does: then
 * [Auth.events] tell of it.
 *
 * A page of the identity provider's that was still to be shown is not: it counts as one that could not be opened.
 *
 * @return what became of each sign-out, the oldest first. One whose browser does not come back is left as it is: the user is
 *   signed in, and the next sign-out starts anew.
 * @throws AuthException.Vault if the keychain cannot be read.
 */
public suspend fun Auth.resumeAfterLaunch(): List<SignOutResult> {
    val resumed = resume()
    if (resumed.webStep == null) return resumed.settled
    val callback = WebSteps.process.lost.take { later ->
        // Not launched: if the app has closed this meanwhile, nobody is to hear of it. The sign-out stays on record.
        CoroutineScope(Dispatchers.Default).async { finishAfterLaunch(later) }
    }
    return resumed.settled + listOfNotNull(callback?.let { finishAfterLaunch(it) })
}

private suspend fun Auth.finishAfterLaunch(callback: String): SignOutResult? {
    var progress = finishSignOut(BrowserAnswer.Redirected(callback))
    if (progress is SignOutProgress.Show) {
        val notShown = BrowserException(BrowserException.Kind.UNAVAILABLE, "the app was killed before the provider's page")
        progress = finishSignOut(BrowserAnswer.Failed(notShown))
    }
    return (progress as? SignOutProgress.Finished)?.result
}
