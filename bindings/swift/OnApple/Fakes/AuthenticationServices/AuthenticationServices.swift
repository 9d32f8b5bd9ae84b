// The parts of AuthenticationServices that the package uses, as Apple documents them. A test decides what the user does with a page.
@_exported import Foundation
// For the windows, and for Foundation's `performExpiringActivity`, which this fake also contains.
@_exported import UIKit

public typealias ASPresentationAnchor = UIWindow

public struct ASWebAuthenticationSessionError: Error {
    public enum Code: Sendable { case canceledLogin, presentationContextNotProvided, presentationContextInvalid }
    public let code: Code
}

@MainActor public protocol ASWebAuthenticationPresentationContextProviding: AnyObject {
    func presentationAnchor(for session: ASWebAuthenticationSession) -> ASPresentationAnchor
}

public class ASWebAuthenticationSession: NSObject {
    public typealias CompletionHandler = (URL?, (any Error)?) -> Void

    @MainActor public weak var presentationContextProvider: (any ASWebAuthenticationPresentationContextProviding)?
    public var prefersEphemeralWebBrowserSession = false
    private let url: URL
    private let scheme: String?
    private let completion: CompletionHandler
    private var shown: ShownPage?

    public init(url: URL, callbackURLScheme: String?, completionHandler: @escaping CompletionHandler) {
        let isScheme = callbackURLScheme?.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) }
        precondition(isScheme != false, "NSInvalidArgumentException: the provided scheme is not valid")
        (self.url, scheme, completion) = (url, callbackURLScheme, completionHandler)
    }

    /// Releasing it while its page is closing is a crash (FB12132525).
    deinit {
        if shown?.isClosing == true { TheUser.sawACrash() }
    }

    @MainActor @discardableResult public func start() -> Bool {
        let page = ShownPage(
            url: url, callbackScheme: scheme, isEphemeral: prefersEphemeralWebBrowserSession, completion: completion
        )
        guard let presentationContextProvider else {
            page.fail(.presentationContextNotProvided)
            return false
        }
        let anchor = presentationContextProvider.presentationAnchor(for: self)
        page.anchor = anchor
        if anchor.windowScene?.isOnScreen == false {
            page.fail(.presentationContextInvalid)
            return false
        }
        shown = page
        guard TheUser.canBeAsked else { return false }
        TheUser.isAsked()
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
    public let callbackScheme: String?
    public let isEphemeral: Bool
    public fileprivate(set) var anchor: ASPresentationAnchor?
    private let lock = NSLock()
    private var isOver = false
    private var isGone = false
    @MainActor private let controller = UIViewController()
    private let completion: ASWebAuthenticationSession.CompletionHandler

    @MainActor init(
        url: URL, callbackScheme: String?, isEphemeral: Bool, completion: @escaping ASWebAuthenticationSession.CompletionHandler
    ) {
        (self.url, self.callbackScheme, self.isEphemeral, self.completion) = (url, callbackScheme, isEphemeral, completion)
    }

    /// Whether it is still on the screen.
    public var isOpen: Bool { lock.withLock { !isOver } }

    /// Whether it is leaving the screen.
    public var isClosing: Bool { lock.withLock { isOver && !isGone } }

    @MainActor fileprivate func appear() -> Bool {
        // Over a window without content, or not on a screen, it appears where the user is.
        guard var top = anchor?.rootViewController ?? UIApplication.windowInUse?.rootViewController else { return false }
        while let over = top.presentedViewController { top = over }
        return top.present(controller)
    }

    /// The page has redirected the browser: to the app, if the app waits for that scheme.
    public func redirect(to callback: URL) {
        if callback.scheme == callbackScheme { end(callback, nil) }
    }

    /// The page had redirected the browser when the app closed it: the system still reports the callback.
    public func redirectTooLate(to callback: URL) {
        Thread.detachNewThread { [self] in completion(callback, nil) }
    }

    /// The user has tapped "Cancel".
    public func cancel() { fail(.canceledLogin) }

    public func fail(_ code: ASWebAuthenticationSessionError.Code) { end(nil, ASWebAuthenticationSessionError(code: code)) }

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

    /// Sets what happens with each page from now on: whether it can be shown, and what the user does with it, now or later.
    public static func does(canBeAsked: Bool, _ does: @escaping @Sendable (ShownPage) -> Void) {
        lock.withLock { (self.does, asked, hears, meanwhile, seen) = (does, canBeAsked, false, {}, 0) }
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
    @MainActor static func isAsked() { lock.withLock { meanwhile }() }
    static func sees(_ page: ShownPage) { lock.withLock { does }(page) }
    static func sawACrash() { lock.withLock { seen += 1 } }
}
