import CognitoSignOut
import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif
import Testing

/// Promises of the binding besides the shared scenarios.
extension Everything {
    @Suite struct PromiseTests {
        @Test func aTaskThatIsCancelledStillSignsOut() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            try await fake.order(["do": "delay", "millis": 200])
            let caller = Task { await auth.signOut(options: .init(globalSignOut: true)) }
            caller.cancel()
            #expect(await caller.value.signedOutLocally, "it is answered, too")
            #expect(try await fake.operations() == ["GlobalSignOut", "RevokeToken"])
            #expect(try await fake.liveSessions(of: "ana") == 0)
        }

        @Test func aStreamOfEventsEndsWithItsAuthAndAnotherCanBeCancelled() async throws {
            let fake = try await FakeCognito()
            var auth: Auth? = try fake.app()
            let (heard, left) = (auth!.events, auth!.events)
            try await auth!.storeSession(fake.signIn("ana"))
            for await event in left {
                #expect(event == .signedIn)
                break
            }
            _ = await auth!.signOut(options: .init(globalSignOut: true))
            auth = nil
            #expect(await heard.reduce(into: []) { $0.append($1) } == [.signedIn, .signedOut(.global, appReason: nil)])
        }

        @Test func aStreamThatIsNotReadKeepsTheNewest64Events() async throws {
            let fake = try await FakeCognito()
            var auth: Auth? = try fake.app()
            let events = auth!.events
            for number in 1 ... 33 {
                try await auth!.storeSession(fake.signIn("ana"))
                _ = await auth!.signOut(options: .init(globalSignOut: number == 33))
            }
            auth = nil
            let older: [[AuthEvent]] = Array(repeating: [.signedIn, .signedOut(.local, appReason: nil)], count: 31)
            #expect(await events.reduce(into: []) { $0.append($1) } == older.flatMap(\.self) + [.signedIn, .signedOut(.global, appReason: nil)])
        }

        #if os(Linux) // Where a process can count its threads.
        @Test func streamsThatNobodyReadsTakeNoThreads() async throws {
            func threads() throws -> Int {
                let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
                let line = status.split(separator: "\n").first { $0.hasPrefix("Threads:") }
                return Int(line?.split(separator: "\t").last ?? "") ?? 0
            }
            let fake = try await FakeCognito()
            let auth = try fake.app()
            let before = try threads()
            let streams = (auth.events, (0 ..< 500).map { _ in (auth.events, auth.sessionStates) })
            var most = 0
            for _ in 0 ..< 5 {
                try await auth.storeSession(fake.signIn("ana"))
                _ = await auth.signOut()
                most = max(most, try threads())
            }
            #expect(most < before + 50, "\(before) before")
            withExtendedLifetime(streams) {}
        }
        #endif

        @Test func secretsPrintAsRedacted() {
            let tokens = Tokens(accessToken: "SECRET-a", idToken: "SECRET-b", refreshToken: "SECRET-c")
            var told = "\(tokens) \(String(reflecting: tokens)) \(String(describing: tokens.accessToken))"
            dump(tokens, to: &told)
            let header = HTTPHeader(name: "authorization", value: "SECRET-d")
            dump([header], to: &told)
            told += "\(header) \(String(reflecting: [header]))"
            #expect(!told.contains("SECRET"))
            #expect(told.contains("<redacted>"))
            #expect(tokens.refreshToken.reveal() == "SECRET-c")
        }

