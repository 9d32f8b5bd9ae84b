import CognitoSignOut
import Foundation
import Testing
import UIKit

/// The hold on the app, while Cognito is asked.
extension Everything {
    @Suite struct BackgroundTimeTests {
        /// An app whose sign-out asks Cognito, which is heard when the test lets it.
        private struct SigningOut {
            let fake: FakeCognito
            let auth: Auth
            let network = Gate()
            let heard: AsyncStream<AuthEvent>
            let result: Task<SignOutResult, Never>

            init(isGiven: Bool = true) async throws {
                BackgroundTime.isGiven = isGiven
                fake = try await FakeCognito()
                auth = try Auth(configuration: fake.configuration(), transport: network, storage: .memory)
                try await auth.storeSession(fake.signIn("ana"))
                heard = auth.events
                result = Task { [auth] in await auth.signOut(options: .init(globalSignOut: true)) }
                try await eventually { [network] in network.asked.now > 0 }
            }

            /// It ends, once, and as if nothing had been.
            func ends() async throws {
                network.isOpen.with { $0 = true }
                #expect(await result.value == .complete)
                #expect(try await fake.operations() == ["GlobalSignOut", "RevokeToken"])
                #expect(try await fake.liveSessions(of: "ana") == 0)
                var events = heard.makeAsyncIterator()
                #expect(await events.next() == .signedOut(.global))
            }
        }

        private struct Gate: HTTPTransport {
            let asked = Shared(0)
            let isOpen = Shared(false)
            private let real = URLSessionTransport()

            func send(_ request: HTTPRequest) async throws -> HTTPResponse {
                asked.with { $0 += 1 }
                try await eventually { isOpen.now }
                return try await real.send(request)
            }
        }

        @Test func timeIsHeldUntilCognitoHasAnswered() async throws {
            let asked = BackgroundTime.requests
            let signingOut = try await SigningOut()
            #expect(BackgroundTime.held == 1)
            try await signingOut.ends()
            try await eventually { BackgroundTime.held == 0 }
            #expect(BackgroundTime.requests == asked + 1)
        }

        @Test func timeThatIsOverIsGivenBackAtOnceAndTheSignOutStillEnds() async throws {
            let signingOut = try await SigningOut()
            BackgroundTime.expire()
            try await eventually { BackgroundTime.held == 0 }
            try await signingOut.ends()
        }

        @Test func aSignOutNeedsNoTimeInTheBackground() async throws {
            defer { BackgroundTime.isGiven = true }
            let signingOut = try await SigningOut(isGiven: false)
            #expect(BackgroundTime.held == 0)
            try await signingOut.ends()
        }

        @Test func eachCallThatAsksCognitoToEndASessionHoldsTime() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            let asked = BackgroundTime.requests
            try await auth.storeSession(fake.signIn("ana"))
            try await fake.refuse("RevokeToken")
            let partial = await auth.signOutWithReport()
            #expect(partial.result != .complete)
            #expect(await auth.retry(partial).result == .complete)
            _ = await auth.beginSignOut()
            _ = await auth.finishSignOut(failure: .cancelled)
            _ = try await auth.resume()
            _ = try await auth.settlePending()
            #expect(BackgroundTime.requests == asked + 6)
            try await eventually { BackgroundTime.held == 0 }
        }
    }
}
