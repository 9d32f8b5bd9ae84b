import CognitoSignOut
import SwiftUI

struct SessionView: View {
    @ObservedObject var model: SessionModel
    @Environment(\.scenePhase) private var phase

    var body: some View {
        Form {
            Section("Session") {
                switch model.session {
                case nil: ProgressView()
                case let .signedIn(session)?: Text("Signed in as \(session.username ?? session.sub)")
                case .signedOut?: Text("Signed out")
                // For example, the keychain is locked. This does not mean that the user is signed out.
                case let .unavailable(error)?: Text(error.forUsers)
                }
            }
            Section {
                if model.waitsForBrowser { Text("The app was closed while you were signing out. Sign out again.") }
                Button("Sign out") { Task { await model.signOut(everywhere: false) } }
                Button("Sign out everywhere", role: .destructive) { Task { await model.signOut(everywhere: true) } }
            }
            .disabled(model.busy)
            if case .signedIn? = model.session {
                // It needs a user pool that tracks sessions.
                NavigationLink("Where you are signed in") { DevicesView(model: model.devices()) }
            }
            if let outcome = model.outcome {
                Section("Result") { OutcomeView(model: model, outcome: outcome) }
            }
            if !model.earlier.isEmpty {
                Section("Earlier sign-outs") {
                    Text("An earlier sign-out on this device is not complete. Its session may still be valid elsewhere.")
                    Button("Try again") { Task { await model.retryEarlier() } }.disabled(model.busy)
                }
            }
        }
        .task { await model.follow() }
        .task(id: phase) { if phase == .active { await model.resume() } }
        .onReceive(NotificationCenter.default.publisher(for: UIApplication.protectedDataDidBecomeAvailableNotification)) { _ in
            Task { await model.resume() }
        }
    }
}

/// The three results, for the user.
struct OutcomeView: View {
    @ObservedObject var model: SessionModel
    let outcome: SignOutOutcome

    var body: some View {
        switch outcome.result {
        case .complete:
            Label("You are signed out.", systemImage: "checkmark.circle")
        case let .partial(revokeTokenError, globalSignOutError, hostedUIError):
            Label("You are signed out of this device, but a step failed.", systemImage: "exclamationmark.triangle")
            if let error = revokeTokenError { Text(error.error.forUsers) }
            if let error = globalSignOutError { Text("Other devices may still be signed in: \(error.error.forUsers)") }
            if let error = hostedUIError { Text("The browser may still be signed in: \(error.error.forUsers)") }
            Button("Try again") { Task { await model.retry(outcome) } }.disabled(model.busy)
        case let .failed(error):
            Label("You are still signed in.", systemImage: "xmark.circle")
            Text(error.forUsers)
        }
    }
}
