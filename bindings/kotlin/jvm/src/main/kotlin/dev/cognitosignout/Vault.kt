package dev.cognitosignout

import dev.cognitosignout.ffi.Vault as FfiVault
import dev.cognitosignout.ffi.VaultException as FfiVaultException
import dev.cognitosignout.ffi.VaultKey as FfiVaultKey
import java.lang.ref.WeakReference
import java.util.WeakHashMap
import java.util.concurrent.atomic.AtomicLong

/** Where the record is kept: the session, and what an interrupted sign-out has left. */
public sealed class VaultChoice {
    /**
     * In the platform's keychain: Android's Keystore, the Secret Service, macOS's Keychain, Windows's Credential Manager.
     *
     * @property servicePrefix what the entries' service names begin with. Unset: `cognito-signout`.
     * @property lockDirectory a folder that all processes share which share the record. Unset: the platform's own place.
     *   On Android name none: an app's preferences belong to one process, and with a folder every call fails.
     */
    public class Keychain @JvmOverloads constructor(
        public val servicePrefix: String? = null,
        public val lockDirectory: String? = null,
    ) : VaultChoice()

    /** In memory, until the process ends. */
    public data object Memory : VaultChoice()

    /**
     * In a place of the app's own. All [Auth]s over one vault, or over equal ones, share what belongs to the session.
     *
     * @property vault it.
     */
    public class Custom(public val vault: Vault) : VaultChoice()
}

/**
 * A place of the app's own that keeps one record per app client. Called on threads that may block. What is written holds
 * tokens.
 *
 * [Auth]s over one vault take turns at a record, and so do those over vaults that are equal: objects that keep the same
 * records say so by `equals`, and no others do. Other processes that share the store are held off by [lock].
 */
public interface Vault {
    /** Reads the record; nothing, if there is none. */
    @Throws(VaultException::class)
    public fun read(key: VaultKey): ByteArray?

    /** Writes the record in place of what stands there: the whole of it or, failing, none of it. */
    @Throws(VaultException::class)
    public fun write(key: VaultKey, record: ByteArray)

    /** Deletes the record without reading it. Deleting nothing is a success. */
    @Throws(VaultException::class)
    public fun delete(key: VaultKey)

    /**
     * Holds others that share the store off the record, until [unlock]. By default nobody shares it, and this does nothing.
     *
     * @param patienceMillis how long to wait for others at most, in milliseconds.
     * @throws VaultException of the kind `LOCKED` if another one keeps holding it. Then it is not unlocked.
     */
    @Throws(VaultException::class)
    public fun lock(key: VaultKey, patienceMillis: Long) {
    }

    /** Lets others at the record again. Called once after each lock that succeeded. By default it does nothing. */
    @Throws(VaultException::class)
    public fun unlock(key: VaultKey) {
    }
}

/**
 * Names one record.
 *
 * @property userPoolId the user pool's id.
 * @property clientId the app client's id.
 */
public class VaultKey internal constructor(public val userPoolId: String, public val clientId: String) {
    override fun equals(other: Any?): Boolean =
        other is VaultKey && userPoolId == other.userPoolId && clientId == other.clientId

    override fun hashCode(): Int = 31 * userPoolId.hashCode() + clientId.hashCode()

    override fun toString(): String = "$userPoolId/$clientId"
}

/**
 * Why a vault could not do what it was asked.
 *
 * @property kind what happened.
 * @param detail for people. Must hold nothing of the record.
 */
public class VaultException(public val kind: Kind, internal val detail: String) : Exception(detail) {
    /** What happened. */
    public enum class Kind {
        /** It is locked: try again after it is unlocked. */
        LOCKED,

        /** There is no such store here. */
        UNAVAILABLE,

        /** The app is not allowed to use it. */
        NOT_ALLOWED,

        /** Anything else. */
        OTHER,
    }
}

/** The library's port, over the app's. An `Error` must not pass: UniFFI would take the call for a success. */
internal class VaultAdapter private constructor(private val vault: Vault) : FfiVault {
    /** No other adapter's. */
    val identity: ULong = made.incrementAndGet().toULong()

    companion object {
        private val made = AtomicLong()

        /** An adapter holds its key, and goes when Rust lets go of it. */
        private val inUse = WeakHashMap<Vault, WeakReference<VaultAdapter>>()

        /** The adapter of this vault, or of one that is equal. */
        fun of(vault: Vault): VaultAdapter = synchronized(inUse) {
            inUse[vault]?.get() ?: VaultAdapter(vault).also {
                // Else the entry keeps the key of an equal vault from before, and goes with that one.
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
        // Its own text may hold what was written.
        throw FfiVaultException.Other("the app's vault threw ${thrown.javaClass.simpleName}")
    }
}
