#if canImport(AuthenticationServices) && !os(watchOS) && !os(tvOS)
import AuthenticationServices
import Foundation
#if canImport(UIKit)
import UIKit
#else
import AppKit
#endif

/// The user's browser by `ASWebAuthenticationSession`, which shares Safari's cookies: so it ends the session that a sign-in by
/// the same class has left there.
///
/// The system asks the user with the words "… wants to use … to sign in". Where that is not wanted, sign in by an ephemeral
/// session (`prefersEphemeralWebBrowserSession`; Amplify's `preferPrivateSession`), and store what comes of it as
/// ``SignedInWith/hostedUIPrivate``: it leaves nothing in the browser, so the sign-out shows no page. For the same reason a page
/// is never ephemeral here: it would have no cookies, and end nobody's session.
@MainActor
public final class WebAuthenticationBrowser: SignOutBrowser {
    /// The app's own scheme.
    public nonisolated var redirectSchemes: [String] { [callbackScheme] }
    private nonisolated let callbackScheme: String
    private let anchor: @MainActor () -> ASPresentationAnchor?

    /// A browser that comes back by the app's own scheme, as `myapp`. It can be made on any thread.
    ///
    /// An app that shows several windows side by side says over which one of them its user signs out:
    ///
    /// ```swift
    /// WebAuthenticationBrowser(callbackScheme: "myapp") { scenes.windowOfTheSignOut }
    /// ```
    ///
    /// - Parameters:
    ///   - callbackScheme: what stands before the colon of a sign-out URI on the app client's list. Neither `http` nor `https`.
    ///   - anchor: the window to show a page over. It is asked once for each page, when that is to be shown; `nil`: there is no
    ///     such window now. Without it: the key window of the scene that is active, of several the one that has the app's key window;
    ///     an app extension has none; on macOS the app's key window.
    public nonisolated init(callbackScheme: String, anchor: (@MainActor () -> ASPresentationAnchor?)? = nil) {
        self.callbackScheme = callbackScheme
        self.anchor = anchor ?? { ASPresentationAnchor.ofTheUser }
    }

    /// Shows the page, waits for the scheme, and then until the page has left the screen.
    ///
    /// - Throws: ``BrowserError``, without a page where there is no window, and for a scheme that nothing can come back by;
    ///   `CancellationError`.
    public func open(_ url: URL, redirect: String) async throws -> URL {
        try check(redirect)
        guard let window = anchor() else {
            throw BrowserError.unavailable(
                "no window on screen to show the browser over: the app is in the background, or must name one by `anchor`"
            )
        }
        let backdrop = try await Backdrop(window)
        let (ends, end) = AsyncStream<Result<URL, BrowserError>>.makeStream()
        // Sendable: the system calls it on a thread of its own.
        let session = ASWebAuthenticationSession(url: url, callbackURLScheme: callbackScheme) { @Sendable callback, error in
            end.yield(callback.map(Result.success) ?? .failure(BrowserError(error)))
        }
        // The system crashes when one is let go of while its page is closing (FB12132525).
        defer { withExtendedLifetime((session, backdrop)) {} }
        session.presentationContextProvider = backdrop
        let isShown = session.start()
        if !isShown {
            // The completion says why, if it is called at all.
            Task {
                try await Task.sleep(nanoseconds: 10 * Backdrop.step)
                end.yield(.failure(.unavailable("ASWebAuthenticationSession did not start")))
            }
        }
        let result = await ends.first { @Sendable _ in true }
        if result == nil {
            session.cancel()
        }
        if isShown {
            // In a task of its own, which is not cancelled when this one is.
            await Task { await backdrop.isUncovered() }.value
        }
        guard let result else { throw CancellationError() }
        return try result.get()
    }

    /// Shows the page until the user closes it.
    public func leave(at url: URL) async {
        _ = try? await open(url, redirect: callbackScheme + ":")
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

/// The window that a page is shown over, and what that shows itself. The system calls back when a page begins to leave the screen;
/// another that is shown over one that leaves never appears, and never calls back.
@MainActor
private final class Backdrop: NSObject, ASWebAuthenticationPresentationContextProviding {
    static let step: UInt64 = 50_000_000
    private let window: ASPresentationAnchor

    #if canImport(UIKit)
    private weak var front: UIViewController?

    /// What is at rest: waits up to 3 s for what is leaving the screen, be it the app's own.
    init(_ window: ASPresentationAnchor) async throws {
        self.window = window
        super.init()
        for _ in 0 ..< 60 {
            try Task.checkCancellation()
            front = inFront
            guard front?.isBeingDismissed == true else { return }
            try await Task.sleep(nanoseconds: Self.step)
        }
    }

    /// Waits up to 3 s until the page has left; where that cannot be seen, a little longer than it takes.
    func isUncovered() async {
        // Not what the page was shown over by then, which may be a message of the app's that stays.
        weak var page = inFront
        let canBeSeen = page !== front
        for _ in 0 ..< (canBeSeen ? 60 : 15) where !canBeSeen || page?.presentingViewController != nil {
            try? await Task.sleep(nanoseconds: Self.step)
        }
    }

    private var inFront: UIViewController? {
        var controller = window.rootViewController
        while let over = controller?.presentedViewController {
            controller = over
        }
        return controller
    }
    #else
    /// A page has a window of its own there, and covers nothing.
    init(_ window: ASPresentationAnchor) async throws {
        try Task.checkCancellation()
        self.window = window
        super.init()
    }

    func isUncovered() async {}
    #endif

    func presentationAnchor(for _: ASWebAuthenticationSession) -> ASPresentationAnchor { window }
}

extension ASPresentationAnchor {
    /// The window that the user is at.
    @MainActor
    fileprivate static var ofTheUser: ASPresentationAnchor? {
        #if canImport(UIKit)
        // By its name, since an extension may not even mention `shared`, and has none.
        let application = UIApplication.value(forKey: "sharedApplication") as? UIApplication
        // Not those of an external display.
        let scenes = application?.connectedScenes.filter { $0.session.role == .windowApplication }
            .compactMap { $0 as? UIWindowScene } ?? []
        // Inactive: something of the system's is over it.
        let active = scenes.filter { $0.activationState == .foregroundActive }
        let candidates = active.isEmpty ? scenes.filter { $0.activationState == .foregroundInactive } : active
        // Of scenes side by side, the one that the user types into.
        let scene = candidates.first { $0.keyWindow?.isKeyWindow == true } ?? candidates.first
        return scene?.keyWindow ?? scene?.windows.first { !$0.isHidden }
        #else
        let application = NSApplication.shared
        // An app of the menu bar has none: the page appears all the same.
        return application.keyWindow ?? application.mainWindow ?? application.windows.first { $0.isVisible }
            ?? ASPresentationAnchor()
        #endif
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
