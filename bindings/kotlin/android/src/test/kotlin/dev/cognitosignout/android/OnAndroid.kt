package dev.cognitosignout.android

import android.app.Application
import android.content.Context
import android.os.UserManager
import dev.cognitosignout.Auth
import dev.cognitosignout.FakeServer
import dev.cognitosignout.Secret
import dev.cognitosignout.Tokens
import kotlinx.coroutines.runBlocking
import org.junit.After
import org.junit.Before
import org.junit.Rule
import org.junit.rules.TemporaryFolder
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import org.robolectric.annotation.Implementation
import org.robolectric.annotation.Implements
import org.robolectric.shadows.ShadowUserManager
import org.robolectric.util.ReflectionHelpers
import java.io.File

/**
 * A test on Android's own framework, by Robolectric. What it adds is fake: a Keystore, and the tasks of [FakePhone].
 *
 * All tests in a process share one keychain: it keeps the application of the first test, as it keeps the only one of an app.
 */
@RunWith(RobolectricTestRunner::class)
abstract class OnAndroid {
    protected val app: Application = RuntimeEnvironment.getApplication()
    protected val server = FakeServer()

    /** The data of an app that has been killed, for an [AppProcess]. */
    @get:Rule
    val killed = TemporaryFolder()

    @Before
    fun keychain() {
        app.encryptStorage()
        FakeKeystore.install()
        if (keychainApp == null) keychainApp = app.also(AndroidKeychain::initialize)
    }

    /** Each server has the same app client: what a test leaves on record would belong to the next test. */
    @After
    fun stop() = server.use {
        FakeKeystore.mood = FakeKeystore.Mood.WELL
        Auth(it.config()).use { auth -> runBlocking { auth.purgeLocal() } }
    }

    /** The app's preferences, as its keychain sees them. */
    protected fun preferences(): File = File(keychainApp!!.dataDir, PREFERENCES)

    /** Leaves what this process has stored to the next process, as if it was killed now. */
    protected fun kill() {
        preferences().copyRecursively(File(killed.root, PREFERENCES), overwrite = true)
        FakeKeystore.save(File(killed.root, KEYSTORE))
    }

    protected fun start(vararg options: String) = AppProcess(killed.root, server, *options)

    protected fun Tokens.secrets(): Array<String> = arrayOf(accessToken, idToken, refreshToken).map(Secret::reveal).toTypedArray()

    companion object {
        /** The application of the first test. */
        private var keychainApp: Application? = null

        /** The folder of preferences in an app's data. */
        const val PREFERENCES = "shared_prefs"

        /** The file of the Keystore, which no backup contains. */
        const val KEYSTORE = "keystore"
    }
}

/** Makes its storage that of every app since Android 7: nothing can be read before the user has unlocked the device. */
fun Application.encryptStorage() {
    // On a busy machine, Robolectric's first use of preferences takes seconds. The keychain does not wait that long.
    createDeviceProtectedStorageContext().getSharedPreferences("first", Context.MODE_PRIVATE).edit().putString("", "").commit()
    val flags = ReflectionHelpers.getField<Int>(baseContext, "mFlags")
    ReflectionHelpers.setField(baseContext, "mFlags", flags or Context.CONTEXT_CREDENTIAL_PROTECTED_STORAGE)
}

/** Whether the user has unlocked the device since it started. The service that knows it is a stub in Robolectric. */
@Implements(UserManager::class)
class Users : ShadowUserManager() {
    @Implementation
    fun isUserUnlockingOrUnlocked(@Suppress("UNUSED_PARAMETER") user: Int): Boolean = unlocked

    companion object {
        @Volatile
        var unlocked = true
    }
}
