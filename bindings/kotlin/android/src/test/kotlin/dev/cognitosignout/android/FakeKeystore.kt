package dev.cognitosignout.android

import java.io.File
import java.io.InputStream
import java.io.OutputStream
import java.security.AlgorithmParameters
import java.security.Key
import java.security.KeyStoreSpi
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
import javax.crypto.Cipher
import javax.crypto.CipherSpi
import javax.crypto.IllegalBlockSizeException
import javax.crypto.KeyGenerator
import javax.crypto.KeyGeneratorSpi
import javax.crypto.SecretKey
import javax.crypto.spec.SecretKeySpec

/** Android's provider of keys that never leave the device. Robolectric has none. */
object FakeKeystore {
    /** How it fails. */
    @Volatile
    var mood = Mood.WELL

    private val keys = Properties()
    private var file: File? = null

    /** Failures of the Keystore. Real devices have shown each of them, for a moment or for longer. */
    enum class Mood {
        WELL,

        /** It cannot provide a key, and throws: AOSP throws for every error except a missing key. */
        GIVES_NO_KEY,

        /**
         * The same, and it also says that there is no key, like Android 12 and later: `AndroidKeyStoreSpi.getKeyMetadata` is null
         * after any error. Creating a key works.
         */
        GIVES_NO_KEY_AND_DENIES_IT,

        /** It provides its keys, but every operation fails because the Keystore has dropped it. */
        CARRIES_NOTHING_OUT,

        /** The same, but only once. */
        LETS_GO_ONCE,
    }

    /** Keeps its keys in [file], which backups do not contain. Null: in memory. */
    fun install(file: File? = null) {
        this.file = file?.also { if (it.exists()) it.inputStream().use(keys::load) }
        if (Security.getProvider(NAME) == null) Security.addProvider(FakeKeystoreProvider())
    }

    @Synchronized
    fun save(file: File) = file.outputStream().use { keys.store(it, null) }

    @Synchronized
    internal fun all(): Map<String, String> = keys.stringPropertyNames().associateWith(keys::getProperty)

    @Synchronized
    internal fun change(alias: String, key: String?) {
        if (key == null) keys.remove(alias) else keys.setProperty(alias, key)
        file?.let(::save)
    }

    /** The cause that the Keystore's daemon reports. */
    internal fun exception() = android.security.KeyStoreException(SYSTEM_ERROR, "system error")

    internal const val NAME = "AndroidKeyStore"
    private const val SYSTEM_ERROR = 4
}

private class FakeKeystoreProvider : Provider(FakeKeystore.NAME, "1.0", "for tests") {
    init {
        put("KeyStore.${FakeKeystore.NAME}", FakeKeys::class.java.name)
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

    /** Without a cast: native code finds the class that the JVM's class loader has, not the one of Robolectric's. */
    override fun engineInit(parameters: AlgorithmParameterSpec, random: SecureRandom?) {
        alias = parameters.javaClass.getMethod("getKeystoreAlias").invoke(parameters) as String
    }

    override fun engineInit(random: SecureRandom?) = Unit
    override fun engineInit(size: Int, random: SecureRandom?) = Unit

    override fun engineGenerateKey(): SecretKey {
        val key = KeyGenerator.getInstance("AES", "SunJCE").apply { init(256) }.generateKey()
        FakeKeystore.change(alias, Base64.getEncoder().encodeToString(key.encoded))
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

    private fun bytes(key: Key) = SecretKeySpec(Base64.getDecoder().decode(FakeKeystore.all()[(key as FakeKey).alias]), "AES")

    override fun engineDoFinal(input: ByteArray?, offset: Int, length: Int): ByteArray {
        val mood = FakeKeystore.mood
        if (mood == FakeKeystore.Mood.CARRIES_NOTHING_OUT || mood == FakeKeystore.Mood.LETS_GO_ONCE) {
            if (mood == FakeKeystore.Mood.LETS_GO_ONCE) FakeKeystore.mood = FakeKeystore.Mood.WELL
            throw IllegalBlockSizeException().apply { initCause(FakeKeystore.exception()) }
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
    override fun engineDoFinal(input: ByteArray?, offset: Int, length: Int, output: ByteArray, at: Int): Int =
        engineDoFinal(input, offset, length).also { it.copyInto(output, at) }.size
}

/** Returns the created keys, if the Keystore can provide them. */
class FakeKeys : KeyStoreSpi() {
    override fun engineGetKey(alias: String, password: CharArray?): Key? {
        val mood = FakeKeystore.mood
        if (mood == FakeKeystore.Mood.GIVES_NO_KEY || mood == FakeKeystore.Mood.GIVES_NO_KEY_AND_DENIES_IT) {
            throw UnrecoverableKeyException("Failed to obtain information about key").apply { initCause(FakeKeystore.exception()) }
        }
        return FakeKey(alias).takeIf { alias in FakeKeystore.all() }
    }

    override fun engineLoad(stream: InputStream?, password: CharArray?) = Unit
    override fun engineContainsAlias(alias: String) =
        FakeKeystore.mood != FakeKeystore.Mood.GIVES_NO_KEY_AND_DENIES_IT && alias in FakeKeystore.all()
    override fun engineDeleteEntry(alias: String) = FakeKeystore.change(alias, null)
    override fun engineAliases(): Enumeration<String> = Collections.enumeration(FakeKeystore.all().keys)
    override fun engineSize() = FakeKeystore.all().size
    override fun engineIsKeyEntry(alias: String) = alias in FakeKeystore.all()
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
