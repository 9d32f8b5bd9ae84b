import CognitoSignOut
import Foundation
import Testing

/// One scenario of `bindings/scenarios.json`, which Rust, Swift and Kotlin run. `bindings/scenarios.md` explains the words.
struct Scenario: Sendable, CustomTestStringConvertible {
    let json: JSON
    var testDescription: String { json["name"]?.string ?? "no name" }

    static var all: [Scenario] {
        get throws {
            let file = URL(fileURLWithPath: try environment("SHARED_SCENARIOS"))
            let list = try JSONDecoder().decode(JSON.self, from: Data(contentsOf: file))
            guard case let .array(scenarios)? = list["scenarios"] else { return [] }
            return scenarios.filter { $0["not_in"]?.strings?.contains("swift") != true }.map(Scenario.init)
        }
    }
}

extension Everything {
    @Suite struct ScenarioTests {
        @Test(.timeLimit(.minutes(3)), arguments: try Scenario.all)
        func sharedScenario(_ scenario: Scenario) async throws {
            try await Device.run(scenario.json)
        }

        @Test func theListIsThere() throws {
            #expect(try Scenario.all.count >= 40)
        }
    }
}

/// An app on a device, with its own user pool.
private final class Device {
    private let scenario: JSON
    private let fake: FakeCognito
    private let vault = TestVault()
    private let pages = Shared(0)
    private let saw = Shared<[String]>([])
    private let told = Shared<[String]>([])
    private let heard = Shared<[String]>([])
    private var listening: [Task<Void, Never>] = []
    /// The app's own steps, which it registers from now on.
    private var appSteps: [JSON] = []
    private var running: Auth?
    /// The running process's vault, on the device's keychain.
    private var processVault = TestVault()
    private var tokens: Tokens?
    private var partial: SignOutOutcome?
    private var sessions: [UserSession] = []
    private var others: PartialSignOutOthers?

    struct Unknown: Error { let word: String }

    static func run(_ scenario: JSON) async throws {
        try only([
            "name", "peers", "pool", "client_secret", "hosted_ui", "rotation", "keep_unpaid", "hand_over", "not_in", "browser",
            "transport", "listener", "events", "actions", "session_tracking", "pool_domain", "provider_logout",
            "app_steps",
        ], in: scenario)
        try only(["real", "throws", "never_completes", "lets_go", "completes_twice", "calls_back"], scenario["transport"])
        try only([
            "comes_back", "comes_back_twice", "comes_back_with_error", "cancelled", "unavailable", "throws", "never_comes_back",
        ], scenario["browser"])
        try only(["signs_out"], scenario["listener"])
        let device = try await Device(scenario)
        guard case let .array(actions)? = scenario["actions"] else { throw Unknown(word: "no actions") }
        for action in actions {
            try await device.carryOut(action)
        }
        let events = await device.end()
        if let expected = scenario["events"]?.strings {
            #expect(events == expected)
        }
    }

    /// An unknown word is an error: the scenario must not pass.
    private static func only(_ known: Set<String>, in json: JSON?) throws {
        for word in json?.object.keys ?? [:].keys where !known.contains(word) {
            throw Unknown(word: word)
        }
    }

    private static func only(_ known: Set<String>, _ word: JSON?) throws {
        if let word, !known.contains(word.string ?? "") { throw Unknown(word: "\(word)") }
    }

    private init(_ scenario: JSON) async throws {
        self.scenario = scenario
        var options: [String] = []
        for (option, value) in scenario["pool"]?.object ?? [:] {
            let flag = "--" + option.replacingOccurrences(of: "_", with: "-")
            switch value {
            case .bool: options += [flag]
            case let .number(number): options += [flag, String(Int(number))]
            default: options += [flag, value.string ?? ""]
            }
        }
        fake = try await FakeCognito(options)
        appSteps = scenario["app_steps"]?.list ?? []
        try restart()
    }

    private var auth: Auth { running! }

    /// Another process of the app, with the same vault.
    private func restart() throws {
        processVault = TestVault(sharing: vault)
        let (auth, callee) = try handle()
        let (events, heard, signsOut) = (auth.events, heard, scenario["listener"]?.string == "signs_out")
        listening.append(Task {
            for await event in events {
                heard.with { $0.append(name(event)) }
                if signsOut, event == .signedIn {
                    _ = await callee.auth?.signOut()
                }
            }
        })
        running = auth
    }

