import CognitoSignOut
import SwiftUI

/// "Where you are signed in": each session, with a button to end it, and one for all others.
struct DevicesView: View {
    @StateObject var model: DevicesModel

    var body: some View {
        List {
            if let message = model.message { Text(message) }
            if let left = model.left {
                Button("Try again") { Task { await model.retry(left) } }
            }
            ForEach(Array((model.sessions ?? []).enumerated()), id: \.offset) { _, session in
                HStack {
                    VStack(alignment: .leading) {
                        Text(session.title)
                        Text(session.detail).font(.footnote).foregroundColor(.secondary)
                    }
                    Spacer()
                    if !session.isCurrent {
                        Button("End", role: .destructive) { Task { await model.end(session) } }
                    }
                }
            }
            Button("Sign out other devices", role: .destructive) { Task { await model.signOutOthers() } }
        }
        .disabled(model.busy)
        .navigationTitle("Where you are signed in")
        .task { await model.load() }
        .refreshable { await model.load() }
    }
}

extension UserSession {
    fileprivate var title: String {
        let device = device ?? "Unknown device"
        return isCurrent ? "\(device) (this one)" : kind == .sso ? "\(device): browser" : device
    }

    /// The place and the time.
    fileprivate var detail: String {
        let place = [city, country].compactMap { $0 }.joined(separator: ", ")
        let time = lastActive.map { $0.formatted(date: .abbreviated, time: .shortened) }
        return [place, time].compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: " · ")
    }
}
