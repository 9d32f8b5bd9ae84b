import CognitoSignOut
import Foundation
import Testing

/// The user's sessions in Swift's own types. What they do is proved by the shared scenarios.
extension Everything {
    @Suite struct SessionsTests {
        @Test func theListHasDatesAndRedactsPlaceAndAddress() async throws {
            let (fake, auth) = try await signedIn()
            let own = try #require(try await auth.sessions().first?.id)
            for (member, value) in [
                ("LastIPAddress", JSON.string("198.51.100.7")),
                ("LastLocation", ["City": "Springfield", "Country": "Atlantis"]),
            ] {
                try await fake.order(["do": "set_session", "id": .string(own), "member": .string(member), "value": value])
            }
            let session = try #require(try await auth.sessions().first)
            #expect(session.isCurrent && session.kind == .token && session.clientID == fake.clientID)
            #expect(session.created != nil && session.lastActive != nil)
            #expect(session.city == "Springfield" && session.country == "Atlantis")
            #expect(session.ipAddress?.reveal() == "198.51.100.7")
            var told = "\(session) \(String(reflecting: session)) \(String(describing: [session]))"
            dump(session, to: &told)
            for personal in ["198.51.100.7", "Springfield", "Atlantis"] {
                #expect(!told.contains(personal))
            }
        }

        @Test func onesOwnSessionIsRefused() async throws {
            let (fake, auth) = try await signedIn()
            let own = try #require(try await auth.sessions().first?.id)
            await #expect {
                try await auth.endSession(own)
            } throws: { error in
                guard case let .service(problem)? = error as? AuthError else { return false }
                return problem.code == .ownSession && problem.recovery.contains("signOut")
            }
            #expect(try await fake.liveSessions(of: "ana") == 1)
        }

        @Test func aPartialResultCanBeRetried() async throws {
            let (fake, auth) = try await signedIn()
            _ = try await fake.signIn("ana")
            try await fake.refuse("RevokeUserSession")
            guard case let .partial(partial) = await auth.signOutOthers() else {
                Issue.record("not partial")
                return
            }
            #expect(partial.sessions.map(\.error?.code) == [.refused])
            guard case let .complete(ended) = await auth.retryOthers(partial) else {
                Issue.record("not complete")
                return
            }
            #expect(ended.map(\.error) == [nil])
            #expect(try await fake.liveSessions(of: "ana") == 1)
        }

        @Test func theSignOutOptionsNameTheSettingThatByRevocationNeeds() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"), signedInWith: .hostedUI)
            guard case let .failed(error) = await auth.signOut(options: .init(webPolicy: .byRevocation)) else {
                Issue.record("not failed")
                return
            }
            #expect(error.code == .invalidInput && error.message.hasPrefix("tracksSessions: must be "))
        }

        /// An app on a device, at a user pool that tracks sessions.
        private func signedIn() async throws -> (FakeCognito, Auth) {
            let fake = try await FakeCognito(["--session-tracking"])
            let configuration = try fake.configuration { $0.tracksSessions = true }
            let auth = try Auth(configuration: configuration, storage: .memory)
            try await auth.storeSession(fake.signIn("ana"))
            return (fake, auth)
        }
    }
}
