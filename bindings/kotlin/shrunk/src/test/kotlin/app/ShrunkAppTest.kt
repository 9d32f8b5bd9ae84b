package app

import dev.cognitosignout.Auth
import dev.cognitosignout.FakeServer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import proguard.Configuration
import proguard.ConfigurationParser
import proguard.ProGuard
import java.io.File
import java.net.URI
import java.util.Properties
import java.util.concurrent.TimeUnit
import java.util.zip.ZipFile

class ShrunkAppTest {
    private val out = File(System.getProperty("out"), "shrunk").apply { mkdirs() }
    private val rules = File(System.getProperty("bindings"), "kotlin/android/src/main/aar/proguard.txt")

    @Test
    fun `an app that was shrunk with the library's rules can sign out`() {
        val app = shrink("shrunk.jar", rules.readText())
        FakeServer().use { server ->
            val said = run(app, server)
            assertEquals("complete", said.lines().last { it.isNotEmpty() }, said)
            assertEquals(listOf("GlobalSignOut", "RevokeToken"), server.requests())
        }
        val names = ZipFile(app).use { zip -> zip.entries().asSequence().map { it.name }.toSet() }
        assertFalse("dev/cognitosignout/Auth.class" in names, "nothing was renamed")
        assertTrue("dev/cognitosignout/ffi/UniffiLib.class" in names)
        assertTrue(sizeOfClasses(app) < inputs().filter(File::isFile).sumOf(::sizeOfClasses) / 2, "nothing was shrunk")
    }

    /** Without this, the other test would prove nothing: an app can be built without an error and still not run. */
    @Test
    fun `an app that was shrunk without the rules cannot`() {
        val app = shrink("without.jar", rules.readLines().filter { it.startsWith("-dontwarn") }.joinToString("\n"))
        FakeServer().use { server ->
            val said = run(app, server)
            assertFalse("complete" in said)
            // The error does not blame a missing library.
            assertTrue("native_library_missing" in said && "R8" in said, said)
            assertEquals(emptyList<String>(), server.requests())
        }
    }

    private fun inputs(): List<File> = listOf("app.AppKt", Auth::class.java.name, "kotlin.Unit",
        "kotlinx.coroutines.BuildersKt", "com.sun.jna.Native").map { name ->
        File(URI(Class.forName(name).protectionDomain.codeSource.location.toString()))
    }

    private fun sizeOfClasses(jar: File): Long = ZipFile(jar).use { zip ->
        zip.entries().asSequence().filter { it.name.endsWith(".class") }.sumOf { it.size }
    }

    /**
     * As an Android build does it: the whole app, the rules of each library that brings some, and the app's own. And without
     * the one class that the generated Kotlin can do without, and that Android's older platforms lack.
     */
    private fun shrink(name: String, libraryRules: String): File {
        val app = File(out, name)
        val ofCoroutines = inputs().single { "coroutines" in it.name }.let { jar ->
            ZipFile(jar).use { zip ->
                zip.getInputStream(zip.getEntry("META-INF/proguard/coroutines.pro")).reader().readText()
            }
        }
        val configuration = """
            ${inputs().joinToString("\n") { "-injars '$it'(!META-INF/versions/**,!module-info.class,!*/libcognito_signout.*)" }}
            -outjars '$app'
            ${listOf("java.base", "java.logging", "java.desktop").joinToString("\n") {
                "-libraryjars '${System.getProperty("java.home")}/jmods/$it.jmod'(!**.jar;!module-info.class,!java/lang/ref/Cleaner**)"
            }}
            -keep class app.AppKt { public static void main(java.lang.String[]); }
            -dontnote **
            -dontwarn org.jetbrains.annotations.**,kotlin.**,kotlinx.coroutines.**,java.lang.instrument.**,sun.misc.**,com.sun.jna.**
            # Its optimizer has made code of coroutines that no JVM takes. R8, which Android uses, has one of its own.
            -dontoptimize
            $ofCoroutines
            $libraryRules
        """.trimIndent()
        val file = File(out, "$name.pro").apply { writeText(configuration) }
        app.delete()
        val parsed = Configuration()
        ConfigurationParser(file, Properties()).use { it.parse(parsed) }
        ProGuard(parsed).execute()
        return app
    }

    private fun run(app: File, server: FakeServer): String {
        val (config, tokens) = server.config() to server.signIn()
        val process = ProcessBuilder(
            File(System.getProperty("java.home"), "bin/java").path,
            "-Djna.library.path=${System.getProperty("jna.library.path")}",
            "-cp", app.path, "app.AppKt", server.url, config.userPoolId, config.clientId,
            tokens.accessToken.reveal(), tokens.idToken.reveal(), tokens.refreshToken.reveal(),
        ).redirectErrorStream(true).start()
        val said = process.inputStream.reader().readText()
        assertTrue(process.waitFor(60, TimeUnit.SECONDS))
        // An error may name a class, but must not show a token.
        assertFalse(tokens.refreshToken.reveal() in said)
        return said
    }
}
