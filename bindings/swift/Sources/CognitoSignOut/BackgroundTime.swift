import Foundation

/// Runs `call` and asks the system, where it suspends apps, to let the app run until it has ended. Works in extensions, too.
func inBackgroundTime<T: Sendable>(_ call: @Sendable () async throws -> T) async rethrows -> T {
    #if canImport(UIKit) && !os(watchOS)
    let time = BackgroundTime()
    defer { time.end() }
    #endif
    return try await call()
}

#if canImport(UIKit) && !os(watchOS)
/// A claim on time in the background, held until ``end()`` or until the system takes it back. What is cut off then stands on
/// record, and is paid after the next launch.
private final class BackgroundTime: Sendable {
    private let ended = DispatchSemaphore(value: 0)

    init() {
        ProcessInfo.processInfo.performExpiringActivity(withReason: "cognito-signout") { [ended] expired in
            // The system counts the activity as long as this, on a queue of its own, has not returned; it says that time is
            // over by a second call, beside the first.
            if expired {
                ended.signal()
            } else {
                ended.wait()
            }
        }
    }

    func end() {
        ended.signal()
    }
}
#endif
