// What examples/ios uses of WidgetKit. It counts how often the widgets are asked to draw themselves again.
import Foundation

public final class WidgetCenter: @unchecked Sendable {
    public static let shared = WidgetCenter()
    private let lock = NSLock()
    private var count = 0

    public var reloads: Int { lock.withLock { count } }

    public func reloadAllTimelines() {
        lock.withLock { count += 1 }
    }
}
