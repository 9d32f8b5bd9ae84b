package dev.cognitosignout

import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.withTimeout
import kotlinx.serialization.json.Json
import kotlinx.serialization.json.jsonObject
import kotlinx.serialization.json.jsonPrimitive
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertInstanceOf
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import java.util.Base64
import java.util.Collections

/** An app on a device, with its own user pool. It runs a scenario's actions. */
class ScenarioDevice(scenario: Words, private val scope: CoroutineScope) : AutoCloseable {
    private val pool = scenario.words("pool")
    private val server = FakeServer(*poolArguments())
    private val config = configuration(scenario)
    private val transport = scenario.text("transport") ?: "real"
    private val browser = scenario.text("browser")?.let(::TestBrowser)
    private val listener = scenario.text("listener")
    private val vault = TestVault()
    private val heard = Collections.synchronizedList(mutableListOf<String>())
    private val saw = Collections.synchronizedList(mutableListOf<String>())
    private val appSteps = TestAppSteps(saw)
    private val subscriptions = mutableListOf<Job>()
    private val processes = mutableListOf<Auth>()
    private lateinit var auth: Auth
    private lateinit var processVault: Vault
    private var tokens: Tokens? = null
    private var partial: SignOutResult.Partial? = null
    private var sessions: List<UserSession> = emptyList()
    private var others: SignOutOthersResult.Partial? = null

    init {
        appSteps.set(scenario.maybeList("app_steps").orEmpty())
        restart()
    }

    private fun poolArguments(): Array<String> {
        val arguments = mutableListOf<String>()
        pool?.text("client_secret")?.let { arguments += listOf("--client-secret", it) }
        pool?.number("rotation")?.let { arguments += listOf("--rotation", "$it") }
        pool?.number("access_token_lifetime")?.let { arguments += listOf("--access-token-lifetime", "$it") }
        if (pool?.flag("no_revocation") == true) arguments += "--no-revocation"
        if (pool?.flag("session_tracking") == true) arguments += "--session-tracking"
        pool?.number("max_sessions_per_user")?.let { arguments += listOf("--max-sessions-per-user", "$it") }
        pool?.number("session_page_size")?.let { arguments += listOf("--session-page-size", "$it") }
        pool?.allRead()
        return arguments.toTypedArray()
    }

    private fun configuration(scenario: Words): AuthConfig = server.config {
        refreshTokenRotation(scenario.flag("rotation"))
        scenario.text("client_secret")?.let { clientSecret(Secret(it)) }
        scenario.words("keep_unpaid")?.let {
            unpaidRevocations(UnpaidRevocations.Keep(it.millis("max_age")!!, it.number("max_debts")!!))
            it.allRead()
        }
        if (scenario.flag("hand_over")) unpaidRevocations(UnpaidRevocations.HandOver)
        if (scenario.flag("hosted_ui")) {
            hostedUI(HostedUI("auth.example.com", listOf(SignOutUri("myapp://signed-out"))))
        }
        if (scenario.flag("session_tracking")) sessionTracking(true)
        if (scenario.flag("pool_domain")) revocationRoute(RevocationRoute.POOL_DOMAIN)
        scenario.text("provider_logout")?.let { providerLogout(it, ProviderLogout.SamlSingleLogout) }
    }

    /** Another process of the app, with the same keychain. */
    private fun restart() {
        processVault = InAnotherProcess(vault)
        val started = handle()
        subscriptions += scope.launch(Dispatchers.Unconfined, CoroutineStart.UNDISPATCHED) {
            started.events.collect { event ->
                heard += event.name
                if (event is AuthEvent.SignedIn && listener == "signs_out") started.signOut()
            }
        }
    }

    /** Replaces the handle with another one of the same process. It has no listener. */
    private fun handle(): Auth {
        val transport = TestTransport(transport, UrlConnectionTransport(config), saw)
        val steps = appSteps.of { transport.auth }
        val started = Auth(config, VaultChoice.Custom(processVault), transport, browser, signOutSteps = steps)
        transport.auth = started
        auth = started
        processes += started
        return started
    }

    /** Ends the app, and returns all its events. */
    suspend fun end(): List<String> {
        processes.forEach(Auth::close)
        subscriptions.joinAll()
        return heard.toList()
    }

