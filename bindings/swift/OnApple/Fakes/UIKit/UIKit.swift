// What the package uses of UIKit; and, of Foundation, what iOS alone has: as Apple documents it. What time there is in the
// background is a test's to say.
import Foundation

@MainActor public class UIWindow {
    public var rootViewController: UIViewController?
    public init() {}
}

@MainActor public class UIViewController {
    public private(set) var presentedViewController: UIViewController?
    public private(set) var isBeingDismissed = false
    private weak var presentingViewController: UIViewController?

    public init() {}

    /// Whether it could: not over what leaves the screen, nor over what is covered.
    @discardableResult public func present(_ controller: UIViewController) -> Bool {
        guard !isBeingDismissed, presentedViewController == nil else { return false }
        presentedViewController = controller
        controller.presentingViewController = self
        return true
    }

    /// Leaves the screen, which takes a moment.
    public func dismiss(completion: (@MainActor () -> Void)? = nil) {
        isBeingDismissed = true
        Task { [presentingViewController] in
            try await Task.sleep(nanoseconds: 300_000_000)
            presentingViewController?.presentedViewController = nil
            isBeingDismissed = false
            completion?()
        }
    }
}

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
