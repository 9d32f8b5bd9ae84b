package dev.cognitosignout

import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Test
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds

/** Values that say the same are equal, so that an app can compare them: in tests, and in `distinctUntilChanged`. */
class ValuesTest {
    private fun steps(web: StepStatus) =
        Steps(web, StepStatus.Done, StepStatus.Done, StepStatus.Done, StepStatus.Done, StepStatus.Done, emptyList())

    /** No two of them are equal. */
    private fun values(): List<Any> = listOf(
        SignOutOptions(),
        SignOutOptions { globalSignOut = true },
        SignOutOptions { web = WebPolicy.SKIP },
        SignOutOptions { signOutUri = "myapp://out" },
        SignOutOptions { deadline = 1.seconds },
        SignOutOptions { browserDeadline = 1.seconds },
        SignOutOptions { reason = AppReason.USER },
        SignOutUri("myapp://out"),
        SignOutUri("myapp://out", "https://example.com"),
        HostedUI("auth.example.com", listOf(SignOutUri("myapp://out"))),
        HostedUI("auth.example.com", listOf(SignOutUri("myapp://out")), providers = mapOf("Okta" to ProviderLogout.Okta("a"))),
        UnpaidRevocations.Keep(1, 1),
        UnpaidRevocations.Keep(1, 2),
        ProviderLogout.Oidc("a", "b"),
        ProviderLogout.Entra("a", "b"),
        ProviderLogout.Auth0("a", "b"),
        ProviderLogout.Template("a"),
        ProviderLogout.Okta("a"),
        AuthEvent.SignedOut(SignedOutReason.LOCAL, null),
        AuthEvent.SignedOut(SignedOutReason.LOCAL, AppReason.USER),
        AuthEvent.SessionExpired(EndReason.REVOKED),
        StepStatus.Skipped("no_session"),
        StepStatus.Failed("no_session"),
        steps(StepStatus.Done),
        steps(StepStatus.Requested),
        AppStepReport("a", Phase.AFTER_SIGN_OUT, StepStatus.Done),
        Residual(TokenKind.ACCESS, 1),
        BrowserSession(null, BrowserSessionState.ENDED),
        SessionState.SignedIn(Session("sub", "ana", SignedInWith.API, 1, false, null)),
        SessionState.SignedIn(Session("sub", "ana", SignedInWith.API, 2, false, null)),
        Verification.Ended(EndReason.REVOKED),
        RemoteSignOut.Verified(Verification.Ended(EndReason.REVOKED)),
        WebVisit("https://auth.example.com", "myapp://out"),
        SignOutProgress.Show(WebVisit("https://auth.example.com", "myapp://out")),
        SessionKind.Other("tv"),
    )

    @Test
    fun `values are equal if they say the same`() {
        assertEquals(values(), values())
        assertEquals(values().map { it.hashCode() }, values().map { it.hashCode() })
        assertEquals(values().size, values().toSet().size)
        values().forEach { assertEquals(it.toString(), values()[values().indexOf(it)].toString()) }
    }

    @Test
    fun `a time limit can be a duration`() {
        val options = SignOutOptions {
            deadline = 5.seconds
            browserDeadline = 1.minutes
        }
        assertEquals(5_000, options.deadlineMillis)
        assertEquals(60_000, options.browserDeadlineMillis)
        assertNull(SignOutOptions { deadline = null }.deadlineMillis)
        assertEquals(UnpaidRevocations.Keep(60_000, 1), UnpaidRevocations.Keep(1.minutes, 1))
        assertEquals(5_000, AppStep("a", Phase.AFTER_SIGN_OUT, 5.seconds) {}.timeLimitMillis)
        val config = AuthConfig.builder("eu-central-1_AbCdEf123", "1h57kf5cpq17m0eml12EXAMPLE")
            .connectTimeout(1.seconds).attemptTimeout(2.seconds).refreshMargin(3.seconds).build()
        assertEquals(1_000, config.connectTimeoutMillis)
        assertEquals(2_000, config.attemptTimeoutMillis)
    }

    @Test
    fun `a builder for Java makes the same options`() {
        val built = SignOutOptions.builder().globalSignOut(true).web(WebPolicy.BEST_EFFORT).signOutUri("myapp://out")
            .deadlineMillis(1).browserDeadlineMillis(2).reason(AppReason.USER).build()
        val same = SignOutOptions {
            globalSignOut = true
            web = WebPolicy.BEST_EFFORT
            signOutUri = "myapp://out"
            deadlineMillis = 1
            browserDeadlineMillis = 2
            reason = AppReason.USER
        }
        assertEquals(same, built)
    }
}
