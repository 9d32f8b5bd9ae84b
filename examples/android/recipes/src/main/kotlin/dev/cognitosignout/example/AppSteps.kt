package dev.cognitosignout.example

import android.appwidget.AppWidgetManager
import android.appwidget.AppWidgetProvider
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.webkit.CookieManager
import android.webkit.WebStorage
import android.webkit.WebView
import androidx.credentials.ClearCredentialStateRequest
import androidx.credentials.CredentialManager
import androidx.credentials.exceptions.ClearCredentialProviderConfigurationException
import com.google.android.gms.tasks.Tasks
import com.google.firebase.messaging.FirebaseMessaging
import com.posthog.PostHog
import dev.cognitosignout.AppStep
import dev.cognitosignout.Phase
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.runInterruptible
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.coroutines.withContext
import kotlin.coroutines.resume

// What an Android app does of its own when a user leaves, as the guide `docs/app-steps.md` shows it. Pass the application context.

/** FCM's token for this app on this device: for `forgetPushToken` in `examples/jvm`. */
suspend fun pushToken(): String = runInterruptible { Tasks.await(FirebaseMessaging.getInstance().token) }

/** The cookies, the storage and the cache of all the app's web views. The pages of the next user load again. */
fun clearWebViews(context: Context) = AppStep("clear_web_views", Phase.AFTER_SIGN_OUT) {
    withContext(Dispatchers.Main) {
        suspendCancellableCoroutine { removed -> CookieManager.getInstance().removeAllCookies { removed.resume(Unit) } }
        CookieManager.getInstance().flush()
        WebStorage.getInstance().deleteAllData()
        WebView(context).apply { clearCache(true) }.destroy()
    }
}

/** The next sign-in asks which account, instead of taking the last one. Nothing is to clear without a credential provider. */
fun clearCredentialState(context: Context) = AppStep("clear_credential_state", Phase.AFTER_SIGN_OUT) { session ->
    if (session.signedInSince) return@AppStep
    try {
        CredentialManager.create(context).clearCredentialState(ClearCredentialStateRequest())
    } catch (_: ClearCredentialProviderConfigurationException) {
    }
}

/** What follows is not counted as the user who has left. If somebody is signed in again, the analytics know that already. */
fun resetAnalytics() = AppStep("reset_analytics", Phase.AFTER_SIGN_OUT) { session ->
    if (!session.signedInSince) PostHog.reset()
}

/** The app's widgets draw themselves again. They ask `auth.session()` what to show. */
fun updateWidgets(context: Context, provider: Class<out AppWidgetProvider>) =
    AppStep("update_widgets", Phase.AFTER_SIGN_OUT) {
        val widgets = AppWidgetManager.getInstance(context).getAppWidgetIds(ComponentName(context, provider))
        val update = Intent(AppWidgetManager.ACTION_APPWIDGET_UPDATE, null, context, provider)
        context.sendBroadcast(update.putExtra(AppWidgetManager.EXTRA_APPWIDGET_IDS, widgets))
    }
