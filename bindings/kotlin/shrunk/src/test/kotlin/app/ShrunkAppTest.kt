package app

import com.sun.jna.Platform
import dev.cognitosignout.Auth
import dev.cognitosignout.FakeServer
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.io.File
import java.net.URI
import java.util.concurrent.TimeUnit
import java.util.zip.ZipFile

class ShrunkAppTest {
    private val out = File(System.getProperty("out"), "shrunk").apply { mkdirs() }
    private val rules = File(System.getProperty("bindings"), "kotlin/android/src/main/aar/proguard.txt").readText()
    private val inputs = listOf("app.AppKt", Auth::class.java.name, "kotlin.Unit", "kotlinx.coroutines.BuildersKt",
        "com.sun.jna.Native").map { name ->
        File(URI(Class.forName(name).protectionDomain.codeSource.location.toString()))
    }

    @Test
    fun `an app that R8 shrank and optimised with the library's rules signs out`() {
        assertSignsOut(shrink(r8, "r8.jar", rules))
    }

    @Test
    fun `an app that ProGuard shrank with the library's rules signs out`() {
        assertSignsOut(shrink(proGuard, "proguard.jar", rules))
    }

    /** Else the others would prove nothing. */
    @Test
    fun `an app that was shrunk without them does not`() {
        val app = shrink(proGuard, "without.jar", "")
        FakeServer().use { server ->
            assertFalse("complete" in run(app, server))
            assertEquals(emptyList<String>(), server.requests())
        }
    }

    private fun assertSignsOut(app: File) {
        FakeServer().use { server ->
            val said = run(app, server)
            assertEquals("complete", said.lines().last { it.isNotEmpty() }, said)
            assertEquals(listOf("GlobalSignOut", "RevokeToken"), server.requests())
        }
        val names = ZipFile(app).use { zip -> zip.entries().asSequence().map { it.name }.toSet() }
        assertFalse("dev/cognitosignout/Auth.class" in names, "nothing was renamed")
        assertTrue("dev/cognitosignout/ffi/UniffiLib.class" in names)
        assertTrue(sizeOfClasses(app) < inputs.filter(File::isFile).sumOf(::sizeOfClasses) / 2, "nothing was shrunk")
    }

    private fun sizeOfClasses(jar: File): Long = ZipFile(jar).use { zip ->
        zip.entries().asSequence().filter { it.name.endsWith(".class") }.sumOf { it.size }
    }

    /** As an Android build does it: the whole app, the rules of each library that brings some, and the app's own. */
    private fun shrink(shrinker: Shrinker, name: String, libraryRules: String): File {
        val app = File(out, name)
        val ofCoroutines = entry(jarOf("coroutines"), "META-INF/proguard/coroutines.pro").decodeToString()
        val ofTheApp = """
            -keep class app.AppKt { public static void main(java.lang.String[]); }
            -dontwarn org.jetbrains.annotations.**,kotlin.**,kotlinx.coroutines.**,java.lang.instrument.**,sun.misc.**,com.sun.jna.**
        """.trimIndent()
        shrinker.shrink(inputs, listOf(ofCoroutines, libraryRules, ofTheApp).joinToString("\n"), app)
        return app
    }

    private fun jarOf(name: String): File = inputs.single { name in it.name }

    private fun entry(jar: File, name: String): ByteArray =
        ZipFile(jar).use { zip -> zip.getInputStream(zip.getEntry(name)).readBytes() }

    private fun run(app: File, server: FakeServer): String {
        val (config, tokens) = server.config() to server.signIn()
        // Beside the app, as Android has it: JNA's own library.
        val jnas = System.mapLibraryName("jnidispatch")
        File(out, jnas).writeBytes(entry(jarOf("jna-"), "com/sun/jna/${Platform.RESOURCE_PREFIX}/$jnas"))
        val process = ProcessBuilder(
            File(System.getProperty("java.home"), "bin/java").path,
            "-Djna.boot.library.path=$out",
            "-Djna.library.path=${System.getProperty("jna.library.path")}",
            "-cp", app.path, "app.AppKt", server.url, config.userPoolId, config.clientId,
            tokens.accessToken.reveal(), tokens.idToken.reveal(), tokens.refreshToken.reveal(),
        ).redirectErrorStream(true).start()
        val said = process.inputStream.reader().readText()
        assertTrue(process.waitFor(60, TimeUnit.SECONDS))
        // What goes wrong may name a class, and must not show a token.
        assertFalse(tokens.refreshToken.reveal() in said)
        return said
    }
}
