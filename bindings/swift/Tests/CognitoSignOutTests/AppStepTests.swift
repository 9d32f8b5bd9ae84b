import CognitoSignOut
import Foundation
import Testing
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// The app's own steps, in Swift's own forms. What becomes of a step is proved by the shared scenarios.
extension Everything {
    @Suite struct AppStepTests {
        /// An app with these steps, and somebody signed in.
        private func signedIn(_ fake: FakeCognito, _ steps: AppStep...) async throws -> Auth {
            let auth = try Auth(configuration: fake.configuration(), storage: .memory, signOutSteps: steps)
            try await auth.storeSession(fake.signIn("ana"))
            return auth
        }

        @Test func anErrorIsKnownByItsTypeAndByWhatItSaysToPeople() async throws {
            let fake = try await FakeCognito()
            let thrown = AppStep("thrown", .afterSignOut) { _ in throw Thrown() }
            let explained = AppStep("explained", .afterSignOut) { _ in throw Explained(errorDescription: "the cache is busy") }
            let silent = AppStep("silent", .afterSignOut) { _ in throw Explained(errorDescription: nil) }
            let offline = AppStep("offline", .afterSignOut) { _ in throw URLError(.notConnectedToInternet) }
            let leaks = AppStep("leaks", .whileTokenLives) { session in
                throw Explained(errorDescription: "sent \(session.accessToken?.reveal() ?? "nothing")")
            }
            let outcome = try await signedIn(fake, thrown, explained, silent, offline, leaks).signOutWithReport()
            #expect(outcome.result == .partial(revokeTokenError: nil, globalSignOutError: nil, hostedUIError: nil))
            let told = Dictionary(uniqueKeysWithValues: outcome.appStepErrors.map { ($0.name, $0.errorDescription) })
            #expect(told["thrown"] == "Thrown")
            #expect(told["explained"] == "Explained: the cache is busy")
            #expect(told["silent"] == "Explained")
            #expect(told["offline"] == "URLError -1009")
            #expect(told["leaks"]?.contains("contained a token") == true)
            #expect(outcome.appStepErrors.allSatisfy { $0.error.code == .appStepFailed && $0.recoverySuggestion.contains("retry") })
        }

        @Test(.timeLimit(.minutes(1))) func aStepsTaskIsCancelledWhenItsTimeIsOver() async throws {
            let fake = try await FakeCognito()
            let ended = Shared<[String]>([])
            let step = AppStep("slow", .whileTokenLives, timeLimit: 0.1) { _ in
                do {
                    try await Task.sleep(nanoseconds: 3_600_000_000_000)
                } catch {
                    ended.with { $0.append("\(type(of: error))") }
                }
            }
            let outcome = try await signedIn(fake, step).signOutWithReport()
            #expect(outcome.report.steps.app.map(\.status) == [.failed(.timedOut)])
            #expect(outcome.report.steps.revokeToken == .done)
            try await eventually { !ended.now.isEmpty }
            #expect(ended.now == ["CancellationError"])
        }

        @Test(.timeLimit(.minutes(1))) func aStepThatIgnoresCancellationHoldsNothingUp() async throws {
            let fake = try await FakeCognito()
            let (release, ended) = (Shared(false), Shared(0))
            let step = AppStep("deaf", .whileTokenLives, timeLimit: 0.1) { _ in
                while !release.now { await Task.yield() }
                ended.with { $0 += 1 }
            }
            let auth = try await signedIn(fake, step)
            let outcome = await auth.signOutWithReport()
            #expect(outcome.appStepErrors.map(\.error.code) == [.timedOut])
            #expect(try await fake.operations() == ["RevokeToken"])
            #expect(ended.now == 0)
            release.with { $0 = true }
            try await eventually { ended.now == 1 }
            // Its late success did not count: it runs again.
            #expect(await auth.retry(outcome).result == .complete)
            #expect(ended.now == 2)
        }

