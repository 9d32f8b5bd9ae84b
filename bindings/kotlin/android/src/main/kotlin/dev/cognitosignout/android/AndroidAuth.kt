package dev.cognitosignout.android

import android.app.Application
import android.content.Context
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.AuthException
import dev.cognitosignout.Browser
import dev.cognitosignout.BrowserAnswer
import dev.cognitosignout.BrowserException
import dev.cognitosignout.ErrorCode
import dev.cognitosignout.HttpTransport
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutProgress
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.UrlConnectionTransport
import dev.cognitosignout.ffi.Problem
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.NonCancellable
import kotlinx.coroutines.async
import kotlinx.coroutines.future.future
import kotlinx.coroutines.withContext
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
 * with the code `record_corrupt`, until [Auth.purgeLocal] has removed it.
 *
 * Purge when the user says so: tell them that they have to sign in again, and purge as they touch the button. Do not purge by
 * yourself at launch. A purge forgets a refresh token that may be alive, and it cannot be taken back.
 *
 * Before the user has unlocked the device for the first time after it was started, nothing can be read: the code is
 * `vault_locked`. While the Keystore has trouble of its own, it is `vault_failed`. Both pass: try again later.
 *
 * **One process.** Preferences are kept in memory by every process for itself. An app with several (`android:process`) makes its
 * [Auth] in the main one alone: another would go on giving the tokens of a user who has signed out. There, [create] throws
 * (from Android 9 on; before, a process cannot tell which one it is). `Application.onCreate` runs in every process of the app:
 * there, make the [Auth] lazily, or only where `Application.getProcessName() == packageName`.
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
     * @param browserPackage the browser that the app signs its users in with, if it names one: see [CustomTabsBrowser].
     * @throws AuthException.Unusable if the native library is not there, or not for this device's processor; if the system has
     *   no thread to give; or in a process of the app's other than its main one (`second_process`): `Application.onCreate`
     *   runs there too.
     */
    @JvmStatic
    @JvmOverloads
    @Throws(AuthException::class)
    public fun create(
        context: Context,
        config: AuthConfig,
        redirectScheme: String? = null,
        transport: HttpTransport = UrlConnectionTransport(config),
        browserPackage: String? = null,
    ): Auth {
        refuseSecondProcess(processName(), context.applicationInfo.processName)
        AndroidKeychain.initialize(context)
        val browser: Browser? = redirectScheme?.let { CustomTabsBrowser(context, browserPackage) }
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
 * Once the browser has come back, the sign-out is ended even if the caller is cancelled. What it hands over is then in no
 * hands: with [UnpaidRevocations.HandOver][dev.cognitosignout.UnpaidRevocations.HandOver], wait for the result.
 *
 * A page of the identity provider's that was still to be shown is not: the session there may persist, and the report says so.
 *
 * @return what became of each sign-out, the oldest first. One whose browser does not come back is left as it is: the user is
 *   signed in, and the next sign-out starts anew.
 * @throws AuthException.Vault if the keychain cannot be read.
 */
public suspend fun Auth.resumeAfterLaunch(): List<SignOutResult> {
    val resumed = resume()
    if (resumed.webStep == null) {
        WebSteps.process.lost.forget(this)
        return resumed.settled
    }
    return resumed.settled + listOfNotNull(finishAfterLaunch())
}

/** Tries the redirects that have come, until one is the sign-out's; if none is, those that come later. */
private suspend fun Auth.finishAfterLaunch(): SignOutResult? {
    val lost = WebSteps.process.lost
    while (true) {
        val kept = lost.take(this) {
            // Not launched: if the app has closed this meanwhile, nobody is to hear of it. The sign-out stays on record.
            CoroutineScope(Dispatchers.Default).async { finishAfterLaunch() }
        } ?: return null
        // Half of it would leave the sign-out waiting for a page that nobody shows.
        val result = withContext(NonCancellable) {
            var result: SignOutResult? = null
            try {
                finishAfterLaunch(kept.callback).also { result = it }
            } finally {
                if (result == null) lost.putBack(kept, this@finishAfterLaunch) else lost.forget(this@finishAfterLaunch)
            }
        }
        if (result != null) return result
    }
}

private suspend fun Auth.finishAfterLaunch(callback: String): SignOutResult? {
    var progress = finishSignOut(BrowserAnswer.Redirected(callback))
    if (progress is SignOutProgress.Show) {
        val notShown = BrowserException(BrowserException.Kind.UNAVAILABLE, "the app was killed before the provider's page")
        progress = finishSignOut(BrowserAnswer.Failed(notShown))
    }
    return (progress as? SignOutProgress.Finished)?.result
}

/** Null if it cannot be asked: Android tells it from version 9 on. */
private fun processName(): String? = try {
    Application.getProcessName()
} catch (_: LinkageError) {
    null
}

/** @throws AuthException.Unusable in a process, [current], that is not the app's [main] one. */
internal fun refuseSecondProcess(current: String?, main: String?) {
    if (current == null || main == null || current == main) return
    val problem = Problem(
        code = ErrorCode.SECOND_PROCESS,
        detail = "this process is $current, and the session is kept by $main",
        recovery = "Make the Auth in the app's main process alone: another would not notice that the user has signed out. " +
            "Application.onCreate runs in every process: make the Auth lazily, or only where " +
            "Application.getProcessName() == packageName.",
    )
    throw AuthException.Unusable(problem)
}
