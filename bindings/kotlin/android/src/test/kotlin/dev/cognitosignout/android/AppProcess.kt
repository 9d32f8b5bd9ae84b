package dev.cognitosignout.android

import android.app.Application
import dev.cognitosignout.Auth
import dev.cognitosignout.AuthConfig
import dev.cognitosignout.AuthException
import dev.cognitosignout.FakeServer
import dev.cognitosignout.HostedUI
import dev.cognitosignout.ProviderLogout
import dev.cognitosignout.Secret
import dev.cognitosignout.SessionState
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.SignOutUri
import dev.cognitosignout.SignedInWith
import dev.cognitosignout.Tokens
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Deferred
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.async
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import org.junit.Test
import org.junit.runner.JUnitCore
import org.junit.runner.RunWith
import org.robolectric.RobolectricTestRunner
import org.robolectric.RuntimeEnvironment
import java.io.File
import java.nio.file.Files
import java.util.Base64
import kotlin.coroutines.CoroutineContext

const val REDIRECT = "${FakePhone.SCHEME}://${FakePhone.HOST}"
const val OTHER_REDIRECT = "$REDIRECT/other"
const val OTHER_CLIENT = "otherclient"
const val PROVIDER_PAGE = "https://idp.example.com/out?back={redirect}&state={state}"

/** The app in its own process, for a test that kills it. The data in [folder] stay. */
class AppProcess(folder: File, server: FakeServer, vararg options: String) : AutoCloseable {
    /** What it prints if it has options, which are for a test that expects an error. */
    val errors = File(folder, "errors")

    private val process = ProcessBuilder(
        listOf(
            File(System.getProperty("java.home"), "bin/java").path, "-XX:TieredStopAtLevel=1",
            // Robolectric leaves files there if it is killed.
            "-Djava.io.tmpdir=${File(folder, "tmp").apply { mkdirs() }}",
            "-Dfolder=$folder", "-Dpool=${server.config().userPoolId}", "-Dclient=${server.config().clientId}", "-Durl=${server.url}",
        ) + PASSED_ON.map { "-D$it=${System.getProperty(it)}" } + options +
            listOf("-cp", System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path"), App::class.java.name),
    ).redirectError(if (options.isEmpty()) ProcessBuilder.Redirect.INHERIT else ProcessBuilder.Redirect.to(errors)).start()
    private val orders = process.outputStream.bufferedWriter()
    private val answers = process.inputStream.bufferedReader()

    /** Sends an order to it, and returns its answer. */
    fun tell(what: String, vararg with: String): String {
        orders.appendLine((listOf(what) + with).joinToString("\t"))
        orders.flush()
        while (true) {
            val line = answers.readLine() ?: error("the app has ended: $what")
            // The JVM prints lines too, because it checks JNI.
            if (line.startsWith("app: ")) return line.removePrefix("app: ")
        }
    }

    /**
     * The disk is full for this process: no preferences fit on it any more. The key does: on a device, a daemon of the system keeps
     * it. The files of Robolectric and JNA are there already.
     */
    fun fillDisk() {
        tell("start")
        limit("128:")
    }

    fun freeDisk() = limit("unlimited:")

    private fun limit(bytes: String) {
        val command = ProcessBuilder("prlimit", "--pid", process.pid().toString(), "--fsize=$bytes").inheritIO()
        check(command.start().waitFor() == 0)
    }

    /** Kills it without notice, like Android. */
    override fun close() {
        process.destroyForcibly().waitFor()
    }

    private companion object {
        val PASSED_ON = listOf(
            "java.library.path", "jna.library.path",
            "robolectric.offline", "robolectric.dependency.dir", "robolectric.conscryptMode",
        )
    }
}

/** The program in that process. Robolectric runs it as a test. */
@RunWith(RobolectricTestRunner::class)
class App {
    private val app: Application = RuntimeEnvironment.getApplication()
    private val config = config(REDIRECT) { providerLogout("Idp", ProviderLogout.Template(PROVIDER_PAGE)) }
    private val auth: Auth by lazy {
        if (System.getProperty("without.context") != null) Auth(config) else AndroidAuth.create(app, config)
    }

    /** For another app client, whose sign-out has another URI. */
    private val other: Auth by lazy { AndroidAuth.create(app, config(OTHER_REDIRECT, OTHER_CLIENT)) }
    private val phone = FakePhone()
    private var atLaunch = "not launched"
    private lateinit var signingOut: Deferred<SignOutResult>

    @Test
    fun `it carries out orders until it is killed`() {
        app.encryptStorage()
        val folder = File(System.getProperty("folder"))
        val preferences = File(folder, OnAndroid.PREFERENCES).apply { mkdirs() }
        Files.createSymbolicLink(File(app.dataDir, OnAndroid.PREFERENCES).toPath(), preferences.toPath())
        FakeKeystore.install(File(folder, OnAndroid.KEYSTORE))
        // It resumes with the Java API, and waits for it, for the test.
        MainActivity.atLaunch = { atLaunch = AndroidAuth.resumeAfterLaunch(auth).get().map(::said).toString() }
        for (line in generateSequence(::readLine)) {
            val words = line.split('\t')
            println("app: " + runBlocking { withTimeout(20_000) { carryOut(words.first(), words.drop(1)) } })
        }
    }

    private fun config(
        redirect: String,
        client: String = System.getProperty("client"),
        change: AuthConfig.Builder.() -> Unit = {},
    ): AuthConfig = AuthConfig.builder(System.getProperty("pool"), client).endpoint(System.getProperty("url"))
        .hostedUI(HostedUI("auth.example.com", listOf(SignOutUri(redirect)))).apply(change).build()

