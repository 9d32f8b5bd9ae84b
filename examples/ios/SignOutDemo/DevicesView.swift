import CognitoSignOut
import SwiftUI

/// "Where you are signed in": each session, with a button to end it, and one for all others.
struct DevicesView: View {
    @StateObject var model: DevicesModel

    var body: some View {
        Form {
            Section {
                if let message = model.message { Text(message) }
                if let left = model.left {
                    Button("Try again") { Task { await model.retry(left) } }
                }
                Button("Sign out other devices", role: .destructive) { Task { await model.signOutOthers() } }
            }
            ForEach(model.rows) { row in
                Section(row.title) {
                    Text(row.detail)
                    if !row.session.isCurrent {
                        Button("End this session", role: .destructive) { Task { await model.end(row.session) } }
                    }
                }
            }
        }
        .disabled(model.busy)
        .navigationTitle("Where you are signed in")
        .task { await model.load() }
    }
}
