// androidx has deprecated these classes. Amplify still writes its store with them, so an app needs them to read it.
@file:Suppress("DEPRECATION")

package dev.cognitosignout.example

import android.content.Context
import android.content.SharedPreferences
import androidx.security.crypto.EncryptedSharedPreferences
import androidx.security.crypto.EncryptedSharedPreferences.PrefKeyEncryptionScheme.AES256_SIV
import androidx.security.crypto.EncryptedSharedPreferences.PrefValueEncryptionScheme.AES256_GCM
import androidx.security.crypto.MasterKeys
import java.io.File

// The stores of Amplify, opened, for an app that moves in. docs/moving/android.md and docs/moving/flutter.md have this code:
// `tests/readme.rs` compares them, and the library's tests run it.

/** Null: Amplify Android has stored nothing. */
fun amplifysPreferences(context: Context): SharedPreferences? {
    val file = File(context.noBackupFilesDir, "com.amplify.credentialStore.installationIdentifier")
    val id = if (file.exists()) file.readText() else ""
    if (id.isBlank()) return null
    val alias = if (id.startsWith("__amplify__")) "amplify_master_key" else MasterKeys.AES256_GCM_SPEC.keystoreAlias
    return EncryptedSharedPreferences.create("com.amplify.credentialStore.$id", alias, context, AES256_SIV, AES256_GCM)
}

/** Null: Amplify Flutter has stored nothing since the app was installed. */
fun amplifyFluttersPreferences(context: Context): SharedPreferences? {
    val name = "com.amplify.awsCognitoAuthPlugin"
    if (!File(context.noBackupFilesDir, "amplify_EncryptedSharedPreferences_$name").exists()) return null
    val alias = MasterKeys.AES256_GCM_SPEC.keystoreAlias
    return EncryptedSharedPreferences.create(name, alias, context, AES256_SIV, AES256_GCM)
}
