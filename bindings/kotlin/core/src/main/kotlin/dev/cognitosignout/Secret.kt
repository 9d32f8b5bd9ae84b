package dev.cognitosignout

import dev.cognitosignout.ffi.Secret as FfiSecret

/**
 * A token or a client secret. It prints as `<redacted>`. The library's copy is wiped from memory when nothing refers to it any
 * more.
 *
 * [reveal] returns an ordinary string, which stays in memory until the JVM collects it. Call it only where you use the value.
 */
public class Secret internal constructor(internal val inner: FfiSecret) {
    /**
     * Wraps [value].
     *
     * @throws AuthException.Unusable if the native library is missing, or built for another system or processor.
     */
    @Throws(AuthException::class)
    public constructor(value: String) : this(withNativeLibrary { FfiSecret(value) })

    /** The value itself. */
    public fun reveal(): String = inner.reveal()

    override fun equals(other: Any?): Boolean = other is Secret && inner == other.inner

    /** The same for all secrets: a hash would reveal something about the value. */
    override fun hashCode(): Int = 0

    override fun toString(): String = "<redacted>"
}
