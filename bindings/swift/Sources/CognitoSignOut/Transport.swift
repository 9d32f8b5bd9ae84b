internal import CognitoSignOutCore
import Foundation

/// Sends requests to Cognito. ``URLSessionTransport`` is the one to use; another is for apps with an HTTP stack of their own.
///
/// Must verify the server's certificate, follow no redirect, keep no cookies, cache nothing, and pass on the answer's headers:
/// Cognito's answers are known by them.
public protocol HTTPTransport: Sendable {
    /// Sends `request` and gives the answer, whatever its status. The task is cancelled when nobody waits any more.
    ///
    /// - Throws: ``TransportError``; anything else is ``TransportError/other(_:)``, without its text.
    func send(_ request: HTTPRequest) async throws -> HTTPResponse
}

/// One header. Prints its name only: its value can be a secret.
public struct HTTPHeader: Sendable, CustomStringConvertible, CustomReflectable {
    /// Its name.
    public var name: String
    /// Its value.
    public var value: String

    /// A header.
    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    /// The name.
    public var description: String { name }

    /// Without children: `dump` shows nothing more.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// A request. Prints its method and URL only: its headers and its body can hold secrets.
public struct HTTPRequest: Sendable, CustomStringConvertible, CustomReflectable {
    /// `GET` or `POST`.
    public let method: String
    /// Where to. Never holds a token.
    public let url: URL
    /// The headers, in order.
    public let headers: [HTTPHeader]
    /// The body, empty for a `GET`.
    public let body: Data

    /// A request, as the library makes them: for the tests of a transport.
    public init(method: String, url: URL, headers: [HTTPHeader], body: Data) {
        self.method = method
        self.url = url
        self.headers = headers
        self.body = body
    }

    /// The method and the URL.
    public var description: String { "\(method) \(url.absoluteString)" }

    /// Without children: `dump` shows nothing more.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// An answer, whatever its status.
public struct HTTPResponse: Sendable, CustomStringConvertible, CustomReflectable {
    /// The status code.
    public var status: UInt16
    /// The headers, in order.
    public var headers: [HTTPHeader]
    /// The body, at most 1 MiB.
    public var body: Data

    /// An answer.
    public init(status: UInt16, headers: [HTTPHeader], body: Data) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The status and the body's length.
    public var description: String { "\(status), \(body.count) bytes" }

    /// Without children: `dump` shows nothing more.
    public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Why no answer came. The details are for people, and must hold nothing of the request's headers or body.
public enum TransportError: Error, Sendable, Hashable {
    /// No connection could be made: offline, the name is unknown, the port is refused. Tried again.
    case connect(String)
    /// The connection broke before the whole answer was there. Tried again.
    case io(String)
    /// The server's certificate was not accepted. Not tried again.
    case tls(String)
    /// The answer was too large or not HTTP at all. Not tried again.
    case badResponse(String)
    /// Anything else. Not tried again.
    case other(String)

    var core: CognitoSignOutCore.TransportError {
        switch self {
        case let .connect(detail): .Connect(detail: detail)
        case let .io(detail): .Io(detail: detail)
        case let .tls(detail): .Tls(detail: detail)
        case let .badResponse(detail): .BadResponse(detail: detail)
        case let .other(detail): .Other(detail: detail)
        }
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
            throw CognitoSignOutCore.TransportError.Other(detail: "a URL that Foundation cannot read")
        }
        let sent = HTTPRequest(
            method: request.verb(),
            url: url,
            headers: request.headers().map { HTTPHeader(name: $0.name, value: $0.value) },
            body: request.body()
        )
        let asking = time.isAsking()
        let sending = Task { [transport, time] in
            do {
                let response = try await transport.send(sent)
                time.isAnswered(asking)
                _ = completion.succeed(response: HttpResponse(
                    status: response.status,
                    headers: response.headers.map { HttpHeader(name: $0.name, value: $0.value) },
                    body: response.body
                ))
            } catch let error as TransportError {
                time.isAnswered(asking)
                _ = completion.fail(error: error.core)
            } catch {
                time.isAnswered(asking)
                // Its text may hold what was sent.
                _ = completion.fail(error: .Other(detail: "the app's transport threw"))
            }
        }
        Task { [time] in
            await completion.closed()
            time.isAnswered(asking)
            sending.cancel()
        }
    }
}
