internal import CognitoSignOutCore
import Foundation

/// What went wrong, for programs: a string that never changes, as `network_unavailable`. Later versions may have more of them.
public struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The string.
    public let rawValue: String

    /// A code by its string.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The string.
    public var description: String { rawValue }

    /// The device is offline, or the server cannot be reached.
    public static let networkUnavailable = Self(rawValue: "network_unavailable")
    /// The time was over.
    public static let timedOut = Self(rawValue: "timed_out")
    /// The server's certificate was not accepted.
    public static let untrustedServer = Self(rawValue: "untrusted_server")
    /// The transport failed by itself: it threw, or let go of the request.
    public static let transportFailed = Self(rawValue: "transport_failed")
    /// Cognito limits requests.
    public static let throttled = Self(rawValue: "throttled")
    /// Cognito had an internal error.
    public static let serviceUnavailable = Self(rawValue: "service_unavailable")
    /// Something answered in Cognito's place.
    public static let unexpectedResponse = Self(rawValue: "unexpected_response")
    /// Nobody is signed in.
    public static let signedOut = Self(rawValue: "signed_out")
    /// The tokens no longer authorise anything.
    public static let sessionExpired = Self(rawValue: "session_expired")
    /// Global sign-out needs the scope `aws.cognito.signin.user.admin`.
    public static let missingScope = Self(rawValue: "missing_scope")
    /// Token revocation is off for the app client.
    public static let revocationDisabled = Self(rawValue: "revocation_disabled")
    /// The app client's id or secret is wrong.
    public static let clientRejected = Self(rawValue: "client_rejected")
    /// A firewall or policy forbids it.
    public static let forbidden = Self(rawValue: "forbidden")
    /// Cognito refuses, for a reason that the message names.
    public static let refused = Self(rawValue: "refused")
    /// A sign-out joined another too late: to make it global, when that had already revoked the session, or to have the browser's
    /// session ended, when that was past its browser step. Or a global sign-out was still owed when its user had signed in again.
    public static let joinedTooLate = Self(rawValue: "joined_too_late")
    /// The device keeps no more unpaid sign-outs, and this was the oldest: it is handed over.
    public static let displaced = Self(rawValue: "displaced")
    /// The call was lost.
    public static let interrupted = Self(rawValue: "interrupted")
    /// No browser could be opened.
    public static let hostedUIUnavailable = Self(rawValue: "hosted_ui_unavailable")
    /// The user closed the browser.
    public static let hostedUICancelled = Self(rawValue: "hosted_ui_cancelled")
    /// The hosted pages refused: most often the sign-out URI is not on the app client's list.
    public static let hostedUIFailed = Self(rawValue: "hosted_ui_failed")
    /// The browser did not come back in time.
    public static let hostedUITimedOut = Self(rawValue: "hosted_ui_timed_out")
    /// The redirect cannot be received.
    public static let hostedUIRedirectTaken = Self(rawValue: "hosted_ui_redirect_taken")
    /// The configuration has no hosted pages.
    public static let hostedUINotConfigured = Self(rawValue: "hosted_ui_not_configured")
    /// The keychain is locked: this is not "signed out".
    public static let vaultLocked = Self(rawValue: "vault_locked")
    /// There is no keychain.
    public static let vaultUnavailable = Self(rawValue: "vault_unavailable")
    /// The app lacks the keychain access group.
    public static let vaultMissingEntitlement = Self(rawValue: "vault_missing_entitlement")
    /// The keychain failed.
    public static let vaultFailed = Self(rawValue: "vault_failed")
    /// What is stored cannot be understood.
    public static let recordCorrupt = Self(rawValue: "record_corrupt")
    /// A newer version of the app stored it.
    public static let recordTooNew = Self(rawValue: "record_too_new")
    /// What was given is not what it must be.
    public static let invalidInput = Self(rawValue: "invalid_input")

    /// Whether the same call may succeed later by itself: when the network is back, the device is unlocked, Cognito has time. For
    /// a program that decides whether to try again with a pause. `false` where the user, the app, the configuration or the user
    /// pool has to change first, and for a code that this version does not know; see ``SignOutError/recovery``.
    public var isRetryable: Bool { Self.retryable.contains(self) }

    private static let retryable: Set<Self> = [
        .networkUnavailable, .timedOut, .untrustedServer, .throttled, .serviceUnavailable, .unexpectedResponse, .displaced,
        .interrupted, .vaultLocked, .vaultFailed,
    ]
}

