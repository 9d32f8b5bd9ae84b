internal import CognitoSignOutCore

/// A change of the session. It holds no secret. Later versions may add cases: <doc:LaterVersions>.
public enum AuthEvent: Sendable, Hashable {
    /// Why a session has ended on this device.
    public enum Reason: Sendable, Hashable {
        /// It was signed out, on this device.
        case local
        /// It was signed out, on every device.
        case global
        /// Another session was stored in its place.
        case replaced
        /// Another process of the app, or an extension, has ended it. Found when this process read the record.
        case elsewhere

        init(_ core: SignedOutReason) {
            self = switch core {
            case .local: .local
            case .global: .global
            case .replaced: .replaced
            case .elsewhere: .elsewhere
            }
        }
    }

    /// A session was stored.
    case signedIn
    /// The session has ended on this device. The sign-out's result says what Cognito answered.
    /// `appReason`: the app's own reason, if the sign-out was given one (``SignOutOptions/reason``).
    case signedOut(Reason, appReason: AppReason?)
    /// Cognito says that the session has ended, for this reason. A refresh or ``Auth/verify()`` has asked. The session is kept, because
    /// only an explicit call signs out. Ask the user to sign in again.
    case sessionExpired(EndReason)
    /// A debt of an earlier sign-out was paid: its refresh token is revoked now.
    case revocationSettled

    init(_ core: CognitoSignOutCore.AuthEvent) {
        self = switch core {
        case .signedIn: .signedIn
        case let .signedOut(reason, appReason):
            .signedOut(Reason(reason), appReason: appReason.map(AppReason.init(rawValue:)))
        case let .sessionExpired(reason): .sessionExpired(EndReason(reason))
        case .revocationSettled: .revocationSettled
        }
    }
}

extension Auth {
    /// Every event from now on, in order. Each use of this property is a separate stream, which ends with this object. A stream that
    /// is not read keeps the newest 64 events.
    ///
    /// ```swift
    /// for await event in auth.events {
    ///     if case .signedOut = event { showSignIn() }
    /// }
    /// ```
    public var events: AsyncStream<AuthEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: AuthEvent.self, bufferingPolicy: .bufferingNewest(64)
        )
        let subscription = core.subscribe(listener: Forwarder(continuation), returnsAtOnce: true)
        continuation.onTermination = { _ in subscription.cancel() }
        return stream
    }
}

private final class Forwarder: EventListener {
    private let continuation: AsyncStream<AuthEvent>.Continuation

    init(_ continuation: AsyncStream<AuthEvent>.Continuation) {
        self.continuation = continuation
    }

    func onEvent(event: CognitoSignOutCore.AuthEvent) throws {
        continuation.yield(AuthEvent(event))
    }

    func onEnd() throws {
        continuation.finish()
    }
}
