import CognitoSignOut
import Foundation

/// Where the user is signed in, as the view shows it.
@MainActor
final class DevicesModel: ObservableObject {
    /// `nil` until the list has been read.
    @Published private(set) var sessions: [UserSession]?
    /// What to tell the user.
    @Published private(set) var message: String?
    @Published private(set) var busy = false
    /// The sessions that the last "sign out other devices" has left.
    @Published private(set) var left: PartialSignOutOthers?

    private let auth: Auth

    init(auth: Auth) {
        self.auth = auth
    }

    func load() async {
        await act { self.sessions = try await self.auth.sessions() }
    }

    func end(_ session: UserSession) async {
        guard let id = session.id else { return }
        await act {
            try await self.auth.endSession(id)
            self.sessions = try await self.auth.sessions()
        }
    }

    func signOutOthers() async {
        await act { await self.show(await self.auth.signOutOthers()) }
    }

    func retry(_ partial: PartialSignOutOthers) async {
        await act { await self.show(await self.auth.retryOthers(partial)) }
    }

    private func show(_ result: SignOutOthersResult) async {
        left = nil
        switch result {
        case let .complete(ended):
            message = "Signed out elsewhere: \(ended.count)."
        case let .partial(partial):
            left = partial
            message = "Still signed in elsewhere: \(partial.sessions.filter { $0.error != nil }.count)."
        case let .failed(error):
            message = error.message
        }
        if let sessions = try? await auth.sessions() { self.sessions = sessions }
    }

    private func act(_ call: () async throws -> Void) async {
        busy = true
        message = nil
        do {
            try await call()
        } catch {
            // For example, the user pool does not track sessions: the recovery suggestion is for the developer.
            message = error.localizedDescription
        }
        busy = false
    }
}
