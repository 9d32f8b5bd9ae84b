import CognitoSignOut
import Foundation

/// A value that a test shares with the code under test.
final class Shared<Value: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var value: Value

    init(_ value: Value) {
        self.value = value
    }

    @discardableResult
    func with<T>(_ change: (inout Value) throws -> T) rethrows -> T {
        lock.lock()
        defer { lock.unlock() }
        return try change(&value)
    }

    var now: Value { with { $0 } }
}

/// The app's `Auth`, for callbacks. A weak reference: otherwise it would never end.
final class Callee: @unchecked Sendable {
    private let lock = NSLock()
    private weak var held: Auth?

    var auth: Auth? {
        get { lock.withLock { held } }
        set { lock.withLock { held = newValue } }
    }
}

/// An error of the app's code, which is not the library's, with a text that must not be repeated.
struct Thrown: Error, CustomStringConvertible {
    let description = "thrown: SECRET"
}

/// A scenario's transport, over the real one.
struct TestTransport: HTTPTransport {
    let does: String
    let callee: Callee
    let saw: Shared<[String]>
    let real = URLSessionTransport()

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        switch does {
        case "throws": throw Thrown()
        case "never_completes": try await Task.sleep(nanoseconds: 3_600_000_000_000)
        case "calls_back":
            if let auth = callee.auth {
                let session = name(await auth.session())
                saw.with { $0.append(session) }
            }
        default: break
        }
        return try await real.send(request)
    }
}

/// An error of the app's code that says what it is to people.
struct Explained: LocalizedError {
    let errorDescription: String?
}

/// One of a scenario's own steps.
struct TestStep: Sendable {
    let title: String
    let does: String
    let callee: Callee
    /// What the steps were told, in order.
    let told: Shared<[String]>
    /// The sessions that it got by calling back.
    let saw: Shared<[String]>

    func run(_ session: LeavingSession) async throws {
        told.with { $0.append(title + words(session)) }
        switch does {
        case "well": break
        case "fails": throw Explained(errorDescription: "for the test")
        case "leaks": throw Explained(errorDescription: "sent \(session.accessToken?.reveal() ?? "nothing")")
        case "hangs": try await Task.sleep(nanoseconds: 3_600_000_000_000)
        case "calls_back":
            if let auth = callee.auth {
                let session = name(await auth.session())
                saw.with { $0.append(session) }
            }
        case "signs_out": _ = await callee.auth?.signOut()
        default: throw Thrown()
        }
    }

    /// As ` lives again`.
    private func words(_ session: LeavingSession) -> String {
        let state = switch session.tokenState {
        case .lives: " lives"
        case .mayHaveDied: " may_have_died"
        case .hasDied: " has_died"
        }
        return state + (session.accessToken != nil && session.idToken != nil ? " with_tokens" : "")
            + (session.hasBegunBefore ? " again" : "") + (session.signedInSince ? " signed_in_since" : "")
    }
}

struct TestBrowser: SignOutBrowser {
    let does: String
    let pages: Shared<Int>

    func open(_: URL, redirect: String) async throws -> URL {
        pages.with { $0 += 1 }
        switch does {
        case "comes_back": return URL(string: redirect)!
        case "comes_back_with_error": return URL(string: redirect + "?error=server_error")!
        case "cancelled": throw BrowserError.cancelled
        case "unavailable": throw BrowserError.unavailable("for the test")
        case "never_comes_back":
            try await Task.sleep(nanoseconds: 3_600_000_000_000)
            throw BrowserError.timedOut
        default: throw Thrown()
        }
    }
}

/// The device's keychain.
final class TestVault: SessionVault {
    private let record: Shared<Data?>
    let failing: Shared<[String: String]>

    init() {
        record = Shared(nil)
        failing = Shared([:])
    }

    /// The same keychain in another process.
    init(sharing other: TestVault) {
        record = other.record
        failing = other.failing
    }

    /// The keychain as the other one is now.
    init(copying other: TestVault) {
        record = Shared(other.record.now)
        failing = Shared([:])
    }

    func read(_: VaultKey) throws -> Data? {
        try asked("read")
        return record.now
    }

    func write(_ record: Data, for _: VaultKey) throws {
        try asked("write")
        self.record.with { $0 = record }
    }

    func delete(_: VaultKey) throws {
        try asked("delete")
        record.with { $0 = nil }
    }

    private func asked(_ use: String) throws {
        switch failing.now[use] {
        case nil: return
        case "locked": throw VaultError.locked("for the test")
        case "other": throw VaultError.other("for the test")
        default: throw Thrown()
        }
    }
}

func name(_ session: SessionState) -> String {
    switch session {
    case .signedIn: "signed_in"
    case .signedOut: "signed_out"
    case .unavailable: "unavailable"
    }
}

func name(_ event: AuthEvent) -> String {
    switch event {
    case .signedIn: "signed_in"
    case let .signedOut(reason, appReason): "signed_out:\(reason)" + (appReason.map { ":\($0)" } ?? "")
    case let .sessionExpired(reason): "session_expired:\(reason.rawValue)"
    case .revocationSettled: "revocation_settled"
    }
}

func name(_ session: UserSession) -> String {
    let kind = switch session.kind {
    case .token: "token"
    case .sso: "sso"
    case let .other(name): name
    }
    return session.isCurrent ? kind + ":current" : kind
}

func name(_ holder: SignOutReport.BrowserSession.Holder) -> String {
    switch holder {
    case .hostedUI: "hosted_ui"
    case let .identityProvider(name): name
    }
}

func name(_ state: SignOutReport.BrowserSession.State) -> String {
    switch state {
    case .ended: "ended"
    case .endRequested: "end_requested"
    case .mayPersist: "may_persist"
    }
}

func name(_ result: SignOutResult) -> String {
    switch result {
    case .complete: "complete"
    case .partial: "partial"
    case .failed: "failed"
    }
}

func name(_ error: AuthError) -> String {
    switch error {
    case .signedOut: "signed_out"
    case .sessionExpired: "session_expired"
    case .vault: "vault"
    case .service: "service"
    case .invalidInput: "invalid_input"
    case .runtime: "runtime"
    }
}

func name(_ verification: Verification) -> String {
    switch verification {
    case .alive: "alive"
    case let .ended(reason): "ended:\(reason.rawValue)"
    case let .unknown(error): "unknown:\(error.code)"
    }
}
