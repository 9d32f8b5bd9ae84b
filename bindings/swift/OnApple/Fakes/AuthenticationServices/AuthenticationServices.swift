// What the package uses of AuthenticationServices and, of Foundation, on iOS alone. Does nothing.
@_exported import Foundation
@MainActor public class ASPresentationAnchorWindow { public init() {} }
public typealias ASPresentationAnchor = ASPresentationAnchorWindow
public struct ASWebAuthenticationSessionError: Error { public enum Code { case canceledLogin, presentationContextNotProvided, presentationContextInvalid }; public var code: Code }
@MainActor public protocol ASWebAuthenticationPresentationContextProviding: AnyObject { func presentationAnchor(for session: ASWebAuthenticationSession) -> ASPresentationAnchor }
public class ASWebAuthenticationSession: NSObject {
  public typealias CompletionHandler = (URL?, (any Error)?) -> Void
  public init(url: URL, callbackURLScheme: String?, completionHandler: @escaping CompletionHandler) {}
  @MainActor public weak var presentationContextProvider: (any ASWebAuthenticationPresentationContextProviding)?
  public var prefersEphemeralWebBrowserSession = false
  @discardableResult public func start() -> Bool { true }
  public func cancel() {}
}

extension ProcessInfo {
    public func performExpiringActivity(withReason: String, using block: @escaping @Sendable (Bool) -> Void) {}
}
