// The parts of AuthenticationServices that the package uses, as Apple documents them. A test decides what the user does with a page.
@_exported import Foundation
// For the windows, and for Foundation's `performExpiringActivity`, which this fake also contains.
@_exported import UIKit

public typealias ASPresentationAnchor = UIWindow

public struct ASWebAuthenticationSessionError: CustomNSError {
    public enum Code: Int, Sendable { case canceledLogin = 1, presentationContextNotProvided, presentationContextInvalid }
    public let code: Code
    var reason: String?

    public var errorCode: Int { code.rawValue }
    public var errorUserInfo: [String: Any] { reason.map { [NSLocalizedFailureReasonErrorKey: $0] } ?? [:] }
}

@MainActor public protocol ASWebAuthenticationPresentationContextProviding: AnyObject {
    func presentationAnchor(for session: ASWebAuthenticationSession) -> ASPresentationAnchor
}

public class ASWebAuthenticationSession: NSObject {
    public typealias CompletionHandler = (URL?, (any Error)?) -> Void

    @MainActor public weak var presentationContextProvider: (any ASWebAuthenticationPresentationContextProviding)?
    public var prefersEphemeralWebBrowserSession = false
    private let url: URL
    private let callback: Callback
    private let completion: CompletionHandler
    private var shown: ShownPage?

    /// What ends the session.
    public final class Callback: Sendable {
        /// The scheme, if it is one.
        public let scheme: String?
        /// The web address, if it is one.
        public let host: String?
        let path: String

        private init(scheme: String? = nil, host: String? = nil, path: String = "") {
            (self.scheme, self.host, self.path) = (scheme, host, path)
        }

        public static func customScheme(_ scheme: String) -> Callback { Callback(scheme: scheme) }

        public static func https(host: String, path: String) -> Callback { Callback(host: host, path: path) }

        public func matchesURL(_ url: URL) -> Bool {
            guard let host else { return url.scheme == scheme }
            return url.scheme == "https" && url.host == host && url.path == path
        }
    }

    public convenience init(url: URL, callbackURLScheme: String?, completionHandler: @escaping CompletionHandler) {
        let isScheme = callbackURLScheme?.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        precondition(isScheme != false, "NSInvalidArgumentException: the provided scheme is not valid")
        self.init(url: url, callback: .customScheme(callbackURLScheme ?? ""), completionHandler: completionHandler)
    }

    public init(url: URL, callback: Callback, completionHandler: @escaping CompletionHandler) {
        (self.url, self.callback, completion) = (url, callback, completionHandler)
    }

    /// Releasing it while its page is closing is a crash (FB12132525).
    deinit {
        if shown?.isClosing == true { TheUser.sawACrash() }
    }

    @MainActor @discardableResult public func start() -> Bool {
        let page = ShownPage(
            url: url, callback: callback, isEphemeral: prefersEphemeralWebBrowserSession, completion: completion
        )
        guard let presentationContextProvider else {
            page.fail(.presentationContextNotProvided)
            return false
        }
        let anchor = presentationContextProvider.presentationAnchor(for: self)
        page.anchor = anchor
        // In the background nothing can be shown, whatever the window is.
        let scene = anchor.windowScene
        if scene?.isOnScreen == false || scene == nil && UIApplication.windowInUse == nil {
            page.fail(.presentationContextInvalid)
            return false
        }
        if let host = callback.host, !TheUser.associatedHosts.contains(host) {
            page.fail(.canceledLogin, reason: "Application with identifier demo is not associated with domain \(host).")
            return false
        }
        shown = page
        guard TheUser.canBeAsked else { return false }
        // An ephemeral session needs no permission.
        if !page.isEphemeral { TheUser.isAsked() }
        // Over a page that is leaving the screen, it never appears, and there is no error.
        if page.appear() { TheUser.sees(page) }
        return true
    }

    public func cancel() {
        shown?.dismiss()
    }
}

/// A page on the screen.
public final class ShownPage: @unchecked Sendable {
    public let url: URL
    public let callback: ASWebAuthenticationSession.Callback
    public let isEphemeral: Bool
    public fileprivate(set) var anchor: ASPresentationAnchor?
    private let lock = NSLock()
    private var isOver = false
    private var isGone = false
    @MainActor private let controller = UIViewController()
    private let completion: ASWebAuthenticationSession.CompletionHandler

    @MainActor init(
        url: URL, callback: ASWebAuthenticationSession.Callback, isEphemeral: Bool,
        completion: @escaping ASWebAuthenticationSession.CompletionHandler
    ) {
        (self.url, self.callback, self.isEphemeral, self.completion) = (url, callback, isEphemeral, completion)
    }

