package dev.cognitosignout.android

import android.app.Activity
import android.os.Bundle
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
import java.io.File
import java.util.Base64
import kotlin.coroutines.CoroutineContext

const val REDIRECT = "${FakePhone.SCHEME}://${FakePhone.HOST}"
const val OTHER_REDIRECT = "$REDIRECT/other"
const val OTHER_CLIENT = "otherclient"
const val PROVIDER_PAGE = "https://idp.example.com/out?back={redirect}&state={state}"

/** The app in its own process, for a test that kills it. The device's [folder] stays. */
class AppProcess(folder: File, server: FakeServer, vararg options: String) : AutoCloseable {
    private val process = ProcessBuilder(
        listOf(
            File(System.getProperty("java.home"), "bin/java").path, "-Xcheck:jni", "-Xshare:auto",
            "-Djava.library.path=${System.getProperty("java.library.path")}",
            "-Djna.library.path=${System.getProperty("jna.library.path")}",
            "-Dbindings=${System.getProperty("bindings")}",
        ) + options + listOf(
            "-cp", System.getProperty("surefire.test.class.path") ?: System.getProperty("java.class.path"),
            App::class.java.name, folder.path, server.config().userPoolId, server.config().clientId, server.url,
        ),
    ).redirectError(ProcessBuilder.Redirect.INHERIT).start()
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

    /** Kills it without notice, like Android. */
    override fun close() {
        process.destroyForcibly().waitFor()
    }
}

/** The program in that process. */
object App {
    private lateinit var phone: FakePhone
    private lateinit var config: AuthConfig
    val auth: Auth by lazy { AndroidAuth.create(phone, config, FakePhone.SCHEME) }

    /** For another app client, whose sign-out has another URI. */
    private lateinit var otherConfig: AuthConfig
    private val other: Auth by lazy { AndroidAuth.create(phone, otherConfig, FakePhone.SCHEME) }
    var atLaunch: String = "not launched"
    private lateinit var signingOut: Deferred<SignOutResult>

    @JvmStatic
    fun main(arguments: Array<String>) {
        // Like on Android.
        Thread.setDefaultUncaughtExceptionHandler { _, thrown ->
            thrown.printStackTrace()
            Runtime.getRuntime().halt(1)
        }
        val (folder, pool, client, url) = arguments
        FakeDevice.installKeystore(File(folder))
        phone = FakePhone(AppActivity::class.java, File(folder))
        config = AuthConfig.builder(pool, client).endpoint(url)
            .hostedUI(HostedUI("auth.example.com", listOf(SignOutUri(REDIRECT))))
            .providerLogout("Idp", ProviderLogout.Template(PROVIDER_PAGE))
            .build()
        otherConfig = AuthConfig.builder(pool, OTHER_CLIENT).endpoint(url)
            .hostedUI(HostedUI("auth.example.com", listOf(SignOutUri(OTHER_REDIRECT))))
            .build()
        for (line in generateSequence(::readLine)) {
            val words = line.split('\t')
            println("app: " + runBlocking { withTimeout(20_000) { carryOut(words.first(), words.drop(1)) } })
        }
    }

    private suspend fun carryOut(what: String, with: List<String>): String = when (what) {
        "create" -> try {
            "created: ${auth.session().javaClass.simpleName}"
        } catch (exception: AuthException.Unusable) {
            "${exception.code}: ${exception.message}"
        }
        "keystore" -> with.single().also { keystoreMood = KeystoreMood.valueOf(it) }
        "lock" -> "locked".also { phone.locked = true }
        "unlock" -> "unlocked".also { phone.locked = false }
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
        "fill disk" -> "filled".also { phone.diskFull = true }
        "free disk" -> "freed".also { phone.diskFull = false }
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
        "restore" -> phone.restore(AppActivity::class.java, SignOutActivity::class.java).let { "restored" }
        "resume" -> auth.resumeAfterLaunch().map(::said).toString()
        "listen and redirect" -> {
            val event = CoroutineScope(Dispatchers.Unconfined).async { auth.events.first() }
            phone.redirect(with.single())
            event.await().toString()
        }
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

    fun said(result: SignOutResult): String {
        val why = (result as? SignOutResult.Failed)?.exception?.code
        return result.javaClass.simpleName + (why?.let { ":$it" } ?: "")
    }
}

/** The app's first activity. It resumes with the Java API, and waits for it, for the test. */
class AppActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        App.atLaunch = AndroidAuth.resumeAfterLaunch(App.auth).get().map(App::said).toString()
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
