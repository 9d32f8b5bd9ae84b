internal import CognitoSignOutCore
import Foundation

/// How to sign out.
public struct SignOutOptions: Sendable, Equatable {
    /// Whether every session of the user is to end, on every device.
    public var globalSignOut: Bool
    /// What the browser step means. `nil`: it is required for a session that began in the shared browser. Calls at the same
    /// time share the strongest of their policies; one that comes too late for that has `joined_too_late` in its
    /// ``HostedUIError``.
    public var web: WebPolicy?
    /// One of the configured sign-out URIs. `nil`: the first that the browser can come back to. Of calls at the same time the
    /// first that chooses decides.
    public var signOutURI: String?
    /// The time within which the call answers, the user's time in the browser not counted. `nil`: 10 s.
    public var deadline: TimeInterval?
    /// The time that the user has in the browser. `nil`: 3 minutes.
    public var browserDeadline: TimeInterval?

    /// Signs out of this device only, unless told otherwise.
    public init(
        globalSignOut: Bool = false,
        web: WebPolicy? = nil,
        signOutURI: String? = nil,
        deadline: TimeInterval? = nil,
        browserDeadline: TimeInterval? = nil
    ) {
        self.globalSignOut = globalSignOut
        self.web = web
        self.signOutURI = signOutURI
        self.deadline = deadline
        self.browserDeadline = browserDeadline
    }

    var core: CognitoSignOutCore.SignOutOptions {
        .init(
            global: globalSignOut,
            web: web?.core,
            signOutUri: signOutURI,
            deadline: deadline.map(millis),
            browserDeadline: browserDeadline.map(millis)
        )
    }
}

/// What the browser step of a sign-out means.
public enum WebPolicy: Sendable, Hashable {
    /// Leave the browser's session alone.
    case skip
    /// Try to end it; sign out of this device whatever becomes of it.
    case bestEffort
    /// End it first; if that is cancelled or fails, the user stays signed in and nothing has changed.
    case required

    var core: CognitoSignOutCore.WebPolicy {
        switch self {
        case .skip: .skip
        case .bestEffort: .bestEffort
        case .required: .required
        }
    }
}

/// What a sign-out achieved. There will be no fourth case.
public enum SignOutResult: Sendable, Equatable {
    /// Signed out, and every step that was asked for is done.
    case complete
    /// Signed out of this device, but at least one step failed. Where all three are `nil`, the keychain could not be
    /// cleared of what was paid or handed over: see ``SignOutOutcome/localCleanupError``.
    case partial(
        revokeTokenError: RevokeTokenError?,
        globalSignOutError: GlobalSignOutError?,
        hostedUIError: HostedUIError?
    )
    /// Still signed in, and nothing has changed.
    case failed(SignOutError)

    /// Whether the user is signed out of this device: true for the first two.
    public var signedOutLocally: Bool {
        if case .failed = self { false } else { true }
    }
}

/// `RevokeToken` failed: the session's refresh token is still alive.
public struct RevokeTokenError: ExplainedError, LocalizedError, Sendable, Equatable {
    /// The refresh token that is still alive.
    public let refreshToken: Secret
    /// What happened.
    public let error: SignOutError

    /// What happened, in words.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

/// `GlobalSignOut` failed: the user's other sessions are still alive.
public struct GlobalSignOutError: ExplainedError, LocalizedError, Sendable, Equatable {
    /// The access token that `GlobalSignOut` asks for.
    public let accessToken: Secret
    /// What happened.
    public let error: SignOutError

    /// What happened, in words.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

/// The browser's session was not ended.
public struct HostedUIError: ExplainedError, LocalizedError, Sendable, Equatable {
    /// The URL that ends it when it is opened in the user's browser, where one could be built.
    public let url: URL?
    /// What happened.
    public let error: SignOutError

    /// What happened, in words.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

/// All that can be said of a sign-out: its ``result``, what became of each step, and what it takes to try again what failed.
public struct SignOutOutcome: Sendable {
    /// The result, as ``Auth/signOut(options:)`` gives it.
    public let result: SignOutResult
    /// What became of each step, and what other services will go on accepting.
    public let report: SignOutReport
    /// The keychain could not be cleared of what was paid or handed over.
    public let localCleanupError: SignOutError?
    /// What is unpaid is also on record, and is tried again by ``Auth/resume()``, by ``Auth/settlePending()``, and when the
    /// next user signs in. If not, the tokens in the errors of a partial result are nowhere else.
    public let kept: Bool
    /// What the oldest of the earlier sign-outs on record still owe, taken off the record because this one left more than
    /// ``UnpaidRevocations/keep(maxAge:maxDebts:)`` says: each for ``Auth/retry(_:)``. Their tokens are nowhere else.
    public let displaced: [SignOutOutcome]
    /// What ``Auth/retry(_:)`` needs.
    let partial: PartialSignOut?

    /// Whether the user is signed out of this device.
    public var signedOutLocally: Bool { result.signedOutLocally }

    init(_ core: CognitoSignOutCore.SignOutResult) {
        switch core {
        case let .complete(report):
            self.init(.complete, report)
        case let .failed(error, report):
            self.init(.failed(SignOutError(error)), report)
        case let .partial(revoke, global, hosted, cleanup, kept, displaced, report, partial):
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
        localCleanupError: SignOutError? = nil,
        kept: Bool = false,
        displaced: [SignOutOutcome] = [],
        partial: PartialSignOut? = nil
    ) {
        self.result = result
        self.report = SignOutReport(report)
        self.localCleanupError = localCleanupError
        self.kept = kept
        self.displaced = displaced
        self.partial = partial
    }
}
