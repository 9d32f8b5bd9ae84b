package dev.cognitosignout

import kotlinx.validation.ExternalApi
import kotlinx.validation.api.dump
import kotlinx.validation.api.filterOutNonPublic
import kotlinx.validation.api.loadApiFromJvmClasses
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File

class ApiSummaryTest {
    @Test
    fun `the public API is the one on record`() {
        val api = recordedApi(Auth::class.java, "kotlin.txt")
        assertTrue("public final class dev/cognitosignout/Auth " in api)
        assertTrue("ffi" !in api, "what UniFFI generates is public")
    }
}

/**
 * The public API of the classes that lie where [one] does, which must be what [record] says, so that a change of it shows
 * in review: `UPDATE_API=1 cargo xtask kotlin --test` writes it.
 */
@OptIn(ExternalApi::class)
fun recordedApi(one: Class<*>, record: String): String {
    val classes = File(one.protectionDomain.codeSource.location.toURI())
    val files = classes.walk().filter { it.extension == "class" }.sortedBy { it.path }.toList()
    val signatures = files.asSequence().map { it.inputStream() }.loadApiFromJvmClasses()
    val api = buildString { signatures.filterOutNonPublic().dump(this) }
    val file = File(System.getProperty("bindings"), "api/$record")
    if (System.getenv("UPDATE_API") != null) file.apply { parentFile.mkdirs() }.writeText(api)
    assertEquals(file.readText(), api)
    return api
}
