internal import CognitoSignOutCore
import Foundation

/// What went wrong, for programs: a string that never changes, for example `network_unavailable`. Later versions may add more.
public struct ErrorCode: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
    /// The string.
    public let rawValue: String

    /// The code with this string.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// The string.
    public var description: String { rawValue }

    /// The device is offline, or the server cannot be reached.
    public static let networkUnavailable = Self(rawValue: "network_unavailable")
    /// The time limit was reached.
    public static let timedOut = Self(rawValue: "timed_out")
    /// The server's certificate was not accepted.
    public static let untrustedServer = Self(rawValue: "untrusted_server")
    /// The app's transport failed: it threw, or dropped the request without a response.
    public static let transportFailed = Self(rawValue: "transport_failed")
    /// Cognito is limiting requests.
    public static let throttled = Self(rawValue: "throttled")
    /// Cognito had an internal error.
    public static let serviceUnavailable = Self(rawValue: "service_unavailable")
    /// The response did not come from Cognito.
    public static let unexpectedResponse = Self(rawValue: "unexpected_response")
    /// Nobody is signed in.
    public static let signedOut = Self(rawValue: "signed_out")
    /// The tokens are no longer valid.
    public static let sessionExpired = Self(rawValue: "session_expired")
    /// Global sign-out and the user's sessions need the scope `aws.cognito.signin.user.admin`.
    public static let missingScope = Self(rawValue: "missing_scope")
    /// The user pool does not track sessions, or not in this Region.
    public static let sessionTrackingOff = Self(rawValue: "session_tracking_off")
    /// The server does not know the operations of session management.
    public static let sessionsNotSupported = Self(rawValue: "sessions_not_supported")
    /// The user has no session with this id: it has ended, or it is another user's.
    public static let sessionNotFound = Self(rawValue: "session_not_found")
    /// It is the session of this app on this device, or the SSO session that it came through.
    public static let ownSession = Self(rawValue: "own_session")
    /// Token revocation is off for the app client.
    public static let revocationDisabled = Self(rawValue: "revocation_disabled")
    /// The app client's id or secret is wrong.
    public static let clientRejected = Self(rawValue: "client_rejected")
    /// A firewall or policy forbids it.
    public static let forbidden = Self(rawValue: "forbidden")
    /// Cognito refused the request. The message names the exception.
    public static let refused = Self(rawValue: "refused")
    /// A call joined another sign-out too late: the session was already revoked, so the sign-out could not become global; or the
    /// browser step was over. Or the user signed in again while a global sign-out was still owed.
    public static let joinedTooLate = Self(rawValue: "joined_too_late")
    /// This device cannot keep more unpaid sign-outs. This one was the oldest, and is handed over.
    public static let displaced = Self(rawValue: "displaced")
    /// One of the app's own steps failed. It is tried again with what else is unpaid.
    public static let appStepFailed = Self(rawValue: "app_step_failed")
    /// A step of the app's own is on record, and no step of this name is registered. Register it.
    public static let appStepNotRegistered = Self(rawValue: "app_step_not_registered")
    /// The task that ran the call was lost.
    public static let interrupted = Self(rawValue: "interrupted")
    /// No browser could be opened.
    public static let hostedUIUnavailable = Self(rawValue: "hosted_ui_unavailable")
    /// The user closed the browser.
    public static let hostedUICancelled = Self(rawValue: "hosted_ui_cancelled")
    /// The hosted pages refused. Most often the sign-out URI is not on the app client's list.
    public static let hostedUIFailed = Self(rawValue: "hosted_ui_failed")
    /// The browser did not come back in time.
    public static let hostedUITimedOut = Self(rawValue: "hosted_ui_timed_out")
    /// The redirect cannot be received.
    public static let hostedUIRedirectTaken = Self(rawValue: "hosted_ui_redirect_taken")
    /// The configuration has no hosted pages.
    public static let hostedUINotConfigured = Self(rawValue: "hosted_ui_not_configured")
    /// The keychain is locked. This does not mean "signed out".
    public static let vaultLocked = Self(rawValue: "vault_locked")
    /// There is no keychain.
    public static let vaultUnavailable = Self(rawValue: "vault_unavailable")
    /// The app lacks the keychain access group.
    public static let vaultMissingEntitlement = Self(rawValue: "vault_missing_entitlement")
    /// The keychain failed.
    public static let vaultFailed = Self(rawValue: "vault_failed")
    /// The stored record cannot be read.
    public static let recordCorrupt = Self(rawValue: "record_corrupt")
    /// A newer version of the app wrote the stored record.
    public static let recordTooNew = Self(rawValue: "record_too_new")
    /// An input is not valid.
    public static let invalidInput = Self(rawValue: "invalid_input")

    /// Whether the same call may succeed later without a change: when the network is back, the device is unlocked, or Cognito is
    /// less busy. A program can then try again after a pause. `false` if the user, the app, the configuration or the user pool must
    /// change first, and for a code that this version does not know. See ``SignOutError/recovery``.
    public var isRetryable: Bool { Self.retryable.contains(self) }

    private static let retryable: Set<Self> = [
        .networkUnavailable, .timedOut, .untrustedServer, .throttled, .serviceUnavailable, .unexpectedResponse, .displaced,
        .interrupted, .vaultLocked, .vaultFailed,
    ]

    /// The code as a number that never changes either (FNV-1a of the string): crash reporters sort an `NSError` by its number.
    var number: Int {
        Int(rawValue.utf8.reduce(0x811C_9DC5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 } >> 1)
    }
}

