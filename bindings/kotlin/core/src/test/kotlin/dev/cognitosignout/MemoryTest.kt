package dev.cognitosignout

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.condition.EnabledOnOs
import org.junit.jupiter.api.condition.OS
import java.io.File

class MemoryTest {
    /** docs/how-it-is-proved.md has the figures. */
    @Test
    @EnabledOnOs(OS.LINUX)
    fun `the library leaves at most a piece of the refresh token`() {
        val search = File(System.getProperty("fake.cognito")).resolveSibling("memory_of_app").path
        val java = File(System.getProperty("java.home"), "bin/java").path
        val classes = System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path")
        val library = "-Djna.library.path=${System.getProperty("jna.library.path")}"
        // A small heap, because each search reads all of it.
        val app = listOf(java, "-Xmx64m", library, "-cp", classes, MemoryApp::class.java.name)
        val process = ProcessBuilder(listOf(search, "200") + app).redirectErrorStream(true).start()
        val said = process.inputStream.bufferedReader().readText()
        println(said)
        assertEquals(0, process.waitFor(), said)
    }
}
