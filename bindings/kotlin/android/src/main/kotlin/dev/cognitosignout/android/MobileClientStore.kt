package dev.cognitosignout.android

// AWSMobileClient's preference files, whose entries are encrypted with a key of the Android Keystore for each file. From aws-sdk-android
// 48b1f99: `internal/keyvaluestore/{AWSKeyValueStore,KeyProvider23}.java` in aws-android-sdk-core.

import android.content.Context
import android.util.Base64
import java.io.File
import java.security.Key
import java.security.KeyStore
import java.security.UnrecoverableKeyException
import javax.crypto.Cipher
import javax.crypto.spec.GCMParameterSpec

/** The items of all its files. Those of a device have the file's name before their own. */
internal fun mobileClientItems(context: Context, userPoolId: String): Map<String, StoredItem> {
    val ofDevices = "CognitoIdentityProviderDeviceCache.$userPoolId."
    val files = File(context.dataDir, "shared_prefs").list().orEmpty()
    val devices = files.filter { it.startsWith(ofDevices) && it.endsWith(XML) }.map { it.removeSuffix(XML) }
    return buildMap {
        for (file in TOKENS_AND_IDENTITY) putAll(decrypted(context, file, ""))
        for (file in devices) putAll(decrypted(context, file, "$file."))
    }
}

private val TOKENS_AND_IDENTITY =
    listOf("CognitoIdentityProviderCache", "com.amazonaws.android.auth", "com.amazonaws.mobile.client")
private const val XML = ".xml"
private const val ENCRYPTED = ".encrypted"
private const val IV = ".encrypted.iv"
private const val VERSION = ".encrypted.keyvaluestoreversion"
private const val TAG_BITS = 128

/** Its versions before encryption left their entries as they are, until the first use of a later one. */
private fun decrypted(context: Context, file: String, prefix: String): Map<String, StoredItem> {
    val preferences = context.getSharedPreferences(file, Context.MODE_PRIVATE)
    val entries = preferences.all.mapNotNull { (name, value) -> (value as? String)?.let { name to it } }.toMap()
    val key by lazy { key("$file.aesKeyStoreAlias") }
    return entries.keys.filterNot { it.endsWith(IV) || it.endsWith(VERSION) }.associate { entry ->
        val name = entry.removeSuffix(ENCRYPTED)
        val value = if (entry == name) entries.getValue(entry) else decrypt(entries, name, key)
        val its = listOf(name, name + ENCRYPTED, name + IV, name + VERSION)
        prefix + name to StoredItem(value, preferences, entries.filterKeys { it in its })
    }
}

private fun decrypt(entries: Map<String, String>, name: String, key: Key): String {
    fun bytes(suffix: String) = Base64.decode(entries.getValue(name + suffix), Base64.DEFAULT)
    val cipher = Cipher.getInstance("AES/GCM/NoPadding")
    cipher.init(Cipher.DECRYPT_MODE, key, GCMParameterSpec(TAG_BITS, bytes(IV)))
    return String(cipher.doFinal(bytes(ENCRYPTED)), Charsets.UTF_8)
}

private fun key(alias: String): Key {
    val keystore = KeyStore.getInstance("AndroidKeyStore").apply { load(null) }
    // Not in the Keystore of a device that the files were restored to.
    return keystore.getKey(alias, null) ?: throw UnrecoverableKeyException()
}
