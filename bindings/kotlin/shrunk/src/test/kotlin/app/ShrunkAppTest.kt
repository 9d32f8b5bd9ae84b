package app

import com.android.tools.r8.JdkClassFileProvider
import com.android.tools.r8.OutputMode
import com.android.tools.r8.R8
import com.android.tools.r8.R8Command
import com.android.tools.r8.origin.Origin
import dev.cognitosignout.Auth
import dev.cognitosignout.FakeServer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.net.URI
import java.nio.file.Path
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
        "kotlinx.coroutines.BuildersKt", "org.jetbrains.annotations.NotNull", "com.sun.jna.Native").map { name ->
        File(URI(Class.forName(name).protectionDomain.codeSource.location.toString()))
    }

    private fun sizeOfClasses(jar: File): Long = ZipFile(jar).use { zip ->
        zip.entries().asSequence().filter { it.name.endsWith(".class") }.sumOf { it.size }
    }

    /**
     * As an Android build does it: the whole app, the rules of each library that brings some, and the app's own. But into class files,
     * so that a JVM can run it.
     */
    private fun shrink(name: String, libraryRules: String): File {
        val app = File(out, name)
        val ofCoroutines = inputs().single { "coroutines" in it.name }.let { jar ->
            ZipFile(jar).use { zip ->
                zip.getInputStream(zip.getEntry("META-INF/com.android.tools/r8/coroutines.pro")).reader().readText()
            }
        }
        val ofApp = "-keep class app.AppKt { public static void main(java.lang.String[]); }"
        val command = R8Command.builder()
            .addProgramFiles(inputs().flatMap { it.walk() }.filter { it.extension in setOf("jar", "class") }.map(File::toPath))
            .addLibraryResourceProvider(JdkClassFileProvider.fromJdkHome(Path.of(System.getProperty("java.home"))))
            .addProguardConfiguration(listOf(ofApp, ofCoroutines, libraryRules), Origin.unknown())
            .setOutput(app.toPath(), OutputMode.ClassFile)
        R8.run(command.build())
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
