package dev.cognitosignout.android

import android.content.Context
import android.content.SharedPreferences
import dev.cognitosignout.AdoptException
import dev.cognitosignout.Adoption
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.ErrorCode
import dev.cognitosignout.Secret
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.VaultChoice
import kotlinx.coroutines.runBlocking
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.Test
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.assertThrows
import java.io.File
import java.security.KeyStore

/** Sessions that Amplify and AWSMobileClient have stored in preferences, on Android's own framework. */
class AmplifySessionTest : OnAndroid() {
    private val config = AuthConfig.builder("eu-central-1_AbCdEf123", "3n4b5urk1ft4fl3mg5e62d9ado").build()

    @Test
    fun `Amplify Android's session is found and forgotten, and nothing else`() {
        for ((id, alias) in listOf("__amplify__$ID" to AMPLIFY_KEY, ID to ANDROIDX_KEY)) {
            File(app.noBackupFilesDir, "$AMPLIFY.installationIdentifier").writeText(id)
            amplifys("amplify_android", "$AMPLIFY.$id", alias, "amplifysPreferences")
        }
    }

    @Test
    fun `Amplify Flutter's session is found and forgotten, and nothing else`() {
        File(app.noBackupFilesDir, "amplify_EncryptedSharedPreferences_$FLUTTER").createNewFile()
        amplifys("amplify_flutter", FLUTTER, ANDROIDX_KEY, "amplifyFluttersPreferences")
    }

    private fun amplifys(golden: String, file: String, alias: String, open: String) {
        amplify(file, alias).store(golden(golden) + ("another's" to "value"))
        assertFalse(app.getSharedPreferences(file, Context.MODE_PRIVATE).all.toString().let { "golden" in it || ".ana." in it })
        val before = bytes(file)
        val preferences = opened(open)!!
        val found = expectAna(AmplifySession.find(preferences, config, IDENTITY_POOL))
        assertEquals("ASIAGOLDEN", found.session.identity?.credentials?.accessKeyId)
        assertTrue(before.contentEquals(bytes(file)), "it was only read")

        repeat(2) {
            found.forgetSource()
            val left = amplify(file, alias).all
            assertEquals("value", left["another's"])
            assertFalse(left.keys.any { "oken" in it || it.endsWith(".session") || "device" in it.lowercase() && "asf" !in it && "Status" !in it }, "$left")
            assertNull(AmplifySession.find(amplify(file, alias), config, IDENTITY_POOL))
        }
    }

    @Test
    fun `where Amplify has stored nothing the example opens nothing`() {
        assertNull(opened("amplifysPreferences"))
        File(app.noBackupFilesDir, "$AMPLIFY.installationIdentifier").writeText("")
        assertNull(opened("amplifysPreferences"))
        // Of an earlier installation, from a backup.
        amplify(FLUTTER, ANDROIDX_KEY).store(golden("amplify_flutter"))
        assertNull(opened("amplifyFluttersPreferences"))
    }

    @Test
    fun `without the identity pool Amplify Android's session is found too`() {
        val preferences = amplify(AMPLIFY, AMPLIFY_KEY).store(golden("amplify_android"))
        expectAna(AmplifySession.find(preferences, config))
        AmplifySession.forgetSource(preferences, config)
        assertNull(AmplifySession.find(preferences, config))
    }

    @Test
    fun `who cannot be adopted is an error of its own, and stays`() {
        for (golden in listOf("amplify_android", "amplify_flutter")) {
            val guest = amplify(golden, AMPLIFY_KEY).store(golden("${golden}_guest"))
            val before = guest.all
            assertThrows<AdoptException.Guest> { AmplifySession.find(guest, config, IDENTITY_POOL) }
            AmplifySession.forgetSource(guest, config, IDENTITY_POOL)
            assertEquals(before, guest.all)
            assertThrows<AdoptException.Federated> {
                AmplifySession.find(amplify("$golden f", AMPLIFY_KEY).store(golden("${golden}_federated")), config, IDENTITY_POOL)
            }
            assertNull(AmplifySession.find(amplify("$golden n", AMPLIFY_KEY).store(golden("${golden}_nobody")), config, IDENTITY_POOL))
        }
        mobileClient(golden("aws_mobile_client_android_guest"))
        assertThrows<AdoptException.Guest> { AmplifySession.findAwsMobileClient(app, config, IDENTITY_POOL) }
    }

