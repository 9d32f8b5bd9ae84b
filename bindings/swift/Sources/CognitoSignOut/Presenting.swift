#if canImport(AuthenticationServices) && !os(watchOS) && !os(tvOS)
import AuthenticationServices
import Foundation

/// A window for one call, in an app that shows several windows side by side.
extension Auth {
    /// Signs out like ``signOut(options:)``, and shows the pages over this window. It is for a ``WebAuthenticationBrowser``. Concurrent
    /// calls join one sign-out: its pages are shown over the window of the first of them.
    public func signOut(
        options: SignOutOptions = .init(), presentingOver window: ASPresentationAnchor
    ) async -> SignOutResult {
        await windows.hold(window) { await self.signOut(options: options) }
    }

    /// Signs out like ``signOutWithReport(options:)``, and shows the pages over this window.
    public func signOutWithReport(
        options: SignOutOptions = .init(), presentingOver window: ASPresentationAnchor
    ) async -> SignOutOutcome {
        await windows.hold(window) { await self.signOutWithReport(options: options) }
    }

    /// Tries again like ``retry(_:)``, and shows the pages over this window.
    public func retry(_ outcome: SignOutOutcome, presentingOver window: ASPresentationAnchor) async -> SignOutOutcome {
        await windows.hold(window) { await self.retry(outcome) }
    }
}

/// The windows of the calls in progress.
final class CallWindows: @unchecked Sendable {
    private let lock = NSLock()
    /// The lock guards it. The oldest call comes first.
    private var held: [(call: UUID, window: ASPresentationAnchor)] = []

    fileprivate var first: ASPresentationAnchor? { lock.withLock { held.first?.window } }

    fileprivate func hold<T: Sendable>(_ window: ASPresentationAnchor, _ call: @Sendable () async -> T) async -> T {
        let id = UUID()
        lock.withLock { held.append((id, window)) }
        defer { lock.withLock { held.removeAll { $0.call == id } } }
        return await call()
    }

    /// The browser, which is told the window of the call.
    func told(to browser: any SignOutBrowser) -> any SignOutBrowser {
        (browser as? WebAuthenticationBrowser).map { BrowserOverWindows($0, self) } ?? browser
    }
}

@MainActor
private final class BrowserOverWindows: SignOutBrowser {
    private let browser: WebAuthenticationBrowser
    private let windows: CallWindows
    /// That of the last page: the call does not wait until the user leaves a provider's last page.
    private weak var last: ASPresentationAnchor?

    nonisolated init(_ browser: WebAuthenticationBrowser, _ windows: CallWindows) {
        (self.browser, self.windows) = (browser, windows)
    }

    func open(_ url: URL, redirect: String) async throws -> URL {
        last = windows.first
        return try await browser.open(url, redirect: redirect, over: last)
    }

    func leave(at url: URL) async {
        await browser.leave(at: url, over: last)
    }
}
#else
/// There are no windows to show a page over.
final class CallWindows: Sendable {
    func told(to browser: any SignOutBrowser) -> any SignOutBrowser { browser }
}
#endif
