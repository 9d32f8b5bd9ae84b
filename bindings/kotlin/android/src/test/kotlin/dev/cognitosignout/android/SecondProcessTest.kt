package dev.cognitosignout.android

import android.app.Application
import dev.cognitosignout.AuthException
import dev.cognitosignout.FakeServer
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** An app with several processes: each has its own copy of the preferences in memory, and does not see the others' changes. */
class SecondProcessTest {
    private val server = FakeServer()

    @AfterEach
    fun stop() {
        Application.processName = null
        server.close()
    }

    @Test
    fun `a second process of the app gets an error`() {
        Application.processName = "${FakeDevice.APP}:push"
        val refused = assertThrows(AuthException.Unusable::class.java) { AndroidAuth.create(FakeDevice(), server.config()) }
        assertEquals("second_process", refused.code)
        assertTrue("${FakeDevice.APP}:push" in refused.message, refused.message)
        assertTrue("Application.onCreate runs in every process" in refused.recoverySuggestion, refused.recoverySuggestion)
    }

    @Test
    fun `the main process gets none, nor a process without a name`() {
        for (name in listOf(FakeDevice.APP, null)) {
            Application.processName = name
            AndroidAuth.create(FakeDevice(), server.config()).close()
        }
    }
}