    /// Replaces the handle with another one of the same process. It has no listener.
    private func anotherHandle() throws {
        running = try handle().0
    }

    private func handle() throws -> (Auth, Callee) {
        let callee = Callee()
        let vault = processVault
        let does = scenario["transport"]?.string ?? "real"
        let transport = TestTransport(does: does, callee: callee, saw: saw)
        let browser = scenario["browser"]?.string
        let auth = switch (does, browser) {
        case ("lets_go", _):
            try Auth(configuration(), transport: TransportThatLetsGo(), vault: vault)
        case ("completes_twice", _):
            try Auth(configuration(), transport: TransportThatCompletesTwice(), vault: vault)
        case (_, "comes_back_twice"):
            try Auth(configuration(), transport: transport, vault: vault, browser: BrowserThatCompletesTwice(pages))
        default:
            try Auth(
                configuration: configuration(),
                transport: transport,
                storage: .custom(vault),
                browser: browser.map { TestBrowser(does: $0, pages: pages) },
                signOutSteps: appSteps.map { try step($0, callee) }
            )
        }
        callee.auth = auth
        return (auth, callee)
    }

    private func step(_ json: JSON, _ callee: Callee) throws -> AppStep {
        try Self.only(["name", "phase", "does", "time_limit"], in: json)
        let does = json["does"] ?? "well"
        try Self.only(["well", "fails", "leaks", "throws", "hangs", "calls_back", "signs_out"], does)
        try Self.only(["while_token_lives", "after_sign_out"], json["phase"])
        let (name, phase) = (json["name"]?.string ?? "", json["phase"]?.string)
        let step = TestStep(title: name, does: does.string ?? "", callee: callee, told: told, saw: saw)
        return AppStep(
            name, phase == "after_sign_out" ? .afterSignOut : .whileTokenLives, timeLimit: json["time_limit"]?.seconds,
            step.run
        )
    }

    private func configuration() throws -> AuthConfiguration {
        try fake.configuration { options in
            options.clientSecret = scenario["client_secret"]?.string.map { Secret($0) }
            options.rotatesRefreshTokens = scenario["rotation"]?.isTrue
            if let keep = scenario["keep_unpaid"] {
                options.unpaidRevocations = .keep(
                    maxAge: keep["max_age"]?.seconds ?? 0, maxDebts: Int(keep["max_debts"]?.number ?? 0)
                )
            }
            if scenario["hand_over"]?.isTrue == true { options.unpaidRevocations = .handOver }
            if scenario["hosted_ui"]?.isTrue == true {
                options.hostedUI = HostedUI(domain: "auth.example.com", signOutURIs: ["myapp://signed-out"])
            }
            options.tracksSessions = scenario["session_tracking"]?.isTrue
            if scenario["pool_domain"]?.isTrue == true { options.revocationRoute = .poolDomain }
            if let provider = scenario["provider_logout"]?.string {
                options.providerLogouts = [provider: .samlSingleLogout]
            }
        }
    }

    /// Ends the app, and returns all its events. There can be no more, because the streams have ended.
    private func end() async -> [String] {
        running = nil
        partial = nil
        for task in listening {
            await task.value
        }
        return heard.now
    }

