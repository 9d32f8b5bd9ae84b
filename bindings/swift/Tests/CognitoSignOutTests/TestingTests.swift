import CognitoSignOut
import CognitoSignOutTesting
import Foundation
import Testing

/// The module for the tests of apps behaves like the library.
extension Everything {
    @Suite struct TestingTests {
        @Test(arguments: [false, true]) func aCompleteOutcomeIsTheLibrarys(_ everywhere: Bool) async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            let real = await auth.signOutWithReport(options: .init(globalSignOut: everywhere))
            compare(.complete(everywhere: everywhere), real)
        }

        @Test func aPartialOutcomeIsTheLibrarys() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            try await fake.refuse("RevokeToken")
            compare(.partial(revokeToken: .refused), await auth.signOutWithReport())
            try await auth.storeSession(fake.signIn("bob"))
            try await fake.refuse("GlobalSignOut")
            let real = await auth.signOutWithReport(options: .init(globalSignOut: true))
            compare(.partial(revokeToken: nil, globalSignOut: .refused), real)
        }

        @Test func anOutcomeWithAPageIsTheLibrarys() async throws {
            let fake = try await FakeCognito()
            let configuration = try fake.configuration {
                $0.hostedUI = HostedUI(domain: "auth.example.com", signOutURIs: ["myapp://signed-out"])
            }
            let browser = TestBrowser(does: "cancelled", pages: Shared(0))
            let auth = try Auth(configuration: configuration, storage: .memory, browser: browser)
            try await auth.storeSession(fake.signIn("ana"), signedInWith: .hostedUI)
            compare(.failed(.hostedUICancelled), await auth.signOutWithReport())
            let real = await auth.signOutWithReport(options: .init(webPolicy: .bestEffort))
            compare(.partial(revokeToken: nil, hostedUI: .hostedUICancelled), real)
        }

        @Test func anOutcomeWithAStepOfTheAppIsTheLibrarys() async throws {
            let fake = try await FakeCognito()
            let step = AppStep("cache", .afterSignOut) { _ in throw Thrown() }
            let auth = try Auth(configuration: fake.configuration(), storage: .memory, signOutSteps: [step])
            try await auth.storeSession(fake.signIn("ana"))
            compare(.partial(revokeToken: nil, appSteps: ["cache"]), await auth.signOutWithReport())
        }

        @Test func aVaultThatIsLockedFailsAsInTheLibrary() async throws {
            let fake = try await FakeCognito()
            let vault = TestVault()
            let auth = try Auth(configuration: fake.configuration(), storage: .custom(vault))
            try await auth.storeSession(fake.signIn("ana"))
            vault.failing.with { $0 = ["read": "locked"] }
            compare(.failed(.vaultLocked), await auth.signOutWithReport())
        }

        private func compare(_ canned: SignOutOutcome, _ real: SignOutOutcome, sourceLocation: SourceLocation = #_sourceLocation) {
            func words(_ outcome: SignOutOutcome) -> [String] {
                let errors: [SignOutError?] = switch outcome.result {
                case .complete: []
                case let .partial(revoke, global, hosted): [revoke?.error, global?.error, hosted?.error]
                case let .failed(error): [error]
                }
                let (report, steps) = (outcome.report, outcome.report.steps)
                return [
                    name(outcome.result), "\(errors.map { $0?.code })", "\(outcome.isKept)", "\(outcome.displaced)",
                    "\([steps.web, steps.commit, steps.refresh, steps.globalSignOut, steps.revokeToken, steps.settle])",
                    "\(steps.app)", "\(outcome.appStepErrors.map(\.name))", "\(report.residual.map(\.token))",
                    "\(report.signedOutEverywhere)", "\(report.browserSessions)", "\(String(describing: report.nextSignIn))",
                    "\(report.logoutURL != nil)",
                ]
            }
            for (canned, real) in zip(words(canned), words(real)) {
                #expect(canned == real, sourceLocation: sourceLocation)
            }
        }

        @Test func theFakeClientChangesItsStateAsTheLibraryDoes() async throws {
            let fake = try await FakeCognito()
            for client in [try fake.app(), FakeSignOutClient()] as [any SignOutClient] {
                var (events, states) = (client.events.makeAsyncIterator(), client.sessionStates.makeAsyncIterator())
                #expect(await states.next().map(name) == "signed_out")
                try await client.storeSession(fake.signIn("ana"))
                #expect(await events.next() == .signedIn)
                #expect(await states.next().map(name) == "signed_in")
                guard case let .signedIn(session) = await client.session() else { throw Thrown() }
                #expect(session.username == "ana" && session.signedInWith == .api && !session.isExpired)
                #expect(try await !client.tokens().accessToken.reveal().isEmpty)
                let outcome = await client.signOutWithReport(options: .init(globalSignOut: true, reason: .timeout))
                #expect(outcome.result == .complete)
                #expect(await events.next() == .signedOut(.global, appReason: .timeout))
                #expect(await states.next().map(name) == "signed_out")
                #expect(await name(client.session()) == "signed_out")
                await #expect(throws: AuthError.self) { try await client.tokens() }
                #expect(await client.signOut() == .complete, "nobody is signed in")
            }
        }

        @Test func anAppsOwnOutcomeIsNotTriedAgain() async throws {
            let auth = try await FakeCognito().app()
            let canned = SignOutOutcome.partial()
            #expect(await auth.retry(canned) == canned)
            let left = PartialSignOutOthers(sessions: [EndedSession(session: UserSession(id: "a"), error: .example(.timedOut))])
            #expect(await auth.retryOthers(left) == .partial(left))
        }

        @Test func outcomesCanBeInASet() async throws {
            let outcomes: Set<SignOutOutcome> = [.failed(.timedOut), .failed(.timedOut), .failed(.vaultLocked)]
            #expect(outcomes.count == 2)
            let tokens = Tokens(accessToken: "a", idToken: "b", refreshToken: "c")
            #expect(Set([tokens, tokens, Tokens(accessToken: "d", idToken: "b", refreshToken: "c")]).count == 2)
        }
    }
}
