package dev.cognitosignout.android

import android.app.Activity
import android.app.Application
import android.content.Context
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.AuthException
import dev.cognitosignout.BrowserAnswer
import dev.cognitosignout.BrowserException
import dev.cognitosignout.ErrorCode
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutOptions
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
 * Creates an [Auth] in an Android app.
 *
 * Its record is in `SharedPreferences`, encrypted with a key of the Android Keystore. Backups never contain that key, so they must
 * not contain the record either. Exclude it in the manifest's `<application>`:
 *
 * ```
 * android:dataExtractionRules="@xml/cognito_sign_out_data_extraction"
 * android:fullBackupContent="@xml/cognito_sign_out_full_backup"
 * ```
 *
 * or, in rules of your own, with `<exclude domain="sharedpref" path="keyring-cognito-signout.xml" />`. If a record was restored from
 * a backup anyway, it cannot be read: [Auth.session] is [SessionState.Unavailable], and every call that reads or writes the record
 * fails with the code `record_corrupt`, until [Auth.purgeLocal] has removed it.
 *
 * Purge only when the user agrees: tell them that they must sign in again, and purge when they press the button. Do not purge
 * automatically at launch. A purge removes a refresh token that may still be valid, and cannot be undone.
 *
 * After the device has started, nothing can be read until the user has unlocked it once: the code is `vault_locked`. If the Keystore
 * itself fails, the code is `vault_failed`. Both are temporary: try again later.
 *
 * **One process.** Every process keeps its own copy of the preferences in memory. An app with several processes (`android:process`)
 * must create its [Auth] only in the main process: another process would continue to return the tokens of a user who has signed out.
 * In another process [create] throws (from Android 9; on earlier versions a process cannot read its own name).
 * `Application.onCreate` runs in every process of the app: create the [Auth] lazily there, or only if
 * `Application.getProcessName() == packageName`.
 *
 * **One sign-out in the browser at a time.** An app has one browser. If a second [Auth] of the app, for another app client, opens a
 * page while the page of the first is open, the first sign-out fails with `hosted_ui_redirect_taken`: that user is still signed in.
 *
 * **Not in `runBlocking` on the main thread.** A sign-out that opens a page needs the main thread. If it is blocked, nothing opens,
 * and the sign-out fails with `hosted_ui_unavailable` after ten seconds.
 */
public object AndroidAuth {
    /**
     * An [Auth] that uses the Android Keystore, and the user's browser for the hosted pages. Suspends while it builds [config] and
     * loads the native libraries: the first time in a process, that takes too long for the main thread.
     *
     * If hosted pages are configured, the app's manifest must send a sign-out URI to [RedirectActivity], whose documentation has the
     * lines to add. An app without hosted pages adds nothing.
     *
     * @param context any context of the app. Only its application context is kept.
     * @param config the app client.
     * @param options settings that most apps do not need.
     * @throws AuthException.InvalidInput if a setting of [config] is not valid; if no configured sign-out URI reaches
     *   [RedirectActivity], or if one also reaches another activity of the app; or if a step's name is not valid or not unique, as
     *   for [Auth].
     * @throws AuthException.Unusable if the native library is missing, or built for another processor; if the system cannot start a
     *   thread; or in a process that is not the app's main process (`second_process`). `Application.onCreate` runs in every process.
     */
    @JvmSynthetic
    public suspend fun create(
        context: Context,
        config: AuthConfig.Builder,
        options: AndroidAuthOptions = AndroidAuthOptions(),
    ): Auth = withContext(Dispatchers.IO) { create(context, config.build(), options) }

    /**
     * The same without suspending, for a configuration that has been built. Not for the main thread.
     *
     * @throws AuthException like the suspending function.
     */
    @JvmStatic
    @JvmOverloads
    @Throws(AuthException::class)
    public fun create(context: Context, config: AuthConfig, options: AndroidAuthOptions = AndroidAuthOptions()): Auth {
        refuseSecondProcess(processName(), context.applicationInfo.processName)
        AndroidKeychain.initialize(context)
        val redirects = if (options.opensPages) receivedRedirects(context, config) else emptyList()
        val browser = if (redirects.isEmpty()) null else CustomTabsBrowser(context, options.browserPackage)
        return Auth(
            config,
            transport = options.transport ?: UrlConnectionTransport(config),
            browser = browser,
            redirects = redirects,
            signOutSteps = options.signOutSteps,
        )
    }

