package dev.cognitosignout.android

import android.content.SharedPreferences
import android.security.keystore.KeyGenParameterSpec
import android.security.keystore.KeyProperties
import com.google.crypto.tink.Aead
import com.google.crypto.tink.DeterministicAead
import com.google.crypto.tink.KeysetHandle
import com.google.crypto.tink.RegistryConfiguration
import com.google.crypto.tink.TinkProtoKeysetFormat
import com.google.crypto.tink.aead.AeadConfig
import com.google.crypto.tink.aead.PredefinedAeadParameters
import com.google.crypto.tink.daead.DeterministicAeadConfig
import com.google.crypto.tink.daead.PredefinedDeterministicAeadParameters
import com.google.crypto.tink.subtle.Hex
import java.nio.ByteBuffer
import java.security.KeyStore
import java.util.Base64
import javax.crypto.Cipher
import javax.crypto.KeyGenerator
import javax.crypto.spec.GCMParameterSpec

/**
 * Preferences in the format of androidx's `EncryptedSharedPreferences` (names AES256_SIV, values AES256_GCM), which is not in Maven Central.
 * All cryptography is Tink's, as there; the format around it is written by hand.
 *
 * @param raw the preferences that are encrypted.
 * @param file their file's name, which is part of what is encrypted.
 * @param alias the Keystore's key for the two key sets.
 */
class EncryptedPreferences(private val raw: SharedPreferences, private val file: String, alias: String) : SharedPreferences by raw {
    private val names: DeterministicAead
    private val values: Aead

    init {
        AeadConfig.register()
        DeterministicAeadConfig.register()
        val master = KeystoreAead(alias)
        names = keys(NAME_KEYS, master) { KeysetHandle.generateNew(PredefinedDeterministicAeadParameters.AES256_SIV) }
            .getPrimitive(RegistryConfiguration.get(), DeterministicAead::class.java)
        values = keys(VALUE_KEYS, master) { KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM) }
            .getPrimitive(RegistryConfiguration.get(), Aead::class.java)
    }

    private fun keys(name: String, master: Aead, generate: () -> KeysetHandle): KeysetHandle {
        val stored = raw.getString(name, null)
        if (stored != null) return TinkProtoKeysetFormat.parseEncryptedKeyset(Hex.decode(stored), master, ByteArray(0))
        return generate().also {
            raw.edit().putString(name, Hex.encode(TinkProtoKeysetFormat.serializeEncryptedKeyset(it, master, ByteArray(0)))).commit()
        }
    }

    /** Throws if an entry cannot be decrypted. */
    override fun getAll(): Map<String, *> = raw.all.filterKeys { it != NAME_KEYS && it != VALUE_KEYS }.entries.associate { (name, value) ->
        val plain = String(names.decryptDeterministically(Base64.getDecoder().decode(name), file.toByteArray()))
        val bytes = ByteBuffer.wrap(values.decrypt(Base64.getDecoder().decode(value as String), name.toByteArray()))
        check(bytes.getInt() == STRING) { "a type that no test stores" }
        plain to String(ByteArray(bytes.getInt()).also(bytes::get))
    }

    override fun edit(): SharedPreferences.Editor = Editor(raw.edit())

    private fun encrypted(name: String) =
        Base64.getEncoder().encodeToString(names.encryptDeterministically(name.toByteArray(), file.toByteArray()))

    private inner class Editor(private val raw: SharedPreferences.Editor) : SharedPreferences.Editor by raw {
        override fun putString(key: String, value: String?): SharedPreferences.Editor = apply {
            val text = value!!.toByteArray()
            val bytes = ByteBuffer.allocate(2 * Int.SIZE_BYTES + text.size).putInt(STRING).putInt(text.size).put(text).array()
            raw.putString(encrypted(key), Base64.getEncoder().encodeToString(values.encrypt(bytes, encrypted(key).toByteArray())))
        }

        override fun remove(key: String): SharedPreferences.Editor = apply { raw.remove(encrypted(key)) }
    }

    private companion object {
        const val NAME_KEYS = "__androidx_security_crypto_encrypted_prefs_key_keyset__"
        const val VALUE_KEYS = "__androidx_security_crypto_encrypted_prefs_value_keyset__"
        const val STRING = 0
    }
}

/** Tink's `AndroidKeystoreAesGcm`, which only its Android library has: AES/GCM with a key of the Keystore, the IV first. */
private class KeystoreAead(alias: String) : Aead {
    private val key = keystoreKey(alias)

    override fun encrypt(plaintext: ByteArray, associatedData: ByteArray): ByteArray {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding").apply { init(Cipher.ENCRYPT_MODE, key) }
        cipher.updateAAD(associatedData)
        return cipher.iv + cipher.doFinal(plaintext)
    }

    override fun decrypt(ciphertext: ByteArray, associatedData: ByteArray): ByteArray {
        val cipher = Cipher.getInstance("AES/GCM/NoPadding")
        cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(128, ciphertext, 0, IV))
        cipher.updateAAD(associatedData)
        return cipher.doFinal(ciphertext, IV, ciphertext.size - IV)
    }

    private companion object {
        const val IV = 12
    }
}

/** An AES key of the Keystore, made if there is none. */
fun keystoreKey(alias: String): java.security.Key {
    val keystore = KeyStore.getInstance("AndroidKeyStore").apply { load(null) }
    keystore.getKey(alias, null)?.let { return it }
    val purposes = KeyProperties.PURPOSE_ENCRYPT or KeyProperties.PURPOSE_DECRYPT
    val generator = KeyGenerator.getInstance("AES", "AndroidKeyStore")
    generator.init(KeyGenParameterSpec.Builder(alias, purposes).setRandomizedEncryptionRequired(false).build())
    return generator.generateKey()
}
