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
                // The keychain is locked, say: the user is not signed out, and must not be treated so.
                case let .unavailable(error)?: Text(error.message)
                }
            }
            Section {
                if model.waitsForBrowser { Text("You were signing out when the app was closed: sign out again.") }
                Button("Sign out") { Task { await model.signOut(everywhere: false) } }
                Button("Sign out everywhere", role: .destructive) { Task { await model.signOut(everywhere: true) } }
            }
            .disabled(model.busy)
            if let outcome = model.outcome {
                Section("What was achieved") { OutcomeView(model: model, outcome: outcome) }
            }
            if !model.earlier.isEmpty {
                Section("Earlier sign-outs") {
                    Text("An earlier sign-out on this device is not complete: its session may still be alive elsewhere.")
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

/// The three results, in words for the user.
struct OutcomeView: View {
    let model: SessionModel
    let outcome: SignOutOutcome

    var body: some View {
        switch outcome.result {
        case .complete:
            Label("You are signed out.", systemImage: "checkmark.circle")
        case let .partial(revokeTokenError, globalSignOutError, hostedUIError):
            Label("You are signed out of this device, but not everything could be done.", systemImage: "exclamationmark.triangle")
            if let error = revokeTokenError { Text(error.error.message) }
            if let error = globalSignOutError { Text("Other devices may still be signed in: \(error.error.message)") }
            if let error = hostedUIError { Text("The browser may still be signed in: \(error.error.message)") }
            Button("Try again") { Task { await model.retry(outcome) } }.disabled(model.busy)
        case let .failed(error):
            Label("You are still signed in.", systemImage: "xmark.circle")
            Text(error.message)
        }
    }
}