        @Test func aWrongConfigurationIsExplained() {
            #expect {
                try AuthConfiguration(userPoolID: "no pool", clientID: "client")
            } throws: { error in
                guard case let .invalidInput(problem)? = error as? AuthError else { return false }
                return problem.code == .invalidInput && error.localizedDescription == problem.message
                    && problem.message.hasPrefix("userPoolID: must be ")
            }
        }

        @Test(arguments: [-1.0, -Double.infinity, Double.nan]) func aTimeThatIsNotValidIsRefusedAndItsSettingNamed(time: TimeInterval) async throws {
            var options = AuthConfiguration.Options()
            options.attemptTimeout = time
            #expect {
                try AuthConfiguration(userPoolID: "eu-central-1_AbCdEf", clientID: "1a2b3c", options: options)
            } throws: { error in
                error.localizedDescription == "attemptTimeout: must be a number, and not negative"
            }
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            let result = await auth.signOut(options: .init(browserDeadline: time))
            guard case let .failed(error) = result else {
                Issue.record("\(result)")
                return
            }
            #expect(error.code == .invalidInput)
            #expect(error.message == "browserDeadline: must be a number, and not negative")
            #expect(try await fake.liveSessions(of: "ana") == 1, "nothing has changed")
        }

        @Test func theLoginPageHasAURLAndTokensCanBeRevokedAtThePoolsDomain() throws {
            var options = AuthConfiguration.Options()
            options.hostedUI = HostedUI(
                domain: "auth.example.com", signOutURIs: ["myapp://out"], callbackURIs: ["myapp://one", "myapp://two"]
            )
            options.revocationRoute = .poolDomain
            let configuration = try AuthConfiguration(userPoolID: "eu-central-1_AbCdEf", clientID: "1a2b3c", options: options)
            let url = try configuration.logoutToLoginURL(callbackURI: "myapp://two", scopes: ["openid"], state: "s")
            let asked = "redirect_uri=myapp%3A%2F%2Ftwo&response_type=code&scope=openid&state=s"
            #expect(url.absoluteString == "https://auth.example.com/logout?client_id=1a2b3c&\(asked)")
            options.hostedUI = nil
            #expect {
                try AuthConfiguration(userPoolID: "eu-central-1_AbCdEf", clientID: "1a2b3c", options: options)
            } throws: { error in
                error.localizedDescription.hasPrefix("revocationRoute: must be ")
            }
        }

        @Test func urlSessionStopsReadingAResponseThatDoesNotEnd() async throws {
            let fake = try await FakeCognito()
            try await fake.order(["do": "fault", "operation": "RevokeToken", "fault": "EndlessBody"])
            let request = revokeRequest(at: fake.url)
            await #expect(throws: TransportError.badResponse("the response is over 1 MiB")) {
                try await URLSessionTransport().send(request)
            }
        }

        @Test func theAppCanConfigureURLSessionButNotItsCookies() async throws {
            let url = URL(string: "https://cognito.example.com/")!
            let cookie = HTTPCookie(properties: [.name: "sid", .value: "1", .domain: "cognito.example.com", .path: "/"])
            HTTPCookieStorage.shared.setCookie(try #require(cookie))
            let transport = URLSessionTransport {
                $0.protocolClasses = [InThisProcess.self]
                $0.httpCookieStorage = .shared
                $0.httpShouldSetCookies = true
            }
            let answer = try await transport.send(revokeRequest(at: url))
            #expect(answer.status == 418)
            #expect(InThisProcess.asked.now.map(\.url) == [url])
            #expect(InThisProcess.asked.now.first?.value(forHTTPHeaderField: "Cookie") == nil)
        }

        @Test func aTransportWithAStatusThatIsNotHTTPsHasFailed() async throws {
            struct Odd: HTTPTransport {
                func send(_: HTTPRequest) async throws -> HTTPResponse { HTTPResponse(status: -1, headers: [], body: Data()) }
            }
            let fake = try await FakeCognito()
            let auth = try Auth(configuration: fake.configuration(), transport: Odd(), storage: .memory)
            try await auth.storeSession(fake.signIn("ana"))
            guard case let .partial(error?, _, _) = await auth.signOut() else { return _ = Issue.record("not partial") }
            #expect(error.error.code == .unexpectedResponse)
        }

        /// Its bytes are the library's own memory, until the app changes or drops them.
        @Test func anAppCanChangeAndKeepTheBodyOfARequest() async throws {
            let kept = Shared<Data>(Data())
            struct Keeps: HTTPTransport {
                let kept: Shared<Data>
                func send(_ request: HTTPRequest) async throws -> HTTPResponse {
                    var changed = request.body
                    changed[changed.startIndex] = UInt8(ascii: "[")
                    changed.append(Data(repeating: UInt8(ascii: " "), count: 100_000))
                    kept.with { $0 = request.body }
                    return try await URLSessionTransport().send(request)
                }
            }
            let fake = try await FakeCognito()
            let tokens = try await fake.signIn("ana")
            var auth: Auth? = try Auth(configuration: fake.configuration(), transport: Keeps(kept: kept), storage: .memory)
            try await auth?.storeSession(tokens)
            guard case .complete? = await auth?.signOut() else { return _ = Issue.record("not complete") }
            auth = nil
            kept.with { body in
                #expect(String(decoding: body, as: UTF8.self).contains(tokens.refreshToken.reveal()))
                body.append(UInt8(ascii: "!"))
                #expect(body.last == UInt8(ascii: "!"))
                body = Data()
            }
        }

        @Test func urlSessionGivesUpWhenItIsCancelled() async throws {
            let fake = try await FakeCognito()
            try await fake.order(["do": "fault", "operation": "RevokeToken", "fault": "Hang"])
            let request = revokeRequest(at: fake.url)
            let sending = Task { try await URLSessionTransport().send(request) }
            while try await fake.operations().isEmpty {
                try await Task.sleep(nanoseconds: 10_000_000)
            }
            sending.cancel()
            await #expect(throws: TransportError.self) { try await sending.value }
        }

        @Test func urlSessionSendsNothingForATaskThatWasCancelledBefore() async throws {
            let fake = try await FakeCognito()
            let request = revokeRequest(at: fake.url)
            let failed = Shared(0)
            for _ in 1 ... 100 {
                let sending = Task {
                    while !Task.isCancelled { await Task.yield() }
                    do {
                        _ = try await URLSessionTransport().send(request)
                    } catch {
                        failed.with { $0 += 1 }
                    }
                }
                sending.cancel()
            }
            try await eventually { failed.now == 100 }
            #expect(try await fake.operations().isEmpty)
        }

        #if os(Linux) // On a Mac, the tests' bundle is elsewhere.
        @Test func theResourcesContainApplesPrivacyManifest() throws {
            let bundle = Bundle.main.bundleURL.appendingPathComponent("CognitoSignOut_CognitoSignOut.resources")
            let file = try Data(contentsOf: bundle.appendingPathComponent("PrivacyInfo.xcprivacy"))
            let manifest = try #require(PropertyListSerialization.propertyList(from: file, format: nil) as? [String: Any])
            #expect(manifest["NSPrivacyTracking"] as? Bool == false)
            #expect((manifest["NSPrivacyCollectedDataTypes"] as? [Any])?.isEmpty == true)
            let used = try #require(manifest["NSPrivacyAccessedAPITypes"] as? [[String: Any]])
            #expect(used.map { $0["NSPrivacyAccessedAPIType"] as? String } == ["NSPrivacyAccessedAPICategoryFileTimestamp"])
            #expect(used.map { $0["NSPrivacyAccessedAPITypeReasons"] as? [String] } == [["C617.1"]])
        }
        #endif

        @Test func anotherUniFFILibraryRunsInTheSameProcess() async throws {
            let fake = try await FakeCognito()
            let auth = try fake.app()
            try await auth.storeSession(fake.signIn("ana"))
            async let names = askTheSecondLibrary(100)
            async let result = auth.signOut()
            #expect(await names == (0 ..< 100).map { "number \($0)" })
            #expect(await result.signedOutLocally)
        }

        /// Every tenth is partial, so that the release of its tokens is tested too.
        @Test(.timeLimit(.minutes(5))) func tenThousandSignOutsLeakNothing() async throws {
            let fake = try await FakeCognito()
            let tokens = try await fake.signIn("ana")
            let alive = liveRustObjects()
            var memory: [Int] = []
            do {
                let counter = Shared(0)
                // Kept debts would be paid in between, with more requests.
                let configuration = try fake.configuration { $0.unpaidRevocations = .handOver }
                let auth = try Auth(configuration: configuration, transport: Canned(counter: counter), storage: .memory)
                let events = auth.events
                for number in 1 ... 10000 {
                    try await auth.storeSession(tokens)
                    let outcome = await auth.signOutWithReport()
                    #expect(outcome.signedOutLocally)
                    if number % 1000 == 0 { memory.append(residentKilobytes()) }
                }
                #expect(counter.now == 10000)
                withExtendedLifetime(events) {}
            }
            for _ in 0 ..< 500 where liveRustObjects() > alive {
                try await Task.sleep(nanoseconds: 10_000_000)
            }
            #expect(liveRustObjects() == alive)
            print("resident after each 1000 sign-outs, kB:", memory)
            // What the allocators keep settles in the first thousands; 4 MB in the next 7000 would be 600 bytes each.
            #expect(memory[9] - memory[2] < 4096, "\(memory)")
        }
    }
}