    /// Whether it is still on the screen.
    public var isOpen: Bool { lock.withLock { !isOver } }

    /// Whether it is leaving the screen.
    public var isClosing: Bool { lock.withLock { isOver && !isGone } }

    @MainActor fileprivate func appear() -> Bool {
        var root = anchor?.rootViewController
        // Over a window without content.
        if root == nil, TheUser.seesPagesOverEmptyWindows { root = UIApplication.windowInUse?.rootViewController }
        guard var top = root else { return false }
        while let over = top.presentedViewController { top = over }
        return top.present(controller)
    }

    /// The page has redirected the browser: to the app, if the app waits for that.
    public func redirect(to url: URL) {
        if callback.matchesURL(url) { end(url, nil) }
    }

    /// The page had redirected the browser when the app closed it: the system still reports the callback.
    public func redirectTooLate(to callback: URL) {
        Thread.detachNewThread { [self] in completion(callback, nil) }
    }

    /// The user has tapped "Cancel".
    public func cancel() { fail(.canceledLogin) }

    public func fail(_ code: ASWebAuthenticationSessionError.Code, reason: String? = nil) {
        end(nil, ASWebAuthenticationSessionError(code: code, reason: reason))
    }

    /// Apple does not document whether the completion is called after the app's own `cancel()`: a test can have both.
    fileprivate func dismiss() {
        if TheUser.appHearsOfItsOwnCancel { cancel() } else if close() { disappear {} }
    }

    /// Calls the completion once, on a system thread, when the page begins to leave the screen.
    private func end(_ callback: URL?, _ error: (any Error)?) {
        guard close() else { return }
        disappear { [self] in
            Thread.detachNewThread { [self] in completion(callback, error) }
        }
    }

    private func close() -> Bool {
        lock.withLock {
            defer { isOver = true }
            return !isOver
        }
    }

    private func disappear(_ begun: @escaping @Sendable () -> Void) {
        Task { @MainActor in
            controller.dismiss { self.lock.withLock { self.isGone = true } }
            begun()
        }
    }
}

/// The user of the device.
public enum TheUser {
    private static let lock = NSLock()
    nonisolated(unsafe) private static var does: @Sendable (ShownPage) -> Void = { _ in }
    nonisolated(unsafe) private static var asked = true
    nonisolated(unsafe) private static var hears = false
    nonisolated(unsafe) private static var meanwhile: @MainActor () -> Void = {}
    nonisolated(unsafe) private static var seen = 0
    nonisolated(unsafe) private static var count = 0
    nonisolated(unsafe) private static var seesOverEmpty = true
    nonisolated(unsafe) private static var hosts: Set<String> = []

    /// Sets what happens with each page from now on: whether it can be shown, and what the user does with it, now or later. All else is
    /// as at the beginning.
    public static func does(canBeAsked: Bool, _ does: @escaping @Sendable (ShownPage) -> Void) {
        lock.withLock {
            (self.does, asked, hears, meanwhile, seen, count) = (does, canBeAsked, false, {}, 0, 0)
            (seesOverEmpty, hosts) = (true, [])
        }
    }

    /// How often the system has asked whether the app may use a site "to sign in".
    public static var questions: Int { lock.withLock { count } }

    /// Whether a page over a window without content appears where the user is. Apple does not document what happens: it is also reported
    /// that such a page never appears, and that nobody hears of it.
    public static var seesPagesOverEmptyWindows: Bool {
        get { lock.withLock { seesOverEmpty } }
        set { lock.withLock { seesOverEmpty = newValue } }
    }

    /// The hosts whose `apple-app-site-association` names the app.
    public static var associatedHosts: Set<String> {
        get { lock.withLock { hosts } }
        set { lock.withLock { hosts = newValue } }
    }

    /// What the app does while the system asks the user for permission to show a page.
    public static func meanwhile(_ does: @escaping @MainActor () -> Void) {
        lock.withLock { meanwhile = does }
    }

    public static var appHearsOfItsOwnCancel: Bool {
        get { lock.withLock { hears } }
        set { lock.withLock { hears = newValue } }
    }

    /// How often the app would have crashed since the last reset.
    public static var crashes: Int { lock.withLock { seen } }

    static var canBeAsked: Bool { lock.withLock { asked } }
    @MainActor static func isAsked() {
        let meanwhile = lock.withLock {
            count += 1
            return self.meanwhile
        }
        meanwhile()
    }
    static func sees(_ page: ShownPage) { lock.withLock { does }(page) }
    static func sawACrash() { lock.withLock { seen += 1 } }
}