    private suspend fun carryOut(what: String, with: List<String>): String = when (what) {
        "start" -> "started"
        "create" -> try {
            "created: ${auth.session().javaClass.simpleName}"
        } catch (exception: AuthException.Unusable) {
            "${exception.code}: ${exception.message}"
        }
        "keystore" -> with.single().also { FakeKeystore.mood = FakeKeystore.Mood.valueOf(it) }
        "lock" -> "locked".also { Users.unlocked = false }
        "unlock" -> "unlocked".also { Users.unlocked = true }
        "sign in" -> {
            val (access, id, refresh) = with.map(::Secret)
            try {
                auth.storeSession(Tokens(access, id, refresh), SignedInWith.HOSTED_UI)
                "signed in"
            } catch (exception: AuthException.Vault) {
                exception.code
            }
        }
        "purge" -> auth.purgeLocal().let { "purged" }
        "store" -> try {
            val (access, id, refresh) = with.map(::Secret)
            auth.storeSession(Tokens(access, id, refresh), SignedInWith.API)
            "stored"
        } catch (exception: AuthException.Vault) {
            "${exception.code}: ${exception.message}"
        }
        "sign out here" -> said(auth.signOut())
        "sign out" -> {
            phone.open()
            signingOut = CoroutineScope(Dispatchers.Default).async { auth.signOut() }
            phone.nextTab().dataString!!
        }
        "sign in other" -> {
            val (access, id, refresh) = with.map(::Secret)
            other.storeSession(Tokens(access, id, refresh).ofClient(config.clientId, OTHER_CLIENT), SignedInWith.HOSTED_UI)
            "signed in"
        }
        "begin other" -> other.beginSignOut().javaClass.simpleName
        "resume other" -> other.resumeAfterLaunch().map(::said).toString()
        "session other" -> other.session().javaClass.simpleName
        "resume and go" -> resumeAndGo(with.single().toInt()).let { "gone" }
        "begin" -> auth.beginSignOut().javaClass.simpleName
        "result" -> said(signingOut.await())
        "restore" -> phone.restore(MainActivity::class.java, SignOutActivity::class.java).let { "restored" }
        "resume" -> auth.resumeAfterLaunch().map(::said).toString()
        "listen and redirect" -> {
            val event = CoroutineScope(Dispatchers.Unconfined).async { auth.events.first() }
            phone.redirect(with.single())
            event.await().toString()
        }
        "restore auth tab" ->
            phone.restore(MainActivity::class.java, SignOutActivity::class.java, authTab = true).let { "restored" }
        "redirect" -> phone.redirect(with.single()).let { atLaunch }
        "lose" -> "lost".also { WebSteps.process.redirected(with.single()) }
        "foreign intent" -> phone.startFromOutside(RedirectActivity::class.java, with.single()).let { atLaunch }
        "close tab" -> phone.closeTab().let { atLaunch }
        "session" -> auth.session().let { state ->
            state.javaClass.simpleName + ((state as? SessionState.Unavailable)?.let { ": ${it.exception.code}" } ?: "")
        }
        "why" -> (auth.session() as SessionState.Unavailable).exception.message
        "stack" -> phone.stack().toString()
        else -> error("not understood: $what")
    }

    /** Cancels the caller when it is about to continue for this time; its start is the first. */
    private suspend fun resumeAndGo(time: Int) {
        lateinit var caller: Job
        var times = 0
        val dispatcher = object : CoroutineDispatcher() {
            override fun dispatch(context: CoroutineContext, block: Runnable) {
                if (++times == time) caller.cancel()
                Dispatchers.Default.dispatch(context, block)
            }
        }
        caller = CoroutineScope(dispatcher).launch(start = CoroutineStart.LAZY) { auth.resumeAfterLaunch() }
        caller.join()
        check(caller.isCancelled) { "it had ended" }
    }

    private fun said(result: SignOutResult): String {
        val why = (result as? SignOutResult.Failed)?.exception?.code
        return result.javaClass.simpleName + (why?.let { ":$it" } ?: "")
    }

    companion object {
        @JvmStatic
        fun main(arguments: Array<String>) {
            // Like on Android.
            Thread.setDefaultUncaughtExceptionHandler { _, thrown ->
                thrown.printStackTrace()
                Runtime.getRuntime().halt(1)
            }
            JUnitCore.runClasses(App::class.java).failures.forEach { it.exception.printStackTrace() }
            Runtime.getRuntime().halt(1)
        }
    }
}

/** Tokens of another app client, which is in the claims. */
fun Tokens.ofClient(client: String, other: String): Tokens {
    fun changed(token: Secret): Secret {
        val (head, payload, signature) = token.reveal().split('.')
        val claims = String(Base64.getUrlDecoder().decode(payload)).replace(client, other)
        return Secret("$head.${Base64.getUrlEncoder().withoutPadding().encodeToString(claims.toByteArray())}.$signature")
    }
    return Tokens(changed(accessToken), changed(idToken), refreshToken)
}

/** Tokens of a user of an identity provider: only a claim of the ID token shows it. */
fun Tokens.through(provider: String): Tokens {
    val (head, payload, signature) = idToken.reveal().split('.')
    val claims = String(Base64.getUrlDecoder().decode(payload)).removeSuffix("}") +
        ""","identities":[{"providerName":"$provider","primary":"true"}]}"""
    val changed = Base64.getUrlEncoder().withoutPadding().encodeToString(claims.toByteArray())
    return Tokens(accessToken, Secret("$head.$changed.$signature"), refreshToken)
}