    @Test
    fun `preferences that cannot be decrypted are an error without their content, and stay`() {
        val preferences = amplify(AMPLIFY, AMPLIFY_KEY).store(golden("amplify_android"))
        val raw = app.getSharedPreferences(AMPLIFY, Context.MODE_PRIVATE)
        raw.edit().putString("hunter2", "hunter2").commit()
        val before = raw.all
        for (call in listOf({ AmplifySession.find(preferences, config) }, { AmplifySession.forgetSource(preferences, config) })) {
            val thrown = assertThrows<AdoptException.Store> { call() }
            assertEquals(ErrorCode.VAULT_FAILED, thrown.code)
            assertFalse("hunter2" in thrown.message, thrown.message)
        }
        assertEquals(before, raw.all)
    }

    @Test
    fun `a removal that does not reach the disk says what is left, and can be repeated`() {
        val preferences = amplify(AMPLIFY, AMPLIFY_KEY).store(golden("amplify_android"))
        val before = preferences.all
        val full = object : SharedPreferences by preferences {
            override fun edit(): SharedPreferences.Editor = Full(preferences.edit())
        }
        val thrown = assertThrows<AdoptException.NotRemoved> { AmplifySession.forgetSource(full, config, IDENTITY_POOL) }
        assertEquals(listOf("deviceMetadata", "session"), thrown.left.map { it.substringAfterLast('.') })
        assertFalse("ana" in thrown.message, thrown.message)
        assertEquals(before, preferences.all)
        AmplifySession.forgetSource(preferences, config, IDENTITY_POOL)
        assertNull(AmplifySession.find(preferences, config, IDENTITY_POOL))
    }

    /** As on a full disk: `commit` changes memory, and returns false. */
    private class Full(private val editor: SharedPreferences.Editor) : SharedPreferences.Editor by editor {
        override fun remove(key: String) = apply { editor.remove(key) }
        override fun commit(): Boolean = editor.commit().let { false }
    }

    @Test
    fun `AWSMobileClient's session is decrypted, found and forgotten, and nothing else`() {
        mobileClient(golden("aws_mobile_client_android") + (OTHER to "another app client's"))
        val stored = files().joinToString { app.getSharedPreferences(it, Context.MODE_PRIVATE).all.toString() }
        assertFalse("golden" in stored, "a token lies open")
        val found = expectAna(AmplifySession.findAwsMobileClient(app, config, IDENTITY_POOL))
        assertEquals("ASIAGOLDEN", found.session.identity?.credentials?.accessKeyId)

        repeat(2) {
            found.forgetSource()
            val left = files().flatMap { app.getSharedPreferences(it, Context.MODE_PRIVATE).all.keys }
            val names = left.filter { it.endsWith(".encrypted") }.map { it.removeSuffix(".encrypted") }.toSet()
            assertEquals(setOf(OTHER, "isFederationEnabled"), names)
            assertEquals(names.size * 3, left.size, "each with its IV and its version")
            assertNull(AmplifySession.findAwsMobileClient(app, config, IDENTITY_POOL))
        }
    }

    /** Until a version with encryption is used for the first time, the entries lie open. */
    @Test
    fun `AWSMobileClient's session from before encryption is found and forgotten`() {
        for ((file, items) in inFiles(golden("aws_mobile_client_android"))) {
            app.getSharedPreferences(file, Context.MODE_PRIVATE).edit().apply { items.forEach { putString(it.key, it.value) } }.commit()
        }
        expectAna(AmplifySession.findAwsMobileClient(app, config, IDENTITY_POOL)).forgetSource()
        assertNull(AmplifySession.findAwsMobileClient(app, config, IDENTITY_POOL))
    }

