package dev.cognitosignout.example

import android.app.Activity
import android.content.Intent
import android.os.Bundle
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.cancel
import kotlinx.coroutines.launch

/** Opens the hosted pages in a Custom Tab, and receives their callback. It shows nothing itself. */
class SignInActivity : Activity() {
    private val scope = CoroutineScope(Dispatchers.Main)
    private lateinit var signIn: HostedSignIn
    private var isOpen = false

    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        val (origin, clientId, callback) = listOf("https://auth.example.com", "1a2b3c", "myapp://signed-in")
        val state = savedInstanceState?.getString("state")
        val verifier = savedInstanceState?.getString("verifier")
        // Another app can open the callback too: without a sign-in that waits, it is ignored.
        isOpen = intent.data != null || state != null
        signIn = if (state == null || verifier == null) {
            HostedSignIn(origin, clientId, callback)
        } else {
            HostedSignIn(origin, clientId, callback, state, verifier)
        }
    }

    override fun onSaveInstanceState(outState: Bundle) {
        super.onSaveInstanceState(outState)
        outState.putString("state", signIn.state)
        outState.putString("verifier", signIn.verifier)
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        setIntent(intent)
    }

    override fun onResume() {
        super.onResume()
        val answer = intent.data
        if (answer != null) {
            scope.launch {
                // An app shows what went wrong.
                runCatching { signIn.finish(answer, (application as App).auth.await()) }
                finish()
            }
        } else if (isOpen) {
            // The user has closed the tab.
            finish()
        } else {
            isOpen = true
            // With this extra, a browser that has Custom Tabs opens one.
            val session = Bundle().apply { putBinder("android.support.customtabs.extra.SESSION", null) }
            startActivity(Intent(Intent.ACTION_VIEW, signIn.page()).putExtras(session))
        }
    }

    override fun onDestroy() {
        scope.cancel()
        super.onDestroy()
    }
}
