internal import CognitoSignOutCore
import Foundation

/// How to sign out.
public struct SignOutOptions: Sendable, Hashable {
    /// Whether to end every session of the user, on every device.
    public var globalSignOut: Bool
    /// The web policy. `nil`: the browser step is required for a session that began in the shared browser; with
    /// ``AuthConfiguration/Options/tracksSessions`` it is ``WebPolicy/byRevocation``, unless a ``ProviderLogout`` is configured for
    /// the provider that the user signed in with. Concurrent calls share the strongest of their policies. A call that comes too late for that has `joined_too_late` in its ``HostedUIError``.
    public var webPolicy: WebPolicy?
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
        webPolicy: WebPolicy? = nil,
        signOutURI: String? = nil,
        deadline: TimeInterval? = nil,
        browserDeadline: TimeInterval? = nil,
        reason: AppReason? = nil
    ) {
        self.globalSignOut = globalSignOut
        self.webPolicy = webPolicy
        self.signOutURI = signOutURI
        self.deadline = deadline
        self.browserDeadline = browserDeadline
        self.reason = reason
    }

    var core: CognitoSignOutCore.SignOutOptions {
        .init(
            global: globalSignOut,
            web: webPolicy?.core,
            signOutUri: signOutURI,
            deadline: deadline.map(millis),
            browserDeadline: browserDeadline.map(millis),
            reason: reason?.rawValue
        )
    }
}

/// What the browser step of a sign-out does.
///
/// Each page that opens asks the user first: "… wants to use … to sign in". See <doc:SigningOut#What-the-user-is-asked>. Later versions
/// may add cases: <doc:LaterVersions>.
public enum WebPolicy: Sendable, Hashable {
    /// Does not end the browser's session.
    case skip
    /// Ends it at Cognito, by `RevokeToken`: no page opens. Cognito ends it within a few seconds, and nothing confirms it. The session
    /// at an identity provider stays. Needs ``AuthConfiguration/Options/tracksSessions`` and ``RevocationRoute/userPoolsAPI``:
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
public enum SignOutResult: Sendable, Hashable {
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
public struct RevokeTokenError: ExplainedError, LocalizedError, CustomNSError, Sendable, Hashable {
    /// The refresh token, which is still valid.
    public let refreshToken: Secret
    /// What happened.
    public let error: SignOutError

    /// An error like the library's own, for previews and tests.
    public init(refreshToken: Secret, error: SignOutError) {
        self.refreshToken = refreshToken
        self.error = error
    }

    /// What happened, for people.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

/// `GlobalSignOut` failed: the user's other sessions are still valid.
public struct GlobalSignOutError: ExplainedError, LocalizedError, CustomNSError, Sendable, Hashable {
    /// The access token that `GlobalSignOut` requires.
    public let accessToken: Secret
    /// What happened.
    public let error: SignOutError

    /// An error like the library's own, for previews and tests.
    public init(accessToken: Secret, error: SignOutError) {
        self.accessToken = accessToken
        self.error = error
    }

    /// What happened, for people.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

/// The browser's session was not ended.
public struct HostedUIError: ExplainedError, LocalizedError, CustomNSError, Sendable, Hashable {
    /// The page that ends the session when the user's browser opens it, if one is known.
    public let url: URL?
    /// What happened.
    public let error: SignOutError

    /// An error like the library's own, for previews and tests.
    public init(url: URL?, error: SignOutError) {
        self.url = url
        self.error = error
    }

    /// What happened, for people.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

/// Everything about a sign-out: its ``result``, the outcome of each step, and what a retry needs.
public struct SignOutOutcome: Sendable, Hashable {
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
    public let isKept: Bool
    /// Debts of the oldest earlier sign-outs. They were removed from the record because this sign-out left more than
    /// ``UnpaidRevocations/keep(maxAge:maxDebts:)`` allows. Pass each to ``Auth/retry(_:)``: their tokens exist nowhere else.
    public let displaced: [SignOutOutcome]
    private let partialSignOut: Partial?

    /// Whether the user is signed out of this device.
    public var signedOutLocally: Bool { result.signedOutLocally }

    /// For ``Auth/retry(_:)``.
    var partial: PartialSignOut? { partialSignOut?.core }

    /// An outcome like the library's own, for previews and tests. ``Auth/retry(_:)`` returns it unchanged: it belongs to no sign-out.
    /// The module `CognitoSignOutTesting` has shorter ways to create the common ones.
    public init(
        result: SignOutResult,
        report: SignOutReport,
        appStepErrors: [AppStepError] = [],
        localCleanupError: SignOutError? = nil,
        isKept: Bool = false,
        displaced: [SignOutOutcome] = []
    ) {
        self.init(
            result, report, appStepErrors: appStepErrors, localCleanupError: localCleanupError, isKept: isKept, displaced: displaced
        )
    }

    init(_ core: CognitoSignOutCore.SignOutResult) {
        switch core {
        case let .complete(report):
            self.init(.complete, SignOutReport(report))
        case let .failed(error, report):
            self.init(.failed(SignOutError(error)), SignOutReport(report))
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
                SignOutReport(report),
                appStepErrors: steps.map { AppStepError(name: $0.name, error: SignOutError($0.error)) },
                localCleanupError: cleanup.map { SignOutError($0.error) },
                isKept: kept,
                displaced: displaced.map(SignOutOutcome.init),
                partial: Partial(core: partial)
            )
        }
    }

    private init(
        _ result: SignOutResult,
        _ report: SignOutReport,
        appStepErrors: [AppStepError] = [],
        localCleanupError: SignOutError? = nil,
        isKept: Bool = false,
        displaced: [SignOutOutcome] = [],
        partial: Partial? = nil
    ) {
        self.result = result
        self.report = report
        self.appStepErrors = appStepErrors
        self.localCleanupError = localCleanupError
        self.isKept = isKept
        self.displaced = displaced
        partialSignOut = partial
    }

    /// What a retry continues. Each sign-out has its own.
    private struct Partial: Sendable, Hashable {
        let core: PartialSignOut

        static func == (one: Self, other: Self) -> Bool { one.core === other.core }

        func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(core)) }
    }
}
