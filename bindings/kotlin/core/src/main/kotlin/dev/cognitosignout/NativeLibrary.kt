package dev.cognitosignout

import dev.cognitosignout.ffi.Problem
import dev.cognitosignout.ffi.uniffiEnsureInitialized
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import java.util.concurrent.atomic.AtomicReference

/** For work that continues after the call that starts it. */
internal val libraryScope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

/**
 * Runs a call that may be the first use of the native library. If the library is missing, or was built for another version
 * of these classes, the exception says so.
 */
internal inline fun <T> withNativeLibrary(call: () -> T): T = try {
    // Compares the checksums of all functions, once. UniFFI does not do so by itself.
    uniffiEnsureInitialized()
    call()
} catch (missing: LinkageError) {
    throw nativeLibraryMissing(missing)
}

/** The error of the first use. The JVM's errors for later uses only say that the first one failed. */
private val firstMissing = AtomicReference<Throwable>()

internal fun rememberMissing(missing: Throwable) {
    firstMissing.compareAndSet(null, missing)
}

internal fun nativeLibraryMissing(missing: Throwable): AuthException.Unusable {
    rememberMissing(missing)
    val cause = generateSequence(firstMissing.get()) { it.cause }.last()
    val problem = Problem(
        code = ErrorCode.NATIVE_LIBRARY_MISSING,
        detail = "the native library cannot be used (${cause.javaClass.name}: ${cause.message})",
        recovery = "Use the jar or the AAR that was built for this system and processor. " +
            "If the app is shrunk (R8, ProGuard), keep what the library's rules keep. An AAR contains these rules.",
    )
    return AuthException.Unusable(problem).apply { initCause(missing) }
}