    @Test
    fun `without the Keystore's key AWSMobileClient's files are unreadable, and nobody is not signed in`() {
        mobileClient(golden("aws_mobile_client_android"))
        KeyStore.getInstance("AndroidKeyStore").apply { load(null) }.deleteEntry("CognitoIdentityProviderCache.aesKeyStoreAlias")
        val before = files().map { app.getSharedPreferences(it, Context.MODE_PRIVATE).all }
        assertThrows<AdoptException.Store> { AmplifySession.findAwsMobileClient(app, config, IDENTITY_POOL) }
        assertThrows<AdoptException.Store> { AmplifySession.forgetAwsMobileClient(app, config, IDENTITY_POOL) }
        assertEquals(before, files().map { app.getSharedPreferences(it, Context.MODE_PRIVATE).all })
    }

    /** The app is killed before each file is changed. Then it starts again. */
    @Test
    fun `wherever the app is killed the next launch ends in the same state`() = runBlocking<Unit> {
        val tokens = server.signIn()
        val (access, id, refresh) = tokens.secrets()
        val ours = server.config()
        val client = "CognitoIdentityProvider.${ours.clientId}"
        val items = mapOf(
            "$client.LastAuthUser" to "ana", "$client.ana.accessToken" to access, "$client.ana.idToken" to id,
            "$client.ana.refreshToken" to refresh, "signInMode" to "0",
            "CognitoIdentityProviderDeviceCache.${ours.userPoolId}.ana.DeviceKey" to "device",
            "CognitoIdentityProviderDeviceCache.${ours.userPoolId}.ana.DeviceGroupKey" to "group",
        )
        for (files in 0..3) {
            mobileClient(items)
            val auth = Auth(ours, VaultChoice.Memory)
            val phone = Killed(app, files)
            suspend fun launch() {
                if (auth.session() == SessionState.SignedOut) {
                    AmplifySession.findAwsMobileClient(phone, ours)?.let { assertEquals(Adoption.Adopted, auth.adopt(it.session)) }
                }
                AmplifySession.forgetAwsMobileClient(phone, ours)
            }
            if (files < 3) assertThrows<AdoptException.NotRemoved> { launch() } else launch()
            phone.left = Int.MAX_VALUE
            launch()
            assertEquals(emptyList<String>(), files().flatMap { app.getSharedPreferences(it, Context.MODE_PRIVATE).all.keys })
            assertEquals(refresh, auth.tokens().refreshToken.reveal())
            assertEquals("device", auth.device("ana")?.key)
        }
    }

    /** An app whose preferences no longer change after so many files. */
    private class Killed(app: Context, var left: Int) : android.content.ContextWrapper(app) {
        override fun getSharedPreferences(name: String, mode: Int): SharedPreferences {
            val preferences = super.getSharedPreferences(name, mode)
            return object : SharedPreferences by preferences {
                override fun edit(): SharedPreferences.Editor = when {
                    left-- > 0 -> preferences.edit()
                    else -> object : SharedPreferences.Editor by preferences.edit() {
                        override fun remove(key: String) = this
                        override fun putString(key: String, value: String?) = this
                        override fun commit() = false
                    }
                }
            }
        }
    }

    private fun expectAna(found: AmplifySession?): AmplifySession {
        val session = found!!.session
        assertEquals("ana", session.username)
        assertEquals(SignedInWith.API, session.signedInWith)
        assertEquals(Secret("golden-refresh-token-of-ana"), session.tokens.refreshToken)
        assertEquals("eu-central-1_golden-device", session.device?.key)
        assertEquals(Secret("golden/device+secret"), session.device?.password)
        return found
    }

