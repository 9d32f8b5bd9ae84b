package dev.cognitosignout.android

import android.content.Intent
import android.content.pm.ActivityInfo
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.AuthException
import dev.cognitosignout.HostedUI
import dev.cognitosignout.ProviderLogout
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutOptions
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.SystemBrowser
import dev.cognitosignout.Tokens
import dev.cognitosignout.VaultChoice
import dev.cognitosignout.WebPolicy
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.After
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.robolectric.shadows.ShadowInstrumentation
import java.util.concurrent.CompletableFuture
import java.util.concurrent.CountDownLatch
import java.util.concurrent.TimeUnit

/** The library's activities on a [FakePhone], from `AndroidAuth.create` to the server, in a browser that has Auth Tabs or not. */
abstract class SignOutActivityTest(authTab: Boolean) : OnAndroid() {
    protected val phone = FakePhone(authTab).apply { open() }
    protected val auth by lazy { AndroidAuth.create(app, config()) }

    protected fun config(change: AuthConfig.Builder.() -> Unit = {}): AuthConfig = server.config {
        hostedUI(HostedUI("auth.example.com", listOf(SignOutUri(REDIRECT))))
        change()
    }

    @After
    fun close() = auth.close()

    @Test
    fun `a redirect finishes the sign-out, and the app looks as before`() {
        val result = signOut {
            assertTrue(page().startsWith("https://auth.example.com/logout?"))
            assertEquals(listOf("MainActivity", "SignOutActivity", "page"), phone.stack())
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
        assertEquals(listOf("RevokeToken"), server.requests())
        assertEquals(listOf("MainActivity"), phone.stack())
    }

    @Test
    fun `a redirect that arrives twice finishes it once`() {
        val result = signOut {
            page()
            phone.redirect(REDIRECT)
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
        assertEquals(listOf("RevokeToken"), server.requests())
        assertEquals(listOf("MainActivity"), phone.stack())
        assertFalse(phone.hasMoreTabs())
    }

    @Test
    fun `closing the tab cancels the sign-out and changes nothing`() {
        val result = signOut {
            page()
            phone.closeTab()
            phone.redirect(REDIRECT)
        }
        assertFailed("hosted_ui_cancelled", result)
    }

    @Test
    fun `with best effort, closing the tab is one of the errors in a partial result`() {
        val result = signOut(SignOutOptions { web = WebPolicy.BEST_EFFORT }) {
            page()
            phone.closeTab()
        }
        val partial = assertInstanceOf(SignOutResult.Partial::class.java, result)
        assertEquals("hosted_ui_cancelled", partial.hostedUIError!!.exception.code)
        assertEquals(listOf("RevokeToken"), server.requests())
        assertEquals(listOf("MainActivity"), phone.stack())
    }

    @Test
    fun `starting the app again over the tab cancels the sign-out`() {
        phone.declareMain { launchMode = ActivityInfo.LAUNCH_SINGLE_TASK }
        val result = signOut {
            page()
            phone.open()
            assertEquals(listOf("MainActivity"), phone.stack())
        }
        assertFailed("hosted_ui_cancelled", result)
    }

    @Test
    fun `returning to the app shows the tab again`() {
        val result = signOut {
            page()
            phone.open()
            assertEquals(listOf("MainActivity", "SignOutActivity", "page"), phone.stack())
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
    }

    @Test
    fun `a device without a browser has its own error`() {
        phone.uninstall(CHROME)
        assertFailed("hosted_ui_unavailable", signOut {})
        assertEquals(listOf("MainActivity"), phone.stack())
    }

    @Test
    fun `the desktop browser is refused`() {
        val exception = assertThrows(AuthException.InvalidInput::class.java) { SystemBrowser() }
        assertTrue("browser" in exception.message, exception.message)
    }

    @Test
    fun `an app in the background, which cannot start an activity, fails in time`() {
        val browser = CustomTabsBrowser(app, later = { check -> ShadowInstrumentation.getInstrumentation().waitForIdleSync().let { check() } })
        Auth(config(), VaultChoice.Memory, browser = browser).use { auth ->
            phone.inForeground = false
            val result = signOut(auth = auth) {}
            assertFailed("hosted_ui_unavailable", result, auth)
            assertTrue("from the background" in message(result), message(result))
            // When the app comes back, it does not show a page that nobody waits for.
            phone.inForeground = true
            app.startActivity(SignOutActivity.intent(app).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK))
            assertEquals(listOf("MainActivity"), phone.stack())
            assertFalse(phone.hasMoreTabs())
        }
    }

    @Test
    fun `an app that blocks its main thread is told so`() {
        val browser = CustomTabsBrowser(app, later = { check -> check() })
        val released = CountDownLatch(1)
        Auth(config(), VaultChoice.Memory, browser = browser).use { auth ->
            app.mainExecutor.execute { released.await() }
            val result = signOut(auth = auth) {}
            released.countDown()
            assertFailed("hosted_ui_unavailable", result, auth)
            assertTrue("main thread is blocked" in message(result), message(result))
        }
    }

    @Test
    fun `the page of another sign-out ends the first, with an error of its own`() {
        Auth(config(), VaultChoice.Memory, browser = CustomTabsBrowser(app)).use { other ->
            val first = signOut(auth = other) {
                page()
                val second = signOut {
                    page()
                    phone.redirect(REDIRECT)
                }
                assertInstanceOf(SignOutResult.Complete::class.java, second)
            }
            assertEquals("hosted_ui_redirect_taken", (first as SignOutResult.Failed).exception.code)
            assertTrue("another sign-out" in message(first), message(first))
            assertInstanceOf(SessionState.SignedIn::class.java, runBlocking { other.session() })
        }
        assertEquals(listOf("MainActivity"), phone.stack())
    }

    @Test
    fun `of several sign-out URIs, the first that the manifest sends to the app is used`() {
        val website = SignOutUri("https://www.example.com/bye")
        val config = config { hostedUI(HostedUI("auth.example.com", listOf(website, SignOutUri(REDIRECT)))) }
        AndroidAuth.create(app, config).use { auth ->
            val result = signOut(auth = auth) {
                val page = page()
                assertTrue("logout_uri=myapp%3A%2F%2Fsigned-out" in page, page)
                phone.redirect(REDIRECT)
            }
            assertInstanceOf(SignOutResult.Complete::class.java, result)
        }
    }

    @Test
    fun `with an activity, the page opens on its display`() {
        phone.openAnotherWindow(display = 1)
        val onTheSecond = phone.activity()
        phone.switchTask()
        val result = signOut(call = { auth.signOut(onTheSecond, it) }) {
            page()
            assertEquals(listOf(listOf("MainActivity"), listOf("MainActivity", "SignOutActivity", "page")), phone.stacks())
            assertEquals(1, phone.display())
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
    }

    @Test
    fun `a tab that was opened in time stays as long as the user needs`() {
        val timeIsOver = CompletableFuture<() -> Unit>()
        val browser = CustomTabsBrowser(app, later = timeIsOver::complete)
        Auth(config(), VaultChoice.Memory, browser = browser).use { auth ->
            val result = signOut(auth = auth) {
                page()
                timeIsOver.get(20, TimeUnit.SECONDS)()
                phone.redirect(REDIRECT)
            }
            assertInstanceOf(SignOutResult.Complete::class.java, result)
        }
    }

    @Test
    fun `after its time is over, a step takes no redirect, and its tab closes`() {
        val result = signOut(SignOutOptions { browserDeadlineMillis = 300 }) { page() }
        assertEquals(listOf("MainActivity", "SignOutActivity", "page"), phone.stack())
        phone.redirect(REDIRECT)
        assertFailed("hosted_ui_timed_out", result)
        assertEquals(listOf("MainActivity"), phone.stack())
    }

    @Test
    fun `the next sign-out replaces one whose tab was left open`() {
        val first = signOut(SignOutOptions { browserDeadlineMillis = 300 }) { page() }
        assertFailed("hosted_ui_timed_out", first, ends = false)
        val second = signOut {
            page()
            assertEquals(listOf("MainActivity", "SignOutActivity", "page"), phone.stack())
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, second)
    }

    @Test
    fun `another app's redirect does not close the tab`() {
        val result = signOut {
            page()
            phone.startFromOutside(RedirectActivity::class.java, "$REDIRECT/elsewhere")
            assertEquals(listOf("MainActivity", "SignOutActivity", "page"), phone.stack())
            assertFalse(phone.hasMoreTabs())
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, result)
    }

    @Test
    fun `a sign-in callback with the same scheme reaches the app`() {
        phone.redirect("$SCHEME://${FakePhone.SIGN_IN_HOST}?code=1")
        assertEquals(listOf("MainActivity", "SignInActivity"), phone.stack())
    }

    @Test
    fun `a redirect that nobody waits for does nothing`() {
        phone.redirect(REDIRECT)
        assertEquals(listOf("MainActivity"), phone.stack())
        assertFalse(phone.hasMoreTabs())
    }

    @Test
    fun `activities that Android creates again continue`() {
        phone.keepsActivities = false
        val redirected = signOut {
            page()
            phone.redirect(REDIRECT)
        }
        assertInstanceOf(SignOutResult.Complete::class.java, redirected)
        val closed = signOut {
            page()
            phone.closeTab()
        }
        assertEquals("hosted_ui_cancelled", (closed as SignOutResult.Failed).exception.code)
        assertFalse(phone.hasMoreTabs())
    }

    @Test
    fun `an identity provider's session is ended in a second tab`() {
        val config = config { providerLogout("Idp", ProviderLogout.Template(PROVIDER_PAGE)) }
        AndroidAuth.create(app, config).use { auth ->
            val result = signOut(auth = auth, tokens = server.signIn().through("Idp")) {
                assertTrue("auth.example.com" in page())
                phone.redirect(REDIRECT)
                val second = page()
                assertTrue("idp.example.com" in second, second)
                assertEquals(listOf("MainActivity", "SignOutActivity", "page"), phone.stack())
                phone.redirect("$REDIRECT?state=" + second.substringAfter("state="))
            }
            assertInstanceOf(SignOutResult.Complete::class.java, result)
        }
    }

    @Test
    fun `a provider's page that does not come back stays open`() {
        val config = config { providerLogout("Google", ProviderLogout.Google) }
        AndroidAuth.create(app, config).use { auth ->
            val result = signOut(auth = auth, tokens = server.signIn().through("Google")) {
                page()
                phone.redirect(REDIRECT)
                assertEquals("https://accounts.google.com/Logout", page())
                assertEquals(listOf("MainActivity", "page"), phone.stack())
            }
            assertInstanceOf(SignOutResult.Complete::class.java, result)
        }
    }

    @Test
    fun `a page opens in a Custom Tab of the user's default browser`() {
        phone.install(FIREFOX)
        val tab = firstTab()
        assertEquals(Intent.ACTION_VIEW, tab.action)
        assertEquals(FIREFOX, tab.`package`)
        // Like androidx.browser: EXTRA_SESSION, which makes it a Custom Tab, and EXTRA_SHARE_STATE.
        assertTrue(tab.hasExtra("android.support.customtabs.extra.SESSION"))
        assertEquals(null, tab.extras!!.getBinder("android.support.customtabs.extra.SESSION"))
        assertEquals(2, tab.getIntExtra("androidx.browser.customtabs.extra.SHARE_STATE", -1))
        // In the app's own task: otherwise the activity would not notice its end.
        assertEquals(0, tab.flags and Intent.FLAG_ACTIVITY_NEW_TASK)
    }

    @Test
    fun `if the app sets a browser, every page opens in it`() {
        phone.install(FIREFOX)
        val config = config { providerLogout("Idp", ProviderLogout.Template(PROVIDER_PAGE)) }
        AndroidAuth.create(app, config, AndroidAuthOptions { browserPackage = CHROME }).use { auth ->
            val result = signOut(auth = auth, tokens = server.signIn().through("Idp")) {
                assertEquals(CHROME, phone.nextTab().`package`)
                phone.redirect(REDIRECT)
                val second = phone.nextTab()
                assertEquals(CHROME, second.`package`)
                phone.redirect("$REDIRECT?state=" + second.dataString!!.substringAfter("state="))
            }
            assertInstanceOf(SignOutResult.Complete::class.java, result)
        }
    }

    @Test
    fun `if the app's browser is not installed, no other browser opens`() {
        AndroidAuth.create(app, config(), AndroidAuthOptions { browserPackage = FIREFOX }).use { auth ->
            val result = signOut(auth = auth) {}
            assertFailed("hosted_ui_unavailable", result)
            assertTrue(FIREFOX in message(result), message(result))
        }
        assertFalse(phone.hasMoreTabs())
    }

    @Test
    fun `if the default browser has no Custom Tabs, another browser with them opens, as in the sign-in libraries`() {
        phone.install(JELLY, customTabs = false)
        assertEquals(CHROME, firstTab().`package`)
    }

    @Test
    fun `if no browser has Custom Tabs, the default browser shows the page`() {
        phone.uninstall(CHROME)
        phone.install(JELLY, customTabs = false)
        assertEquals(null, firstTab().`package`)
    }

    @Test
    fun `only the redirect activity is exported`() {
        phone.startFromOutside(RedirectActivity::class.java)
        assertThrows(SecurityException::class.java) { phone.startFromOutside(SignOutActivity::class.java) }
    }

    protected fun message(result: SignOutResult): String = (result as SignOutResult.Failed).exception.message

    protected fun firstTab(): Intent {
        lateinit var tab: Intent
        signOut {
            tab = phone.nextTab()
            phone.redirect(REDIRECT)
        }
        return tab
    }

    protected fun page(): String = phone.nextTab().dataString!!

    protected fun assertFailed(code: String, result: SignOutResult, auth: Auth = this.auth, ends: Boolean = true) {
        val failed = assertInstanceOf(SignOutResult.Failed::class.java, result)
        assertEquals(code, failed.exception.code)
        assertEquals(emptyList<String>(), server.requests())
        assertInstanceOf(SessionState.SignedIn::class.java, runBlocking { auth.session() })
        if (ends) assertEquals(listOf("MainActivity"), phone.stack())
    }

    /** Signs out a user of the hosted pages. [meanwhile] acts on the tab. */
    protected fun signOut(
        options: SignOutOptions = SignOutOptions(),
        auth: Auth = this.auth,
        tokens: Tokens = server.signIn(),
        call: suspend (SignOutOptions) -> SignOutResult = auth::signOut,
        meanwhile: () -> Unit,
    ): SignOutResult = runBlocking {
        auth.storeSession(tokens, SignedInWith.HOSTED_UI)
        val signingOut = async(Dispatchers.Default) { call(options) }
        meanwhile()
        withTimeout(20_000) { signingOut.await() }
    }

    protected companion object {
        const val SCHEME = FakePhone.SCHEME
        const val CHROME = FakePhone.CHROME
        const val FIREFOX = "org.mozilla.firefox"
        const val JELLY = "org.lineageos.jelly"
    }
}
