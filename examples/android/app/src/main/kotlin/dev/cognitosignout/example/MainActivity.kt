package dev.cognitosignout.example

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import android.view.Gravity
import android.view.View
import android.widget.Button
import android.widget.LinearLayout
import android.widget.TextView
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthException
import dev.cognitosignout.ErrorCode
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.android.resumeAfterLaunch
import dev.cognitosignout.android.signOut
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** Shows who is signed in, two buttons to sign out, and the result. */
class MainActivity : Activity() {
    // Ends with the activity. A sign-out in progress continues.
    private val scope = CoroutineScope(Dispatchers.Main)
    private suspend fun auth(): Auth = (application as App).auth.await()

    private lateinit var state: TextView
    private lateinit var outcome: TextView
    private lateinit var signOut: Button
    private lateinit var everywhere: Button
    private lateinit var retry: Button
    private lateinit var forget: Button
    private lateinit var devices: Button

    /** Results to retry. */
    private var partials: List<SignOutResult.Partial> = emptyList()

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        state = TextView(this)
        outcome = TextView(this)
        signOut = button("Sign out") { listOf(auth().signOut(this)) }
        everywhere = button("Sign out everywhere") { listOf(auth().signOut(this, SignOutOptions { globalSignOut = true })) }
        retry = button("Try again") { partials.map { auth().retry(it) } }
        // Only when the user agrees: it removes a session that may still be valid.
        forget = button("Remove the stored session") {
            auth().purgeLocal()
            emptyList()
        }
        // It needs a user pool that tracks sessions.
        devices = Button(this).apply {
            text = "Where you are signed in"
            setOnClickListener { startActivity(Intent(this@MainActivity, DevicesActivity::class.java)) }
        }
        setContentView(column(state, devices, signOut, everywhere, outcome, retry, forget))
        scope.launch { auth().sessionState.collect { refresh(it) } }
        scope.launch {
            try {
                // Sign-outs of an earlier process: perhaps it was killed while the user was in the browser.
                // A kept debt is tried again automatically. Show the user everything else.
                show(auth().resumeAfterLaunch().filterNot { it is SignOutResult.Partial && it.kept })
            } catch (_: AuthException.Vault) {
                // The state shows it.
            }
            refresh(auth().session())
        }
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }

    private fun refresh(session: SessionState) {
        val signedIn = session is SessionState.SignedIn
        state.text = when (session) {
            is SessionState.SignedIn -> "Signed in as ${session.session.username ?: session.session.sub}"
            is SessionState.SignedOut -> "Signed out"
            is SessionState.Unavailable -> session.exception.recoverySuggestion
        }
        listOf(devices, signOut, everywhere).forEach { it.isEnabled = signedIn }
        // Perhaps the record was restored from a backup, without its key: it cannot be read any more.
        val isBroken = session is SessionState.Unavailable && session.exception.code == ErrorCode.RECORD_CORRUPT
        forget.visibility = if (isBroken) View.VISIBLE else View.GONE
        retry.visibility = if (partials.isEmpty()) View.GONE else View.VISIBLE
    }

    private suspend fun show(results: List<SignOutResult>) {
        // A result can also hand over the debts of the oldest sign-outs.
        partials = results.filterIsInstance<SignOutResult.Partial>().flatMap { it.displaced + it }
        // A debt of an earlier user, paid at launch, does not concern the user who is signed in now.
        val isSignedOut = auth().session() is SessionState.SignedOut
        outcome.text = results.filter { isSignedOut || it !is SignOutResult.Complete }.joinToString("\n", transform = ::text)
    }

    private fun text(result: SignOutResult): String = when (result) {
        is SignOutResult.Complete -> "You are signed out."
        is SignOutResult.Partial -> listOfNotNull(
            "A sign-out of this device is not complete.",
            result.revokeTokenError?.let { "That session could not be ended at the server." },
            result.globalSignOutError?.let { "The other devices are still signed in." },
            result.hostedUIError?.let { "The browser is still signed in." },
            result.localCleanupError?.let { "Some data is still on this device." },
            result.appStepErrors.joinToString { it.name }.ifEmpty { null }?.let { "Not done yet: $it." },
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
                refresh(auth().session())
            }
        }
    }

    private fun column(vararg views: View): LinearLayout = LinearLayout(this).apply {
        orientation = LinearLayout.VERTICAL
        gravity = Gravity.CENTER
        views.forEach(::addView)
    }
}
