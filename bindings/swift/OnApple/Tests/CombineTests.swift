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

        /// A sink in a class of the main actor's is of the main actor: Apple's Swift ends an app that runs it elsewhere.
        @Test func publishersDeliverOnABackgroundThreadAndOnTheMainOneIfToldSo() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            let (direct, received) = (Shared<[String: Bool]>([:]), Shared<[String: Bool]>([:]))
            let isOpen = Shared(false)
            try await auth.storeSession(fake.signIn("ana"))
            // So that nothing has ended when it is subscribed to.
            try await fake.order(["do": "delay", "millis": 200])
            let listening = await MainActor.run {
                func listen<P: Publisher>(_ name: String, _ publisher: P) -> [AnyCancellable] {
                    let told = { (threads: Shared<[String: Bool]>) in threads.with { $0[name] = isOnMainQueue() } }
                    return [
                        publisher.sink(receiveCompletion: { _ in }, receiveValue: { _ in told(direct) }),
                        publisher.receive(on: DispatchQueue.main)
                            .sink(receiveCompletion: { _ in }, receiveValue: { _ in told(received) }),
                    ]
                }
                @Sendable func opened() async { while !isOpen.now { await Task.yield() } }
                return Unsent(
                    listen("call", AuthPublisher.create { await opened() })
                        + listen("call that throws", AuthPublisher.create {
                            await opened()
                            try Task.checkCancellation()
                        })
                        + listen("sign-out", auth.signOutPublisher())
                        + listen("events", auth.eventsPublisher)
                )
            }
            isOpen.with { $0 = true }
            try await eventually { direct.now.count == 4 && received.now.count == 4 }
            #expect(direct.now.values.allSatisfy { !$0 }, "\(direct.now)")
            #expect(received.now.values.allSatisfy { $0 }, "\(received.now)")
            withExtendedLifetime(listening) {}
        }

        @Test func whatACallHasGivenIsDeliveredOnTheThreadThatSubscribes() async throws {
            let auth = try await FakeCognito().app()
            let publisher = Unsent(auth.signOutPublisher())
            for await _ in publisher.value.values {}
            let isMain = await MainActor.run {
                let isMain = Shared<Bool?>(nil)
                let listening = publisher.value.sink { _ in isMain.with { $0 = isOnMainQueue() } }
                return withExtendedLifetime(listening) { isMain.now }
            }
            #expect(isMain == true)
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

/// What Combine has not marked, in a test's hands alone.
private struct Unsent<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// Linux runs the main queue on whatever thread, so that is not asked.
private func isOnMainQueue() -> Bool { DispatchQueue.getSpecific(key: mainQueue) != nil }

nonisolated(unsafe) private let mainQueue = {
    let key = DispatchSpecificKey<Void>()
    DispatchQueue.main.setSpecific(key: key, value: ())
    return key
}()
