internal import CognitoSignOutCore
import Foundation

/// How to sign out.
public struct SignOutOptions: Sendable, Equatable {
    /// Whether to end every session of the user, on every device.
    public var globalSignOut: Bool
    /// The web policy. `nil`: the browser step is required for a session that began in the shared browser; with
    /// ``AuthConfiguration/Options/sessionTracking`` it is ``WebPolicy/byRevocation``, unless a ``ProviderLogout`` is configured for
    /// the provider that the user signed in with. Concurrent calls share the strongest of their policies. A call that comes too late for that has `joined_too_late` in its ``HostedUIError``.
    public var web: WebPolicy?
    /// One of the configured sign-out URIs. `nil`: the first that the browser can return to. For concurrent calls, the first one that
    /// sets it decides.
    public var signOutURI: String?
    /// The time limit of the call, without the user's time in the browser. `nil`: 10 s.
    public var deadline: TimeInterval?
    /// The time limit for the user in the browser. `nil`: 3 minutes.
    public var browserDeadline: TimeInterval?
    /// Why the app signs out. It is in the event, in the report, in the log, and on record with what is still owed to Cognito. For
    /// concurrent calls, the first one that sets it decides, until the session has ended on this device.
    public var reason: AppReason?

    /// The default signs out of this device only.
    public init(
        globalSignOut: Bool = false,
        web: WebPolicy? = nil,
        signOutURI: String? = nil,
        deadline: TimeInterval? = nil,
        browserDeadline: TimeInterval? = nil,
        reason: AppReason? = nil
    ) {
        self.globalSignOut = globalSignOut
        self.web = web
        self.signOutURI = signOutURI
        self.deadline = deadline
        self.browserDeadline = browserDeadline
        self.reason = reason
    }

    var core: CognitoSignOutCore.SignOutOptions {
        .init(
            global: globalSignOut,
            web: web?.core,
            signOutUri: signOutURI,
            deadline: deadline.map(millis),
            browserDeadline: browserDeadline.map(millis),
            reason: reason?.rawValue
        )
    }
}

/// What the browser step of a sign-out does.
public enum WebPolicy: Sendable, Hashable {
    /// Does not end the browser's session.
    case skip
    /// Ends it at Cognito, by `RevokeToken`: no page opens. Cognito ends it within a few seconds, and nothing confirms it. The session
    /// at an identity provider stays. Needs ``AuthConfiguration/Options/sessionTracking`` and ``RevocationRoute/userPoolsAPI``:
    /// otherwise the sign-out fails with ``ErrorCode/invalidInput``, and nothing has changed.
    case byRevocation
    /// Tries to end it. Signs out of this device even if that fails.
    case bestEffort
    /// Ends it first. If that is cancelled or fails, the user stays signed in and nothing has changed.
    case required

    var core: CognitoSignOutCore.WebPolicy {
        switch self {
        case .skip: .skip
        case .byRevocation: .byRevocation
        case .bestEffort: .bestEffort
        case .required: .required
        }
    }
}

/// What a sign-out achieved. There will be no fourth case.
public enum SignOutResult: Sendable, Equatable {
    /// Signed out. Every requested step is done.
    case complete
    /// Signed out of this device, but at least one step failed. If all three are `nil`, one of the app's own steps failed, or paid or
    /// handed-over debts could not be removed from the keychain: see ``SignOutOutcome/appStepErrors`` and
    /// ``SignOutOutcome/localCleanupError``.
    ///
    /// ``Auth/retry(_:)`` tries the failed steps again. It cannot help if `GlobalSignOut` failed and `RevokeToken` succeeded, because
    /// Cognito no longer accepts the access token: the user has to sign in again, and then sign out globally.
    case partial(
        revokeTokenError: RevokeTokenError?,
        globalSignOutError: GlobalSignOutError?,
        hostedUIError: HostedUIError?
    )
    /// Still signed in. Nothing has changed.
    case failed(SignOutError)

