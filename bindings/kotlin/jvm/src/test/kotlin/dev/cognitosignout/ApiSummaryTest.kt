package dev.cognitosignout

import kotlinx.validation.ExternalApi
import kotlinx.validation.api.dump
import kotlinx.validation.api.filterOutNonPublic
import kotlinx.validation.api.loadApiFromJvmClasses
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

/** The public API as a file, so that a change of it shows in review: `UPDATE_API=1 cargo xtask kotlin --test` writes it. */
class ApiSummaryTest {
    @OptIn(ExternalApi::class)
    @Test
    fun `the public API is the one on record`() {
        val classes = File(Auth::class.java.protectionDomain.codeSource.location.toURI())
        val files = classes.walk().filter { it.extension == "class" }.sortedBy { it.path }.toList()
        val signatures = files.asSequence().map { it.inputStream() }.loadApiFromJvmClasses()
        val api = buildString { signatures.filterOutNonPublic().dump(this) }

        val record = File(System.getProperty("bindings"), "api/kotlin.txt")
        if (System.getenv("UPDATE_API") != null) record.apply { parentFile.mkdirs() }.writeText(api)
        assertTrue("public final class dev/cognitosignout/Auth " in api)
        assertTrue("ffi" !in api, "what UniFFI generates is public")
        assertEquals(record.readText(), api)
    }
}
