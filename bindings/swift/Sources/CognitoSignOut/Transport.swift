internal import CognitoSignOutCore
import Foundation

/// Sends requests to Cognito. Use ``URLSessionTransport``, or implement your own for an app with its own HTTP stack.
///
/// It must verify the server's certificate, follow no redirect, keep no cookies, cache nothing, and pass on the response's headers:
/// they show that a response is Cognito's.
public protocol HTTPTransport: Sendable {
    /// Sends `request` and returns the response with any status. The task is cancelled when nobody waits any more.
    ///
    /// - Throws: ``TransportError``. Any other error counts as ``TransportError/other(_:)``, without its text.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse
}

/// One header. It prints only its name: its value can be a secret.
public struct HTTPHeader: Sendable, CustomStringConvertible, CustomReflectable {
    /// The name.
    public var name: String
    /// The value.
    public var value: String

    /// A header.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The name.
    public var description: String { name }

    /// Has no children, so that `dump` shows nothing more.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A request. It prints only its method and URL: the headers and the body can contain secrets.
public struct HTTPRequest: Sendable, CustomStringConvertible, CustomReflectable {
    /// `GET` or `POST`.
    public let method: String
    /// The URL. It never contains a token.
    public let url: URL
    /// The headers, in order.
    public let headers: [HTTPHeader]
    /// The body, empty for a `GET`.
    public let body: Data

    /// Creates a request like the library's own, for the tests of a transport.
    public init(method: String, url: URL, headers: [HTTPHeader], body: Data) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// The method and the URL.
    public var description: String { "\(method) \(url.absoluteString)" }

    /// Has no children, so that `dump` shows nothing more.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A response with any status.
public struct HTTPResponse: Sendable, CustomStringConvertible, CustomReflectable {
    /// The status code.
    public var status: Int
    /// The headers, in order.
    public var headers: [HTTPHeader]
    /// The body, at most 1 MiB.
    public var body: Data

    /// Creates a response.
    public init(status: Int, headers: [HTTPHeader], body: Data) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The status and the body's length.
    public var description: String { "\(status), \(body.count) bytes" }

    /// Has no children, so that `dump` shows nothing more.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why there is no response. The details are for people, and must contain nothing from the request's headers or body.
public enum TransportError: Error, Sendable, Hashable {
    /// No connection: the device is offline, the name is unknown, or the port is refused. Tried again.
    case connect(String)
    /// The connection broke before the response was complete. Tried again.
    case io(String)
    /// The server's certificate was not accepted. Not tried again.
    case tls(String)
    /// The response was too large or was not HTTP. Not tried again.
    case badResponse(String)
    /// Anything else. Not tried again.
    case other(String)

    var core: CognitoSignOutCore.TransportError {
        switch self {
        case let .connect(detail): .Connect(detail)
        case let .io(detail): .Io(detail)
        case let .tls(detail): .Tls(detail)
        case let .badResponse(detail): .BadResponse(detail)
        case let .other(detail): .Other(detail)
        }
    }
}

extension HttpRequest {
    /// The library's own bytes, which it wipes when the last copy of this value is gone. Bytes that cross by UniFFI would stay in memory.
    /// An app may write to its copy: from here on the library only wipes them.
    var body: Data {
        guard let address = UnsafeMutableRawPointer(bitPattern: UInt(bodyAddress())) else {
            return Data()
        }
        return Data(bytesNoCopy: address, count: Int(bodyLength()), deallocator: .custom { _, _ in
            withExtendedLifetime(self) {}
        })
    }
}

final class TransportPort: CognitoSignOutCore.HttpTransport {
    private let transport: any HTTPTransport
    private let time: BackgroundTime

    init(_ transport: any HTTPTransport, _ time: BackgroundTime = BackgroundTime()) {
        self.transport = transport
        self.time = time
    }

    func start(request: HttpRequest, completion: ExchangeCompletion) throws {
        guard let url = URL(string: request.url()) else {
            throw CognitoSignOutCore.TransportError.Other("Foundation cannot read the URL")
        }
        let sent = HTTPRequest(
            method: request.verb(),
            url: url,
            headers: request.headers().map { HTTPHeader(name: $0.name, value: $0.value) },
            body: request.body
        )
        let asking = time.isAsking()
        let sending = Task { [transport, time] in
            do {
                let response = try await transport.send(sent)
                guard let status = UInt16(exactly: response.status) else {
                    throw TransportError.badResponse("the status is not one of HTTP")
                }
                time.isAnswered(asking)
                _ = completion.succeed(response: HttpResponse(
                    status: status,
                    headers: response.headers.map { HttpHeader(name: $0.name, value: $0.value) },
                    body: response.body
                ))
            } catch let error as TransportError {
                time.isAnswered(asking)
                _ = completion.fail(error: error.core)
            } catch {
                time.isAnswered(asking)
                // Its text may contain parts of the request.
                _ = completion.fail(error: .Other("the app's transport threw"))
            }
        }
        Task { [time] in
            await completion.closed()
            time.isAnswered(asking)
            sending.cancel()
        }
    }
}
