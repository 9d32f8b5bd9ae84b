package dev.cognitosignout.android

import android.content.Context
import android.content.ContextWrapper
import android.content.SharedPreferences
import android.content.pm.ApplicationInfo
import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.AlgorithmParameters
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.UnrecoverableKeyException
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Base64
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import java.util.Properties
import java.util.concurrent.ConcurrentHashMap
import javax.crypto.Cipher
import javax.crypto.CipherSpi
import javax.crypto.IllegalBlockSizeException
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/**
 * The parts of a device that the Android keychain uses: preferences, and the Keystore's AES keys.
 *
 * @param folder the folder of the preferences, which stay after the process ends. Null: in memory.
 */
open class FakeDevice(private val folder: File? = null) : ContextWrapper(null) {
    private val files = ConcurrentHashMap<String, FakePreferences>()

    /** Whether the disk is full: preferences that are written now do not reach it. */
    @Volatile
    var diskFull = false

    /** Whether the device has not been unlocked since it started. */
    @Volatile
    var locked = false

    override fun getApplicationContext(): Context = this

    override fun getApplicationInfo() = bare(ApplicationInfo::class.java).apply { processName = APP }

    override fun getSharedPreferences(name: String, mode: Int): SharedPreferences {
        // The text of ContextImpl.
        check(!locked) {
            "SharedPreferences in credential encrypted storage are not available until after user (id 0) is unlocked"
        }
        return files.computeIfAbsent(name) { FakePreferences(Kept(folder?.resolve("$name.preferences")) { diskFull }) }
    }

    /** The preferences' files. */
    fun files(): Set<String> = files.keys.map { "$it.xml" }.toSet()

    /** Everything in the preferences. */
    fun stored(): String = files.values.joinToString { it.all.toString() }

    companion object {
        /** The file of the keys, which backups do not contain. */
        const val KEYSTORE = "keystore"

        /** The app's package, and its main process. */
        const val APP = "dev.cognitosignout.example"

        /** Android's provider of keys that never leave the device, which keeps them in [folder], or in memory. */
        fun installKeystore(folder: File? = null) {
            keys = Kept(folder?.resolve(KEYSTORE))
            Security.addProvider(FakeKeystoreProvider())
        }
    }
}

/** Names and values, in a file if there is one, and in memory until it can be written. */
class Kept(private val file: File?, private val diskFull: () -> Boolean = { false }) {
    private val values = Properties().apply { file?.takeIf(File::exists)?.inputStream()?.use(::load) }
    private var written = true

    /** Makes the change, and returns whether the file has it too. */
    @Synchronized
    fun change(change: (MutableMap<String, String>) -> Unit): Boolean {
        val before = all()
        @Suppress("UNCHECKED_CAST")
        change(values as MutableMap<String, String>)
        if (before != all()) written = false
        if (!written && !diskFull()) {
            file?.outputStream()?.use { values.store(it, null) }
            written = true
        }
        return written
    }

    @Synchronized
    fun all(): Map<String, String> = values.stringPropertyNames().associateWith(values::getProperty)
}

/** Preferences with string values. Other methods throw. */
class FakePreferences(private val kept: Kept) : SharedPreferences {
    override fun getAll(): Map<String, *> = kept.all()
    override fun getString(key: String, default: String?) = kept.all()[key] ?: default
    override fun contains(key: String) = key in kept.all()
    override fun edit(): SharedPreferences.Editor = Edit()
    override fun getStringSet(key: String, default: Set<String>?) = throw UnsupportedOperationException()
    override fun getInt(key: String, default: Int) = throw UnsupportedOperationException()
    override fun getLong(key: String, default: Long) = throw UnsupportedOperationException()
    override fun getFloat(key: String, default: Float) = throw UnsupportedOperationException()
    override fun getBoolean(key: String, default: Boolean) = throw UnsupportedOperationException()
    override fun registerOnSharedPreferenceChangeListener(l: SharedPreferences.OnSharedPreferenceChangeListener) =
        throw UnsupportedOperationException()
    override fun unregisterOnSharedPreferenceChangeListener(l: SharedPreferences.OnSharedPreferenceChangeListener) =
        throw UnsupportedOperationException()

