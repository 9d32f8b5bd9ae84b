#if canImport(AuthenticationServices) && !os(watchOS) && !os(tvOS)
import AuthenticationServices
import Foundation
#if canImport(UIKit)
import UIKit
#else
import AppKit
#endif

/// The user's browser with `ASWebAuthenticationSession`. It shares Safari's cookies, so it ends the session that a sign-in with the
/// same class has left there.
///
/// The system asks the user with the words "… wants to use … to sign in". To avoid the question, sign in with an ephemeral session
/// (`prefersEphemeralWebBrowserSession`; Amplify's `preferPrivateSession`), and store the session as
/// ``SignedInWith/hostedUIPrivate``. It leaves nothing in the browser, so the sign-out shows no page. This class never uses an
/// ephemeral session for the sign-out page: without cookies, the page would not end a session.
@MainActor
public final class WebAuthenticationBrowser: SignOutBrowser {
    /// The app's own scheme.
    public nonisolated var redirectSchemes: [String] { [callbackScheme] }
    private nonisolated let callbackScheme: String
    private let anchor: @MainActor () -> ASPresentationAnchor?

    /// A browser that returns with the app's own scheme, for example `myapp`. It can be created on any thread.
    ///
    /// An app that shows several windows side by side chooses the window to show the page over:
    ///
    /// ```swift
    /// WebAuthenticationBrowser(callbackScheme: "myapp") { scenes.windowOfTheSignOut }
    /// ```
    ///
    /// - Parameters:
    ///   - callbackScheme: the scheme of a sign-out URI on the app client's list, without the colon. Not `http` or `https`.
    ///   - anchor: returns the window to show a page over. It is called once before each page is shown. `nil` means that there is no
    ///     such window now. The default is the key window of the active scene, or of the scene with the app's key window if several
    ///     are active; on macOS it is the app's key window. An app extension has no default window.
    public nonisolated init(callbackScheme: String, anchor: (@MainActor () -> ASPresentationAnchor?)? = nil) {
        self.callbackScheme = callbackScheme
        self.anchor = anchor ?? { ASPresentationAnchor.ofTheUser }
    }

    /// Shows the page, waits for the callback, and then waits until the page has left the screen.
    ///
    /// - Throws: ``BrowserError``; if there is no window or the scheme cannot work, without showing a page. `CancellationError`.
    public func open(_ url: URL, redirect: String) async throws -> URL {
        try check(redirect)
        guard let window = anchor() else {
            throw BrowserError.unavailable(
                "no window on screen to show the browser over: the app is in the background, or must provide one with `anchor`"
            )
        }
        let backdrop = try await Backdrop(window)
        let (ends, end) = AsyncStream<Result<URL, BrowserError>>.makeStream()
        // Sendable: the system calls it on its own thread.
        let session = ASWebAuthenticationSession(url: url, callbackURLScheme: callbackScheme) { @Sendable callback, error in
            end.yield(callback.map(Result.success) ?? .failure(BrowserError(error)))
        }
        // The system crashes if a session is released while its page is closing (FB12132525).
        defer { withExtendedLifetime((session, backdrop)) {} }
        session.presentationContextProvider = backdrop
        let isShown = session.start()
        if !isShown {
            // The completion has the reason, if it is called at all.
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
            // In a separate task, which is not cancelled with this one.
            await Task { await backdrop.isUncovered() }.value
        }
        guard let result else { throw CancellationError() }
        return try result.get()
    }

    /// Shows the page until the user closes it.
    public func leave(at url: URL) async {
        _ = try? await open(url, redirect: callbackScheme + ":")
    }

    /// The system raises an exception if the scheme is not valid, and waits in vain if it is not the redirect's scheme.
    private func check(_ redirect: String) throws {
        let scheme = String(redirect.prefix { $0 != ":" })
        let isOfAnApp = callbackScheme.range(
            of: #"^(?!(?i:https?)\z)[A-Za-z][A-Za-z0-9+.-]*\z"#, options: .regularExpression
        ) != nil
        guard isOfAnApp, scheme.caseInsensitiveCompare(callbackScheme) == .orderedSame else {
            throw BrowserError.unavailable(
                """
                the callback scheme "\(callbackScheme)" must be the app's own scheme without "://", and the same as the scheme \
                of the sign-out URI, "\(scheme)"
                """
            )
        }
    }
}

/// The window that a page is shown over, and the view controller in front of it. The system calls back when a page begins to leave the
/// screen. A page that is shown over a leaving one never appears and never calls back.
@MainActor
private final class Backdrop: NSObject, ASWebAuthenticationPresentationContextProviding {
    static let step: UInt64 = 50_000_000
    private let window: ASPresentationAnchor

    #if canImport(UIKit)
    private weak var front: UIViewController?

    /// Waits up to 3 s until nothing is leaving the screen, not even a view controller of the app.
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

    /// Waits up to 3 s until the page has left the screen. If that cannot be observed, it waits a little longer than it usually takes.
    func isUncovered() async {
        // Not what was already in front: that may be an alert of the app that stays.
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
    /// On macOS a page has its own window, and covers nothing.
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
    /// The window that the user is using.
    @MainActor
    fileprivate static var ofTheUser: ASPresentationAnchor? {
        #if canImport(UIKit)
        // By name, because code for an extension must not mention `shared`, and an extension has no application.
        let application = UIApplication.value(forKey: "sharedApplication") as? UIApplication
        // Without the scenes of an external display.
        let scenes = application?.connectedScenes.filter { $0.session.role == .windowApplication }
            .compactMap { $0 as? UIWindowScene } ?? []
        // A scene is inactive if something of the system is over it.
        let active = scenes.filter { $0.activationState == .foregroundActive }
        let candidates = active.isEmpty ? scenes.filter { $0.activationState == .foregroundInactive } : active
        // If scenes are side by side, the one that receives the user's typing.
        let scene = candidates.first { $0.keyWindow?.isKeyWindow == true } ?? candidates.first
        return scene?.keyWindow ?? scene?.windows.first { !$0.isHidden }
        #else
        let application = NSApplication.shared
        // A menu bar app has no window: the page still appears.
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