    /** A golden file of the Rust core's tests. */
    private fun golden(name: String): Map<String, String> {
        val file = File(System.getProperty("bindings"), "../tests/files/adopt/$name.json")
        return Json.parseToJsonElement(file.readText()).jsonObject.mapValues { it.value.jsonPrimitive.content }
    }

    /** androidx's `EncryptedSharedPreferences`, as Amplify creates them. By reflection: Maven compiles no test against an AAR. */
    private fun amplify(file: String, alias: String): SharedPreferences {
        val preferences = Class.forName("androidx.security.crypto.EncryptedSharedPreferences")
        val create = preferences.methods.single { it.name == "create" && it.parameterTypes.first() == String::class.java }
        val (ofNames, ofValues) = create.parameterTypes.takeLast(2).map { it.enumConstants.single() }
        return create.invoke(null, file, alias, app, ofNames, ofValues) as SharedPreferences
    }

    /** By the code of the guide, which is compiled with examples/android. */
    private fun opened(function: String): SharedPreferences? {
        val example = Class.forName("dev.cognitosignout.example.AmplifysPreferencesKt")
        return example.getMethod(function, Context::class.java).invoke(null, app) as SharedPreferences?
    }

    private fun SharedPreferences.store(items: Map<String, String>) = apply {
        edit().apply { items.forEach { putString(it.key, it.value) } }.commit()
    }

    private fun bytes(file: String) = File(app.dataDir, "shared_prefs/$file.xml").readBytes()

    private fun files() = File(app.dataDir, "shared_prefs").list()!!
        .filter { it.startsWith("Cognito") || it.startsWith("com.amazonaws") }.map { it.removeSuffix(".xml") }

    /** The items in AWSMobileClient's files. */
    private fun inFiles(items: Map<String, String>) = items.entries.groupBy({ (name, _) ->
        when {
            name.startsWith("CognitoIdentityProviderDeviceCache.") -> name.substringBeforeLast('.')
            name.startsWith("CognitoIdentityProvider.") -> "CognitoIdentityProviderCache"
            name.startsWith("eu-central-1:") -> "com.amazonaws.android.auth"
            else -> "com.amazonaws.mobile.client"
        }
    }, { (name, value) -> (if (name.startsWith("CognitoIdentityProviderDeviceCache.")) name.substringAfterLast('.') else name) to value })
        .mapValues { it.value.toMap() }

    /** Writes the items by AWSMobileClient's own `AWSKeyValueStore`. By reflection, too. */
    private fun mobileClient(items: Map<String, String>) {
        val level = Class.forName("com.amazonaws.logging.LogFactory\$Level")
        val off = level.enumConstants.single { it.toString() == "OFF" }
        Class.forName("com.amazonaws.logging.LogFactory").getMethod("setLevel", level).invoke(null, off)
        val store = Class.forName("com.amazonaws.internal.keyvaluestore.AWSKeyValueStore")
        val create = store.getConstructor(Context::class.java, String::class.java, Boolean::class.java)
        val put = store.getMethod("put", String::class.java, String::class.java)
        for ((file, its) in inFiles(items)) {
            val stored = create.newInstance(app, file, true)
            its.forEach { put.invoke(stored, it.key, it.value) }
            // It writes in the background. This waits until all is written.
            app.getSharedPreferences(file, Context.MODE_PRIVATE).edit().commit()
        }
    }

    private companion object {
        const val AMPLIFY = "com.amplify.credentialStore"
        const val ID = "0e1b8f1c-0000-4000-8000-000000000000"
        const val AMPLIFY_KEY = "amplify_master_key"
        const val FLUTTER = "com.amplify.awsCognitoAuthPlugin"
        const val ANDROIDX_KEY = "_androidx_security_master_key_"
        const val IDENTITY_POOL = "eu-central-1:11112222-3333-4444-5555-666677778888"
        const val OTHER = "CognitoIdentityProvider.other.ana.accessToken"
    }
}