/// An error whose two texts are always there, as those of Amplify's are: `String`, where `LocalizedError` asks for `String?`.
protocol ExplainedError: LocalizedError {
    var errorDescription: String { get }
    var recoverySuggestion: String { get }
}

extension ExplainedError {
    public var errorDescription: String? { .some(errorDescription) }
    public var recoverySuggestion: String? { .some(recoverySuggestion) }
}

/// One thing that went wrong: a ``code`` for programs, a ``message`` for people, and what to do about it. Holds no secret,
/// and nothing that a server said in its own words.
public struct SignOutError: ExplainedError, LocalizedError, Hashable, Sendable, CustomStringConvertible {
    /// What happened, for programs.
    public let code: ErrorCode
    /// What happened, in words.
    public let message: String
    /// What to do about it, in a sentence for developers.
    public let recovery: String

    init(_ problem: Problem) {
        code = ErrorCode(rawValue: problem.code)
        message = problem.setting.map { "\($0.swift): \(problem.detail)" } ?? problem.detail
        recovery = problem.recovery
    }

    /// The ``message``.
    public var errorDescription: String { message }

    /// The ``recovery``.
    public var recoverySuggestion: String { recovery }

    /// The code and the message.
    public var description: String { "\(code): \(message)" }
}

/// Why a call other than ``Auth/signOut(options:)`` could not do what it was asked.
public enum AuthError: ExplainedError, LocalizedError, Hashable, Sendable {
    /// Nobody is signed in.
    case signedOut(SignOutError)
    /// Cognito has said that the refresh token is dead. Nothing was removed: ask the user to sign in again.
    case sessionExpired(SignOutError)
    /// The keychain could not be read or written. This is not "signed out".
    case vault(SignOutError)
    /// Cognito could not be reached or refused. The session is as it was.
    case service(SignOutError)
    /// What was given, a configuration or tokens, is not what it must be. Nothing was stored.
    case invalidInput(SignOutError)
    /// The system has no thread to give, or the call was lost.
    case runtime(SignOutError)

    /// What happened.
    public var error: SignOutError {
        switch self {
        case let .signedOut(error), let .sessionExpired(error), let .vault(error), let .service(error),
             let .invalidInput(error), let .runtime(error):
            error
        }
    }

    /// What happened, in words.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }

    init(_ error: CognitoSignOutCore.AuthError) {
        self = switch error {
        case let .SignedOut(problem): .signedOut(SignOutError(problem))
        case let .SessionExpired(problem): .sessionExpired(SignOutError(problem))
        case let .Vault(problem): .vault(SignOutError(problem))
        case let .Service(problem): .service(SignOutError(problem))
        case let .InvalidInput(problem): .invalidInput(SignOutError(problem))
        case let .Runtime(problem): .runtime(SignOutError(problem))
        }
    }

    /// Calls the core, whose errors become these.
    static func rethrowing<T>(_ call: () throws -> T) throws -> T {
        do {
            return try call()
        } catch let error as CognitoSignOutCore.AuthError {
            throw AuthError(error)
        }
    }

    /// The same, for what takes time.
    static func rethrowing<T: Sendable>(_ call: @Sendable () async throws -> T) async throws -> T {
        do {
            return try await call()
        } catch let error as CognitoSignOutCore.AuthError {
            throw AuthError(error)
        }
    }
}
