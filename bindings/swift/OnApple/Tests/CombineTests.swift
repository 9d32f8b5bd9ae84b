@preconcurrency import Combine
import CognitoSignOut
import func CognitoSignOutCore.liveObjects
import Foundation
import Testing

/// Publishers, beyond what ``AmplifyStyleTests`` shows.
extension Everything {
    @Suite struct CombineTests {
        @Test func aSignOutGoesOnWhenNobodyListensAnyMore() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            try await fake.order(["do": "delay", "millis": 100])
            let heard = Shared(0)
            let listening = auth.signOutPublisher().sink { _ in heard.with { $0 += 1 } }
            listening.cancel()
            try await eventually { try await fake.liveSessions(of: "ana") == 0 }
            #expect(name(await auth.session()) == "signed_out")
            #expect(heard.now == 0)
        }

        @Test func whoSubscribesLaterIsToldTheSameAndNothingIsSignedOutTwice() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            let publisher = auth.signOutPublisher()
            for _ in 1 ... 2 {
                var results: [SignOutResult] = []
                for await result in publisher.values { results.append(result) }
                #expect(results == [.complete])
            }
            #expect(try await fake.operations() == ["RevokeToken"])
        }

        @Test func aCallThatFailsPublishesItsError() async throws {
            let auth = try await FakeCognito().app()
            let ended = Shared<[String]>([])
            let listening = AuthPublisher.create { try await auth.tokens() }.sink(
                receiveCompletion: { completion in
                    if case let .failure(error) = completion, let error = error as? AuthError {
                        ended.with { $0.append(name(error)) }
                    }
                },
                receiveValue: { _ in ended.with { $0.append("given") } }
            )
            try await eventually { ended.now == ["signed_out"] }
            withExtendedLifetime(listening) {}
        }

        @Test func everySubscriberHearsEveryEventUntilItLeavesOrTheAppIsDone() async throws {
            let fake = try await FakeCognito()
            var auth: Auth? = try fake.app()
            let publisher = auth!.eventsPublisher
            let (first, second, ended) = (Shared<[AuthEvent]>([]), Shared<[AuthEvent]>([]), Shared(false))
            let leaving = publisher.sink { event in first.with { $0.append(event) } }
            let staying = publisher.sink(
                receiveCompletion: { _ in ended.with { $0 = true } },
                receiveValue: { event in second.with { $0.append(event) } }
            )
            try await auth!.storeSession(fake.signIn("ana"))
            try await eventually { first.now == [.signedIn] && second.now == [.signedIn] }
            leaving.cancel()
            _ = await auth!.signOut()
            try await eventually { second.now == [.signedIn, .signedOut(.local)] }
            #expect(first.now == [.signedIn])
            auth = nil
            try await eventually { ended.now }
            withExtendedLifetime((staying, publisher)) {}
        }

        @Test func whoLeavesLeavesNothingBehind() async throws {
            let auth = try await FakeCognito().app()
            let publisher = auth.eventsPublisher
            let alive = liveObjects()
            let listening = publisher.sink { _ in }
            #expect(liveObjects() > alive)
            listening.cancel()
            try await eventually { liveObjects() == alive }
        }

        @Test func whoIsSlowMissesNoEvent() async throws {
            let fake = try await FakeCognito()
            var auth: Auth? = try fake.app()
            let events = auth!.eventsPublisher.values.makeAsyncIterator()
            let some: [AuthEvent] = [.signedIn, .signedOut(.local), .signedIn, .signedOut(.local)]
            var heard: [AuthEvent] = []
            // More in all than are kept at any time.
            for _ in 1 ... 20 {
                for _ in 1 ... 2 {
                    try await auth!.storeSession(fake.signIn("ana"))
                    _ = await auth!.signOut()
                }
                for _ in some {
                    if let event = await events.next() { heard.append(event) }
                }
            }
            auth = nil
            #expect(await events.next() == nil)
            #expect(heard == Array(repeating: some, count: 20).flatMap(\.self))
        }
    }
}