    override fun close() {
        subscriptions.forEach(Job::cancel)
        server.close()
    }

    suspend fun carryOut(action: Words) {
        when (val what = action.text("do")) {
            "sign_in" -> signIn(action)
            "sign_in_elsewhere" -> server.signIn(action.text("user") ?: "ana", browser = action.flag("browser"))
            "server" -> action.element("order")!!.let { order ->
                server.order(Words(order).text("do")!!, *order.filterKeys { it != "do" }.toList().toTypedArray())
            }
            "vault" -> vault.failing = action.textMap("fails")
            "wait" -> delay(action.millis("millis")!!)
            "sign_out" -> signOut(action)
            "sign_out_joined" -> signOutJoined(action)
            "sign_out_cancelled" -> signOutCancelled(options(action))
            "sign_out_during_refresh" -> signOutDuringRefresh(action.words("expect")!!)
            "sign_out_among_reads" -> signOutAmongReads(action.number("reads")!!, action.words("expect")!!)
            "retry" -> check(auth.retry(partial!!), action.words("expect")!!)
            "begin_sign_out" -> {
                val shows = action.flag("shows")
                assertEquals(shows, auth.beginSignOut(options(action)) is SignOutProgress.Show)
            }
            "begin_retry" -> {
                val shows = action.flag("shows")
                assertEquals(shows, auth.beginRetry(partial!!) is SignOutProgress.Show)
            }
            "finish_sign_out" -> finishSignOut(action)
            "resume" -> {
                var resumed = auth.resume()
                // `resume` skips a debt that another call is paying.
                if (action.flag("eventually")) {
                    eventually {
                        if (resumed.settled.isEmpty()) resumed = auth.resume()
                        resumed.settled.isNotEmpty()
                    }
                }
                assertEquals(action.flag("web_step"), resumed.webStep != null)
                check(resumed.settled, action)
            }
            "settle_pending" -> check(auth.settlePending(), action)
            "clear_local" -> auth.clearLocal()
            "purge_local" -> auth.purgeLocal()
            "restart" -> {
                action.maybeList("app_steps")?.let(appSteps::set)
                restart()
            }
            "app_steps_told" -> assertSoon(action, action.texts("are")) { appSteps.told.toList() }
            "another_handle" -> handle()
            "tokens" -> assertEquals(action.text("expect"), told { auth.tokens() })
            "refresh" -> assertEquals(action.text("expect"), told { auth.refresh() })
            "verify" -> assertEquals(action.text("is"), auth.verify().name)
            "remote_sign_out" -> {
                val told = when (val outcome = auth.remoteSignOut(aboutTheSession(action.text("message")!!))) {
                    is RemoteSignOut.NotRecognized -> "not_recognized"
                    is RemoteSignOut.OtherSession -> "other_session"
                    is RemoteSignOut.Verified -> "verified:${outcome.verification.name}"
                }
                assertEquals(action.text("is"), told)
            }
            "classify" -> {
                val refusal = Auth.classify(action.number("status")!!, action.text("body")!!)
                assertEquals(action.text("is"), refusal.word)
            }
            "classify_www_authenticate" ->
                assertEquals(action.text("is"), Auth.classifyWwwAuthenticate(action.text("header")!!).word)
            "set_device" -> auth.setDevice("ana", Device(action.text("key")!!, "group", Secret("password")))
            "device" -> assertEquals(action.text("key"), auth.device("ana")?.key)
            "session" -> session(action)
            "requests" -> assertSoon(action, action.texts("are")) { server.requests() }
            "live_sessions" -> {
                val user = action.text("user") ?: "ana"
                assertSoon(action, action.number("are")) { server.liveSessions(user) }
            }
            "browser_session" -> {
                val user = action.text("user") ?: "ana"
                assertSoon(action, action.flag("is")) { server.hasBrowserSession(user) }
            }
            "sessions" -> sessions(action)
            "end_session" -> {
                val id = action.number("at")?.let { sessions[it].id!! } ?: action.text("id")!!
                val linked = action.flag("linked")
                assertEquals(action.text("error"), refusal { auth.endSession(id, linked) })
            }
            "sign_out_others" -> check(auth.signOutOthers(), action.words("expect")!!)
            "retry_others" -> check(auth.retryOthers(others!!), action.words("expect")!!)
            "pages" -> assertEquals(action.number("are"), browser!!.pages.get())
            "called_back" -> assertEquals(action.texts("saw"), saw.toList())
            else -> error("no action: $what")
        }
        action.allRead()
    }

