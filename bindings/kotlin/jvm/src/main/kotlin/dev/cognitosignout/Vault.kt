package dev.cognitosignout

import dev.cognitosignout.ffi.Vault as FfiVault
import dev.cognitosignout.ffi.VaultException as FfiVaultException
import dev.cognitosignout.ffi.VaultKey as FfiVaultKey

/** Where the record is kept: the session, and what an interrupted sign-out has left. */
public sealed class VaultChoice {
    /**
     * In the platform's keychain: Android's Keystore, the Secret Service, macOS's Keychain, Windows's Credential Manager.
     *
     * @property servicePrefix what the entries' service names begin with. Unset: `cognito-signout`.
     * @property lockDirectory a folder that all processes share which share the record. Unset: the platform's own place.
     */
    public class Keychain @JvmOverloads constructor(
        public val servicePrefix: String? = null,
        public val lockDirectory: String? = null,
    ) : VaultChoice()

    /** In memory, until the process ends. */
    public data object Memory : VaultChoice()

    /**
     * In a place of the app's own.
     *
     * @property vault it.
     */
    public class Custom(public val vault: Vault) : VaultChoice()
}

/**
 * A place of the app's own that keeps one record per app client. Called on threads that may block, one call at a time.
 * What is written holds tokens.
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
internal class VaultAdapter(private val vault: Vault) : FfiVault {
    override fun read(key: FfiVaultKey): ByteArray? = said { vault.read(key.toPublic()) }

    override fun write(key: FfiVaultKey, record: ByteArray) = said { vault.write(key.toPublic(), record) }

    override fun delete(key: FfiVaultKey) = said { vault.delete(key.toPublic()) }

    private inline fun <T> said(call: () -> T): T = try {
        call()
    } catch (exception: VaultException) {
        throw exception.toFfi()
    } catch (thrown: Throwable) {
        // Its own text may hold what was written.
        throw FfiVaultException.Other("the app's vault threw ${thrown.javaClass.simpleName}")
    }
}
