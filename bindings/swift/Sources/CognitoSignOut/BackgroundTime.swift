import Foundation

/// Asks the system, where it suspends apps, to let the app run while calls are under way. Works in extensions, too.
final class BackgroundTime: @unchecked Sendable {
    private let lock = NSLock()
    /// All guarded by the lock.
    private var calls = 0
    private var isToBeClaimed = false
    private var claim: Claim?

    /// Runs `call`, and holds time until it has ended.
    func during<T: Sendable>(_ call: @Sendable () async throws -> T) async rethrows -> T {
        try await count(claiming: true, call)
    }

    /// The same, from the first request on: for a call that most often is answered without one, and writes only after one.
    func duringRequests<T: Sendable>(of call: @Sendable () async throws -> T) async rethrows -> T {
        try await count(claiming: false, call)
    }

    /// Runs `call` in a task of its own, and holds time from now until it has ended.
    func beside(_ call: @escaping @Sendable () async -> Void) {
        begin(claiming: true)
        Task {
            await call()
            end()
        }
    }

    /// A request that counts as a call until it is answered.
    final class Request: @unchecked Sendable {
        /// Guarded by the lock.
        fileprivate var isUnderWay = true
    }

    /// A request is about to be sent. It may be nobody's call: what is owed is paid after a sign-in that has answered.
    func isAsking() -> Request {
        lock.withLock {
            calls += 1
            if isToBeClaimed || claim == nil { makeClaim() }
        }
        return Request()
    }

    /// Its answer is here and about to be passed on, or nobody waits for it any more. If it was nobody's call, time is held a
    /// second longer, in which the answer is written down or the next request sent.
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

    /// Asks anew, if a call is under way: the user may have been long in the browser, and the system gives a claim little time.
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

    /// In place of the one there was: what is held is one at a time.
    private func makeClaim() {
        (claim, isToBeClaimed) = (Claim(), false)
    }
}

/// A claim on time in the background, held until it is let go of or until the system takes it back. What is cut off then stands
/// on record, and is paid after the next launch.
private final class Claim: Sendable {
    private let ended = DispatchSemaphore(value: 0)

    init() {
        #if canImport(UIKit) && !os(watchOS)
        ProcessInfo.processInfo.performExpiringActivity(withReason: "cognito-signout") { [ended] expired in
            // The system counts the activity as long as this, on a queue of its own, has not returned; it says that time is
            // over by a second call, beside the first.
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
