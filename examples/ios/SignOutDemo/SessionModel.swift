import CognitoSignOut
import SwiftUI

/// The session, as the view shows it.
@MainActor
final class SessionModel: ObservableObject {
    @Published private(set) var session: SessionState?
    /// The outcome of the last sign-out in this process.
    @Published private(set) var outcome: SignOutOutcome?
    /// Earlier sign-outs with a debt that is not tried again automatically. They may belong to another user than the current one.
    @Published private(set) var earlier: [SignOutOutcome] = []
    @Published private(set) var busy = false
    /// The app was ended while a sign-out was in the browser: the user is signed in.
    @Published private(set) var waitsForBrowser = false
    private var hasResumed = false

    private let auth: any SignOutClient

    init(auth: any SignOutClient) {
        self.auth = auth
    }

    convenience init() throws {
        self.init(auth: try Auth(
            configuration: AuthConfiguration(amplifyResource: "amplify_outputs"),
            browser: WebAuthenticationBrowser(callback: .scheme("myapp"))
        ))
    }

    /// Where the user is signed in.
    func devices() -> DevicesModel { DevicesModel(auth: auth) }

    /// Follows the session.
    func follow() async {
        for await _ in auth.events {
            session = await auth.session()
        }
    }

    /// Pays the debts of interrupted sign-outs, once in each process. Call it whenever the keychain may have become readable: after the
    /// device has started, the keychain is locked until the user unlocks the device.
    func resume() async {
        if !hasResumed, let resumed = try? await auth.resume() {
            hasResumed = true
            earlier += resumed.settled.filter(\.isForTheUserToKnow)
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

    func retryEarlier() async {
        busy = true
        let all = earlier
        earlier = []
        await retryAll(all)
        busy = false
    }

    private func show(_ call: () async -> SignOutOutcome) async {
        busy = true
        let outcome = await call()
        self.outcome = outcome
        waitsForBrowser = false
        session = await auth.session()
        await retryAll(outcome.displaced)
        busy = false
    }

    private func retryAll(_ outcomes: [SignOutOutcome]) async {
        for outcome in outcomes {
            let again = await auth.retry(outcome)
            if again.isForTheUserToKnow { earlier.append(again) }
        }
    }
}

extension SignOutOutcome {
    /// Something failed, and is not tried again automatically.
    fileprivate var isForTheUserToKnow: Bool {
        if case .partial = result { !isKept } else { false }
    }
}
