package dev.cognitosignout

import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.util.concurrent.TimeUnit

class NativeLibraryTest {
    @Test
    fun `without the native library a secret is a string, and each call says what is missing`() {
        val process = ProcessBuilder(
            File(System.getProperty("java.home"), "bin/java").path,
            "-cp", System.getProperty("java.class.path"),
            "-Djna.noclasspath=true", "-Djna.nosys=true", "-Djna.library.path=/nowhere",
            AppWithoutLibrary::class.java.name,
        ).redirectErrorStream(true).start()
        val said = process.inputStream.reader().readText()
        assertEquals(true, process.waitFor(30, TimeUnit.SECONDS), said)
        val all = said.lines().filter { it.isNotEmpty() }
        assertEquals("made <redacted> of a refresh token", all.first(), said)
        val lines = all.drop(1)
        assertEquals(6, lines.size, said)
        for (line in lines) {
            assertTrue(line.startsWith("native_library_missing: "), line)
            // The cause, and what to do in a shrunk app.
            assertTrue("java.lang.UnsatisfiedLinkError: Unable to locate" in line && "R8" in line, line)
        }
    }

    @Test
    fun `the first use compares the library with the classes that call it`() {
        val process = ProcessBuilder(
            File(System.getProperty("java.home"), "bin/java").path,
            "-cp", System.getProperty("java.class.path"),
            "-Djna.library.path=${System.getProperty("jna.library.path")}", "-Xlog:class+init",
            AppWithLibrary::class.java.name,
        ).redirectErrorStream(true).start()
        val said = process.inputStream.reader().readText()
        assertEquals(true, process.waitFor(30, TimeUnit.SECONDS), said)
        val initialized = said.lines().indexOfFirst { "dev/cognitosignout/ffi/IntegrityCheckingUniffiLib" in it }
        val used = said.lines().indexOf("made a configuration")
        assertTrue(initialized in 0 until used, said)
    }
}

/** Runs in its own process. */
internal object AppWithLibrary {
    @JvmStatic
    fun main(arguments: Array<String>) {
        AuthConfig.builder("eu-central-1_AbCdEf123", "1a2b3c").build()
        println("made a configuration")
    }
}

/** Runs in its own process. */
internal object AppWithoutLibrary {
    @JvmStatic
    fun main(arguments: Array<String>) {
        // An app's test makes some, without the library.
        Secret("a refresh token").let { println("made $it of ${it.reveal()}") }
        // Each of these can be an app's first call.
        val uses: List<suspend () -> Any> = listOf(
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