    private inner class Edit : SharedPreferences.Editor {
        private val changes = mutableListOf<(MutableMap<String, String>) -> Unit>()

        override fun putString(key: String, value: String?) =
            apply { changes += { if (value == null) it.remove(key) else it[key] = value } }
        override fun remove(key: String) = apply { changes += { it.remove(key) } }
        override fun clear() = apply { changes += { it.clear() } }
        override fun commit() = kept.change { values -> changes.forEach { it(values) } }
        override fun apply() { commit() }
        override fun putStringSet(key: String, values: Set<String>?) = throw UnsupportedOperationException()
        override fun putInt(key: String, value: Int) = throw UnsupportedOperationException()
        override fun putLong(key: String, value: Long) = throw UnsupportedOperationException()
        override fun putFloat(key: String, value: Float) = throw UnsupportedOperationException()
        override fun putBoolean(key: String, value: Boolean) = throw UnsupportedOperationException()
    }
}

/** Skips the constructor, which reads the device's time. */
private fun <T> bare(type: Class<T>): T {
    val unsafe = sun.misc.Unsafe::class.java.getDeclaredField("theUnsafe").apply { isAccessible = true }
    return type.cast((unsafe.get(null) as sun.misc.Unsafe).allocateInstance(type))
}

private var keys = Kept(null)

/** Failures of the Keystore. Real devices have shown each of them, for a moment or for longer. */
enum class KeystoreMood {
    WELL,

    /** It cannot provide a key, and throws: AOSP throws for every error except a missing key. */
    GIVES_NO_KEY,

    /**
     * The same, and it also says that there is no key, like Android 12 and later: `AndroidKeyStoreSpi.getKeyMetadata` is null after
     * any error. Creating a key works.
     */
    GIVES_NO_KEY_AND_DENIES_IT,

    /** It provides its keys, but every operation fails because the Keystore has dropped it. */
    CARRIES_NOTHING_OUT,

    /** The same, but only once. */
    LETS_GO_ONCE,
}

@Volatile
var keystoreMood = KeystoreMood.WELL

/** The cause that the Keystore's daemon reports. */
private fun keystoreException() = android.security.KeyStoreException(SYSTEM_ERROR, "system error")

private const val SYSTEM_ERROR = 4

private class FakeKeystoreProvider : Provider("AndroidKeyStore", "1.0", "for tests") {
    init {
        put("KeyStore.AndroidKeyStore", FakeKeystore::class.java.name)
        put("KeyGenerator.AES", FakeKeyGenerator::class.java.name)
        put("Cipher.AES/GCM/NoPadding", FakeKeystoreCipher::class.java.name)
    }
}

/** A key that never leaves the Keystore: no other provider's cipher takes it. */
class FakeKey(val alias: String) : SecretKey {
    override fun getAlgorithm() = "AES"
    override fun getFormat(): String? = null
    override fun getEncoded(): ByteArray? = null
}

/** Creates an AES key with the name in its parameters. */
class FakeKeyGenerator : KeyGeneratorSpi() {
    private var alias = ""

    override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
        alias = (parameters as android.security.keystore.KeyGenParameterSpec).keystoreAlias
    }

    override fun engineInit(random: SecureRandom?) = Unit
    override fun engineInit(size: Int, random: SecureRandom?) = Unit

    override fun engineGenerateKey(): SecretKey {
        val key = KeyGenerator.getInstance("AES", "SunJCE").apply { init(256) }.generateKey()
        keys.change { it[alias] = Base64.getEncoder().encodeToString(key.encoded) }
        return FakeKey(alias)
    }
}

