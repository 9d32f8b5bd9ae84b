package dev.cognitosignout.example

import dev.cognitosignout.Auth
import dev.cognitosignout.SignOutOthersResult
import dev.cognitosignout.UserSession

/** "Where you are signed in", as text. */
suspend fun showDevices(auth: Auth) {
    println("where you are signed in:")
    for (session in auth.sessions()) println("  ${line(session)}")
}

/** Ends every other session of the user. A session that could not be ended is tried once more. */
suspend fun signOutOtherDevices(auth: Auth) {
    var result = auth.signOutOthers()
    if (result is SignOutOthersResult.Partial) result = auth.retryOthers(result)
    when (result) {
        is SignOutOthersResult.Complete -> println("signed out elsewhere: ${result.sessions.size}")
        is SignOutOthersResult.Partial -> println("still signed in elsewhere: ${result.sessions.count { it.exception != null }}")
        is SignOutOthersResult.Failed -> println("nothing has changed: ${result.exception.recoverySuggestion}")
    }
}

private fun line(session: UserSession): String {
    val parts = listOfNotNull(session.device.known() ?: "unknown device", session.city.known(), session.country.known())
    val mark = if (session.isCurrent) " (this one)" else ""
    return parts.joinToString() + mark
}

/** Cognito's word for what it could not find out. */
private fun String?.known(): String? = takeUnless { it == "unknown" }
