import CognitoSignOut
import Foundation
import Testing

/// What ends with the session, in Swift's own forms. That the core notices each end is proved in Rust.
extension Everything {
    @Suite struct SessionScopeTests {
        @Test(.timeLimit(.minutes(1))) func workOfTheUserIsCancelledWhenTheSessionEnds() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            let (started, begin) = AsyncStream.makeStream(of: Void.self)
            let work = auth.sessionTask {
                begin.finish()
                try await Task.sleep(nanoseconds: 3_600_000_000_000)
            }
            for await _ in started {}
            _ = await auth.signOut()
            await #expect { try await work.value } throws: { error in
                if case .signedOut? = error as? AuthError { true } else { false }
            }
            await #expect { try await auth.withSession {} } throws: { error in
                if case .signedOut? = error as? AuthError { true } else { false }
            }
        }

        @Test(.timeLimit(.minutes(1))) func workThatEndsBeforeTheSessionGivesItsResult() async throws {
            struct Own: Error {}
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            #expect(try await auth.withSession { 42 } == 42)
            await #expect(throws: Own.self) { try await auth.withSession { throw Own() } }
            let cancelled = auth.sessionTask { try await Task.sleep(nanoseconds: 3_600_000_000_000) }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            #expect(name(await auth.session()) == "signed_in")
        }

        @Test(.timeLimit(.minutes(1))) func theStatesBeginWithThePresentOne() async throws {
            let fake = try await FakeCognito()
            var auth: Auth? = try fake.app()
            try await auth!.storeSession(fake.signIn("ana"))
            var states = auth!.sessionStates.makeAsyncIterator()
            #expect(await states.next().map(name) == "signed_in")
            _ = await auth!.signOut()
            #expect(await states.next().map(name) == "signed_out")
            try await auth!.storeSession(fake.signIn("ana"))
            #expect(await states.next().map(name) == "signed_in")
            auth = nil
            #expect(await states.next() == nil)
        }

        @Test func anotherProcessThatHasSignedOutIsNoticedOnce() async throws {
            let fake = try await FakeCognito()
            let vault = TestVault()
            let (app, widget) = (TestVault(sharing: vault), TestVault(sharing: vault))
            let first = try Auth(configuration: fake.configuration(), storage: .custom(app))
            let second = try Auth(configuration: fake.configuration(), storage: .custom(widget))
            try await first.storeSession(fake.signIn("ana"))
            var events = first.events.makeAsyncIterator()
            _ = await second.signOut()
            try await first.refreshState()
            try await first.refreshState()
            #expect(await events.next() == .signedOut(.elsewhere, appReason: nil))
            try await first.storeSession(fake.signIn("ana"))
            #expect(await events.next() == .signedIn, "told once")
        }
    }
}
