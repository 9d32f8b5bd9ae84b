package dev.cognitosignout.testing

import dev.cognitosignout.AppStepError
import dev.cognitosignout.EndReason
import dev.cognitosignout.EndedSession
import dev.cognitosignout.ErrorCode
import dev.cognitosignout.GlobalSignOutError
import dev.cognitosignout.HostedUIError
import dev.cognitosignout.LocalCleanupError
import dev.cognitosignout.Report
import dev.cognitosignout.Resumed
import dev.cognitosignout.RevokeTokenError
import dev.cognitosignout.Secret
import dev.cognitosignout.SignOutOthersResult
import dev.cognitosignout.SignOutResult
import dev.cognitosignout.StepStatus
import dev.cognitosignout.UserSession
import dev.cognitosignout.Verification

/** Results as a `SignOutClient` returns them. A real `Auth` does not retry them. */
public object TestResults {
    /** Signed out, without errors. */
    @JvmStatic
    @JvmOverloads
    public fun complete(report: Report = ReportBuilder().build()): SignOutResult.Complete = SignOutResult.Complete(report)

    /** Still signed in: the sign-out failed before the write that signs this device out. */
    @JvmStatic
    @JvmOverloads
    public fun failed(
        code: String,
        report: Report = ReportBuilder.of("not_reached").commit(ReportBuilder.failed(code)).build(),
    ): SignOutResult.Failed = SignOutResult.Failed(TestErrors.step(code), report)

    /** Signed out of this device: name at least one error. */
    @JvmStatic
    public fun partial(): PartialBuilder = PartialBuilder()

    /** What a launch finds: the outcomes of earlier sign-outs. */
    @JvmStatic
    @JvmOverloads
    public fun resumed(settled: List<SignOutResult> = emptyList()): Resumed = Resumed(settled, null)

    /** Cognito no longer accepts the session. */
    @JvmStatic
    @JvmOverloads
    public fun ended(reason: EndReason = EndReason.EXPIRED): Verification.Ended = Verification.Ended(reason)

    /** It is not known now whether the session lives. */
    @JvmStatic
    public fun unknown(code: String): Verification.Unknown = Verification.Unknown(TestErrors.step(code))

    /** Every other session has ended. */
    @JvmStatic
    public fun othersComplete(sessions: List<UserSession>): SignOutOthersResult.Complete =
        SignOutOthersResult.Complete(sessions.map { EndedSession(it, null) })

    /** The sessions in [ended] have ended, and those in [left] could not be ended. */
    @JvmStatic
    @JvmOverloads
    public fun othersPartial(
        ended: List<UserSession>,
        left: List<UserSession>,
        code: String = ErrorCode.NETWORK_UNAVAILABLE,
    ): SignOutOthersResult.Partial {
        require(left.isNotEmpty()) { "if none is left, the result is complete" }
        val all = ended.map { EndedSession(it, null) } + left.map { EndedSession(it, TestErrors.step(code)) }
        return SignOutOthersResult.Partial(all, null)
    }

    /** Nothing has changed. */
    @JvmStatic
    public fun othersFailed(code: String): SignOutOthersResult.Failed = SignOutOthersResult.Failed(TestErrors.step(code))
}

/** Builds a [SignOutResult.Partial]. Each error is also in the report, unless the test gives one. */
public class PartialBuilder internal constructor() {
    private var hostedUI: HostedUIError? = null
    private var global: GlobalSignOutError? = null
    private var revoke: RevokeTokenError? = null
    private var cleanup: LocalCleanupError? = null
    private val app = mutableListOf<AppStepError>()
    private var kept = true
    private val displaced = mutableListOf<SignOutResult.Partial>()
    private val steps = ReportBuilder()
    private var report: Report? = null

    /** See [SignOutResult.Partial.hostedUIError]. */
    @JvmOverloads
    public fun hostedUIError(code: String, url: String? = null): PartialBuilder = apply {
        hostedUI = HostedUIError(TestErrors.step(code), url)
        steps.web(StepStatus.Failed(code)).logoutUrl(url)
    }

    /** See [SignOutResult.Partial.globalSignOutError]. */
    @JvmOverloads
    public fun globalSignOutError(code: String, accessToken: Secret = secret("access token")): PartialBuilder = apply {
        global = GlobalSignOutError(TestErrors.step(code), accessToken)
        steps.globalSignOut(StepStatus.Failed(code))
    }

    /** See [SignOutResult.Partial.revokeTokenError]. */
    @JvmOverloads
    public fun revokeTokenError(code: String, refreshToken: Secret = secret("refresh token")): PartialBuilder = apply {
        revoke = RevokeTokenError(TestErrors.step(code), refreshToken)
        steps.revokeToken(StepStatus.Failed(code))
    }

    /** See [SignOutResult.Partial.localCleanupError]. */
    public fun localCleanupError(code: String): PartialBuilder = apply {
        cleanup = LocalCleanupError(TestErrors.step(code))
        steps.settle(StepStatus.Failed(code))
    }

    /** Adds one to [SignOutResult.Partial.appStepErrors]. */
    @JvmOverloads
    public fun appStepError(name: String, code: String = ErrorCode.APP_STEP_FAILED): PartialBuilder = apply {
        app += AppStepError(name, TestErrors.step(code))
        steps.appStep(name, null, StepStatus.Failed(code))
    }

    /** See [SignOutResult.Partial.kept]. True, unless a test says otherwise. */
    public fun kept(kept: Boolean): PartialBuilder = apply { this.kept = kept }

    /** Adds one to [SignOutResult.Partial.displaced]. */
    public fun displaced(partial: SignOutResult.Partial): PartialBuilder = apply { displaced += partial }

    /** In place of the report that says what the errors say. */
    public fun report(report: Report): PartialBuilder = apply { this.report = report }

    /**
     * Builds the result.
     *
     * @throws IllegalArgumentException if there is neither an error nor a displaced sign-out: then the result is complete.
     */
    public fun build(): SignOutResult.Partial {
        val errors = listOfNotNull(hostedUI, global, revoke, cleanup) + app + displaced
        require(errors.isNotEmpty()) { "a partial result has at least one error" }
        return SignOutResult.Partial(
            hostedUIError = hostedUI,
            globalSignOutError = global,
            revokeTokenError = revoke,
            localCleanupError = cleanup,
            appStepErrors = app.toList(),
            kept = kept,
            displaced = displaced.toList(),
            report = report ?: steps.build(),
            inner = null,
        )
    }

    private companion object {
        fun secret(value: String): Secret = Secret.ofString(value)
    }
}
