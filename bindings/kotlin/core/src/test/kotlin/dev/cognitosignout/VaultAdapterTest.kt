package dev.cognitosignout

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import java.lang.ref.WeakReference

/** All handles of one vault share its adapter, and the library knows the vault by it. */
class VaultAdapterTest {
    /** An app's vault with a new object for each handle. */
    private data class NamedVault(val name: String) : Vault {
        override fun read(key: VaultKey): ByteArray? = null

        override fun write(key: VaultKey, record: ByteArray) = Unit

        override fun delete(key: VaultKey) = Unit
    }

    @Test
    fun `equal vaults have one adapter, even after an earlier one is gone`() {
        var earlier: NamedVault? = NamedVault("a")
        val gone = WeakReference(earlier)
        val earlierAdapter = WeakReference(VaultAdapter.of(earlier!!))
        collect(earlierAdapter)
        val adapter = VaultAdapter.of(NamedVault("a"))
        earlier = null
        collect(gone)
        assertEquals(adapter.identity, VaultAdapter.of(NamedVault("a")).identity)
    }

    private fun collect(reference: WeakReference<*>) {
        repeat(100) {
            if (reference.get() == null) return
            System.gc()
            Thread.sleep(10)
        }
        assertTrue(reference.get() == null, "it is still held")
    }
}
