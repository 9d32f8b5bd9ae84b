package dev.cognitosignout

import kotlinx.coroutines.runBlocking
import java.util.Collections
import java.util.concurrent.atomic.AtomicInteger

/** Throws an exception that is not the library's, with a text that must not be repeated. */
fun thrown(): Nothing = throw IllegalStateException("thrown: SECRET")

/** A scenario's transport, over the real one. */
class TestTransport(
    private val does: String,
    private val real: HttpTransport,
    private val saw: MutableList<String>,
) : HttpTransport {
    lateinit var auth: Auth
    private val kept = Collections.synchronizedList(mutableListOf<HttpCompletion>())

    override fun start(request: HttpRequest, completion: HttpCompletion) {
        when (does) {
            "real" -> real.start(request, completion)
            "throws" -> thrown()
            "lets_go" -> completion.close()
            "never_completes" -> kept += completion
            "calls_back" -> {
                saw += runBlocking { auth.session().name }
                real.start(request, completion)
            }
            "completes_twice" -> {
                real.start(request, completion)
                check(!completion.fail(TransportException(TransportException.Kind.OTHER, "late"))) { "heard" }
            }
            else -> error("no transport: $does")
        }
    }
}

/** A scenario's browser. */
class TestBrowser(private val does: String) : Browser {
    val pages = AtomicInteger()
    private val kept = Collections.synchronizedList(mutableListOf<BrowserCompletion>())

    override fun show(url: String, redirect: String, completion: BrowserCompletion) {
        pages.incrementAndGet()
        when (does) {
            "comes_back" -> completion.use { it.redirected(redirect) }
            "comes_back_twice" -> completion.use {
                it.redirected(redirect)
                it.redirected(redirect)
                it.failed(BrowserException(BrowserException.Kind.CANCELLED, "late"))
            }
            "comes_back_with_error" -> completion.use { it.redirected("$redirect?error=server_error") }
            "cancelled" -> completion.use { it.failed(BrowserException(BrowserException.Kind.CANCELLED, "closed")) }
            "unavailable" -> throw BrowserException(BrowserException.Kind.UNAVAILABLE, "for the test")
            "throws" -> thrown()
            "never_comes_back" -> kept += completion
            else -> error("no browser: $does")
        }
    }
}

/** The device's keychain, shared by its processes. */
class TestVault : Vault {
    @Volatile
    var failing: Map<String, String> = emptyMap()
    private var record: ByteArray? = null

    override fun read(key: VaultKey): ByteArray? = asked("read").let { record }

    override fun write(key: VaultKey, record: ByteArray) = asked("write").also { this.record = record }

    override fun delete(key: VaultKey) = asked("delete").also { record = null }

    private fun asked(how: String) {
        when (val failure = failing[how]) {
            null -> Unit
            "locked" -> throw VaultException(VaultException.Kind.LOCKED, "for the test")
            "other" -> throw VaultException(VaultException.Kind.OTHER, "for the test")
            "throws" -> thrown()
            else -> error("no failure of a vault: $failure")
        }
    }
}

/** The same keychain in another process. */
class InAnotherProcess(vault: TestVault) : Vault by vault

val SessionState.name: String
    get() = when (this) {
        is SessionState.SignedIn -> "signed_in"
        is SessionState.SignedOut -> "signed_out"
        is SessionState.Unavailable -> "unavailable"
    }

val AuthEvent.name: String
    get() = when (this) {
        is AuthEvent.SignedIn -> "signed_in"
        is AuthEvent.SignedOut -> listOfNotNull("signed_out", reason.name.lowercase(), appReason).joinToString(":")
        is AuthEvent.SessionExpired -> "session_expired:${reason.word}"
        is AuthEvent.RevocationSettled -> "revocation_settled"
    }

val SignOutResult.name: String
    get() = when (this) {
        is SignOutResult.Complete -> "complete"
        is SignOutResult.Partial -> "partial"
        is SignOutResult.Failed -> "failed"
    }
