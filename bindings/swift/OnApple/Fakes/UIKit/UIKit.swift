// What the package uses of UIKit; and, of Foundation, what iOS alone has: as Apple documents it. What time there is in the
// background is a test's to say.
import Foundation

@MainActor public class UIApplication {
    nonisolated public static let protectedDataDidBecomeAvailableNotification = Notification.Name("protected data")
    public var connectedScenes: Set<UIScene> = []

    /// The app that runs, which is a test's to say: none in an extension.
    public static var running: UIApplication?

    public init() {}

    /// As `NSObject` has it. `shared` is not here: what an extension links may not mention it.
    public static func value(forKey key: String) -> Any? {
        precondition(key == "sharedApplication", "NSUnknownKeyException: \(key)")
        return running
    }

    /// Where the user is: what the system itself shows things over.
    public static var windowInUse: UIWindow? {
        let scenes = running?.connectedScenes.compactMap { $0 as? UIWindowScene } ?? []
        return scenes.first { $0.isOnScreen }?.keyWindow
    }
}

@MainActor public class UIScene: NSObject {
    public enum ActivationState: Sendable { case unattached, foregroundActive, foregroundInactive, background }
    public var activationState: ActivationState
    public let session: UISceneSession

    public init(_ activationState: ActivationState, _ role: UISceneSession.Role = .windowApplication) {
        self.activationState = activationState
        session = UISceneSession(role)
    }

    public var isOnScreen: Bool { [.foregroundActive, .foregroundInactive].contains(activationState) }
}

@MainActor public class UISceneSession {
    public struct Role: Hashable, Sendable {
        let name: String
        public static let windowApplication = Self(name: "window of the app")
        public static let windowExternalDisplayNonInteractive = Self(name: "external display")
    }

    public let role: Role

    init(_ role: Role) { self.role = role }
}

@MainActor public class UIWindowScene: UIScene {
    public fileprivate(set) var windows: [UIWindow] = []
    public fileprivate(set) weak var keyWindow: UIWindow?
}

@MainActor public class UIWindow {
    public var rootViewController: UIViewController?
    public private(set) var isHidden = true
    public private(set) weak var windowScene: UIWindowScene?
    /// Of the whole app.
    private static weak var key: UIWindow?
    public var isKeyWindow: Bool { Self.key === self }

    /// Of no scene, and so on no screen.
    public init() {}

    public init(windowScene: UIWindowScene) {
        self.windowScene = windowScene
        windowScene.windows.append(self)
    }

    public func makeKeyAndVisible() {
        isHidden = false
        windowScene?.keyWindow = self
        Self.key = self
    }
}

@MainActor public class UIViewController {
    public private(set) var presentedViewController: UIViewController?
    public private(set) var isBeingDismissed = false
    public private(set) weak var presentingViewController: UIViewController?

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
            self.presentingViewController = nil
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
