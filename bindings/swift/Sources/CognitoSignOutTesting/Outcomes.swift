import CognitoSignOut
import Foundation

/// Outcomes as the library gives them, without a server: for previews and for the tests of view models.
extension SignOutOutcome {
    /// Signed out: every requested step is done.
    ///
    /// - Parameter everywhere: whether it was a global sign-out.
    public static func complete(everywhere: Bool = false) -> Self {
        SignOutOutcome(
            result: .complete,
            report: report(
                globalSignOut: everywhere ? .done : .skipped(why: "not_requested"), signedOutEverywhere: everywhere
            )
        )
    }

    /// Signed out of this device, but these steps failed.
    ///
    /// - Parameters:
    ///   - revokeToken: why `RevokeToken` failed. `nil`: it is done.
    ///   - globalSignOut: why `GlobalSignOut` failed. `nil`: it was not requested.
    ///   - hostedUI: why the browser's session was not ended. `nil`: there was none.
    ///   - appSteps: the names of the app's own steps that failed.
    ///   - isKept: whether the debt is on record too, and tried again. `nil`: as the library does by default, if `RevokeToken` or a
    ///     step of the app's failed.
    ///   - displaced: debts of older sign-outs that are handed over.
    public static func partial(
        revokeToken: ErrorCode? = .networkUnavailable,
        globalSignOut: ErrorCode? = nil,
        hostedUI: ErrorCode? = nil,
        appSteps: [String] = [],
        isKept: Bool? = nil,
        displaced: [SignOutOutcome] = []
    ) -> Self {
        SignOutOutcome(
            result: .partial(
                revokeTokenError: revokeToken.map {
                    RevokeTokenError(refreshToken: Secret("refresh-token"), error: .example($0))
                },
                globalSignOutError: globalSignOut.map {
                    GlobalSignOutError(accessToken: Secret("access-token"), error: .example($0))
                },
                hostedUIError: hostedUI.map { HostedUIError(url: page, error: .example($0)) }
            ),
            report: report(
                web: hostedUI.map { .failed($0) } ?? .skipped(why: "not_a_browser_session"),
                globalSignOut: globalSignOut.map { .failed($0) } ?? .skipped(why: "not_requested"),
                revokeToken: revokeToken.map { .failed($0) } ?? .done,
                app: appSteps.map { .init(name: $0, phase: .afterSignOut, status: .failed(.appStepFailed)) },
                browserSessionPersists: hostedUI != nil
            ),
            appStepErrors: appSteps.map { AppStepError(name: $0, error: .example(.appStepFailed)) },
            isKept: isKept ?? (revokeToken != nil || !appSteps.isEmpty),
            displaced: displaced
        )
    }

    /// Still signed in, for this reason: for example `.hostedUICancelled`.
    public static func failed(_ code: ErrorCode) -> Self {
        let isOfTheBrowser = code.rawValue.hasPrefix("hosted_ui_")
        return SignOutOutcome(
            result: .failed(.example(code)),
            report: SignOutReport(
                steps: .init(
                    web: isOfTheBrowser ? .failed(code) : .skipped(why: "not_reached"),
                    commit: isOfTheBrowser ? .skipped(why: "not_reached") : .failed(code)
                ),
                browserSessionPersists: isOfTheBrowser
            )
        )
    }

    private static func report(
        web: SignOutReport.StepStatus = .skipped(why: "not_a_browser_session"),
        globalSignOut: SignOutReport.StepStatus,
        revokeToken: SignOutReport.StepStatus = .done,
        app: [SignOutReport.AppStepReport] = [],
        signedOutEverywhere: Bool = false,
        browserSessionPersists: Bool = false
    ) -> SignOutReport {
        let expiry = Date(timeIntervalSinceNow: 3600)
        return SignOutReport(
            steps: .init(
                web: web, commit: .done, refresh: .skipped(why: "not_needed"), globalSignOut: globalSignOut,
                revokeToken: revokeToken, settle: .done, app: app
            ),
            residual: [.init(token: .access, validUntil: expiry), .init(token: .id, validUntil: expiry)],
            signedOutEverywhere: signedOutEverywhere,
            browserSessionPersists: browserSessionPersists
        )
    }
}

/// The page that ends the browser's session.
private let page = URL(string: "https://auth.example.com/logout")

extension SignOutReport {
    fileprivate init(
        steps: Steps, residual: [Residual] = [], signedOutEverywhere: Bool = false, browserSessionPersists: Bool
    ) {
        self.init(
            steps: steps,
            residual: residual,
            signedOutEverywhere: signedOutEverywhere,
            browserSessions: browserSessionPersists ? [.init(holder: .hostedUI, state: .mayPersist)] : [],
            logoutURL: browserSessionPersists ? page : nil,
            nextSignIn: browserSessionPersists ? .login : nil,
            elapsed: 0.2
        )
    }
}

extension SignOutError {
    /// An error with this code. The message is not the library's.
    public static func example(_ code: ErrorCode) -> Self {
        SignOutError(code: code, message: "an example of \(code)", recovery: "what to do about \(code)")
    }
}
