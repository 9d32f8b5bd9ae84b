internal import CognitoSignOutCore
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// A step of the app's own, that is a part of every sign-out: pass it to
/// ``Auth/init(configuration:transport:storage:browser:signOutSteps:)``.
///
/// From the write that signs this device out, the step's name is on record. It comes off the record when the step has succeeded. If
/// the step fails, or the process ends, it runs again: in ``Auth/retry(_:)``, in ``Auth/resume()``, or when the next user has signed in.
/// So a step can run more than once, and must be idempotent. A step that fails or hangs stops no other step.
///
/// A step may call this library. The user is signed out by then: ``Auth/tokens()`` throws ``AuthError/signedOut(_:)``, and another
/// ``Auth/signOut(options:)`` waits for this one, and so for the step. Let it hold the `Auth` weakly: the `Auth` holds its steps.
///
/// ```swift
/// let forget = AppStep("forget_push_token", .whileTokenLives, timeLimit: 2) { session in
///     guard let token = session.accessToken else { return }
///     try await server.forgetPushToken(authorization: token.reveal())
/// }
/// let auth = try Auth(configuration: configuration, signOutSteps: [forget])
/// ```
public struct AppStep: Sendable {
    /// When a step runs.
    public enum Phase: Sendable, Hashable {
        /// When the user is signed out of this device, and before Cognito is asked to end the session: the session's tokens still
        /// work. The steps of this phase run side by side, for a third of the sign-out's time at most.
        case whileTokenLives
        /// At the end, when Cognito has been asked. The steps of this phase run side by side.
        case afterSignOut

        init(_ core: CognitoSignOutCore.Phase) {
            self = switch core {
            case .whileTokenLives: .whileTokenLives
            case .afterSignOut: .afterSignOut
            }
        }

        var core: CognitoSignOutCore.Phase {
            switch self {
            case .whileTokenLives: .whileTokenLives
            case .afterSignOut: .afterSignOut
            }
        }
    }

    /// The name that is on record while the step is owed.
    public let name: String
    /// When the step runs.
    public let phase: Phase
    /// The longest time that the step may take. `nil`: 5 s.
    public let timeLimit: TimeInterval?
    let run: @Sendable (LeavingSession) async throws -> Void

    /// A step with this name.
    ///
    /// - Parameters:
    ///   - name: stays the same in later versions of the app: after a crash, the name on record finds the step again. It has 1 to 64
    ///     of the characters `a` to `z`, `A` to `Z`, `0` to `9`, `_`, `-` and `.`.
    ///   - phase: when the step runs.
    ///   - timeLimit: the longest time that the step may take. `nil`: 5 s. The sign-out's own deadline can end it sooner: see
    ///     ``Phase``.
    ///   - run: carries the step out, in a task of its own, or on the main actor if it is isolated to that. When the step's time is
    ///     over, the task is cancelled and nobody waits for it any more. What it throws is in ``SignOutOutcome/appStepErrors`` and in
    ///     the log as the error's type. A `LocalizedError`'s `errorDescription` is added, unless it contains one of the session's
    ///     tokens, and a `URLError`'s code.
    public init(
        _ name: String,
        _ phase: Phase,
        timeLimit: TimeInterval? = nil,
        _ run: @escaping @Sendable (LeavingSession) async throws -> Void
    ) {
        self.name = name
        self.phase = phase
        self.timeLimit = timeLimit
        self.run = run
    }

    func core(_ time: BackgroundTime) -> CognitoSignOutCore.AppStep {
        .init(name: name, phase: phase.core, timeLimit: timeLimit.map(millis), runner: AppStepPort(run, time))
    }
}

/// What a step is told of the session that has ended. It prints no token.
public struct LeavingSession: Sendable, Hashable {
    /// Whether the tokens of a session that has ended on this device still work, as far as this device knows. A service that verifies
    /// tokens offline accepts them until they expire, whatever Cognito was told.
    public enum TokenState: Sendable, Hashable {
        /// Nobody has asked Cognito to end the session yet, and the access token has not expired.
        case lives
        /// An earlier call or process may have ended the session at Cognito.
        case mayHaveDied
        /// The session has ended at Cognito, or the access token has expired and could not be renewed.
        case hasDied

