import CognitoSignOut
import SwiftUI

/// The session, as the view shows it.
@MainActor
final class SessionModel: ObservableObject {
    @Published private(set) var session: SessionState?
    /// What the last sign-out achieved.
    @Published private(set) var outcome: SignOutOutcome?
    @Published private(set) var busy = false

    private let auth: Auth

    init() throws {
        auth = try Auth(
            configuration: AuthConfiguration(amplifyResource: "amplify_outputs"),
            browser: WebAuthenticationBrowser(callbackScheme: "myapp")
        )
    }

    /// To be called once at launch: pays what a sign-out left that was cut off, and then follows the session.
    func run() async {
        let events = auth.events
        if let resumed = try? await auth.resume() {
            // What is kept is tried again by itself; anything else is for the user to know.
            outcome = resumed.settled.last { !$0.kept }
        }
        session = await auth.session()
        for await _ in events {
            session = await auth.session()
        }
    }

    func signOut(everywhere: Bool) async {
        await show { await self.auth.signOutWithReport(options: .init(globalSignOut: everywhere)) }
    }

    func retry(_ outcome: SignOutOutcome) async {
        await show { await self.auth.retry(outcome) }
    }

    private func show(_ call: () async -> SignOutOutcome) async {
        busy = true
        outcome = await call()
        session = await auth.session()
        busy = false
    }
}
