package dev.cognitosignout

import dev.secondlibrary.Auth as SecondAuth
import dev.secondlibrary.Browser as SecondBrowser
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.test.runTest
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Test

class SecondLibraryTest {
    /** Both have types named `Auth` and `Browser`, and call back at the same time. */
    @Test
    fun `another UniFFI library works in the same process`() = runTest {
        FakeServer().use { server ->
            val config = server.config { hostedUI(HostedUI("auth.example.com", listOf(SignOutUri("myapp://signed-out")))) }
            val browser = TestBrowser("comes_back")
            Auth(config, VaultChoice.Memory, browser = browser).use { auth ->
                val second = SecondAuth(object : SecondBrowser {
                    override fun name(number: UInt) = "the second library's $number"
                })
                repeat(20) {
                    auth.storeSession(server.signIn(), SignedInWith.HOSTED_UI)
                    val results = listOf(
                        async(Dispatchers.Default) { auth.signOut() },
                        async(Dispatchers.Default) { second.session(it.toUInt()) },
                    ).awaitAll()
                    assertInstanceOf(SignOutResult.Complete::class.java, results[0])
                    assertEquals("the second library's $it", results[1])
                }
                assertEquals(20, browser.pages.get())
            }
        }
    }
}