    /** The suspending [create] for Java. The future completes exceptionally with the exception that it throws. */
    @JvmStatic
    @JvmOverloads
    public fun createAsync(
        context: Context,
        config: AuthConfig.Builder,
        options: AndroidAuthOptions = AndroidAuthOptions(),
    ): CompletableFuture<Auth> = CoroutineScope(Dispatchers.IO).future { create(context, config.build(), options) }

    /** [Auth.signOut] on an activity's display, for Java. */
    @JvmStatic
    @JvmOverloads
    public fun signOut(
        auth: Auth,
        activity: Activity,
        options: SignOutOptions = SignOutOptions(),
    ): CompletableFuture<SignOutResult> = CoroutineScope(Dispatchers.Default).future { auth.signOut(activity, options) }

    /** [Auth.resumeAfterLaunch] for Java. The future completes exceptionally with the exception that it throws. */
    @JvmStatic
    public fun resumeAfterLaunch(auth: Auth): CompletableFuture<List<SignOutResult>> =
        CoroutineScope(Dispatchers.Default).future { auth.resumeAfterLaunch() }
}

/**
 * Signs out like [Auth.signOut], and opens its pages on the display of [activity], in the app's window that was used last there.
 */
public suspend fun Auth.signOut(activity: Activity, options: SignOutOptions = SignOutOptions()): SignOutResult =
    WebSteps.process.inWindow(activity) { signOut(options) }

/**
 * Call this at launch instead of [Auth.resume]. It pays the debts of earlier sign-outs. If Android killed the process while the
 * browser was in front, it also finishes that sign-out when the browser comes back to the new process.
 *
 * If the browser has not come back yet, for example in `Application.onCreate`, the sign-out is finished later: [Auth.events] then
 * reports it.
 *
 * After the browser has come back, the sign-out is finished even if the caller is cancelled. A debt that it hands over is then lost:
 * with [UnpaidRevocations.HandOver][dev.cognitosignout.UnpaidRevocations.HandOver], wait for the result.
 *
 * A page of the identity provider that was not shown yet is not shown any more: that session may persist, and the report says so.
 *
 * @return the outcome of each sign-out, the oldest first. A sign-out whose browser does not come back is not changed: the user is
 *   still signed in, and the next sign-out starts again.
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

/** Tries the redirects that have arrived until one belongs to the sign-out. If none does, it tries those that arrive later. */
private suspend fun Auth.finishAfterLaunch(): SignOutResult? {
    val lost = WebSteps.process.lost
    while (true) {
        val kept = lost.take(this) {
            // `async`, not `launch`: if the app has closed this Auth, the exception must not be reported. The sign-out stays on record.
            CoroutineScope(Dispatchers.Default).async { finishAfterLaunch() }
        } ?: return null
        // Cancelling it half-way would leave the sign-out waiting for a page that nobody shows.
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
        val notShown = BrowserException(BrowserException.Kind.UNAVAILABLE, "the app was killed before the provider's page was shown")
        progress = finishSignOut(BrowserAnswer.Failed(notShown))
    }
    return (progress as? SignOutProgress.Finished)?.result
}

/** Null before Android 9, which cannot tell it. */
private fun processName(): String? = try {
    Application.getProcessName()
} catch (_: LinkageError) {
    null
}

/** @throws AuthException.Unusable if the process [current] is not the app's [main] process. */
internal fun refuseSecondProcess(current: String?, main: String?) {
    if (current == null || main == null || current == main) return
    val problem = Problem(
        code = ErrorCode.SECOND_PROCESS,
        detail = "this process is $current, and the session belongs to $main",
        recovery = "Create the Auth only in the app's main process: another process would not notice that the user has signed out. " +
            "Application.onCreate runs in every process: create the Auth lazily, or only if " +
            "Application.getProcessName() == packageName.",
    )
    throw AuthException.Unusable(problem)
}
