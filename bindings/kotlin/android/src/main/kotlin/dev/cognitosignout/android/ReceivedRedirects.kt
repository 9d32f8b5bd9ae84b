package dev.cognitosignout.android

import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.AuthException
import dev.cognitosignout.ErrorCode
import dev.cognitosignout.ffi.Problem

/**
 * The redirects of [config] that the app's manifest sends to [RedirectActivity].
 *
 * @throws AuthException.InvalidInput if there is none, or if one of them also reaches another activity of the app.
 */
internal fun receivedRedirects(context: Context, config: AuthConfig): List<String> {
    val redirects = config.signOutRedirects
    val received = redirects.filter { redirect ->
        val receivers = receivers(context, redirect)
        val others = receivers - RedirectActivity::class.java.name
        if (others.isNotEmpty() && others != receivers) throw shared(redirect, others)
        receivers.isNotEmpty() && others.isEmpty()
    }
    if (received.isEmpty() && redirects.isNotEmpty()) throw notReceived(context, redirects)
    return received
}

/** The activities of this app that would open [redirect]. Also before the user has unlocked the device. */
private fun receivers(context: Context, redirect: String): Set<String> {
    val intent = Intent(Intent.ACTION_VIEW, Uri.parse(redirect)).addCategory(Intent.CATEGORY_BROWSABLE).setPackage(context.packageName)
    val found = context.packageManager.queryIntentActivities(
        intent,
        PackageManager.MATCH_DEFAULT_ONLY or PackageManager.MATCH_DIRECT_BOOT_AWARE or PackageManager.MATCH_DIRECT_BOOT_UNAWARE,
    )
    return found.map { it.activityInfo.name }.toSet()
}

private fun notReceived(context: Context, redirects: List<String>): AuthException {
    val others = redirects.flatMap { redirect -> receivers(context, redirect).map { "$redirect opens $it" } }
    return invalid(
        detail = "signOutUris: ${redirects.joinToString()}: the manifest sends none of them to RedirectActivity" +
            others.joinToString("") { ", and $it" },
        recovery = "Add to <application> in AndroidManifest.xml: ${filter(redirects.first())} " +
            "If the app opens the page itself, or ends no session in a browser, set opensPages to false in AndroidAuthOptions.",
    )
}

private fun shared(redirect: String, others: Set<String>): AuthException = invalid(
    detail = "signOutUris: $redirect opens RedirectActivity, and also ${others.joinToString()}: Android would ask the user which",
    recovery = "Use another host for the sign-out URI than for the callback of the sign-in, and name the host in both intent filters.",
)

private fun invalid(detail: String, recovery: String): AuthException =
    AuthException.InvalidInput(Problem(code = ErrorCode.INVALID_INPUT, detail = detail, recovery = recovery))

/** What the manifest should have. */
private fun filter(redirect: String): String {
    val uri = Uri.parse(redirect)
    val verify = if (uri.scheme == "https") " android:autoVerify=\"true\"" else ""
    val data = listOf("scheme" to uri.scheme, "host" to uri.host, "path" to uri.path)
        .filter { (_, value) -> !value.isNullOrEmpty() }
        .joinToString("") { (name, value) -> " android:$name=\"$value\"" }
    return "<activity android:name=\"${RedirectActivity::class.java.name}\" android:exported=\"true\"><intent-filter$verify>" +
        "<action android:name=\"android.intent.action.VIEW\" /><category android:name=\"android.intent.category.DEFAULT\" />" +
        "<category android:name=\"android.intent.category.BROWSABLE\" /><data$data /></intent-filter></activity>"
}
