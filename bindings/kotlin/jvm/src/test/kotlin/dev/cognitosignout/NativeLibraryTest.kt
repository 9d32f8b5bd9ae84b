package dev.cognitosignout

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.util.concurrent.TimeUnit

class NativeLibraryTest {
    @Test
    fun `an app without the native library is told so, and again when it asks again`() {
        val process = ProcessBuilder(
            File(System.getProperty("java.home"), "bin/java").path,
            "-cp", System.getProperty("java.class.path"),
            "-Djna.noclasspath=true", "-Djna.nosys=true", "-Djna.library.path=/nowhere",
            AppWithoutLibrary::class.java.name,
        ).redirectErrorStream(true).start()
        val said = process.inputStream.reader().readText()
        assertEquals(true, process.waitFor(30, TimeUnit.SECONDS), said)
        val lines = said.lines().filter { it.isNotEmpty() }
        assertEquals(8, lines.size, said)
        for (line in lines) {
            assertTrue(line.startsWith("native_library_missing: "), line)
            // What is wrong, and what is to be done if the app was shrunk.
            assertTrue("java.lang.UnsatisfiedLinkError: Unable to locate" in line && "R8" in line, line)
        }
    }
}

/** Runs in a process of its own. */
internal object AppWithoutLibrary {
    @JvmStatic
    fun main(arguments: Array<String>) {
        // Each can be an app's first.
        val uses: List<suspend () -> Any> = listOf(
            { Secret("a refresh token") },
            { AuthConfig.builder("eu-central-1_AbCdEf123", "1a2b3c").build() },
            { SystemBrowser() },
            { Auth.askToUnlockKeychain() },
        )
        for (use in uses + uses) {
            try {
                println("made ${runBlocking { use() }}")
            } catch (exception: AuthException.Unusable) {
                println("${exception.code}: ${exception.message} ${exception.recoverySuggestion}".replace('\n', ' '))
            }
        }
    }
}
