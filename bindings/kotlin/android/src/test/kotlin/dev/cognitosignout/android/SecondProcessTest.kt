package dev.cognitosignout.android

import android.app.Application
import dev.cognitosignout.AuthException
import dev.cognitosignout.FakeServer
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** An app with several processes: what one of them keeps in memory of the preferences, another does not see change. */
class SecondProcessTest {
    private val server = FakeServer()

    @AfterEach
    fun stop() {
        Application.processName = null
        server.close()
    }

    @Test
    fun `a second process of the app is told that the session is another's`() {
        Application.processName = "${FakeDevice.APP}:push"
        val refused = assertThrows(AuthException.Unusable::class.java) { AndroidAuth.create(FakeDevice(), server.config()) }
        assertEquals("second_process", refused.code)
        assertTrue("${FakeDevice.APP}:push" in refused.message, refused.message)
        assertTrue("Application.onCreate runs in every process" in refused.recoverySuggestion, refused.recoverySuggestion)
    }

    @Test
    fun `the main process is not, nor one that Android does not name`() {
        for (name in listOf(FakeDevice.APP, null)) {
            Application.processName = name
            AndroidAuth.create(FakeDevice(), server.config()).close()
        }
    }
}