/// Answers requests without a network.
private final class InThisProcess: URLProtocol {
    static let asked = Shared<[URLRequest]>([])

    override class func canInit(with _: URLRequest) -> Bool { true }
    override class func canonicalRequest(for request: URLRequest) -> URLRequest { request }
    override func stopLoading() {}

    override func startLoading() {
        Self.asked.with { $0.append(request) }
        let response = HTTPURLResponse(url: request.url!, statusCode: 418, httpVersion: nil, headerFields: nil)!
        client?.urlProtocol(self, didReceive: response, cacheStoragePolicy: .notAllowed)
        client?.urlProtocolDidFinishLoading(self)
    }
}

/// Answers at once, and refuses every tenth request.
private struct Canned: HTTPTransport {
    let counter: Shared<Int>

    func send(_: HTTPRequest) async throws -> HTTPResponse {
        let refused = counter.with { $0 += 1; return $0 % 10 == 0 }
        let body = refused ? #"{"__type":"InvalidParameterException","message":"no"}"# : "{}"
        return HTTPResponse(status: refused ? 400 : 200, headers: [], body: Data(body.utf8))
    }
}

private func residentKilobytes() -> Int {
    #if os(Linux)
    let statm = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (Int(statm.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4
    #else
    return 0
    #endif
}