    /** The message with the claims of the last stored session. */
    private fun aboutTheSession(message: String): String {
        val payload = tokens!!.accessToken.reveal().split(".")[1]
        val claims = Json.parseToJsonElement(String(Base64.getUrlDecoder().decode(payload))).jsonObject
        return listOf("SUB" to "sub", "ORIGIN_JTI" to "origin_jti").fold(message) { text, (word, claim) ->
            text.replace(word, claims[claim]!!.jsonPrimitive.content)
        }
    }

    private suspend fun signIn(action: Words) {
        val user = action.text("user") ?: "ana"
        val given = server.signIn(user, action.text("scope"), action.text("through"), action.flag("browser"))
        val with = SignedInWith.valueOf((action.text("with") ?: "api").uppercase())
        auth.storeSession(given, with)
        tokens = given
    }

    private suspend fun signOut(action: Words) = coroutineScope {
        val (options, expect) = options(action) to action.words("expect")!!
        val started = System.nanoTime()
        val calls = List(action.number("at_once") ?: 1) { async(Dispatchers.Default) { auth.signOut(options) } }
        val results = calls.awaitAll()
        val took = (System.nanoTime() - started) / 1_000_000
        results.forEach { check(it, expect) }
        action.millis("within")?.let { limit -> assertTrue(took < limit, "$took ms") }
    }

    private suspend fun signOutJoined(action: Words) = coroutineScope {
        val (expect, joined) = action.words("expect")!! to action.words("joined")!!
        val first = async(Dispatchers.Default) { auth.signOut(options(action)) }
        eventually { auth.session().name == "signed_out" }
        val second = auth.signOut(options(action, "joining"))
        check(first.await(), expect)
        check(second, joined)
    }

    private suspend fun signOutCancelled(options: SignOutOptions) = coroutineScope {
        val caller = launch(Dispatchers.Default) { auth.signOut(options) }
        eventually { auth.session().name == "signed_out" }
        assertTrue(caller.isActive, "it had ended")
        caller.cancelAndJoin()
    }

    private suspend fun signOutDuringRefresh(expect: Words) = coroutineScope {
        // Any answer is right, but there must be one.
        val refreshing = async(Dispatchers.Default) { told { auth.refresh() } }
        eventually { server.requests().isNotEmpty() }
        check(auth.signOut(), expect)
        assertNotNull(refreshing.await())
    }

    private suspend fun signOutAmongReads(reads: Int, expect: Words) = coroutineScope {
        val seen = MutableList(reads / 2) { auth.session().name }
        val signingOut = async(Dispatchers.Default) { auth.signOut() }
        repeat(reads - reads / 2) { seen += auth.session().name }
        check(signingOut.await(), expect)
        assertEquals("signed_in", seen.first())
        assertFalse("unavailable" in seen)
        assertFalse(seen.zipWithNext().contains("signed_out" to "signed_in"), "$seen")
    }

    private suspend fun finishSignOut(action: Words) {
        val (callback, failed) = action.text("redirected") to action.text("failed")
        val answer = if (callback != null) {
            BrowserAnswer.Redirected(callback)
        } else {
            BrowserAnswer.Failed(BrowserException(BrowserException.Kind.valueOf(failed!!.uppercase()), "for the test"))
        }
        val (ignored, expect) = action.flag("ignored") to action.words("expect")
        when (val progress = auth.finishSignOut(answer)) {
            is SignOutProgress.Finished -> check(progress.result, expect!!)
            else -> assertTrue(ignored && progress is SignOutProgress.Ignored)
        }
    }

    private suspend fun sessions(action: Words) {
        val (expected, error) = action.texts("are") to action.text("error")
        assertEquals(error, refusal { sessions = auth.sessions() })
        if (error != null) return
        assertEquals(expected, sessions.map { it.name })
        for (session in sessions) {
            assertNotNull(session.id)
            assertFalse(session.ipAddress!!.reveal() in session.toString())
        }
    }

