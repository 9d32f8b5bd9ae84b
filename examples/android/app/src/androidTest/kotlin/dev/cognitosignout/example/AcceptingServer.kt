package dev.cognitosignout.example

import java.net.InetAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.concurrent.thread

/** A user pool on this device that accepts everything. Its page for signing out sends the browser back to the app. */
class AcceptingServer(private val signedOut: String) : AutoCloseable {
    private val socket = ServerSocket(0, 50, InetAddress.getByName("127.0.0.1"))

    /** The requests' methods and paths, in order. */
    val requests: MutableList<String> = CopyOnWriteArrayList()

    val origin: String = "http://127.0.0.1:${socket.localPort}"

    init {
        thread(isDaemon = true) {
            while (!socket.isClosed) {
                val connection = runCatching { socket.accept() }.getOrNull() ?: break
                // A browser can open a connection and send nothing for a while.
                thread(isDaemon = true) { runCatching { connection.use(::serve) } }
            }
        }
    }

    private fun serve(connection: Socket) {
        val input = connection.getInputStream().bufferedReader()
        val (method, path) = input.readLine().split(' ')
        val headers = generateSequence { input.readLine().ifEmpty { null } }.map(String::lowercase).toList()
        val length = headers.firstOrNull { it.startsWith("content-length:") }?.substringAfter(':')?.trim()?.toInt() ?: 0
        repeat(length) { input.read() }
        requests += "$method ${path.substringBefore('?')}"
        val (status, header, body) = when {
            method == "POST" -> Triple("200 OK", "x-amzn-requestid: 1\r\ncontent-type: application/x-amz-json-1.1", "{}")
            path.startsWith("/logout") -> Triple("302 Found", "location: $signedOut", "")
            else -> Triple("404 Not Found", "content-type: text/plain", "")
        }
        val answer = "HTTP/1.1 $status\r\n$header\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n$body"
        connection.getOutputStream().write(answer.toByteArray())
    }

    override fun close(): Unit = socket.close()
}