/// An error whose two texts are never `nil`, as in Amplify: `String`, where `LocalizedError` has `String?`.
protocol ExplainedError: LocalizedError, CustomNSError {
    var error: SignOutError { get }
    var errorDescription: String { get }
    var recoverySuggestion: String { get }
}

extension ExplainedError {
    public var errorDescription: String? { .some(errorDescription) }
    public var recoverySuggestion: String? { .some(recoverySuggestion) }
    public var errorCode: Int { error.code.number }
    public var errorUserInfo: [String: Any] {
        [
            "code": error.code.rawValue,
            NSLocalizedDescriptionKey: errorDescription as String,
            NSLocalizedRecoverySuggestionErrorKey: recoverySuggestion as String,
        ]
    }
}

/// An error: a ``code`` for programs, a ``message`` for people, and what to do about it. It contains no secret and no text from a
/// server.
///
/// As an `NSError`, each code has a number of its own, and the code's string is in `userInfo["code"]`: so do all errors of this package.
public struct SignOutError: ExplainedError, LocalizedError, CustomNSError, Hashable, Sendable, CustomStringConvertible {
    /// What happened, for programs.
    public let code: ErrorCode
    /// What happened, for people.
    public let message: String
    /// What to do about it, for developers.
    public let recovery: String

    /// An error like the library's own, for previews and tests.
    public init(code: ErrorCode, message: String, recovery: String = "") {
        self.code = code
        self.message = message
        self.recovery = recovery
    }

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

    var error: SignOutError { self }

    /// What UniFFI throws besides the library's own errors: the library has panicked, or does not fit this code. Its text may contain
    /// anything.
    static let unexpected = Self(
        code: .interrupted,
        message: "the call failed inside the library",
        recovery: "This is a bug of the library: report it, with the log. Call `resume`, then try again."
    )
}

/// Why a call other than ``Auth/signOut(options:)`` failed.
///
/// Later versions may add cases: <doc:LaterVersions>.
public enum AuthError: ExplainedError, LocalizedError, CustomNSError, Hashable, Sendable {
    /// Nobody is signed in.
    case signedOut(SignOutError)
    /// Cognito said that the session has ended; ``Auth/verify()`` says why. Nothing was removed: ask the user to sign in again.
    case sessionExpired(SignOutError)
    /// The keychain could not be read or written. This does not mean "signed out".
    case vault(SignOutError)
    /// Cognito could not be reached, or refused. The session has not changed.
    case service(SignOutError)
    /// A configuration or the tokens are not valid. Nothing was stored.
    case invalidInput(SignOutError)
    /// The system cannot start a thread, or the task that ran the call was lost.
    case runtime(SignOutError)

    /// What happened.
    public var error: SignOutError {
        switch self {
        case let .signedOut(error), let .sessionExpired(error), let .vault(error), let .service(error),
             let .invalidInput(error), let .runtime(error):
            error
        }
    }

    /// What happened, for programs.
    public var code: ErrorCode { error.code }

    /// What happened, for people.
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

    private init(thrown error: any Error) {
        self = (error as? CognitoSignOutCore.AuthError).map { AuthError($0) } ?? .runtime(.unexpected)
    }

    /// Runs `call`, and converts the core's errors.
    static func rethrowing<T>(_ call: () throws -> T) throws(AuthError) -> T {
        do {
            return try call()
        } catch {
            throw AuthError(thrown: error)
        }
    }

    /// The same for an async call.
    static func rethrowing<T: Sendable>(_ call: @Sendable () async throws -> T) async throws(AuthError) -> T {
        do {
            return try await call()
        } catch {
            throw AuthError(thrown: error)
        }
    }
}
