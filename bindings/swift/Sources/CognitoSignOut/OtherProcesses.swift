#if canImport(notify)
internal import CognitoSignOutCore
import Dispatch
internal import notify

/// Tells the app's extensions and other processes when this process has signed out, and reads the record when one of them has: by a
/// Darwin notification. It carries only its name, and anyone can send it, so it leads to a read and to nothing else. One that is lost
/// does no harm: the next call, or ``Auth/refreshState()``, finds the same.
final class OtherProcesses: Sendable {
    private let token: Int32
    /// Ends with this object.
    private let subscription: Subscription

    init(_ core: CognitoSignOutCore.Auth, _ configuration: AuthConfiguration) {
        let name = "dev.cognitosignout.\(configuration.userPoolID).\(configuration.clientID)"
        var token: Int32 = -1
        notify_register_dispatch(name, &token, DispatchQueue.global()) { [weak core] _ in
            // This process gets its own too, and finds nothing new.
            Task { [weak core] in try? await core?.refreshState() }
        }
        self.token = token
        subscription = core.subscribe(listener: Teller(name), returnsAtOnce: true)
    }

    deinit {
        notify_cancel(token)
    }
}

private final class Teller: EventListener {
    private let name: String

    init(_ name: String) {
        self.name = name
    }

    func onEvent(event: CognitoSignOutCore.AuthEvent) throws {
        if case let .signedOut(reason, _) = event, reason != .elsewhere {
            notify_post(name)
        }
    }

    func onEnd() throws {}
}
#endif
