package dev.cognitosignout.android

import android.content.ComponentName
import android.content.Intent
import android.content.IntentFilter
import dev.cognitosignout.HostedUI
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignOutUri
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.robolectric.Shadows.shadowOf

/** In a browser that has Auth Tabs, which return the redirect themselves. */
class AuthTabTest : SignOutActivityTest(authTab = true) {
    @Test
    fun `the page opens in an Auth Tab for the scheme of the sign-out URI`() {
        val tab = firstTab()
        assertTrue(tab.getBooleanExtra(EXTRA_LAUNCH_AUTH_TAB, false))
        assertEquals(SCHEME, tab.getStringExtra(EXTRA_REDIRECT_SCHEME))
        assertFalse(tab.hasExtra(EXTRA_HTTPS_REDIRECT_HOST))
    }

    @Test
    fun `it opens for the host and the path of an App Link`() {
        val redirect = "https://app.example.com/signed-out"
        val link = IntentFilter(Intent.ACTION_VIEW).apply {
            addCategory(Intent.CATEGORY_DEFAULT)
            addCategory(Intent.CATEGORY_BROWSABLE)
            addDataScheme("https")
            addDataAuthority("app.example.com", null)
        }
        shadowOf(app.packageManager).addIntentFilterForActivity(ComponentName(app, RedirectActivity::class.java), link)
        val config = config { hostedUI(HostedUI("auth.example.com", listOf(SignOutUri(redirect)))) }
        AndroidAuth.create(app, config).use { auth ->
            val result = signOut(auth = auth) {
                val tab = phone.nextTab()
                assertEquals("app.example.com", tab.getStringExtra(EXTRA_HTTPS_REDIRECT_HOST))
                assertEquals("/signed-out", tab.getStringExtra(EXTRA_HTTPS_REDIRECT_PATH))
                assertNull(tab.getStringExtra(EXTRA_REDIRECT_SCHEME))
                phone.redirect(redirect)
            }
            assertInstanceOf(SignOutResult.Complete::class.java, result)
        }
    }

    @Test
    fun `an App Link that the browser cannot verify has its own error`() {
        for ((code, said) in listOf(RESULT_VERIFICATION_FAILED to "does not own", RESULT_VERIFICATION_TIMED_OUT to "in time")) {
            val result = signOut {
                page()
                phone.closeTab(code)
            }
            assertFailed("hosted_ui_unavailable", result)
            assertTrue(said in message(result), message(result))
        }
    }

    @Test
    fun `a URL of the same scheme that does not end the sign-out has its own error`() {
        val result = signOut {
            page()
            phone.redirect("$SCHEME://${FakePhone.SIGN_IN_HOST}?code=1")
        }
        assertFailed("hosted_ui_unavailable", result)
        assertTrue("does not end this sign-out" in message(result), message(result))
    }

    @Test
    fun `a browser that opens a Custom Tab all the same comes back through the redirect activity`() {
        val result = signOut {
            page()
            phone.startFromOutside(RedirectActivity::class.java, REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
        assertEquals(listOf("MainActivity"), phone.stack())
    }

    @Test
    fun `a user who makes the tab small has not cancelled`() {
        val result = signOut {
            page()
            phone.minimiseTab()
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
        assertEquals(listOf("MainActivity"), phone.stack())
    }

    @Test
    fun `a user who makes the tab small and touches the app has cancelled`() {
        val result = signOut {
            page()
            phone.minimiseTab()
            assertEquals(listOf("MainActivity", "SignOutActivity"), phone.stack())
            phone.touch()
        }
        assertFailed("hosted_ui_cancelled", result)
    }

    @Test
    fun `a second tap on the app's button, before the tab is in front, cancels nothing`() {
        val result = signOut {
            page()
            phone.touch()
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
    }

    @Test
    fun `a user who makes the tab small and closes it has cancelled`() {
        val result = signOut {
            page()
            phone.minimiseTab()
            phone.switchTask()
            phone.closeTab()
        }
        assertFailed("hosted_ui_cancelled", result)
    }
}