        init(_ core: CognitoSignOutCore.TokenState) {
            self = switch core {
            case .lives: .lives
            case .mayHaveDied: .mayHaveDied
            case .hasDied: .hasDied
            }
        }
    }

    /// The user's `sub`, if the access token can be read.
    public let sub: String?
    /// The username, if the tokens name one.
    public let username: String?
    /// The session's access token: only in ``AppStep/Phase/whileTokenLives``.
    public let accessToken: Secret?
    /// The session's ID token: only in ``AppStep/Phase/whileTokenLives``.
    public let idToken: Secret?
    /// Whether the tokens still work.
    public let tokenState: TokenState
    /// The step has been begun before, by an earlier call or process, and may have been carried out.
    public let hasBegunBefore: Bool
    /// Somebody is signed in again on this device. Remove only what belongs to the user who has left.
    public let signedInSince: Bool

    /// Creates a session like the library's own, for the tests of a step.
    public init(
        sub: String? = nil,
        username: String? = nil,
        accessToken: Secret? = nil,
        idToken: Secret? = nil,
        tokenState: TokenState = .lives,
        hasBegunBefore: Bool = false,
        signedInSince: Bool = false
    ) {
        self.sub = sub
        self.username = username
        self.accessToken = accessToken
        self.idToken = idToken
        self.tokenState = tokenState
        self.hasBegunBefore = hasBegunBefore
        self.signedInSince = signedInSince
    }

    init(_ core: CognitoSignOutCore.LeavingSession) {
        self.init(
            sub: core.sub,
            username: core.username,
            accessToken: core.accessToken.map(Secret.init(core:)),
            idToken: core.idToken.map(Secret.init(core:)),
            tokenState: TokenState(core.tokenState),
            hasBegunBefore: core.again,
            signedInSince: core.signedInSince
        )
    }
}

/// One of the app's own steps failed. It runs again with what else is unpaid: see ``AppStep``.
public struct AppStepError: ExplainedError, LocalizedError, CustomNSError, Sendable, Hashable {
    /// The step's name.
    public let name: String
    /// What happened.
    public let error: SignOutError

    /// An error like the library's own, for previews and tests.
    public init(name: String, error: SignOutError) {
        self.name = name
        self.error = error
    }

    /// What happened, for people.
    public var errorDescription: String { error.message }

    /// What to do about it.
    public var recoverySuggestion: String { error.recovery }
}

private final class AppStepPort: AppStepRunner {
    private let run: @Sendable (LeavingSession) async throws -> Void
    private let time: BackgroundTime

    init(_ run: @escaping @Sendable (LeavingSession) async throws -> Void, _ time: BackgroundTime) {
        self.run = run
        self.time = time
    }

    func start(session: CognitoSignOutCore.LeavingSession, completion: AppStepCompletion) throws {
        // Like a request, a step may not belong to a call: an earlier sign-out's steps run after a sign-in has returned.
        let asking = time.isAsking()
        let running = Task { [run, time] in
            do {
                try await run(LeavingSession(session))
                time.isAnswered(asking)
                _ = completion.succeed()
            } catch {
                time.isAnswered(asking)
                _ = completion.fail(error: .Failed(reason: reason(error)))
            }
        }
        Task { [time] in
            await completion.closed()
            time.isAnswered(asking)
            running.cancel()
        }
    }
}

/// An error's `description` may contain anything. What it says to people is not likely to contain a secret.
private func reason(_ error: any Error) -> String {
    let kind = "\(type(of: error))"
    if let code = (error as? URLError)?.code.rawValue { return "\(kind) \(code)" }
    guard let text = (error as? any LocalizedError)?.errorDescription else { return kind }
    return "\(kind): \(text)"
}
