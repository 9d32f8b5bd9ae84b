import CognitoSignOut
import Foundation

/// In place of the one for Apple's systems: the page sends the user back at once.
struct WebAuthenticationBrowser: SignOutBrowser {
    enum Callback {
        case scheme(String)
    }

    init(callback _: Callback) {}

    func open(_: URL, redirect: String) async throws -> URL {
        URL(string: redirect)!
    }
}

/// The user pool that stands for the one in Amplify's file.
enum FakePool {
    nonisolated(unsafe) static var configuration: AuthConfiguration?
}

extension Auth {
    /// Swift prefers this initializer to the package's, which has more parameters: so the quick start reaches the fake pool, and keeps its
    /// session in memory. Each is a thing that an app changes by a parameter.
    convenience init(configuration: AuthConfiguration, browser: WebAuthenticationBrowser) throws(AuthError) {
        try self.init(configuration: FakePool.configuration ?? configuration, storage: .memory, browser: browser)
    }
}
