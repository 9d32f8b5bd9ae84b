// Its presence is all that the package asks for; and, of Foundation, what iOS alone has: as Apple documents it. What time there
// is in the background is a test's to say.
import Foundation

extension ProcessInfo {
    public func performExpiringActivity(withReason _: String, using block: @escaping @Sendable (Bool) -> Void) {
        BackgroundTime.perform(block)
    }
}

/// The system's hold on the app.
public enum BackgroundTime {
    private static let queue = DispatchQueue(label: "expiring activities", attributes: .concurrent)
    private static let lock = NSLock()
    nonisolated(unsafe) private static var gives = true
    nonisolated(unsafe) private static var running: [UUID: @Sendable (Bool) -> Void] = [:]
    nonisolated(unsafe) private static var asked = 0

    /// Whether there is any, from now on.
    public static var isGiven: Bool {
        get { lock.withLock { gives } }
        set { lock.withLock { gives = newValue } }
    }

    /// How many activities keep the app from being suspended.
    public static var held: Int { lock.withLock { running.count } }

    /// How often it was asked for.
    public static var requests: Int { lock.withLock { asked } }

    /// Time is over: each block that has not returned is called again, beside the first call.
    public static func expire() {
        for block in lock.withLock({ running.values }) {
            queue.async { block(true) }
        }
    }

    fileprivate static func perform(_ block: @escaping @Sendable (Bool) -> Void) {
        let activity = UUID()
        let isGiven = lock.withLock {
            asked += 1
            running[activity] = gives ? block : nil
            return gives
        }
        queue.async {
            block(!isGiven)
            lock.withLock { _ = running.removeValue(forKey: activity) }
        }
    }
}
