#if canImport(AuthenticationServices) && !os(watchOS) && !os(tvOS)
import AuthenticationServices
import Foundation
#if canImport(UIKit)
import UIKit
#endif

/// The user's browser by `ASWebAuthenticationSession`, which shares Safari's cookies: so it ends the session that a sign-in by
/// the same class has left there.
///
/// The system asks the user with the words "… wants to use … to sign in". Where that is not wanted, sign in by an ephemeral
/// session (`prefersEphemeralWebBrowserSession`; Amplify's `preferPrivateSession`), and store what comes of it as
/// ``SignedInWith/hostedUIPrivate``: it leaves nothing in the browser, so the sign-out shows no page. For the same reason a page
/// is never ephemeral here: it would have no cookies, and end nobody's session.
@MainActor
public final class WebAuthenticationBrowser: NSObject, SignOutBrowser, ASWebAuthenticationPresentationContextProviding {
    /// The app's own scheme.
    public nonisolated var redirectSchemes: [String] { [callbackScheme] }
    private nonisolated let callbackScheme: String
    private let anchor: @MainActor () -> ASPresentationAnchor

    /// A browser that comes back by the app's own scheme, as `myapp`.
    ///
    /// - Parameters:
    ///   - callbackScheme: what stands before the colon of a sign-out URI on the app client's list. Neither `http` nor `https`.
    ///   - anchor: the window to show it over.
    public init(
        callbackScheme: String,
        anchor: @escaping @MainActor () -> ASPresentationAnchor = { ASPresentationAnchor() }
    ) {
        self.callbackScheme = callbackScheme
        self.anchor = anchor
    }

    /// The window to show it over.
    public func presentationAnchor(for _: ASWebAuthenticationSession) -> ASPresentationAnchor {
        anchor()
    }

    /// Shows the page, waits for the scheme, and then until the page has left the screen.
    ///
    /// - Throws: ``BrowserError``, without a page for a scheme that nothing can come back by; `CancellationError`.
    public func open(_ url: URL, redirect: String) async throws -> URL {
        try check(redirect)
        let backdrop = try await backdrop()
        let (ends, end) = AsyncStream<Result<URL, BrowserError>>.makeStream()
        // Sendable: the system calls it on a thread of its own.
        let session = ASWebAuthenticationSession(url: url, callbackURLScheme: callbackScheme) { @Sendable callback, error in
            end.yield(callback.map(Result.success) ?? .failure(BrowserError(error)))
        }
        // The system crashes when one is let go of while its page is closing (FB12132525).
        defer { withExtendedLifetime(session) {} }
        session.presentationContextProvider = self
        guard session.start() else { throw BrowserError.unavailable("ASWebAuthenticationSession did not start") }
        let result = await ends.first { @Sendable _ in true }
        if result == nil {
            session.cancel()
        }
        // In a task of its own, which is not cancelled when this one is.
        await Task { await backdrop.isUncovered() }.value
        guard let result else { throw CancellationError() }
        return try result.get()
    }

    /// Shows the page until the user closes it.
    public func leave(at url: URL) async {
        _ = try? await open(url, redirect: callbackScheme + ":")
    }

    /// What is at rest: waits up to 3 s for what is leaving the screen, be it the app's own.
    private func backdrop() async throws -> Backdrop {
        var backdrop = Backdrop(anchor())
        for _ in 0 ..< 60 {
            try Task.checkCancellation()
            guard backdrop.isLeaving else { break }
            try await Task.sleep(nanoseconds: Backdrop.step)
            backdrop = Backdrop(anchor())
        }
        return backdrop
    }

    /// The system raises an exception for what is no scheme, and waits in vain for another than the redirect's.
    private func check(_ redirect: String) throws {
        let scheme = String(redirect.prefix { $0 != ":" })
        let isOfAnApp = callbackScheme.range(
            of: #"^(?!(?i:https?)\z)[A-Za-z][A-Za-z0-9+.-]*\z"#, options: .regularExpression
        ) != nil
        guard isOfAnApp, scheme.caseInsensitiveCompare(callbackScheme) == .orderedSame else {
            throw BrowserError.unavailable(
                """
                the callback scheme "\(callbackScheme)" must be the app's own, without "://", and that of the sign-out URI, \
                which is "\(scheme)"
                """
            )
        }
    }
}

/// What a page is shown over. The system calls back when a page begins to leave the screen; another that is shown over one that
/// leaves never appears, and never calls back.
@MainActor
private struct Backdrop {
    static let step: UInt64 = 50_000_000

    #if canImport(UIKit)
    private weak var controller: UIViewController?

    init(_ window: ASPresentationAnchor) {
        controller = window.rootViewController
        while let over = controller?.presentedViewController {
            controller = over
        }
    }

    var isLeaving: Bool { controller?.isBeingDismissed == true }
    var isCovered: Bool { controller?.presentedViewController != nil }
    #else
    init(_: ASPresentationAnchor) {}

    let isLeaving = false
    let isCovered = false
    #endif

    /// Waits up to 3 s until the page has left; where that cannot be seen, a little longer than it takes.
    func isUncovered() async {
        let canBeSeen = isCovered
        for _ in 0 ..< (canBeSeen ? 60 : 15) where !canBeSeen || isCovered {
            try? await Task.sleep(nanoseconds: Self.step)
        }
    }
}

extension BrowserError {
    fileprivate init(_ error: (any Error)?) {
        self = switch (error as? ASWebAuthenticationSessionError)?.code {
        case .canceledLogin: .cancelled
        case .presentationContextNotProvided: .unavailable("no window to show the browser over")
        case .presentationContextInvalid: .unavailable("the window to show the browser over is not on screen")
        default: .unavailable("ASWebAuthenticationSession failed")
        }
    }
}
#endif
