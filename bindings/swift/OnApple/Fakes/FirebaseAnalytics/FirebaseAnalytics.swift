// What examples/ios uses of Firebase's analytics.
import Foundation

public final class Analytics: NSObject {
    /// What was called, in order.
    nonisolated(unsafe) public static var calls: [String] = []

    public class func setUserID(_ id: String?) { calls.append("setUserID \(id ?? "nil")") }
    public class func resetAnalyticsData() { calls.append("resetAnalyticsData") }
}
