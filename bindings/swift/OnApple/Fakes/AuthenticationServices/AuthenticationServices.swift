// What the package uses of AuthenticationServices, as Apple documents it. What the user does with the page is a test's to say.
@_exported import Foundation
// Brings `performExpiringActivity` along, which is Foundation's.
@_exported import UIKit

@MainActor public class ASPresentationAnchorWindow { public init() {} }
public typealias ASPresentationAnchor = ASPresentationAnchorWindow

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
        (self.url, scheme, completion) = (url, callbackURLScheme, completionHandler)
    }

    @MainActor @discardableResult public func start() -> Bool {
        let page = ShownPage(
            url: url, callbackScheme: scheme, isEphemeral: prefersEphemeralWebBrowserSession, completion: completion
        )
        guard let presentationContextProvider else {
            page.fail(.presentationContextNotProvided)
            return false
        }
        page.anchor = presentationContextProvider.presentationAnchor(for: self)
        shown = page
        return TheUser.isShown(page)
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
    private let completion: ASWebAuthenticationSession.CompletionHandler

    init(url: URL, callbackScheme: String?, isEphemeral: Bool, completion: @escaping ASWebAuthenticationSession.CompletionHandler) {
        (self.url, self.callbackScheme, self.isEphemeral, self.completion) = (url, callbackScheme, isEphemeral, completion)
    }

    /// Whether it is on the screen still.
    public var isOpen: Bool { lock.withLock { !isOver } }

    /// The page has sent the browser on: to the app, if that is the scheme it waits for.
    public func redirect(to callback: URL) {
        if callback.scheme == callbackScheme { end(callback, nil) }
    }

    /// The page had sent the browser on when the app closed it: the system was about to say so, and does.
    public func redirectTooLate(to callback: URL) {
        Thread.detachNewThread { [self] in completion(callback, nil) }
    }

    /// The user has tapped "Cancel".
    public func cancel() { fail(.canceledLogin) }

    public func fail(_ code: ASWebAuthenticationSessionError.Code) { end(nil, ASWebAuthenticationSessionError(code: code)) }

    /// What Apple's documentation does not say is whether the app hears of its own `cancel()`: a test can have both.
    fileprivate func dismiss() {
        if TheUser.appHearsOfItsOwnCancel { cancel() } else { lock.withLock { isOver = true } }
    }

    /// Once, and on a thread of the system's.
    private func end(_ callback: URL?, _ error: (any Error)?) {
        let first = lock.withLock {
            defer { isOver = true }
            return !isOver
        }
        guard first else { return }
        Thread.detachNewThread { [self] in completion(callback, error) }
    }
}

/// Who sits before the device.
public enum TheUser {
    private static let lock = NSLock()
    nonisolated(unsafe) private static var does: (@Sendable (ShownPage) -> Bool)?
    nonisolated(unsafe) private static var hears = false

    /// What is done with each page from now on: whether it can be shown at all, and then what becomes of it, then or later.
    public static func does(_ does: @escaping @Sendable (ShownPage) -> Bool) {
        lock.withLock { (self.does, hears) = (does, false) }
    }

    public static var appHearsOfItsOwnCancel: Bool {
        get { lock.withLock { hears } }
        set { lock.withLock { hears = newValue } }
    }

    static func isShown(_ page: ShownPage) -> Bool {
        lock.withLock { does }?(page) ?? false
    }
}
