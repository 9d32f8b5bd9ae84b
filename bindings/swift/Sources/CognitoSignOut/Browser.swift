internal import CognitoSignOutCore
import Foundation

/// Ends sessions in the user's browser. On Apple's systems use ``WebAuthenticationBrowser``.
public protocol SignOutBrowser: Sendable {
    /// The sign-out URIs that the browser can return to. Each is a scheme, for example `myapp`, or a URI of which scheme, host and
    /// path count, for example `https://example.com/signed-out`. Of several configured URIs, the first such one is used. Empty: any.
    var redirects: [String] { get }

    /// Shows `url`, and returns the URL that the browser was sent to. That URL begins with `redirect`. Return only when the page has
    /// left the screen, because another page may follow at once. The task is cancelled when nobody waits any more.
    ///
    /// - Throws: ``BrowserError``. `CancellationError` counts as ``BrowserError/cancelled``, and any other error as
    ///   ``BrowserError/unavailable(_:)``, without its text.
    func open(_ url: URL, redirect: String) async throws -> URL

    /// Leaves the user at this page, for example the last page of an identity provider. It does not come back.
    func leave(at url: URL) async
}

extension SignOutBrowser {
    /// Any.
    public var redirects: [String] { [] }

    /// Closes the browser instead of showing the page.
    public func leave(at _: URL) async {}
}

/// Why a browser could not end the session. The details are for people. Later versions may add cases: <doc:LaterVersions>.
public enum BrowserError: Error, Sendable, Hashable {
    /// The user closed the browser.
    case cancelled
    /// There is no browser, or it could not be started.
    case unavailable(String)
    /// The listener for the redirect could not start.
    case redirectTaken(String)
    /// The browser did not come back in time.
    case timedOut

    var core: CognitoSignOutCore.BrowserError {
        switch self {
        case .cancelled: .Cancelled
        case let .unavailable(detail): .Unavailable(detail)
        case let .redirectTaken(detail): .RedirectTaken(detail)
        case .timedOut: .TimedOut
        }
    }
}

final class BrowserPort: CognitoSignOutCore.Browser {
    private let browser: any SignOutBrowser
    private let time: BackgroundTime

    init(_ browser: any SignOutBrowser, _ time: BackgroundTime) {
        self.browser = browser
        self.time = time
    }

    func show(url: String, redirect: String, completion: BrowserCompletion) throws {
        let visit = Task {
            do {
                try await self.visit(url, redirect, completion)
            } catch let error as BrowserError {
                completion.failed(error: error.core)
            } catch is CancellationError {
                completion.failed(error: .Cancelled)
            } catch {
                completion.failed(error: .Unavailable("the app's code for the browser threw"))
            }
        }
        Task {
            await completion.closed()
            visit.cancel()
        }
    }

    /// Shows one page after the other, until the browser step has ended.
    private func visit(_ first: String, _ redirect: String, _ completion: BrowserCompletion) async throws {
        var next = first
        while let url = URL(string: next) {
            let callback = try await open(url, redirect)
            switch completion.redirected(callback: callback.absoluteString) {
            case let .open(url):
                next = url
            case let .end(leaveAt):
                if let page = leaveAt.flatMap(URL.init(string:)) {
                    // The sign-out does not wait until the user closes that page.
                    Task { [browser] in await browser.leave(at: page) }
                }
                return
            case .ignored:
                throw BrowserError.unavailable("the browser came back to another page")
            }
        }
        throw BrowserError.unavailable("Foundation cannot read the URL")
    }

    /// Renews the background time in any case: the next steps may be requests.
    private func open(_ url: URL, _ redirect: String) async throws -> URL {
        defer { time.renew() }
        return try await browser.open(url, redirect: redirect)
    }
}
