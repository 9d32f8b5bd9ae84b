package dev.cognitosignout.android

import android.content.Context
import android.content.ContextWrapper
import android.content.SharedPreferences
import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.security.Key
import java.security.KeyStoreSpi
import java.security.Provider
import java.security.SecureRandom
import java.security.Security
import java.security.cert.Certificate
import java.security.spec.AlgorithmParameterSpec
import java.util.Base64
import java.util.Collections
import java.util.Date
import java.util.Enumeration
import java.util.Properties
import java.util.concurrent.ConcurrentHashMap
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/**
 * What the Android keychain asks of a device, and no more: preferences, and the Keystore's AES keys.
 *
 * @param folder where the preferences outlive the process. Unset: in memory.
 */
open class FakeDevice(private val folder: File? = null) : ContextWrapper(null) {
    private val files = ConcurrentHashMap<String, FakePreferences>()

    /** Whether preferences that are written now do not get onto the disk. */
    @Volatile
    var diskFull = false

    override fun getApplicationContext(): Context = this

    override fun getSharedPreferences(name: String, mode: Int): SharedPreferences =
        files.computeIfAbsent(name) { FakePreferences(Kept(folder?.resolve("$name.preferences")) { diskFull }) }

    /** The preferences' files. */
    fun files(): Set<String> = files.keys.map { "$it.xml" }.toSet()

    /** All that lies in the preferences. */
    fun stored(): String = files.values.joinToString { it.all.toString() }

    companion object {
        /** The file of the keys, which no backup has. */
        const val KEYSTORE = "keystore"

        /** Android's provider of keys that never leave the device, which keeps them in [folder], or in memory. */
        fun installKeystore(folder: File? = null) {
            keys = Kept(folder?.resolve(KEYSTORE))
            Security.addProvider(FakeKeystoreProvider())
        }
    }
}

/** Names and values, in a file if there is one, and in memory until that can be written. */
class Kept(private val file: File?, private val diskFull: () -> Boolean = { false }) {
    private val values = Properties().apply { file?.takeIf(File::exists)?.inputStream()?.use(::load) }
    private var written = true

    /** Makes the change, and says whether what is in memory is in the file too. */
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

/** Preferences of texts. What cannot be asked of them throws. */
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

private var keys = Kept(null)

private class FakeKeystoreProvider : Provider("AndroidKeyStore", "1.0", "for tests") {
    init {
        put("KeyStore.AndroidKeyStore", FakeKeystore::class.java.name)
        put("KeyGenerator.AES", FakeKeyGenerator::class.java.name)
    }
}

/** Makes an AES key under the name that its parameters give it. */
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
        return key
    }
}

/** Gives the keys that were made. */
class FakeKeystore : KeyStoreSpi() {
    override fun engineGetKey(alias: String, password: CharArray?): Key? =
        keys.all()[alias]?.let { SecretKeySpec(Base64.getDecoder().decode(it), "AES") }

    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
    override fun engineContainsAlias(alias: String) = alias in keys.all()
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
