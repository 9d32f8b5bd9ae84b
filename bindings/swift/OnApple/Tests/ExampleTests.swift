import CognitoSignOut
@testable import SignOutDemo
import Foundation
import Testing

/// What the iOS example shows its user.
extension Everything {
    @MainActor @Suite struct ExampleTests {
        @Test func aSignedInUserDoesNotSeePaidDebtsOfOthers() async throws {
            let fake = try await FakeCognito()
            let vault = TestVault()
            let before = try Auth(configuration: fake.configuration(), storage: .custom(vault))
            try await before.storeSession(fake.signIn("ana"))
            try await fake.refuse("RevokeToken")
            _ = await before.signOut()
            try await before.storeSession(fake.signIn("bob"))
            let model = SessionModel(auth: try Auth(
                configuration: fake.configuration(), storage: .custom(TestVault(sharing: vault))
            ))
            await model.resume()
            #expect(try await fake.liveSessions(of: "ana") == 0)
            #expect(model.outcome == nil && model.earlier.isEmpty)
            #expect(model.session.map(name) == "signed_in")
        }

        @Test func aDebtThatIsNotTriedAgainIsShownUntilItIsPaid() async throws {
            let fake = try await FakeCognito()
            let vault = TestVault()
            let before = try Auth(configuration: fake.configuration(), storage: .custom(vault))
            try await fake.refuse("GlobalSignOut", times: 2)
            try await fake.refuse("RevokeToken", times: 2)
            for user in ["ana", "bob"] {
                try await before.storeSession(fake.signIn(user))
                _ = await before.signOut(options: .init(globalSignOut: true))
            }
            let model = SessionModel(auth: try Auth(
                configuration: fake.configuration(), storage: .custom(TestVault(sharing: vault))
            ))
            // A retry is useless until someone changes the app client.
            for (operation, why) in [("GlobalSignOut", "MissingScope"), ("RevokeToken", "OperationNotEnabled")] {
                try await fake.order([
                    "do": "fault", "operation": .string(operation), "fault": .string("Refuse(\(why))"), "times": .number(2),
                ])
            }
            await model.resume()
            #expect(model.outcome == nil)
            #expect(model.earlier.count == 2)
            await model.retryEarlier()
            #expect(model.earlier.isEmpty)
            #expect(try await fake.liveSessions(of: "ana") == 0)
            #expect(try await fake.liveSessions(of: "bob") == 0)
        }

        @Test func aDisplacedDebtIsTriedOnceMore() async throws {
            let fake = try await FakeCognito()
            let configuration = try fake.configuration { $0.unpaidRevocations = .keep(maxAge: 3600, maxDebts: 1) }
            let auth = try Auth(configuration: configuration, storage: .memory)
            let model = SessionModel(auth: auth)
            try await fake.refuse("RevokeToken", times: 2)
            for user in ["ana", "bob"] {
                try await auth.storeSession(fake.signIn(user))
                await model.signOut(everywhere: false)
            }
            #expect(model.outcome?.displaced.count == 1)
            #expect(model.earlier.isEmpty)
            #expect(try await fake.liveSessions(of: "ana") == 0)
        }

        @Test func aSignInAtTheHostedPagesIsOnRecordAndSignsOutEverywhere() async throws {
            let safari = try await Safari(.goesOn())
            let signIn = try hostedSignIn(safari)
            try await signIn.signIn(in: WebAuthenticationBrowser(callback: .scheme("myapp")))
            guard case let .signedIn(session) = await signIn.auth.session() else { return _ = Issue.record("not signed in") }
            #expect(session.username == "ana" && session.signedInWith == .hostedUI)
            #expect(await signIn.auth.signOut(options: .init(globalSignOut: true, webPolicy: .skip)) == .complete)
            #expect(try await safari.fake.liveSessions(of: "ana") == 0)
        }

        @Test func anAnswerToAnotherSignInIsRefused() async throws {
            let safari = try await Safari(.reads)
            let signIn = try hostedSignIn(safari)
            let signedIn = Task { try await signIn.signIn(in: WebAuthenticationBrowser(callback: .scheme("myapp"))) }
            try await safari.page().redirect(to: URL(string: "myapp://signed-in?code=1&state=another")!)
            await #expect(throws: HostedSignIn.Refused.self) { try await signedIn.value }
            #expect(name(await signIn.auth.session()) == "signed_out")
        }

        private func hostedSignIn(_ safari: Safari) throws -> HostedSignIn {
            HostedSignIn(
                origin: safari.fake.url,
                clientID: safari.fake.clientID,
                callback: "myapp://signed-in",
                auth: try Auth(configuration: safari.fake.configuration(), storage: .memory)
            )
        }
    }
}