    /// Whether the user is signed out of this device: true for the first two.
    public var signedOutLocally: Bool {
        if case .failed = self { false } else { true }
    }
}

/// `RevokeToken` failed: the session's refresh token is still valid.
public struct RevokeTokenError: ExplainedError, LocalizedError, Sendable, Equatable {
    /// The refresh token, which is still valid.
    public let refreshToken: Secret
    /// What happened.
    public let error: SignOutError

    /// What happened, for people.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

/// `GlobalSignOut` failed: the user's other sessions are still valid.
public struct GlobalSignOutError: ExplainedError, LocalizedError, Sendable, Equatable {
    /// The access token that `GlobalSignOut` requires.
    public let accessToken: Secret
    /// What happened.
    public let error: SignOutError

    /// What happened, for people.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

/// The browser's session was not ended.
public struct HostedUIError: ExplainedError, LocalizedError, Sendable, Equatable {
    /// The page that ends the session when the user's browser opens it, if one is known.
    public let url: URL?
    /// What happened.
    public let error: SignOutError

    /// What happened, for people.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

/// Everything about a sign-out: its ``result``, the outcome of each step, and what a retry needs.
public struct SignOutOutcome: Sendable {
    /// The same result that ``Auth/signOut(options:)`` returns.
    public let result: SignOutResult
    /// The outcome of each step, and what other services still accept.
    public let report: SignOutReport
    /// The app's own steps that failed, or that nobody registers any more. ``Auth/retry(_:)`` runs these again, and no other ones.
    public let appStepErrors: [AppStepError]
    /// Paid or handed-over debts could not be removed from the keychain.
    public let localCleanupError: SignOutError?
    /// Whether the unpaid debt is also on record. If so, ``Auth/resume()``, ``Auth/settlePending()`` and the next sign-in try it again.
    /// If not, the tokens in the errors of a partial result exist nowhere else.
    public let kept: Bool
    /// Debts of the oldest earlier sign-outs. They were removed from the record because this sign-out left more than
    /// ``UnpaidRevocations/keep(maxAge:maxDebts:)`` allows. Pass each to ``Auth/retry(_:)``: their tokens exist nowhere else.
    public let displaced: [SignOutOutcome]
    /// For ``Auth/retry(_:)``.
    let partial: PartialSignOut?

    /// Whether the user is signed out of this device.
    public var signedOutLocally: Bool { result.signedOutLocally }

    init(_ core: CognitoSignOutCore.SignOutResult) {
        switch core {
        case let .complete(report):
            self.init(.complete, report)
        case let .failed(error, report):
            self.init(.failed(SignOutError(error)), report)
        case let .partial(revoke, global, hosted, steps, cleanup, kept, displaced, report, partial):
            let result = SignOutResult.partial(
                revokeTokenError: revoke.map {
                    .init(refreshToken: Secret(core: $0.refreshToken), error: SignOutError($0.error))
                },
                globalSignOutError: global.map {
                    .init(accessToken: Secret(core: $0.accessToken), error: SignOutError($0.error))
                },
                hostedUIError: hosted.map {
                    .init(url: $0.url.flatMap(URL.init(string:)), error: SignOutError($0.error))
                }
            )
            self.init(
                result,
                report,
                appStepErrors: steps.map { AppStepError(name: $0.name, error: SignOutError($0.error)) },
                localCleanupError: cleanup.map { SignOutError($0.error) },
                kept: kept,
                displaced: displaced.map(SignOutOutcome.init),
                partial: partial
            )
        }
    }

    private init(
        _ result: SignOutResult,
        _ report: Report,
        appStepErrors: [AppStepError] = [],
        localCleanupError: SignOutError? = nil,
        kept: Bool = false,
        displaced: [SignOutOutcome] = [],
        partial: PartialSignOut? = nil
    ) {
        self.result = result
        self.report = SignOutReport(report)
        self.appStepErrors = appStepErrors
        self.localCleanupError = localCleanupError
        self.kept = kept
        self.displaced = displaced
        self.partial = partial
    }
}
