package dev.cognitosignout

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.net.InetAddress
import java.net.ServerSocket
import kotlin.time.Duration.Companion.seconds

/** The library's own browser, on a system whose default browser is [BrowserProgram]. */
class SystemBrowserTest {
    private val port = ServerSocket(0, 1, InetAddress.getLoopbackAddress()).use { it.localPort }
    private val signedOut = "http://127.0.0.1:$port/signed-out"
    private val server = FakeServer("--sign-out-uri", "myapp://signed-out", "--sign-out-uri", signedOut)
    private val auth = Auth(
        server.config {
            hostedUI(HostedUI(server.url, listOf(SignOutUri("myapp://signed-out"), SignOutUri(signedOut))))
        },
        VaultChoice.Memory,
        browser = SystemBrowser(
            appName = "Ledger",
            closingTexts = listOf(ClosingTexts("en", "Signed out", "Go back.", "Not signed out", "Try again.")),
        ),
    )

    @AfterEach
    fun stop() {
        auth.close()
        server.close()
    }

    @Test
    fun `it shows the hosted pages and receives the redirect on its port`() = runTest {
        val lastPage = File(System.getProperty("last.page")).apply { delete() }
        auth.storeSession(server.signIn(), SignedInWith.HOSTED_UI)

        val result = auth.signOut()

        assertInstanceOf(SignOutResult.Complete::class.java, result, result::toString)
        assertEquals(StepStatus.Done, result.report.steps.web)
        withContext(Dispatchers.IO) {
            withTimeout(10.seconds) {
                while (!lastPage.exists()) delay(20)
            }
        }
        val page = lastPage.readText()
        assertTrue(page.contains("<title>Signed out – Ledger</title>"), page)
        assertTrue(page.contains("<h1>Signed out</h1><p>Go back.</p>"), page)
    }

    @Test
    fun `words that do not fit into the closing page are refused`() {
        for ((wrong, says) in listOf(
            { SystemBrowser(appName = "") } to "appName: must be one line of text, and not empty",
            { SystemBrowser(closingTexts = listOf(ClosingTexts("de_DE", "a", "b", "c", "d"))) } to
                "closingTexts.language: must be a BCP 47 language tag, such as de or pt-BR",
        )) {
            val exception = assertThrows(AuthException.InvalidInput::class.java) { wrong() }
            assertEquals(says, exception.message)
        }
    }

    @Test
    fun `a port in use by another program has its own error, and the user stays signed in`() = runTest {
        ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")).use {
            auth.storeSession(server.signIn(), SignedInWith.HOSTED_UI)
            val failed = assertInstanceOf(SignOutResult.Failed::class.java, auth.signOut())
            assertEquals("hosted_ui_redirect_taken", failed.exception.code)
            assertInstanceOf(SessionState.SignedIn::class.java, auth.session())
        }
    }
}
