import Foundation

/// Asks the system to let the app run while calls are in progress, on systems that suspend apps. It also works in extensions.
final class BackgroundTime: @unchecked Sendable {
    private let lock = NSLock()
    /// The lock guards all three.
    private var calls = 0
    private var isToBeClaimed = false
    private var claim: Claim?

    /// Runs `call`, and holds background time until it has ended.
    func during<T: Sendable>(_ call: @Sendable () async throws -> T) async rethrows -> T {
        try await count(claiming: true, call)
    }

    /// The same, but from the first request on: for a call that rarely sends a request, and writes only after one.
    func duringRequests<T: Sendable>(of call: @Sendable () async throws -> T) async rethrows -> T {
        try await count(claiming: false, call)
    }

    /// Runs `call` in its own task, and holds background time from now until it has ended.
    func beside(_ call: @escaping @Sendable () async -> Void) {
        begin(claiming: true)
        Task {
            await call()
            end()
        }
    }

    /// A request. It counts as a call until its response arrives.
    final class Request: @unchecked Sendable {
        /// The lock guards it.
        fileprivate var isUnderWay = true
    }

    /// A request is about to be sent. It may not belong to a call: debts are paid after ``Auth/storeSession(_:signedInWith:)`` has
    /// returned.
    func isAsking() -> Request {
        lock.withLock {
            calls += 1
            if isToBeClaimed || claim == nil { makeClaim() }
        }
        return Request()
    }

    /// The response is about to be passed on, or nobody waits for it any more. If the request did not belong to a call, background
    /// time is held for one more second: the library then writes the outcome or sends the next request.
    func isAnswered(_ request: Request) {
        let isAlone = lock.withLock { () -> Bool? in
            guard request.isUnderWay else { return nil }
            request.isUnderWay = false
            return calls == 1
        }
        guard let isAlone else { return }
        guard isAlone else { return end() }
        Task {
            try? await Task.sleep(nanoseconds: 1_000_000_000)
            end()
        }
    }

    /// Asks again if a call is in progress: the user may have been in the browser for a long time, and the system limits each claim.
    func renew() {
        lock.withLock {
            if calls > 0 { makeClaim() }
        }
    }

    private func count<T: Sendable>(claiming: Bool, _ call: @Sendable () async throws -> T) async rethrows -> T {
        begin(claiming: claiming)
        defer { end() }
        return try await call()
    }

    private func begin(claiming: Bool) {
        lock.withLock {
            calls += 1
            if claiming { makeClaim() } else { isToBeClaimed = true }
        }
    }

    private func end() {
        lock.withLock {
            calls -= 1
            if calls == 0 { (claim, isToBeClaimed) = (nil, false) }
        }
    }

    /// Replaces the current claim: there is only one at a time.
    private func makeClaim() {
        (claim, isToBeClaimed) = (Claim(), false)
    }
}

/// A claim on background time. It ends when it is released or when the system takes it back. If that interrupts a sign-out, the debt
/// is on record and is paid after the next launch.
private final class Claim: Sendable {
    private let ended = DispatchSemaphore(value: 0)

    init() {
        #if canImport(UIKit) && !os(watchOS)
        ProcessInfo.processInfo.performExpiringActivity(withReason: "cognito-signout") { [ended] expired in
            // The activity lasts until this block returns. The system runs it on its own queue. When the time is over, the system
            // calls it a second time, while the first call still runs.
            if expired {
                ended.signal()
            } else {
                ended.wait()
            }
        }
        #endif
    }

    deinit {
        ended.signal()
    }
}
