package dev.cognitosignout.android

import dev.cognitosignout.AuthException
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertThrows
import org.junit.jupiter.api.Assertions.assertTrue
import org.robolectric.shadows.ShadowApplication

/** An app with several processes: each has its own copy of the preferences in memory, and does not see the others' changes. */
class SecondProcessTest : OnAndroid() {
    @Test
    fun `a second process of the app gets an error`() {
        val process = "${app.packageName}:push"
        ShadowApplication.setProcessName(process)
        val refused = assertThrows(AuthException.Unusable::class.java) { AndroidAuth.create(app, server.config()) }
        assertEquals("second_process", refused.code)
        assertTrue(process in refused.message, refused.message)
        assertTrue("Application.onCreate runs in every process" in refused.recoverySuggestion, refused.recoverySuggestion)
    }

    @Test
    fun `the main process gets none, nor a process without a name`() {
        AndroidAuth.create(app, server.config()).close()
        refuseSecondProcess(null, app.packageName)
    }
}