        @MainActor @Test(.timeLimit(.minutes(1))) func aStepOfTheMainActorRunsThere() async throws {
            let fake = try await FakeCognito()
            let screen = Screen()
            let step = AppStep("screen", .afterSignOut) { @MainActor session in
                MainActor.assertIsolated()
                screen.user = session.username
            }
            let auth = try await signedIn(fake, step)
            #expect(await auth.signOut() == .complete)
            #expect(screen.user == "ana")
        }

        @MainActor private final class Screen {
            var user: String?
        }

        @Test(.timeLimit(.minutes(1))) func aStepOwnsNothingOfItsAuthOnceItHasRun() async throws {
            let fake = try await FakeCognito()
            let alive = liveRustObjects()
            weak var freed: Shared<Int>?
            do {
                let counter = Shared(0)
                freed = counter
                let auth = try await signedIn(fake, AppStep("counts", .afterSignOut) { _ in counter.with { $0 += 1 } })
                #expect(await auth.signOut() == .complete)
                #expect(counter.now == 1)
            }
            try await eventually { liveRustObjects() <= alive && freed == nil }
        }

        @Test(arguments: [
            ("", "1 to 64"), ("ümlaut", "1 to 64"), (String(repeating: "a", count: 65), "1 to 64"),
            ("revoke_token", "the library has a step revoke_token itself"),
        ]) func aNameThatIsNotValidIsRefused(name: String, says: String) async throws {
            let fake = try await FakeCognito()
            try refused(says) {
                try Auth(configuration: fake.configuration(), storage: .memory, signOutSteps: [AppStep(name, .afterSignOut) { _ in }])
            }
        }

        @Test func aRepeatedNameAndATimeThatIsNotValidAreRefused() async throws {
            let fake = try await FakeCognito()
            let step = AppStep("cache", .afterSignOut) { _ in }
            try refused("two sign-out steps have the name cache") {
                try Auth(configuration: fake.configuration(), storage: .memory, signOutSteps: [step, step])
            }
            let hasty = AppStep("cache", .afterSignOut, timeLimit: -1) { _ in }
            try refused("timeLimit: must be a number, and not negative") {
                try Auth(configuration: fake.configuration(), storage: .memory, signOutSteps: [hasty])
            }
        }

        private func refused(_ says: String, _ create: () throws -> Auth) throws {
            #expect {
                try create()
            } throws: { error in
                guard case let .invalidInput(problem)? = error as? AuthError else { return false }
                return problem.code == .invalidInput && problem.message.contains(says)
            }
        }

        /// No Swift call ends like a process, so the next process begins with the record as the step found it.
        @Test(.timeLimit(.minutes(1))) func aStepInWhichTheProcessEndedRunsInTheNextOne() async throws {
            let fake = try await FakeCognito()
            let (device, left, told) = (TestVault(), Shared<TestVault?>(nil), Shared<[LeavingSession]>([]))
            let first = try Auth(
                configuration: fake.configuration(), storage: .custom(device),
                signOutSteps: [AppStep("push_token", .whileTokenLives) { session in
                    told.with { $0.append(session) }
                    left.with { $0 = TestVault(copying: device) }
                }]
            )
            try await first.storeSession(fake.signIn("ana"))
            #expect(await first.signOut() == .complete)
            let next = try Auth(
                configuration: fake.configuration(), storage: .custom(#require(left.now)),
                signOutSteps: [AppStep("push_token", .whileTokenLives) { session in told.with { $0.append(session) } }]
            )
            #expect(name(await next.session()) == "signed_out")
            #expect(try await next.resume().settled.map(\.result) == [.complete])
            #expect(told.now.map(\.hasBegunBefore) == [false, true])
            #expect(told.now.map(\.tokenState) == [.lives, .mayHaveDied])
            #expect(try await next.resume().settled.isEmpty)
        }

        @Test func aLeavingSessionPrintsNoToken() {
            let session = LeavingSession(sub: "1", username: "ana", accessToken: Secret("SECRET-a"), idToken: Secret("SECRET-b"))
            var told = "\(session) \(String(reflecting: session))"
            dump(session, to: &told)
            #expect(told.contains("ana") && !told.contains("SECRET"))
        }
    }
}
