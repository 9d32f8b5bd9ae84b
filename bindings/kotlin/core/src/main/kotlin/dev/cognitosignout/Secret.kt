package dev.cognitosignout

import dev.cognitosignout.ffi.Secret as FfiSecret

/**
 * A token or a client secret. It prints as `<redacted>`. The library's copy is wiped from memory when nothing refers to it any
 * more. Only where the native library is missing, as in a local unit test of an Android module, it is an ordinary string.
 *
 * [reveal] returns an ordinary string, which stays in memory until the JVM collects it. Call it only where you use the value.
 */
// The native secret, or the string. Not of a common type: a JVM would load the native one's class before it is used.
public class Secret private constructor(private val held: Any) {
    internal constructor(inner: FfiSecret) : this(inner as Any)

    /** Wraps [value]. */
    public constructor(value: String) : this(hold(value))

    /** @throws AuthException.Unusable if the native library is missing. */
    internal val inner: FfiSecret
        get() = if (held is FfiSecret) held else withNativeLibrary { FfiSecret(held as String) }

    /** The value itself. */
    public fun reveal(): String = if (held is FfiSecret) held.reveal() else held as String

    // The native one compares in constant time.
    override fun equals(other: Any?): Boolean =
        other is Secret && if (held is FfiSecret && other.held is FfiSecret) held == other.held else reveal() == other.reveal()

    /** The same for all secrets: a hash would reveal something about the value. */
    override fun hashCode(): Int = 0

    override fun toString(): String = "<redacted>"

    internal companion object {
        /** For tests: it does not even look for the native library. */
        fun ofString(value: String): Secret = Secret(value as Any)

        private fun hold(value: String): Any = try {
            FfiSecret(value)
        } catch (missing: LinkageError) {
            // Whatever needs the library says that it is missing, and why.
            rememberMissing(missing)
            value
        }
    }
}
