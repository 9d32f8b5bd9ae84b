package dev.cognitosignout

import java.io.File
import java.net.InetAddress
import java.security.KeyStore
import javax.net.ssl.KeyManagerFactory
import javax.net.ssl.SSLContext
import kotlin.concurrent.thread

/** A TLS server with a self-signed certificate from the JDK's keytool. */
class UntrustedServer : AutoCloseable {
    private val folder = File.createTempFile("untrusted", "").apply { delete(); mkdir() }
    private val socket = context().serverSocketFactory.createServerSocket(0, 1, InetAddress.getLoopbackAddress())

    val url = "https://localhost:${socket.localPort}/"

    init {
        thread(isDaemon = true) {
            while (true) {
                val accepted = runCatching { socket.accept() }.getOrNull() ?: return@thread
                runCatching { accepted.use { it.getInputStream().read() } }
            }
        }
    }

    override fun close() {
        socket.close()
        folder.deleteRecursively()
    }

    private fun context(): SSLContext {
        val file = File(folder, "keys.p12")
        val keytool = File(System.getProperty("java.home"), "bin/keytool").path
        val made = ProcessBuilder(
            keytool, "-genkeypair", "-keystore", file.path, "-storepass", PASSWORD, "-alias", "localhost",
            "-dname", "CN=localhost", "-keyalg", "EC", "-ext", "san=dns:localhost",
        ).redirectErrorStream(true).start()
        check(made.waitFor() == 0) { made.inputStream.reader().readText() }
        val keys = KeyStore.getInstance(file, PASSWORD.toCharArray())
        val managers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm())
        managers.init(keys, PASSWORD.toCharArray())
        return SSLContext.getInstance("TLS").apply { init(managers.keyManagers, null, null) }
    }

    private companion object {
        const val PASSWORD = "for the test"
    }
}
