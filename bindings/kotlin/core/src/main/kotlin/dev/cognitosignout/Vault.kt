package dev.cognitosignout

import dev.cognitosignout.ffi.Vault as FfiVault
import dev.cognitosignout.ffi.VaultException as FfiVaultException
import dev.cognitosignout.ffi.VaultKey as FfiVaultKey
import java.lang.ref.WeakReference
import java.util.WeakHashMap
import java.util.concurrent.atomic.AtomicLong

/** Where the record is stored: the session, and the debts of earlier sign-outs. */
public sealed class VaultChoice {
    /**
     * In the platform's keychain: Android's Keystore, the Secret Service, macOS's Keychain, Windows's Credential Manager.
     *
     * @property servicePrefix the beginning of the entries' service names. Default: `cognito-signout`.
     * @property lockDirectory a folder for lock files, which every process that shares the record must use. Default: the
     *   platform's own place. Do not set it on Android: an app's preferences belong to one process, and every call would fail.
     */
    public class Keychain @JvmOverloads constructor(
        public val servicePrefix: String? = null,
        public val lockDirectory: String? = null,
    ) : VaultChoice()

    /** In memory, until the process ends. */
    public data object Memory : VaultChoice()

    /**
     * In the app's own storage. All [Auth]s over one vault, or over equal vaults, share the session.
     *
     * @property vault the storage.
     */
    public class Custom(public val vault: Vault) : VaultChoice()
}

/**
 * The app's own storage, with one record per app client. Called on threads that may block. A record contains tokens.
 *
 * [Auth]s over one vault take turns at a record, and so do [Auth]s over equal vaults. Objects that store the same records must
 * be equal, and others must not be. [lock] keeps out other processes that share the storage.
 */
public interface Vault {
    /** Reads the record. Null if no record exists. */
    @Throws(VaultException::class)
    public fun read(key: VaultKey): ByteArray?

    /** Replaces the record. If it fails, the old record must be unchanged. */
    @Throws(VaultException::class)
    public fun write(key: VaultKey, record: ByteArray)

    /** Deletes the record without reading it. It succeeds if there is no record. */
    @Throws(VaultException::class)
    public fun delete(key: VaultKey)

    /**
     * Locks the record against others that share the storage, until [unlock]. The default does nothing, for storage that is not
     * shared.
     *
     * @param patienceMillis the longest time to wait for the others, in milliseconds.
     * @throws VaultException with the kind `LOCKED` if another still has the lock. [unlock] is not called then.
     */
    @Throws(VaultException::class)
    public fun lock(key: VaultKey, patienceMillis: Long) {
    }

    /** Releases the lock. Called once after each successful [lock]. The default does nothing. */
    @Throws(VaultException::class)
    public fun unlock(key: VaultKey) {
    }
}

/**
 * Names one record.
 *
 * @property userPoolId the user pool's ID.
 * @property clientId the app client's ID.
 */
public class VaultKey internal constructor(public val userPoolId: String, public val clientId: String) {
    override fun equals(other: Any?): Boolean =
        other is VaultKey && userPoolId == other.userPoolId && clientId == other.clientId

    override fun hashCode(): Int = 31 * userPoolId.hashCode() + clientId.hashCode()

    override fun toString(): String = "$userPoolId/$clientId"
}

/**
 * Why a vault operation failed.
 *
 * @property kind what happened.
 * @param detail text for people. It must contain nothing from the record.
 */
public class VaultException(public val kind: Kind, internal val detail: String) : Exception(detail) {
    /** What happened. */
    public enum class Kind {
        /** The storage is locked. Try again after it is unlocked. */
        LOCKED,

        /** There is no such storage on this device. */
        UNAVAILABLE,

        /** The app is not allowed to use the storage. */
        NOT_ALLOWED,

        /** Anything else. */
        OTHER,
    }
}

/** Adapts the app's vault to the library's. It must also catch an `Error`: UniFFI would treat the call as a success. */
internal class VaultAdapter private constructor(private val vault: Vault) : FfiVault {
    /** Unique for each adapter. */
    val identity: ULong = made.incrementAndGet().toULong()

    companion object {
        private val made = AtomicLong()

        /** An adapter refers to its key, and is collected when Rust releases it. */
        private val inUse = WeakHashMap<Vault, WeakReference<VaultAdapter>>()

        /** The adapter of this vault or of an equal one. */
        fun of(vault: Vault): VaultAdapter = synchronized(inUse) {
            inUse[vault]?.get() ?: VaultAdapter(vault).also {
                // Without this the entry keeps the older equal vault as its key, and disappears with it.
                inUse.remove(vault)
                inUse[vault] = WeakReference(it)
            }
        }
    }

    override fun read(key: FfiVaultKey): ByteArray? = said { vault.read(key.toPublic()) }

    override fun write(key: FfiVaultKey, record: ByteArray) = said { vault.write(key.toPublic(), record) }

    override fun delete(key: FfiVaultKey) = said { vault.delete(key.toPublic()) }

    override fun lock(key: FfiVaultKey, patience: ULong) =
        said { vault.lock(key.toPublic(), patience.coerceAtMost(Long.MAX_VALUE.toULong()).toLong()) }

    override fun unlock(key: FfiVaultKey) = said { vault.unlock(key.toPublic()) }

    private inline fun <T> said(call: () -> T): T = try {
        call()
    } catch (exception: VaultException) {
        throw exception.toFfi()
    } catch (thrown: Throwable) {
        // Its own text may contain parts of the record.
        throw FfiVaultException.Other("the app's vault threw ${thrown.javaClass.simpleName}")
    }
}
