#if canImport(AuthenticationServices) && !os(watchOS) && !os(tvOS)
import AuthenticationServices
import Foundation

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
    public nonisolated let redirectSchemes: [String]
    private let anchor: @MainActor () -> ASPresentationAnchor

    /// A browser that comes back by the app's own scheme, as `myapp`.
    ///
    /// - Parameters:
    ///   - callbackScheme: of a sign-out URI on the app client's list.
    ///   - anchor: the window to show it over.
    public init(
        callbackScheme: String,
        anchor: @escaping @MainActor () -> ASPresentationAnchor = { ASPresentationAnchor() }
    ) {
        redirectSchemes = [callbackScheme]
        self.anchor = anchor
    }

    /// The window to show it over.
    public func presentationAnchor(for _: ASWebAuthenticationSession) -> ASPresentationAnchor {
        anchor()
    }

    /// Shows the page, and waits for the scheme.
    public func open(_ url: URL, redirect _: String) async throws -> URL {
        let visit = Visit()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard visit.begin(continuation) else { return }
                // Sendable: the system calls it on a thread of its own.
                let session = ASWebAuthenticationSession(url: url, callbackURLScheme: redirectSchemes.first) {
                    @Sendable callback, error in
                    visit.end(callback.map(Result.success) ?? .failure(BrowserError(error)))
                }
                session.presentationContextProvider = self
                if !session.start() {
                    visit.end(.failure(BrowserError.unavailable("ASWebAuthenticationSession did not start")))
                }
                visit.onCancel { session.cancel() }
            }
        } onCancel: {
            visit.cancel()
        }
    }

    /// Shows the page until the user closes it.
    public func leave(at url: URL) async {
        _ = try? await open(url, redirect: "")
    }
}

/// One page. Ends once, whatever the system says twice, late or never.
private final class Visit: @unchecked Sendable {
    private let lock = NSLock()
    /// All guarded by the lock.
    private var continuation: CheckedContinuation<URL, any Error>?
    private var closing: (@MainActor () -> Void)?
    private var isOver = false

    /// Whether anybody waits: a task can be cancelled before it has begun.
    func begin(_ continuation: CheckedContinuation<URL, any Error>) -> Bool {
        let isOver = lock.withLock {
            self.continuation = self.isOver ? nil : continuation
            return self.isOver
        }
        if isOver {
            continuation.resume(throwing: CancellationError())
        }
        return !isOver
    }

    func onCancel(_ close: @escaping @MainActor () -> Void) {
        let isOver = lock.withLock {
            closing = self.isOver ? nil : close
            return self.isOver
        }
        if isOver {
            Task { @MainActor in close() }
        }
    }

    func cancel() {
        let close = lock.withLock { closing }
        end(.failure(CancellationError()))
        if let close {
            Task { @MainActor in close() }
        }
    }

    func end(_ result: Result<URL, any Error>) {
        let continuation = lock.withLock {
            (closing, isOver) = (nil, true)
            defer { self.continuation = nil }
            return self.continuation
        }
        continuation?.resume(with: result)
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
