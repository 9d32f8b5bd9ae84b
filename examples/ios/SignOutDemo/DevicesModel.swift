import CognitoSignOut
import SwiftUI

/// Where the user is signed in, as the view shows it.
@MainActor
final class DevicesModel: ObservableObject {
    /// Empty until the list has been read.
    @Published private(set) var rows: [DeviceRow] = []
    /// What to tell the user.
    @Published private(set) var message: String?
    @Published private(set) var busy = false
    /// The sessions that the last "sign out other devices" has left.
    @Published private(set) var left: PartialSignOutOthers?

    private let auth: any SignOutClient

    init(auth: any SignOutClient) {
        self.auth = auth
    }

    func load() async {
        await act { () async throws(AuthError) in try await self.read() }
    }

    func end(_ session: UserSession) async {
        guard let id = session.id else { return }
        await act { () async throws(AuthError) in
            try await self.auth.endSession(id)
            try await self.read()
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
            message = error.forUsers
        }
        // A list that cannot be read now is read again when the view appears.
        try? await read()
    }

    private func read() async throws(AuthError) {
        rows = try await auth.sessions().enumerated().map { DeviceRow(id: $0.offset, session: $0.element) }
    }

    private func act(_ call: () async throws(AuthError) -> Void) async {
        busy = true
        message = nil
        do {
            try await call()
        } catch {
            message = error.error.forUsers
        }
        busy = false
    }
}

/// One session in the list.
struct DeviceRow: Identifiable {
    /// Its place: a session need not have an id.
    let id: Int
    let session: UserSession

    var title: String {
        let device = known(session.device) ?? "Unknown device"
        return session.isCurrent ? "\(device) (this one)" : session.kind == .sso ? "\(device): browser" : device
    }

    /// The place and the time, as far as they are known.
    var detail: String {
        let place = [known(session.city), known(session.country)].compactMap { $0 }.joined(separator: ", ")
        let time = session.lastActive.map { $0.formatted(date: .abbreviated, time: .shortened) } ?? ""
        return [place, time].filter { !$0.isEmpty }.joined(separator: " · ")
    }

    /// Cognito's own word for what it does not know is not for users.
    private func known(_ text: String?) -> String? {
        text?.lowercased() == "unknown" ? nil : text
    }
}