    private fun check(settled: List<SignOutResult>, action: Words) {
        assertEquals(action.texts("settled"), settled.map { it.name })
        action.texts("app_reasons")?.let { reasons -> assertEquals(reasons, settled.map { it.report.appReason.name }) }
    }

    private fun check(result: SignOutOthersResult, expect: Words) {
        val (name, ended) = when (result) {
            is SignOutOthersResult.Complete -> "complete" to result.sessions
            is SignOutOthersResult.Partial -> "partial" to result.sessions.also { others = result }
            is SignOutOthersResult.Failed -> "failed" to emptyList()
        }
        assertEquals(expect.text("result"), name)
        assertEquals(expect.text("error"), (result as? SignOutOthersResult.Failed)?.exception?.code)
        assertEquals(expect.number("ended") ?: 0, ended.count { it.exception == null })
        assertEquals(expect.texts("left").orEmpty(), ended.mapNotNull { it.exception?.code })
        expect.allRead()
    }

    private suspend fun session(action: Words) {
        assertSoon(action, action.text("is")) { auth.session().name }
        val user = action.text("user") ?: return
        assertEquals(user, assertInstanceOf(SessionState.SignedIn::class.java, auth.session()).session.username)
    }

    private fun options(action: Words, named: String = "options"): SignOutOptions {
        val options = action.words(named) ?: return SignOutOptions()
        return SignOutOptions {
            globalSignOut = options.flag("global")
            web = options.text("web")?.let { WebPolicy.valueOf(it.uppercase()) }
            deadlineMillis = options.millis("deadline")
            browserDeadlineMillis = options.millis("browser_deadline")
            reason = options.text("reason")?.let(::AppReason)
        }.also { options.allRead() }
    }

    private suspend fun <T> assertSoon(action: Words, expected: T, actual: suspend () -> T) {
        if (action.flag("eventually")) eventually { actual() == expected }
        assertEquals(expected, actual())
    }

    /** Waits until it is true, for a limited time. */
    private suspend fun eventually(so: suspend () -> Boolean) = withTimeout(20_000) {
        while (!so()) delay(10)
    }

    /**
     * Checks what the scenario expects, and what is true for every result: each error says what happened and what to do, carries what
     * the app needs for that, and repeats no token.
     */
    private fun check(result: SignOutResult, words: Words) {
        val expect = Expect(words)
        expect.result?.let { assertEquals(it, result.name, result::toString) }
        expect.signedOutLocally?.let { assertEquals(it, result.signedOutLocally) }
        val errors: Map<String, AuthException> = when (result) {
            is SignOutResult.Complete -> emptyMap()
            is SignOutResult.Failed -> mapOf("error" to result.exception)
            is SignOutResult.Partial -> {
                partial = result
                val carried = tokens.takeUnless { expect.tokensReplaced }
                result.revokeTokenError?.let { assertEquals(carried?.refreshToken ?: it.refreshToken, it.refreshToken) }
                result.globalSignOutError?.let { assertEquals(carried?.accessToken ?: it.accessToken, it.accessToken) }
                result.hostedUIError?.let { assertTrue(it.url!!.startsWith("https://auth.example.com/logout?")) }
                listOfNotNull(
                    result.revokeTokenError?.let { "revoke_token" to it.exception },
                    result.globalSignOutError?.let { "global_sign_out" to it.exception },
                    result.hostedUIError?.let { "hosted_ui" to it.exception },
                    result.localCleanupError?.let { "local_cleanup" to it.exception },
                ).toMap()
            }
        }
        val ofSteps = (result as? SignOutResult.Partial)?.appStepErrors.orEmpty().associate { it.name to it.exception }
        if (result is SignOutResult.Partial) assertTrue(errors.size + ofSteps.size > 0, "partial without an error")
        if (expect.result != null) {
            val told = errors.mapValues { (name, error) -> if (expect.errors[name] == "any") "any" else error.code }
            assertEquals(expect.errors, told)
            assertEquals(expect.appStepErrors, ofSteps.mapValues { it.value.code })
        }
        expect.appSteps?.let { steps -> assertEquals(steps, result.report.steps.app.associate { it.name to it.status.word }) }
        for ((step, expected) in expect.steps) assertEquals(expected, described(step, result.report.steps), step)
        expect.everywhere?.let { assertEquals(it, result.report.signedOutEverywhere) }
        if (result is SignOutResult.Partial) {
            expect.kept?.let { assertEquals(it, result.kept) }
            assertEquals(expect.displaced, result.displaced.size)
        }
        expect.residual?.let { expected ->
            assertEquals(expected, result.report.residual.map { it.token.name.lowercase() })
        }
        expect.browserSessions?.let { expected ->
            val states = result.report.browserSessions.associate { session ->
                (session.identityProvider ?: "hosted_ui") to session.state.name.lowercase()
            }
            assertEquals(expected, states)
        }
        expect.nextSignIn?.let { assertEquals(it, result.report.nextSignIn?.name?.lowercase() ?: "none") }
        expect.appReason?.let { assertEquals(it, result.report.appReason.name) }
        val all = errors.values + ofSteps.values
        all.forEach { assertTrue(it.message.isNotEmpty() && it.recoverySuggestion.isNotEmpty()) }
        val told = result.toString() + all.joinToString { it.stackTraceToString() }
        assertFalse("SECRET" in told, told)
        assertFalse(server.issuedTokens().any { it in told }, "a token is repeated")
    }