/** Encrypts and decrypts with such a key, using the JDK with the key's bytes. */
class FakeKeystoreCipher : CipherSpi() {
    private val real = Cipher.getInstance("AES/GCM/NoPadding", "SunJCE")

    override fun engineInit(mode: Int, key: Key, random: SecureRandom?) = real.init(mode, bytes(key))
    override fun engineInit(mode: Int, key: Key, parameters: AlgorithmParameterSpec?, random: SecureRandom?) =
        real.init(mode, bytes(key), parameters)
    override fun engineInit(mode: Int, key: Key, parameters: AlgorithmParameters?, random: SecureRandom?) =
        real.init(mode, bytes(key), parameters)

    private fun bytes(key: Key) = SecretKeySpec(Base64.getDecoder().decode(keys.all()[(key as FakeKey).alias]), "AES")

    override fun engineDoFinal(input: ByteArray?, offset: Int, length: Int): ByteArray {
        val mood = keystoreMood
        if (mood == KeystoreMood.CARRIES_NOTHING_OUT || mood == KeystoreMood.LETS_GO_ONCE) {
            if (mood == KeystoreMood.LETS_GO_ONCE) keystoreMood = KeystoreMood.WELL
            throw IllegalBlockSizeException().apply { initCause(keystoreException()) }
        }
        return real.doFinal(input, offset, length)
    }

    override fun engineGetIV(): ByteArray = real.iv
    override fun engineSetMode(mode: String?) = Unit
    override fun engineSetPadding(padding: String?) = Unit
    override fun engineGetBlockSize() = real.blockSize
    override fun engineGetOutputSize(length: Int) = real.getOutputSize(length)
    override fun engineGetParameters(): AlgorithmParameters? = real.parameters
    override fun engineUpdate(input: ByteArray, offset: Int, length: Int) = throw UnsupportedOperationException()
    override fun engineUpdate(input: ByteArray, offset: Int, length: Int, output: ByteArray, at: Int) =
        throw UnsupportedOperationException()
    override fun engineDoFinal(input: ByteArray?, offset: Int, length: Int, output: ByteArray, at: Int) =
        throw UnsupportedOperationException()
}

/** Returns the created keys, if the Keystore can provide them. */
class FakeKeystore : KeyStoreSpi() {
    override fun engineGetKey(alias: String, password: CharArray?): Key? {
        val mood = keystoreMood
        if (mood == KeystoreMood.GIVES_NO_KEY || mood == KeystoreMood.GIVES_NO_KEY_AND_DENIES_IT) {
            throw UnrecoverableKeyException("Failed to obtain information about key").apply { initCause(keystoreException()) }
        }
        return FakeKey(alias).takeIf { alias in keys.all() }
    }

    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
    override fun engineContainsAlias(alias: String) =
        keystoreMood != KeystoreMood.GIVES_NO_KEY_AND_DENIES_IT && alias in keys.all()
    override fun engineDeleteEntry(alias: String) {
        keys.change { it.remove(alias) }
    }
    override fun engineAliases(): Enumeration<String> = Collections.enumeration(keys.all().keys)
    override fun engineSize() = keys.all().size
    override fun engineIsKeyEntry(alias: String) = alias in keys.all()
    override fun engineIsCertificateEntry(alias: String) = false
    override fun engineGetCertificate(alias: String): Certificate? = null
    override fun engineGetCertificateChain(alias: String): Array<Certificate>? = null
    override fun engineGetCertificateAlias(certificate: Certificate?): String? = null
    override fun engineGetCreationDate(alias: String): Date? = null
    override fun engineSetKeyEntry(a: String, k: Key?, p: CharArray?, c: Array<Certificate>?) = Unit
    override fun engineSetKeyEntry(a: String, k: ByteArray?, c: Array<Certificate>?) = Unit
    override fun engineSetCertificateEntry(a: String, c: Certificate?) = Unit
    override fun engineStore(stream: OutputStream?, password: CharArray?) = Unit
}
