import CognitoSignOut
import Foundation
import Testing
import UIKit

/// Background time during requests to Cognito.
extension Everything {
    @Suite struct BackgroundTimeTests {
        /// An app whose sign-out sends a request. The test decides when the response arrives.
        private struct SigningOut {
            let fake: FakeCognito
            let auth: Auth
            let network = Gate()
            let heard: AsyncStream<AuthEvent>
            let result: Task<SignOutResult, Never>

            /// Signs out, with a page in the browser if there is one.
            init(isGiven: Bool = true, through page: Page? = nil) async throws {
                BackgroundTime.isGiven = isGiven
                fake = try await FakeCognito()
                let configuration = try fake.configuration { [fake] in
                    guard page != nil else { return }
                    $0.hostedUI = HostedUI(domain: fake.url.absoluteString, signOutURIs: ["myapp://signed-out"])
                }
                auth = try Auth(configuration: configuration, transport: network, storage: .memory, browser: page)
                try await auth.storeSession(fake.signIn("ana"), signedInWith: page == nil ? .api : .hostedUI)
                heard = auth.events
                let options = SignOutOptions(globalSignOut: true, webPolicy: page == nil ? nil : .bestEffort)
                result = Task { [auth] in await auth.signOut(options: options) }
                if let page {
                    try await eventually { page.isShown.now }
                    try await eventually { BackgroundTime.held == 1 }
                    BackgroundTime.expire()
                    try await eventually { BackgroundTime.held == 0 }
                    page.isOver.with { $0 = true }
                }
                try await eventually { [network] in network.asked.now > 0 }
            }

