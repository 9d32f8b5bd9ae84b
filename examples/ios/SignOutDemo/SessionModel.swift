import CognitoSignOut
import SwiftUI

/// The session, as the view shows it.
@MainActor
final class SessionModel: ObservableObject {
    @Published private(set) var session: SessionState?
    /// What the last sign-out achieved, be it in this process or after it was cut off in another.
    @Published private(set) var outcome: SignOutOutcome?
    @Published private(set) var busy = false
    /// The app was ended while a sign-out was in the browser: the user is signed in.
    @Published private(set) var waitsForBrowser = false
    private var hasResumed = false

    private let auth: Auth

    init() throws {
        auth = try Auth(
            configuration: AuthConfiguration(amplifyResource: "amplify_outputs"),
            browser: WebAuthenticationBrowser(callbackScheme: "myapp")
        )
    }

    /// Follows the session.
    func follow() async {
        for await _ in auth.events {
            session = await auth.session()
        }
    }

    /// Pays what a sign-out left that was cut off, once in each process. To be called whenever the keychain may have become
    /// readable: after the device has started it is locked, until the user has unlocked the device.
    func resume() async {
        if !hasResumed, let resumed = try? await auth.resume() {
            hasResumed = true
            // What is kept is tried again by itself; anything else is for the user to know.
            outcome = resumed.settled.last { !$0.kept } ?? outcome
            waitsForBrowser = resumed.webStep != nil
        }
        session = await auth.session()
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
        waitsForBrowser = false
        session = await auth.session()
        busy = false
    }
}