    private func carryOut(_ action: JSON) async throws {
        let user = action["user"]?.string ?? "ana"
        let expect = action["expect"]
        try Self.only([
            "do", "user", "with", "scope", "order", "fails", "millis", "options", "joining", "joined", "at_once", "within",
            "expect", "reads", "shows", "browser", "through", "at", "id", "linked", "error",
            "redirected", "failed", "ignored", "web_step", "settled", "app_reasons", "key", "is", "eventually", "are", "saw",
            "app_steps", "message", "status", "body", "header",
        ], in: action)
        for options in [action["options"], action["joining"]] {
            try Self.only(["global", "web", "deadline", "browser_deadline", "reason"], in: options)
        }
        for options in [action["options"], action["joining"]] {
            try Self.only(["skip", "by_revocation", "best_effort", "required"], options?["web"])
        }
        try Self.only([
            "result", "signed_out_locally", "errors", "error", "steps", "residual", "everywhere", "kept", "displaced",
            "tokens_replaced", "browser_sessions", "next_sign_in", "app_reason", "ended", "left",
            "app_steps", "app_step_errors",
        ], in: expect)
        let options = options(action["options"])
        switch action["do"]?.string {
        case "sign_in":
            let tokens = try await fake.signIn(
                user, scope: action["scope"]?.string, through: action["through"]?.string,
                inBrowser: action["browser"]?.isTrue == true
            )
            let with: SignedInWith = switch action["with"]?.string {
            case nil, "api": .api
            case "hosted_ui": .hostedUI
            case "hosted_ui_private": .hostedUIPrivate
            case let other?: throw Unknown(word: other)
            }
            try await auth.storeSession(tokens, signedInWith: with)
            self.tokens = tokens
        case "sign_in_elsewhere":
            _ = try await fake.signIn(user, inBrowser: action["browser"]?.isTrue == true)
        case "server":
            try await fake.order(action["order"] ?? .null)
        case "vault":
            let fails = (action["fails"]?.object ?? [:]).compactMapValues(\.string)
            vault.failing.with { $0 = fails }
        case "wait":
            try await Task.sleep(nanoseconds: UInt64((action["millis"]?.number ?? 0) * 1_000_000))
        case "sign_out":
            let started = Date()
            let outcomes = await withTaskGroup(of: SignOutOutcome.self) { group in
                for _ in 0 ..< Int(action["at_once"]?.number ?? 1) {
                    group.addTask { [auth] in await auth.signOutWithReport(options: options) }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            for outcome in outcomes {
                try await check(outcome, expect)
            }
            if let within = action["within"]?.seconds {
                #expect(Date().timeIntervalSince(started) < within)
            }
        case "sign_out_cancelled":
            let ended = Shared(false)
            let caller = Task { [auth] in
                _ = await auth.signOut(options: options)
                ended.with { $0 = true }
            }
            try await eventually { name(await self.auth.session()) == "signed_out" }
            #expect(!ended.now, "it had ended before it was cancelled")
            caller.cancel()
        case "sign_out_joined":
            let first = Task { [auth] in await auth.signOutWithReport(options: options) }
            try await eventually { name(await self.auth.session()) == "signed_out" }
            let joined = await auth.signOutWithReport(options: self.options(action["joining"]))
            try await check(await first.value, expect)
            try await check(joined, action["joined"])
        case "sign_out_during_refresh":
            let refreshing = Task { [auth] in try await auth.refresh() }
            try await eventually { try await !self.fake.operations().isEmpty }
            try await check(await auth.signOutWithReport(), expect)
            // Any answer is right, but there must be one.
            _ = await refreshing.result
        case "sign_out_among_reads":
            let reads = Int(action["reads"]?.number ?? 0)
            var seen: [String] = []
            for _ in 0 ..< reads / 2 {
                seen.append(name(await auth.session()))
            }
            let signingOut = Task { [auth] in await auth.signOutWithReport() }
            for _ in reads / 2 ..< reads {
                seen.append(name(await auth.session()))
            }
            try await check(await signingOut.value, expect)
            #expect(seen.first == "signed_in" && !seen.contains("unavailable"))
            #expect(!zip(seen, seen.dropFirst()).contains { $0 == "signed_out" && $1 == "signed_in" })
        case "retry":
            try await check(await auth.retry(#require(partial)), expect)
        case "begin_sign_out", "begin_retry":
            let progress = action["do"] == "begin_retry"
                ? await auth.beginRetry(try #require(partial))
                : await auth.beginSignOut(options: options)
            if case .show = progress {
                #expect(action["shows"]?.isTrue == true)
            } else {
                #expect(action["shows"]?.isTrue != true)
            }
        case "finish_sign_out":
            let progress: SignOutProgress
            if let callback = action["redirected"]?.string.flatMap(URL.init(string:)) {
                progress = await auth.finishSignOut(callback: callback)
            } else {
                #expect(action["failed"] == "cancelled")
                progress = await auth.finishSignOut(failure: .cancelled)
            }
            switch progress {
            case let .finished(outcome): try await check(outcome, #require(expect))
            case .ignored: #expect(action["ignored"]?.isTrue == true)
            case .show: Issue.record("another page")
            }
        case "resume":
            var resumed = try await auth.resume()
            if action["eventually"]?.isTrue == true {
                // `resume` skips a debt that another call is paying.
                try await eventually {
                    if resumed.settled.isEmpty { resumed = try await self.auth.resume() }
                    return !resumed.settled.isEmpty
                }
            }
            #expect((resumed.webStep != nil) == (action["web_step"]?.isTrue == true))
            check(resumed.settled, action)
        case "settle_pending":
            check(try await auth.settlePending(), action)
        case "clear_local":
            try await auth.clearLocal()
        case "purge_local":
            try await auth.purgeLocal()
        case "restart":
            appSteps = action["app_steps"]?.list ?? appSteps
            try restart()
        case "app_steps_told":
            if action["eventually"]?.isTrue == true {
                try await eventually { self.told.now == action["are"]?.strings }
            }
            #expect(told.now == action["are"]?.strings)
        case "another_handle":
            try anotherHandle()
        case "tokens":
            #expect(await told { try await self.auth.tokens() } == expect?.string)
        case "refresh":
            #expect(await told { try await self.auth.refresh() } == expect?.string)
        case "verify":
            #expect(name(await auth.verify()) == action["is"]?.string)
        case "remote_sign_out":
            let told = switch await auth.remoteSignOut(try aboutTheSession(#require(action["message"]?.string))) {
            case .notRecognized: "not_recognized"
            case .otherSession: "other_session"
            case let .verified(verification): "verified:" + name(verification)
            }
            #expect(told == action["is"]?.string)
        case "classify":
            let refusal = Auth.classify(
                status: Int(action["status"]?.number ?? 0), body: try #require(action["body"]?.string)
            )
            #expect(refusal.rawValue == action["is"]?.string)
        case "classify_www_authenticate":
            let refusal = Auth.classifyWWWAuthenticate(try #require(action["header"]?.string))
            #expect(refusal.rawValue == action["is"]?.string)
        case "set_device":
            let key = try #require(action["key"]?.string)
            let device = RememberedDevice(key: key, groupKey: "group", password: Secret("password"))
            try await auth.setDevice(device, for: user)
        case "device":
            #expect(try await auth.device(for: user)?.key == action["key"]?.string)
        case "session":
            if action["eventually"]?.isTrue == true {
                try await eventually { name(await self.auth.session()) == action["is"]?.string }
            }
            let session = await auth.session()
            #expect(name(session) == action["is"]?.string)
            if case let .signedIn(session) = session, let user = action["user"]?.string {
                #expect(session.username == user)
            }
        case "requests":
            if action["eventually"]?.isTrue == true {
                try await eventually { try await self.fake.operations() == action["are"]?.strings }
            }
            #expect(try await fake.operations() == action["are"]?.strings)
        case "live_sessions":
            let expected = Int(action["are"]?.number ?? -1)
            if action["eventually"]?.isTrue == true {
                try await eventually { try await self.fake.liveSessions(of: user) == expected }
            }
            #expect(try await fake.liveSessions(of: user) == expected)
        case "browser_session":
            let live = { try await self.fake.order(["do": "has_browser_session", "user": .string(user)])["live"] }
            if action["eventually"]?.isTrue == true { try await eventually { try await live() == action["is"] } }
            #expect(try await live() == action["is"])
        case "sessions":
            let code = await refusal { self.sessions = try await self.auth.sessions() }
            #expect(code?.rawValue == action["error"]?.string)
            if code == nil {
                #expect(sessions.map(name) == action["are"]?.strings)
                for session in sessions {
                    #expect(session.id != nil)
                    let address = try #require(session.ipAddress)
                    #expect(!"\(session)".contains(address.reveal()))
                }
            }
        case "end_session":
            let listed: UserSession? = (action["at"]?.number).map { sessions[Int($0)] }
            let id: String = try #require(listed?.id ?? action["id"]?.string)
            let code = await refusal { try await self.auth.endSession(id, linked: action["linked"]?.isTrue == true) }
            #expect(code?.rawValue == action["error"]?.string)
        case "sign_out_others":
            try check(await auth.signOutOthers(), #require(expect))
        case "retry_others":
            try check(await auth.retryOthers(#require(others)), #require(expect))
        case "pages":
            #expect(Double(pages.now) == action["are"]?.number)
        case "called_back":
            #expect(saw.now == action["saw"]?.strings)
        case let other:
            throw Unknown(word: other ?? "nothing to do")
        }
    }

    /// The message with the claims of the last stored session.
    private func aboutTheSession(_ message: String) throws -> String {
        guard let tokens else { return message }
        var payload = tokens.accessToken.reveal().split(separator: ".")[1]
            .replacingOccurrences(of: "-", with: "+").replacingOccurrences(of: "_", with: "/")
        payload += String(repeating: "=", count: (4 - payload.count % 4) % 4)
        let claims = try JSONDecoder().decode(JSON.self, from: #require(Data(base64Encoded: payload)))
        return message.replacingOccurrences(of: "SUB", with: claims["sub"]?.string ?? "no sub")
            .replacingOccurrences(of: "ORIGIN_JTI", with: claims["origin_jti"]?.string ?? "no origin_jti")
    }

    private func options(_ json: JSON?) -> SignOutOptions {
        SignOutOptions(
            globalSignOut: json?["global"]?.isTrue == true,
            webPolicy: [
                "skip": .skip, "by_revocation": .byRevocation, "best_effort": .bestEffort, "required": .required,
            ][json?["web"]?.string ?? ""],
            deadline: json?["deadline"]?.seconds,
            browserDeadline: json?["browser_deadline"]?.seconds,
            reason: (json?["reason"]?.string).map(AppReason.init(rawValue:))
        )
    }

    private func told(_ call: () async throws -> Tokens) async -> String {
        do {
            _ = try await call()
            return "given"
        } catch let error as AuthError {
            #expect(error.errorDescription?.isEmpty == false && error.recoverySuggestion?.isEmpty == false)
            return name(error)
        } catch {
            return "another error"
        }
    }

    /// The code of the error that the call throws.
    private func refusal(_ call: () async throws -> Void) async -> ErrorCode? {
        do {
            try await call()
            return nil
        } catch let error as AuthError {
            #expect(error.errorDescription?.isEmpty == false && error.recoverySuggestion?.isEmpty == false)
            return error.error.code
        } catch {
            return ErrorCode(rawValue: "another error")
        }
    }

    private func check(_ settled: [SignOutOutcome], _ action: JSON) {
        #expect(settled.map { name($0.result) } == action["settled"]?.strings)
        if let reasons = action["app_reasons"]?.strings {
            #expect(settled.map { $0.report.appReason?.rawValue ?? "none" } == reasons)
        }
    }

    private func check(_ result: SignOutOthersResult, _ expect: JSON) throws {
        var ended: [EndedSession] = []
        switch result {
        case let .complete(sessions):
            #expect(expect["result"] == "complete")
            ended = sessions
        case let .partial(partial):
            #expect(expect["result"] == "partial")
            (ended, others) = (partial.sessions, partial)
        case let .failed(error):
            #expect(expect["result"] == "failed" && error.code.rawValue == expect["error"]?.string)
        }
        #expect(ended.filter { $0.error == nil }.count == Int(expect["ended"]?.number ?? 0))
        #expect(ended.compactMap { $0.error?.code.rawValue } == expect["left"]?.strings ?? [])
    }

    /// Checks what the scenario expects, and what is true for every outcome: each error says what happened and what to do, carries what
    /// the app needs for that, and repeats no token.
    private func check(_ outcome: SignOutOutcome, _ expect: JSON?) async throws {
        let expect = try #require(expect)
        let result = outcome.result
        if let expected = expect["result"]?.string {
            #expect(name(result) == expected)
        }
        if let locally = expect["signed_out_locally"] {
            #expect(result.signedOutLocally == locally.isTrue)
        }
        #expect(result.signedOutLocally == (name(result) != "failed"))
        var errors: [String: any LocalizedError] = [:]
        var codes: [String: ErrorCode] = [:]
        switch result {
        case .complete:
            break
        case let .failed(error):
            #expect(error.code.rawValue == expect["error"]?.string)
            errors["error"] = error
        case let .partial(revokeTokenError, globalSignOutError, hostedUIError):
            let carried = expect["tokens_replaced"]?.isTrue == true ? nil : tokens
            if let revokeTokenError {
                #expect(carried == nil || revokeTokenError.refreshToken == carried?.refreshToken)
                (errors["revoke_token"], codes["revoke_token"]) = (revokeTokenError, revokeTokenError.error.code)
            }
            if let globalSignOutError {
                #expect(carried == nil || globalSignOutError.accessToken == carried?.accessToken)
                (errors["global_sign_out"], codes["global_sign_out"]) = (globalSignOutError, globalSignOutError.error.code)
            }
            if let hostedUIError {
                #expect(hostedUIError.url?.absoluteString.hasPrefix("https://auth.example.com/logout?") == true)
                (errors["hosted_ui"], codes["hosted_ui"]) = (hostedUIError, hostedUIError.error.code)
            }
            if let localCleanupError = outcome.localCleanupError {
                (errors["local_cleanup"], codes["local_cleanup"]) = (localCleanupError, localCleanupError.code)
            }
            #expect(!errors.isEmpty || !outcome.appStepErrors.isEmpty, "partial without an error")
            if expect["result"] != nil {
                let expected = (expect["errors"]?.object ?? [:]).compactMapValues(\.string)
                #expect(Set(codes.keys) == Set(expected.keys))
                for (name, code) in expected where code != "any" {
                    #expect(codes[name]?.rawValue == code)
                }
                let ofSteps = outcome.appStepErrors.map { ($0.name, $0.error.code.rawValue) }
                #expect(
                    Dictionary(uniqueKeysWithValues: ofSteps)
                        == (expect["app_step_errors"]?.object ?? [:]).compactMapValues(\.string)
                )
            }
            if let kept = expect["kept"] {
                #expect(outcome.isKept == kept.isTrue)
            }
            #expect(outcome.displaced.count == Int(expect["displaced"]?.number ?? 0))
            partial = outcome
        }
        for error in Array(errors.values) + outcome.appStepErrors {
            #expect(error.errorDescription?.isEmpty == false && error.recoverySuggestion?.isEmpty == false)
        }
        try await checkReport(outcome.report, expect)
        var told = String(reflecting: outcome) + "\(outcome)"
        dump(outcome, to: &told)
        #expect(!told.contains("SECRET"))
        for token in try await fake.issuedTokens() {
            #expect(!told.contains(token), "a token is repeated")
        }
    }

    private func checkReport(_ report: SignOutReport, _ expect: JSON) async throws {
        let steps = [
            "web": report.steps.web, "commit": report.steps.commit, "refresh": report.steps.refresh,
            "global_sign_out": report.steps.globalSignOut, "revoke_token": report.steps.revokeToken,
            "settle": report.steps.settle,
        ]
        for (step, expected) in expect["steps"]?.object ?? [:] {
            #expect(steps[step]?.description == expected.string, "\(step)")
        }
        if let expected = expect["app_steps"]?.object {
            let ofTheApp = report.steps.app.map { ($0.name, JSON.string($0.status.description)) }
            #expect(Dictionary(uniqueKeysWithValues: ofTheApp) == expected)
        }
        if let everywhere = expect["everywhere"] {
            #expect(report.signedOutEverywhere == everywhere.isTrue)
        }
        if let residual = expect["residual"]?.strings {
            #expect(report.residual.map(\.token.rawValue) == residual)
        }
        if let sessions = expect["browser_sessions"] {
            let states = report.browserSessions.map { (name($0.holder), JSON.string(name($0.state))) }
            #expect(Dictionary(uniqueKeysWithValues: states) == sessions.object)
        }
        if let prompt = expect["next_sign_in"]?.string {
            #expect(report.nextSignIn?.rawValue ?? "none" == prompt)
        }
        if let reason = expect["app_reason"]?.string {
            #expect(report.appReason?.rawValue ?? "none" == reason)
        }
    }
}
