package dev.cognitosignout.example

import android.app.Activity
import android.os.Bundle
import android.text.format.DateUtils
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.ScrollView
import android.widget.TextView
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthException
import dev.cognitosignout.SessionKind
import dev.cognitosignout.SignOutOthersResult
import dev.cognitosignout.UserSession
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** "Where you are signed in": each session, with a button to end it, and one for all others. */
class DevicesActivity : Activity() {
    private val scope = CoroutineScope(Dispatchers.Main)
    private suspend fun auth(): Auth = (application as App).auth.await()
    private lateinit var list: LinearLayout

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        list = LinearLayout(this).apply { orientation = LinearLayout.VERTICAL }
        setContentView(ScrollView(this).apply { addView(list) })
        act { null }
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    /** Makes a call, and shows the new list, below what the call returns. */
    private fun act(call: suspend () -> View?) {
        setEnabled(false)
        scope.launch {
            val views = try {
                listOfNotNull(call()) + auth().sessions().map(::row) + button("Sign out other devices") { signOutOthers() }
            } catch (exception: AuthException) {
                // For example, the user pool does not track sessions: the recovery suggestion is for the developer.
                listOf(text(exception.message))
            }
            list.removeAllViews()
            views.forEach(list::addView)
        }
    }

    private suspend fun signOutOthers(): View = told(auth().signOutOthers())

    private fun told(result: SignOutOthersResult): View = when (result) {
        is SignOutOthersResult.Complete -> text("Signed out elsewhere: ${result.sessions.size}")
        is SignOutOthersResult.Partial -> {
            val left = result.sessions.count { it.exception != null }
            button("Still signed in elsewhere: $left. Try again") { told(auth().retryOthers(result)) }
        }
        is SignOutOthersResult.Failed -> text(result.exception.message)
    }

    private fun row(session: UserSession): View {
        val device = session.device.known() ?: "Unknown device"
        val browser = if (session.kind is SessionKind.Sso) ": browser" else ""
        val place = listOfNotNull(session.city.known(), session.country.known()).joinToString()
        val time = session.lastActiveMillis?.let { DateUtils.getRelativeTimeSpanString(it) } ?: ""
        val id = session.id
        val description = "$device$browser\n$place $time"
        if (session.isCurrent || id == null) return text("$description\n(this device)".takeIf { session.isCurrent } ?: description)
        return button("$description\nEnd this session") {
            auth().endSession(id)
            null
        }
    }

    /** Cognito's word for what it could not find out. */
    private fun String?.known(): String? = takeUnless { it == "unknown" }

    private fun text(text: String): View = TextView(this).apply { this.text = text }

    private fun button(label: String, call: suspend () -> View?): View = Button(this).apply {
        text = label
        setOnClickListener { act(call) }
    }

    private fun setEnabled(enabled: Boolean) {
        for (index in 0 until list.childCount) list.getChildAt(index).isEnabled = enabled
    }
}