            /// The sign-out ends once, as if nothing had happened.
            func ends(with achieved: String = "complete") async throws {
                network.isOpen.with { $0 = true }
                #expect(name(await result.value) == achieved)
                #expect(try await fake.operations() == ["GlobalSignOut", "RevokeToken"])
                #expect(try await fake.liveSessions(of: "ana") == 0)
                var events = heard.makeAsyncIterator()
                #expect(await events.next() == .signedOut(.global, appReason: nil))
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

        /// In which the user stays longer than the system lets the app run.
        private struct Page: SignOutBrowser {
            let isShown = Shared(false)
            let isOver = Shared(false)
            var isCancelled = false

            func open(_: URL, redirect: String) async throws -> URL {
                isShown.with { $0 = true }
                try await eventually { isOver.now }
                if isCancelled { throw BrowserError.cancelled }
                return URL(string: redirect)!
            }
        }

        @Test(arguments: [false, true])
        func timeIsAskedForAnewWhenTheUserIsBackFromTheBrowser(_ isCancelled: Bool) async throws {
            let signingOut = try await SigningOut(through: Page(isCancelled: isCancelled))
            #expect(BackgroundTime.held == 1)
            try await signingOut.ends(with: isCancelled ? "partial" : "complete")
            try await eventually { BackgroundTime.held == 0 }
        }

        @Test func timeIsHeldUntilCognitoHasResponded() async throws {
            let asked = BackgroundTime.requests
            let signingOut = try await SigningOut()
            #expect(BackgroundTime.held == 1)
            try await signingOut.ends()
            try await eventually { BackgroundTime.held == 0 }
            #expect(BackgroundTime.requests == asked + 2, "for the session's storing, too")
        }

        @Test func expiredTimeIsReleasedAtOnceAndTheSignOutStillEnds() async throws {
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

        @Test func eachCallThatEndsASessionAtCognitoHoldsTime() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            try await fake.refuse("RevokeToken")
            let asked = BackgroundTime.requests
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

        @Test(.timeLimit(.minutes(1))) func timeIsHeldWhileAStepOfAnEarlierSignOutRuns() async throws {
            let fake = try await FakeCognito()
            let (runs, isOver) = (Shared(0), Shared(false))
            let step = AppStep("cache", .afterSignOut) { _ in
                if runs.with({ $0 += 1; return $0 == 1 }) { throw Thrown() }
                try await eventually { isOver.now }
            }
            let auth = try Auth(configuration: fake.configuration(), storage: .memory, signOutSteps: [step])
            try await auth.storeSession(fake.signIn("ana"))
            #expect(await auth.signOutWithReport().appStepErrors.map(\.name) == ["cache"])
            try await auth.storeSession(fake.signIn("bob"))
            try await eventually { runs.now == 2 }
            #expect(BackgroundTime.held == 1)
            isOver.with { $0 = true }
            try await eventually { BackgroundTime.held == 0 }
        }

        /// A vault whose writes take as long as a test wants.
        private final class SlowVault: SessionVault {
            let isWriting = Shared(false)
            let isOpen = Shared(true)
            private let real = TestVault()

            func read(_ key: VaultKey) throws -> Data? { try real.read(key) }

            func write(_ record: Data, for key: VaultKey) throws {
                wait()
                try real.write(record, for: key)
            }

            func delete(_ key: VaultKey) throws {
                wait()
                try real.delete(key)
            }

            private func wait() {
                isWriting.with { $0 = true }
                while !isOpen.now { Thread.sleep(forTimeInterval: 0.005) }
            }
        }

        private enum Write: CaseIterable {
            case storeSession, refresh, tokens, setIdentity, setDevice, signOut, clearLocal, purgeLocal

            func call(_ auth: Auth, _ tokens: Tokens) async throws {
                switch self {
                case .storeSession: try await auth.storeSession(tokens)
                case .refresh: _ = try await auth.refresh()
                case .tokens: _ = try await auth.tokens()
                case .setIdentity: try await auth.setIdentity(Identity(identityID: "eu-central-1:ana"))
                case .setDevice:
                    let device = RememberedDevice(key: "key", groupKey: "group", password: Secret("password"))
                    try await auth.setDevice(device, for: "ana")
                case .signOut: _ = await auth.signOut()
                case .clearLocal: try await auth.clearLocal()
                case .purgeLocal: try await auth.purgeLocal()
                }
            }
        }

        /// If an app that rotates refresh tokens is suspended during the write, it loses its only refresh token. If it holds a lock in its
        /// group's container, the system ends it.
        @Test func eachCallHoldsTimeWhileItWrites() async throws {
            let fake = try await FakeCognito(["--access-token-lifetime", "5"])
            for write in Write.allCases {
                let vault = SlowVault()
                let auth = try Auth(configuration: fake.configuration(), storage: .custom(vault))
                try await auth.storeSession(fake.signIn("ana"))
                try await eventually { BackgroundTime.held == 0 }
                let tokens = try await fake.signIn("ana")
                vault.isWriting.with { $0 = false }
                vault.isOpen.with { $0 = false }
                let writing = Task { try await write.call(auth, tokens) }
                try await eventually { vault.isWriting.now }
                #expect(BackgroundTime.held == 1, "\(write)")
                vault.isOpen.with { $0 = true }
                try await writing.value
                // Otherwise it would be paid, and hold time, during the next call.
                _ = try await auth.settlePending()
                try await eventually { BackgroundTime.held == 0 }
            }
        }

        @Test func aHundredCallsAtOnceHoldTimeOnce() async throws {
            let fake = try await FakeCognito()
            let network = Gate()
            let auth = try Auth(configuration: fake.configuration(), transport: network, storage: .memory)
            try await auth.storeSession(fake.signIn("ana"))
            let calls = (1 ... 100).map { _ in Task { try await auth.refresh() } }
            try await eventually { network.asked.now > 0 && BackgroundTime.held == 1 }
            network.isOpen.with { $0 = true }
            for call in calls { _ = try await call.value }
            try await eventually { BackgroundTime.held == 0 }
        }

        @Test func aDebtPaidAfterASignInHoldsTimeUntilItIsWritten() async throws {
            let fake = try await FakeCognito()
            let (network, vault) = (Gate(), SlowVault())
            network.isOpen.with { $0 = true }
            let auth = try Auth(configuration: fake.configuration(), transport: network, storage: .custom(vault))
            try await auth.storeSession(fake.signIn("ana"))
            try await fake.refuse("RevokeToken")
            #expect(await auth.signOutWithReport().isKept)
            network.isOpen.with { $0 = false }
            let asked = network.asked.now
            try await auth.storeSession(fake.signIn("bob"))
            try await eventually { BackgroundTime.held == 0 }
            try await eventually { network.asked.now > asked }
            #expect(BackgroundTime.held == 1)
            vault.isWriting.with { $0 = false }
            vault.isOpen.with { $0 = false }
            network.isOpen.with { $0 = true }
            try await eventually { vault.isWriting.now }
            #expect(BackgroundTime.held == 1)
            vault.isOpen.with { $0 = true }
            try await eventually { BackgroundTime.held == 0 }
            #expect(try await fake.liveSessions(of: "ana") == 0)
        }

        /// Lets this number of requests through, and the others when the test says so.
        private struct Barrier: HTTPTransport {
            let passes: Int
            let asked = Shared(0)
            let isOpen = Shared(false)
            private let real = URLSessionTransport()

            init(after passes: Int) { self.passes = passes }

            func send(_ request: HTTPRequest) async throws -> HTTPResponse {
                let number = asked.with { $0 += 1; return $0 }
                if number > passes { try await eventually { isOpen.now } }
                return try await real.send(request)
            }
        }

        /// The third request is for the debt that the second sign-out displaced.
        @Test(arguments: [2, 3])
        func aPlainSignOutTriesWhatItDisplacedOnceMoreAndHoldsTimeMeanwhile(_ refusals: Int) async throws {
            let fake = try await FakeCognito()
            let network = Barrier(after: 2)
            let configuration = try fake.configuration { $0.unpaidRevocations = .keep(maxAge: 3600, maxDebts: 1) }
            let auth = try Auth(configuration: configuration, transport: network, storage: .memory)
            try await fake.refuse("RevokeToken", times: refusals)
            for user in ["ana", "bob"] {
                try await auth.storeSession(fake.signIn(user))
                #expect(name(await auth.signOut()) == "partial")
            }
            try await eventually { network.asked.now == 3 }
            #expect(BackgroundTime.held == 1)
            network.isOpen.with { $0 = true }
            try await eventually { BackgroundTime.held == 0 }
            if refusals == 2 { #expect(try await fake.liveSessions(of: "ana") == 0) }
            // Refused again, it is on record beside the debt that displaced it.
            let settled = try await auth.resume().settled
            #expect(!settled.isEmpty && settled.allSatisfy { $0.result == .complete })
            #expect(try await fake.liveSessions(of: "ana") == 0)
            #expect(try await fake.liveSessions(of: "bob") == 0)
        }

        @Test func tokensThatAreValidTakeNoTime() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            let asked = BackgroundTime.requests
            _ = try await auth.tokens()
            #expect(BackgroundTime.requests == asked)
        }
    }
}
