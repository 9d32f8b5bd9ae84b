package dev.cognitosignout.example

import android.app.Activity
import android.os.Bundle
import android.view.Gravity
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthException
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.android.resumeAfterLaunch
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** Who is signed in, the two ways out, and what came of them. */
class MainActivity : Activity() {
    // Ends with the activity. A sign-out that it waited for goes on.
    private val scope = CoroutineScope(Dispatchers.Main)
    private val auth: Auth by lazy { (application as App).auth }

    private lateinit var state: TextView
    private lateinit var outcome: TextView
    private lateinit var signOut: Button
    private lateinit var everywhere: Button
    private lateinit var retry: Button
    private lateinit var forget: Button

    /** What can be tried again. */
    private var partials: List<SignOutResult.Partial> = emptyList()

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        state = TextView(this)
        outcome = TextView(this)
        signOut = button("Sign out") { listOf(auth.signOut()) }
        everywhere = button("Sign out everywhere") { listOf(auth.signOut(SignOutOptions(globalSignOut = true))) }
        retry = button("Try again") { partials.map { auth.retry(it) } }
        // Only when the user says so: it forgets a session that may be alive.
        forget = button("Forget what is stored here") {
            auth.purgeLocal()
            emptyList()
        }
        setContentView(column(state, signOut, everywhere, outcome, retry, forget))
        scope.launch {
            refresh()
            try {
                // What an earlier process has left: perhaps the user was in the browser when it was killed.
                // What is kept is tried again by itself; anything else is for the user to know.
                show(auth.resumeAfterLaunch().filterNot { it is SignOutResult.Partial && it.kept })
            } catch (_: AuthException.Vault) {
                // The state says so.
            }
            refresh()
            auth.events.collect { refresh() }
        }
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    private suspend fun refresh() {
        val session = auth.session()
        val signedIn = session is SessionState.SignedIn
        state.text = when (session) {
            is SessionState.SignedIn -> "Signed in as ${session.session.username ?: session.session.sub}"
            is SessionState.SignedOut -> "Signed out"
            is SessionState.Unavailable -> session.exception.recoverySuggestion
        }
        listOf(signOut, everywhere).forEach { it.isEnabled = signedIn }
        // Restored from a backup, perhaps, without the key that stays on its device: nobody can read it any more.
        val isBroken = session is SessionState.Unavailable && session.exception.code == "record_corrupt"
        forget.visibility = if (isBroken) View.VISIBLE else View.GONE
        retry.visibility = if (partials.isEmpty()) View.GONE else View.VISIBLE
    }

    private suspend fun show(results: List<SignOutResult>) {
        // What the oldest sign-outs on record still owe is handed over with the latest one's.
        partials = results.filterIsInstance<SignOutResult.Partial>().flatMap { it.displaced + it }
        // An earlier user's debt that is paid at launch says nothing of the user who is signed in now.
        val isSignedOut = auth.session() is SessionState.SignedOut
        outcome.text = results.filter { isSignedOut || it !is SignOutResult.Complete }.joinToString("\n", transform = ::said)
    }

    private fun said(result: SignOutResult): String = when (result) {
        is SignOutResult.Complete -> "You are signed out."
        is SignOutResult.Partial -> listOfNotNull(
            "A sign-out of this device is not complete.",
            result.revokeTokenError?.let { "That session could not be ended at the server." },
            result.globalSignOutError?.let { "The other devices are still signed in." },
            result.hostedUIError?.let { "The browser is still signed in." },
            result.localCleanupError?.let { "Something is left on this device." },
        ).joinToString("\n")
        is SignOutResult.Failed -> "You are still signed in. ${result.exception.recoverySuggestion}"
    }

    private fun button(label: String, call: suspend () -> List<SignOutResult>): Button = Button(this).apply {
        text = label
        setOnClickListener {
            isEnabled = false
            scope.launch {
                try {
                    show(call())
                } catch (exception: AuthException) {
                    outcome.text = exception.recoverySuggestion
                } finally {
                    isEnabled = true
                }
                refresh()
            }
        }
    }

    private fun column(vararg views: View): LinearLayout = LinearLayout(this).apply {
        orientation = LinearLayout.VERTICAL
        gravity = Gravity.CENTER
        views.forEach(::addView)
    }
}
