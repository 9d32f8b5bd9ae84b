import Foundation
#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

#if canImport(FoundationNetworking)
private typealias RedirectCompletion = (URLRequest?) -> Void
#else
/// Exactly as Apple declares it. With a different type, the delegate method might not be called, and redirects would be followed.
private typealias RedirectCompletion = @Sendable (URLRequest?) -> Void
#endif

/// HTTPS with the platform's own stack: its trust store, its proxies, its VPN.
///
/// It uses its own ephemeral session. It caches nothing, keeps no cookies and no credentials, follows no redirect (the body contains a
/// token), and refuses a response over 1 MiB.
///
/// To pin certificates, name the Region's host (`cognito-idp.eu-central-1.amazonaws.com`) and the pool's domain under `NSPinnedDomains`, in
/// `NSAppTransportSecurity` of the app's `Info.plist`: the system then refuses others in this session too, and the error's code is
/// ``ErrorCode/untrustedServer``. Pin certificate authorities (`NSPinnedCAIdentities`), not Cognito's own certificates: Amazon
/// replaces those without notice.
public final class URLSessionTransport: HTTPTransport {
    /// Larger responses are refused. Cognito's are much smaller, but the page of a captive portal may be larger.
    static let maxResponseBytes = 1024 * 1024

    private let session: URLSession
    private let exchanges = Exchanges()

    /// A transport with its own session.
    ///
    /// - Parameter configure: changes the session's configuration, for example its proxies, its `protocolClasses` or its
    ///   `allowsConstrainedNetworkAccess`. The settings for caches, cookies and credentials have no effect: they are set afterwards.
    public init(configure: (URLSessionConfiguration) -> Void = { _ in }) {
        let configuration = URLSessionConfiguration.ephemeral
        configure(configuration)
        configuration.urlCache = nil
        configuration.requestCachePolicy = .reloadIgnoringLocalCacheData
        configuration.httpCookieStorage = nil
        configuration.httpCookieAcceptPolicy = .never
        configuration.httpShouldSetCookies = false
        configuration.urlCredentialStorage = nil
        session = URLSession(configuration: configuration, delegate: exchanges, delegateQueue: nil)
    }

    deinit {
        // Until then the session retains its delegate.
        session.finishTasksAndInvalidate()
    }

    public func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        var sent = URLRequest(url: request.url)
        sent.httpMethod = request.method
        for header in request.headers {
            sent.addValue(header.value, forHTTPHeaderField: header.name)
        }
        if !request.body.isEmpty {
            sent.httpBody = request.body
        }
        let task = session.dataTask(with: sent)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                exchanges.begin(task, continuation)
                if Task.isCancelled {
                    // The cancellation may have come before the delegate knew the task.
                    exchanges.end(task, URLError(.cancelled))
                } else {
                    task.resume()
                }
            }
        } onCancel: {
            task.cancel()
            #if !canImport(FoundationNetworking)
            // The next attempt uses a new connection: this one may be dead, and over HTTP/2 all requests share it.
            session.flush {}
            #endif
        }
    }
}

/// The exchanges in progress, by task.
private final class Exchanges: NSObject, URLSessionDataDelegate, @unchecked Sendable {
    private struct Exchange {
        let continuation: CheckedContinuation<HTTPResponse, any Error>
        var body = Data()
    }

    private let lock = NSLock()
    /// The lock guards it.
    private var underWay: [Int: Exchange] = [:]

    func begin(_ task: URLSessionTask, _ continuation: CheckedContinuation<HTTPResponse, any Error>) {
        lock.withLock { underWay[task.taskIdentifier] = Exchange(continuation: continuation) }
    }

    func urlSession(
        _: URLSession,
        task _: URLSessionTask,
        willPerformHTTPRedirection _: HTTPURLResponse,
        newRequest _: URLRequest,
        completionHandler: @escaping RedirectCompletion
    ) {
        completionHandler(nil)
    }

    func urlSession(_: URLSession, dataTask: URLSessionDataTask, didReceive data: Data) {
        let tooLarge = lock.withLock { () -> Exchange? in
            let task = dataTask.taskIdentifier
            underWay[task]?.body.append(data)
            let length = underWay[task]?.body.count ?? 0
            return length > URLSessionTransport.maxResponseBytes ? underWay.removeValue(forKey: task) : nil
        }
        if let tooLarge {
            // Resumes at once: while data arrives, a cancelled task can take long to end.
            tooLarge.continuation.resume(throwing: TransportError.badResponse("the response is over 1 MiB"))
            dataTask.cancel()
        }
    }

    func urlSession(_: URLSession, task: URLSessionTask, didCompleteWithError error: (any Error)?) {
        end(task, error)
    }

    func end(_ task: URLSessionTask, _ error: (any Error)?) {
        let ended = lock.withLock { underWay.removeValue(forKey: task.taskIdentifier) }
        guard let ended else { return }
        if let error {
            ended.continuation.resume(throwing: TransportError(error))
        } else if let response = task.response as? HTTPURLResponse {
            ended.continuation.resume(returning: HTTPResponse(
                status: response.statusCode,
                headers: response.allHeaderFields.compactMap { name, value in
                    guard let name = name as? String, let value = value as? String else { return nil }
                    return HTTPHeader(name: name, value: value)
                },
                body: ended.body
            ))
        } else {
            ended.continuation.resume(throwing: TransportError.badResponse("the response is not HTTP"))
        }
    }
}

extension TransportError {
    /// Uses only the error's code: its text may contain the URL or more.
    init(_ error: any Error) {
        guard let error = error as? URLError else {
            self = .other("URLSession failed")
            return
        }
        let detail = "URLError \(error.code.rawValue)"
        self = switch error.code {
        case .notConnectedToInternet, .cannotFindHost, .cannotConnectToHost, .dnsLookupFailed, .timedOut,
             .internationalRoamingOff, .dataNotAllowed, .callIsActive:
            .connect(detail)
        case .networkConnectionLost:
            .io(detail)
        case .secureConnectionFailed, .serverCertificateUntrusted, .serverCertificateHasBadDate,
             .serverCertificateHasUnknownRoot, .serverCertificateNotYetValid, .clientCertificateRejected,
             .clientCertificateRequired, .appTransportSecurityRequiresSecureConnection:
            .tls(detail)
        case .badServerResponse, .cannotParseResponse, .cannotDecodeRawData, .cannotDecodeContentData,
             .zeroByteResource, .dataLengthExceedsMaximum:
            .badResponse(detail)
        default:
            .other(detail)
        }
    }
}
