package dev.cognitosignout

import dev.cognitosignout.ffi.Secret as FfiSecret

/**
 * A token or a client secret. Prints as `<redacted>`; the library's copy is wiped from memory once nothing refers to it.
 *
 * What [reveal] returns is an ordinary string, which the JVM keeps until it collects it: call it where the value is used.
 */
public class Secret internal constructor(internal val inner: FfiSecret) {
    /**
     * Wraps [value].
     *
     * @throws AuthException.Unusable if the native library is missing, or not for this system and processor.
     */
    @Throws(AuthException::class)
    public constructor(value: String) : this(withNativeLibrary { FfiSecret(value) })

    /** The value itself. */
    public fun reveal(): String = inner.reveal()

    override fun equals(other: Any?): Boolean = other is Secret && inner == other.inner

    /** The same for all: a hash would say something of the value. */
    override fun hashCode(): Int = 0

    override fun toString(): String = "<redacted>"
}
