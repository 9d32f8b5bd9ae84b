import CognitoSignOut
import Foundation
import Testing
import notify

/// A sign-out in one process of the app, and another process that makes no call.
extension Everything {
    @Suite struct OtherProcessesTests {
        @Test(.timeLimit(.minutes(1))) func anotherProcessLearnsOfASignOutWithoutACall() async throws {
            let fake = try await FakeCognito()
            let vault = TestVault()
            let app = try Auth(configuration: fake.configuration(), storage: .custom(TestVault(sharing: vault)))
            let widget = try Auth(configuration: fake.configuration(), storage: .custom(TestVault(sharing: vault)))
            try await app.storeSession(fake.signIn("ana"))
            var events = app.events.makeAsyncIterator()
            let work = app.sessionTask { try await Task.sleep(nanoseconds: 60_000_000_000) }
            #expect(await widget.signOut().signedOutLocally)
            #expect(await events.next() == .signedOut(.elsewhere, appReason: nil))
            await #expect(throws: AuthError.self) { try await work.value }
            #expect(name(await app.session()) == "signed_out")
        }

        @Test func anAuthThatIsReleasedListensNoLonger() async throws {
            var auth: Auth? = try await FakeCognito().app()
            _ = await auth?.session()
            let listening = registrations
            auth = nil
            try await eventually { registrations < listening }
        }
    }
}