    private class Expect(words: Words) {
        val result = words.text("result")
        val signedOutLocally = words.maybe("signed_out_locally")
        val errors = words.textMap("errors") + listOfNotNull(words.text("error")?.let { "error" to it })
        val steps = words.textMap("steps")
        val appSteps = words.maybeTextMap("app_steps")
        val appStepErrors = words.textMap("app_step_errors")
        val residual = words.texts("residual")
        val everywhere = words.maybe("everywhere")
        val browserSessions = words.maybeTextMap("browser_sessions")
        val nextSignIn = words.text("next_sign_in")
        val appReason = words.text("app_reason")
        val kept = words.maybe("kept")
        val displaced = words.number("displaced") ?: 0
        val tokensReplaced = words.flag("tokens_replaced")

        init {
            words.allRead()
        }
    }
}

private fun described(step: String, steps: Steps): String {
    val status = when (step) {
        "web" -> steps.web
        "commit" -> steps.commit
        "refresh" -> steps.refresh
        "global_sign_out" -> steps.globalSignOut
        "revoke_token" -> steps.revokeToken
        "settle" -> steps.settle
        else -> error("no step: $step")
    }
    return status.word
}

private val StepStatus.word: String
    get() = when (this) {
        is StepStatus.Done -> "done"
        is StepStatus.Requested -> "requested"
        is StepStatus.Owed -> "owed"
        is StepStatus.Skipped -> "skipped:$why"
        is StepStatus.Failed -> "failed:$code"
    }

private val AppReason?.name: String
    get() = this?.word ?: "none"

private val UserSession.name: String
    get() {
        val name = when (val kind = kind) {
            is SessionKind.Token -> "token"
            is SessionKind.Sso -> "sso"
            is SessionKind.Other -> kind.name
        }
        return if (isCurrent) "$name:current" else name
    }

private val Verification.name: String
    get() = when (this) {
        is Verification.Alive -> "alive"
        is Verification.Ended -> "ended:${reason.word}"
        is Verification.Unknown -> {
            assertTrue(exception.message.isNotEmpty() && exception.recoverySuggestion.isNotEmpty())
            "unknown:${exception.code}"
        }
    }

/** The code of the error that [call] throws. */
private suspend fun refusal(call: suspend () -> Unit): String? = try {
    call()
    null
} catch (exception: AuthException) {
    assertTrue(exception.message.isNotEmpty() && exception.recoverySuggestion.isNotEmpty())
    exception.code
}

private suspend fun told(call: suspend () -> Tokens): String = try {
    call()
    "given"
} catch (exception: AuthException) {
    when (exception) {
        is AuthException.SignedOut -> "signed_out"
        is AuthException.SessionExpired -> "session_expired"
        is AuthException.Vault -> "vault"
        is AuthException.Service -> "service"
        is AuthException.InvalidInput -> "invalid_input"
        is AuthException.Unusable, is AuthException.SignOutStep -> error("not expected: $exception")
    }
}
