package dev.cognitosignout.android

import dev.cognitosignout.recordedApi
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

class AndroidApiSummaryTest {
    @Test
    fun `the public API for Android is the one on record`() {
        val api = recordedApi(AndroidAuth::class.java, "kotlin-android.txt")
        assertTrue("public final class dev/cognitosignout/android/AndroidAuth " in api)
        assertTrue("WebSteps" !in api, "what lies behind the activities is public")
    }
}
