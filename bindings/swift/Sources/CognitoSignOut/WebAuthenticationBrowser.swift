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
/// Before each page, the system asks the user with the words "… wants to use … to sign in", also for a page that signs out: once for
/// the user pool's page, and again for the page of a ``ProviderLogout``. To avoid the question, sign in with an ephemeral session
/// (`prefersEphemeralWebBrowserSession`; Amplify's `preferPrivateSession`), and store the session as
/// ``SignedInWith/hostedUIPrivate``. It leaves nothing in the browser, so the sign-out shows no page. Or use ``WebPolicy/byRevocation``
/// or ``WebPolicy/skip``, which show none. This class never uses an ephemeral session for the sign-out page: without cookies, the page
/// would not end a session.
@MainActor
public final class WebAuthenticationBrowser: SignOutBrowser {
    /// What brings the user back from the browser to the app.
    public struct Callback: Sendable {
        /// As in ``SignOutBrowser/redirects``.
        fileprivate let redirect: String
        fileprivate let session: @MainActor @Sendable (URL, @escaping Completion) -> ASWebAuthenticationSession
        /// Says why nothing can come back to this sign-out URI. `nil`: it can.
        fileprivate let objection: @Sendable (_ signOutURI: String) -> String?

        fileprivate typealias Completion = @Sendable (URL?, (any Error)?) -> Void

        /// The app's own scheme, for example `myapp`: that of a sign-out URI on the app client's list, without the colon. Not `http` or
        /// `https`. The app needs no URL type for it.
        public static func scheme(_ scheme: String) -> Self {
            Self(
                redirect: scheme,
                session: { ASWebAuthenticationSession(url: $0, callbackURLScheme: scheme, completionHandler: $1) },
                objection: { uri in
                    let ofTheURI = String(uri.prefix { $0 != ":" })
                    // The system raises an exception if the scheme is not valid, and waits in vain if it is not the URI's.
                    let isOfAnApp = scheme.range(
                        of: #"^(?!(?i:https?)\z)[A-Za-z][A-Za-z0-9+.-]*\z"#, options: .regularExpression
                    ) != nil
                    guard !isOfAnApp || ofTheURI.caseInsensitiveCompare(scheme) != .orderedSame else { return nil }
                    return """
                        the callback scheme "\(scheme)" must be the app's own scheme without "://", and the same as the scheme of the \
                        sign-out URI, "\(ofTheURI)"
                        """
                }
            )
        }

        /// A web address of the app's own: the sign-out URI `https://host/path`. No other app can receive it, as any app can with a
        /// scheme. The app's Associated Domains must have `webcredentials:` with the host, and the host's
        /// `apple-app-site-association` must name the app: otherwise no page is shown, and the sign-out's error says so.
        ///
        /// - Parameters:
        ///   - host: for example `example.com`.
        ///   - path: for example `/signed-out`.
        @available(iOS 17.4, macCatalyst 17.4, macOS 14.4, visionOS 1.1, *)
        public static func https(host: String, path: String) -> Self {
            let path = path.hasPrefix("/") ? path : "/" + path
            return Self(
                redirect: "https://\(host)\(path)",
                session: {
                    ASWebAuthenticationSession(url: $0, callback: .https(host: host, path: path), completionHandler: $1)
                },
                objection: { uri in
                    let ofTheURI = URLComponents(string: uri)
                    let hasSameHost = ofTheURI?.host?.caseInsensitiveCompare(host) == .orderedSame
                    // A browser adds a slash after the host of a URL without a path.
                    let paths = [ofTheURI?.path, path].map { $0 == "" ? "/" : $0 }
                    if ofTheURI?.scheme == "https", hasSameHost, paths[0] == paths[1] { return nil }
                    return "the callback https://\(host)\(path) must have the host and the path of the sign-out URI, \"\(uri)\""
                }
            )
        }
    }

    /// The callback's scheme, or its address.
    public nonisolated var redirects: [String] { [callback.redirect] }
    private nonisolated let callback: Callback
    private let anchor: @MainActor () -> ASPresentationAnchor?

    /// A browser that returns by this callback. It can be created on any thread.
    ///
    /// ```swift
    /// WebAuthenticationBrowser(callback: .scheme("myapp"))
    /// ```
    ///
    /// An app that shows several windows side by side chooses the window for each call: ``Auth/signOut(options:presentingOver:)``. Or
    /// for all calls: `WebAuthenticationBrowser(callback: .scheme("myapp")) { scenes.windowInUse }`.
    ///
    /// - Parameters:
    ///   - callback: what brings the user back.
    ///   - anchor: returns the window to show a page over. It is called once before each page is shown. `nil` means that there is no
    ///     such window now. The default is the key window of the active scene, or of the scene with the app's key window if several
    ///     are active; on macOS it is the app's key window. An app extension has no default window.
    public nonisolated init(callback: Callback, anchor: (@MainActor () -> ASPresentationAnchor?)? = nil) {
        self.callback = callback
        self.anchor = anchor ?? { ASPresentationAnchor.ofTheUser }
    }

    /// Shows the page, waits for the callback, and then waits until the page has left the screen.
    ///
    /// - Throws: ``BrowserError``; if there is no window or the callback cannot work, without showing a page. `CancellationError`.
    public func open(_ url: URL, redirect: String) async throws -> URL {
        try await open(url, redirect: redirect, over: nil)
    }

    /// The same over this window.
    func open(_ url: URL, redirect: String, over window: ASPresentationAnchor?) async throws -> URL {
        if let objection = callback.objection(redirect) { throw BrowserError.unavailable(objection) }
        guard let window = window ?? anchor() else {
            throw BrowserError.unavailable(
                "no window on screen to show the browser over: the app is in the background, or must provide one with `anchor`"
            )
        }
        let backdrop = try await Backdrop(window)
        let (ends, end) = AsyncStream<Result<URL, BrowserError>>.makeStream()
        // Sendable: the system calls it on its own thread.
        let session = callback.session(url) { @Sendable callback, error in
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
        await leave(at: url, over: nil)
    }

    /// The same over this window.
    func leave(at url: URL, over window: ASPresentationAnchor?) async {
        let uri = callback.redirect.contains(":") ? callback.redirect : callback.redirect + ":"
        _ = try? await open(url, redirect: uri, over: window)
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
        let error = error as? ASWebAuthenticationSessionError
        // With a reason, the system has refused the https callback: for example, the app is not associated with the host.
        if error?.code == .canceledLogin, let reason = error?.errorUserInfo[NSLocalizedFailureReasonErrorKey] as? String {
            self = .unavailable("ASWebAuthenticationSession: \(reason)")
            return
        }
        self = switch error?.code {
        case .canceledLogin: .cancelled
        case .presentationContextNotProvided: .unavailable("no window to show the browser over")
        case .presentationContextInvalid: .unavailable("the window to show the browser over is not on screen")
        default: .unavailable("ASWebAuthenticationSession failed")
        }
    }
}
#endif
