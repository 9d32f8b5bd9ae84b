internal import CognitoSignOutCore
import Foundation

/// Ends sessions in the user's browser. On Apple's systems use ``WebAuthenticationBrowser``.
public protocol SignOutBrowser: Sendable {
    /// The schemes of the sign-out URIs that the browser can come back by: of several configured URIs, the first such one is
    /// taken. Empty: any.
    var redirectSchemes: [String] { get }

    /// Shows `url`, and gives the URL that the browser was sent to, which begins with `redirect`, when the page has left the
    /// screen: another may follow at once. The task is cancelled when nobody waits any more.
    ///
    /// - Throws: ``BrowserError``; `CancellationError` is ``BrowserError/cancelled``; anything else is
    ///   ``BrowserError/unavailable(_:)``, without its text.
    func open(_ url: URL, redirect: String) async throws -> URL

    /// Leaves the user at this page, from which nothing comes back, as an identity provider's own goodbye.
    func leave(at url: URL) async
}

extension SignOutBrowser {
    /// Any.
    public var redirectSchemes: [String] { [] }

    /// Closes the browser instead.
    public func leave(at _: URL) async {}
}

/// Why a browser could not end the session. The details are for people.
public enum BrowserError: Error, Sendable, Hashable {
    /// The user closed the browser.
    case cancelled
    /// There is no browser, or it could not be started.
    case unavailable(String)
    /// What listens for the redirect could not.
    case redirectTaken(String)
    /// Nothing came back in time.
    case timedOut

    var core: CognitoSignOutCore.BrowserError {
        switch self {
        case .cancelled: .Cancelled
        case let .unavailable(detail): .Unavailable(detail: detail)
        case let .redirectTaken(detail): .RedirectTaken(detail: detail)
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
                completion.failed(error: .Unavailable(detail: "the app's code for the browser threw"))
            }
        }
        Task {
            await completion.closed()
            visit.cancel()
        }
    }

    /// One page after the other, until nothing more is waited for.
    private func visit(_ first: String, _ redirect: String, _ completion: BrowserCompletion) async throws {
        var next = first
        while let url = URL(string: next) {
            let callback = try await open(url, redirect)
            switch completion.redirected(callback: callback.absoluteString) {
            case let .show(url):
                next = url
            case let .end(leaveAt):
                if let page = leaveAt.flatMap(URL.init(string:)) {
                    // The sign-out does not wait for what the user reads there.
                    Task { [browser] in await browser.leave(at: page) }
                }
                return
            case .ignored:
                throw BrowserError.unavailable("the browser came back to another page")
            }
        }
        throw BrowserError.unavailable("a URL that Foundation cannot read")
    }

    /// Whatever comes of the page, the next that is done may be the network's steps.
    private func open(_ url: URL, _ redirect: String) async throws -> URL {
        defer { time.renew() }
        return try await browser.open(url, redirect: redirect)
    }
}
