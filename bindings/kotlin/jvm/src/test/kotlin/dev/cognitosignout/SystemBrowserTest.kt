package dev.cognitosignout

import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.delay
import kotlinx.coroutines.test.runTest
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
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
        browser = SystemBrowser(closingPage = "<!doctype html><title>Abgemeldet</title>"),
    )

    @AfterEach
    fun stop() {
        auth.close()
        server.close()
    }

    @Test
    fun `it visits the hosted pages and comes back to the port that it listens on`() = runTest {
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
        assertEquals("<!doctype html><title>Abgemeldet</title>", lastPage.readText())
    }

    @Test
    fun `a port that another program has is an error of its own, and the user stays signed in`() = runTest {
        ServerSocket(port, 1, InetAddress.getByName("127.0.0.1")).use {
            auth.storeSession(server.signIn(), SignedInWith.HOSTED_UI)
            val failed = assertInstanceOf(SignOutResult.Failed::class.java, auth.signOut())
            assertEquals("hosted_ui_redirect_taken", failed.exception.code)
            assertInstanceOf(SessionState.SignedIn::class.java, auth.session())
        }
    }
}
