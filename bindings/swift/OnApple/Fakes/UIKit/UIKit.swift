// The parts of UIKit that the package uses, and the parts of Foundation that only iOS has, as Apple documents them. A test decides how
// much background time there is.
import Foundation

@MainActor public class UIApplication {
    nonisolated public static let protectedDataDidBecomeAvailableNotification = Notification.Name("protected data")
    public var connectedScenes: Set<UIScene> = []

    /// The running app, set by a test. There is none in an extension.
    public static var running: UIApplication?

    public init() {}

    /// Like `NSObject`'s. `shared` is missing, because code for an extension must not mention it.
    public static func value(forKey key: String) -> Any? {
        precondition(key == "sharedApplication", "NSUnknownKeyException: \(key)")
        return running
    }

    /// Where the user is: the system shows its own pages over it.
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
    /// The key window of the whole app.
    private static weak var key: UIWindow?
    public var isKeyWindow: Bool { Self.key === self }

    /// A window without a scene, and so not on a screen.
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

    /// Returns whether it could: not over a controller that is leaving the screen or is covered.
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

/// The system's background time for the app.
public enum BackgroundTime {
    private static let queue = DispatchQueue(label: "expiring activities", attributes: .concurrent)
    private static let lock = NSLock()
    nonisolated(unsafe) private static var gives = true
    nonisolated(unsafe) private static var running: [UUID: @Sendable (Bool) -> Void] = [:]
    nonisolated(unsafe) private static var asked = 0

    /// Whether there is background time from now on.
    public static var isGiven: Bool {
        get { lock.withLock { gives } }
        set { lock.withLock { gives = newValue } }
    }

    /// How many activities keep the app from being suspended.
    public static var held: Int { lock.withLock { running.count } }

    /// How often the app asked for it.
    public static var requests: Int { lock.withLock { asked } }

    /// The time is over: each block that has not returned is called again, while its first call still runs.
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
