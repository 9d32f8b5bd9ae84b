package dev.cognitosignout.android

import android.content.Context
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.objectweb.asm.ClassReader
import org.objectweb.asm.tree.ClassNode

/** The library has no dependency on `androidx.browser`. Its constants are the real ones. */
class BrowserConstantsTest : OnAndroid() {
    @Test
    fun `the constants are those of androidx_browser`() {
        val tabs = "androidx.browser.customtabs.CustomTabsIntent"
        val auth = "androidx.browser.auth.AuthTabIntent"
        val expected = mapOf(
            "$tabs.EXTRA_SESSION" to EXTRA_SESSION,
            "$tabs.EXTRA_SHARE_STATE" to EXTRA_SHARE_STATE,
            "$tabs.SHARE_STATE_OFF" to STATE_OFF,
            "$tabs.EXTRA_OPEN_IN_BROWSER_STATE" to EXTRA_OPEN_IN_BROWSER_STATE,
            "$tabs.OPEN_IN_BROWSER_STATE_OFF" to STATE_OFF,
            "androidx.browser.customtabs.CustomTabsService.ACTION_CUSTOM_TABS_CONNECTION" to CUSTOM_TABS_SERVICE,
            "androidx.browser.customtabs.CustomTabsService.CATEGORY_AUTH_TAB" to CATEGORY_AUTH_TAB,
            "$auth.EXTRA_LAUNCH_AUTH_TAB" to EXTRA_LAUNCH_AUTH_TAB,
            "$auth.EXTRA_REDIRECT_SCHEME" to EXTRA_REDIRECT_SCHEME,
            "$auth.EXTRA_HTTPS_REDIRECT_HOST" to EXTRA_HTTPS_REDIRECT_HOST,
            "$auth.EXTRA_HTTPS_REDIRECT_PATH" to EXTRA_HTTPS_REDIRECT_PATH,
            "$auth.RESULT_VERIFICATION_FAILED" to RESULT_VERIFICATION_FAILED,
            "$auth.RESULT_VERIFICATION_TIMED_OUT" to RESULT_VERIFICATION_TIMED_OUT,
        )
        assertEquals(expected, expected.mapValues { (name, _) -> real(name) })
    }

    @Test
    fun `both find Auth Tabs in the same browsers`() {
        for (authTab in listOf(true, false)) {
            val phone = FakePhone()
            phone.uninstall(FakePhone.CHROME)
            phone.install(FakePhone.CHROME, authTab = authTab)
            val ours = authTab(Page("https://auth.example.com", REDIRECT, null), app.packageManager) != null
            assertEquals(authTab, ours)
            val client = Class.forName("androidx.browser.customtabs.CustomTabsClient")
            val isSupported = client.getMethod("isAuthTabSupported", Context::class.java, String::class.java)
            assertEquals(ours, isSupported.invoke(null, app, FakePhone.CHROME))
        }
    }

    /** Read from the class file, because the class needs other libraries to load. */
    private fun real(name: String): Any? {
        val file = "${name.substringBeforeLast('.').replace('.', '/')}.class"
        val read = ClassNode()
        ClassReader(checkNotNull(javaClass.classLoader.getResourceAsStream(file)) { file }.use { it.readBytes() }).accept(read, 0)
        return read.fields.single { it.name == name.substringAfterLast('.') }.value
    }
}
