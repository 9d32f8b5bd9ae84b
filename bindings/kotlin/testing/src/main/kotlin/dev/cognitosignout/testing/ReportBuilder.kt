package dev.cognitosignout.testing

import dev.cognitosignout.AppReason
import dev.cognitosignout.AppStepReport
import dev.cognitosignout.BrowserSession
import dev.cognitosignout.BrowserSessionState
import dev.cognitosignout.Phase
import dev.cognitosignout.Prompt
import dev.cognitosignout.Report
import dev.cognitosignout.Residual
import dev.cognitosignout.StepStatus
import dev.cognitosignout.Steps
import dev.cognitosignout.TokenKind

/** Builds a [Report]. It begins as that of a complete sign-out of this device, without a browser. */
public class ReportBuilder {
    private var web: StepStatus = StepStatus.Skipped("not_a_browser_session")
    private var commit: StepStatus = StepStatus.Done
    private var refresh: StepStatus = StepStatus.Skipped("not_needed")
    private var globalSignOut: StepStatus = StepStatus.Skipped("not_requested")
    private var revokeToken: StepStatus = StepStatus.Done
    private var settle: StepStatus = StepStatus.Done
    private val app = mutableListOf<AppStepReport>()
    private val residual = mutableListOf<Residual>()
    private val browserSessions = mutableListOf<BrowserSession>()
    private var signedOutEverywhere = false
    private var logoutUrl: String? = null
    private var nextSignIn: Prompt? = null
    private var appReason: AppReason? = null
    private var elapsedMillis = 0L

    /** See [Steps.web]. */
    public fun web(status: StepStatus): ReportBuilder = apply { web = status }

    /** See [Steps.commit]. */
    public fun commit(status: StepStatus): ReportBuilder = apply { commit = status }

    /** See [Steps.refresh]. */
    public fun refresh(status: StepStatus): ReportBuilder = apply { refresh = status }

    /** See [Steps.globalSignOut]. */
    public fun globalSignOut(status: StepStatus): ReportBuilder = apply { globalSignOut = status }

    /** See [Steps.revokeToken]. */
    public fun revokeToken(status: StepStatus): ReportBuilder = apply { revokeToken = status }

    /** See [Steps.settle]. */
    public fun settle(status: StepStatus): ReportBuilder = apply { settle = status }

    /** Adds one to [Steps.app]. */
    public fun appStep(name: String, phase: Phase?, status: StepStatus): ReportBuilder =
        apply { app += AppStepReport(name, phase, status) }

    /** Adds one to [Report.residual]. */
    public fun residual(token: TokenKind, validUntilMillis: Long?): ReportBuilder =
        apply { residual += Residual(token, validUntilMillis) }

    /** Adds one to [Report.browserSessions]. */
    public fun browserSession(identityProvider: String?, state: BrowserSessionState): ReportBuilder =
        apply { browserSessions += BrowserSession(identityProvider, state) }

    /** See [Report.signedOutEverywhere]. */
    public fun signedOutEverywhere(value: Boolean): ReportBuilder = apply { signedOutEverywhere = value }

    /** See [Report.logoutUrl]. */
    public fun logoutUrl(url: String?): ReportBuilder = apply { logoutUrl = url }

    /** See [Report.nextSignIn]. */
    public fun nextSignIn(prompt: Prompt?): ReportBuilder = apply { nextSignIn = prompt }

    /** See [Report.appReason]. */
    public fun appReason(reason: AppReason?): ReportBuilder = apply { appReason = reason }

    /** See [Report.elapsedMillis]. */
    public fun elapsedMillis(millis: Long): ReportBuilder = apply { elapsedMillis = millis }

    /** Builds the report. */
    public fun build(): Report = Report(
        steps = Steps(web, commit, refresh, globalSignOut, revokeToken, settle, app.toList()),
        residual = residual.toList(),
        signedOutEverywhere = signedOutEverywhere,
        browserSessions = browserSessions.toList(),
        logoutUrl = logoutUrl,
        nextSignIn = nextSignIn,
        appReason = appReason,
        elapsedMillis = elapsedMillis,
    )

    /** The outcomes of a step that have no public constructor. */
    public companion object {
        /** See [StepStatus.Skipped]. */
        @JvmStatic
        public fun skipped(why: String): StepStatus = StepStatus.Skipped(why)

        /** See [StepStatus.Failed]. */
        @JvmStatic
        public fun failed(code: String): StepStatus = StepStatus.Failed(code)

        /** Of a sign-out that skipped every step. */
        internal fun of(why: String): ReportBuilder = skipped(why).let {
            ReportBuilder().web(it).commit(it).refresh(it).globalSignOut(it).revokeToken(it).settle(it)
        }
    }
}
