// The store of web views' data, as Apple documents it, as far as examples/ios uses it. A test puts data there.
import Foundation

@MainActor public class WKWebsiteDataStore: NSObject {
    private static let shared = WKWebsiteDataStore()
    /// The kinds of data that are there.
    public var stored: Set<String> = []

    public class func `default`() -> WKWebsiteDataStore { shared }

    public class func allWebsiteDataTypes() -> Set<String> {
        ["WKWebsiteDataTypeCookies", "WKWebsiteDataTypeLocalStorage", "WKWebsiteDataTypeDiskCache"]
    }

    public func removeData(ofTypes types: Set<String>, modifiedSince _: Date) async {
        stored.subtract(types)
    }
}
