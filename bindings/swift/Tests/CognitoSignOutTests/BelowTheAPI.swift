// An async function returns once, so Swift's own API cannot express these cases. They use the generated code below it.
@testable import CognitoSignOut
import CognitoSignOutCore
import Foundation
import Testing

extension CognitoSignOut.Auth {
    /// An app with a transport or a browser below the API.
    convenience init(
        _ configuration: CognitoSignOut.AuthConfiguration,
        transport: any CognitoSignOutCore.HttpTransport,
        vault: TestVault
    ) throws {
        let ports = Ports(transport: transport, vault: CognitoSignOut.Storage.custom(vault).core)
        try self.init(configuration: configuration, ports: ports)
    }

    convenience init(
        _ configuration: CognitoSignOut.AuthConfiguration,
        transport: any CognitoSignOut.HTTPTransport,
        vault: TestVault,
        browser: any CognitoSignOutCore.Browser
    ) throws {
        let ports = Ports(
            transport: TransportPort(transport), vault: CognitoSignOut.Storage.custom(vault).core, browser: browser
        )
        try self.init(configuration: configuration, ports: ports)
    }
}

/// Releases its completion without a report.
final class TransportThatLetsGo: CognitoSignOutCore.HttpTransport {
    func start(request _: HttpRequest, completion _: ExchangeCompletion) throws {}
}

/// Reports everything twice.
final class TransportThatCompletesTwice: CognitoSignOutCore.HttpTransport {
    private let real = URLSessionTransport()

    func start(request: HttpRequest, completion: ExchangeCompletion) throws {
        let sent = CognitoSignOut.HTTPRequest(
            method: request.verb(),
            url: URL(string: request.url())!,
            headers: request.headers().map { .init(name: $0.name, value: $0.value) },
            body: request.body
        )
        Task { [real] in
            let answer = try await real.send(sent)
            let response = CognitoSignOutCore.HttpResponse(
                status: UInt16(answer.status),
                headers: answer.headers.map { HttpHeader(name: $0.name, value: $0.value) },
                body: answer.body
            )
            #expect(completion.succeed(response: response))
            #expect(!completion.succeed(response: response))
            #expect(!completion.fail(error: .Other("late")))
        }
    }
}

/// Reports everything twice.
final class BrowserThatCompletesTwice: CognitoSignOutCore.Browser {
    private let pages: Shared<Int>

    init(_ pages: Shared<Int>) {
        self.pages = pages
    }

    func show(url _: String, redirect: String, completion: BrowserCompletion) throws {
        pages.with { $0 += 1 }
        #expect(completion.redirected(callback: redirect) == .end(leaveAt: nil))
        #expect(completion.redirected(callback: redirect) == .ignored)
        completion.failed(error: .Cancelled)
    }
}

/// How many of the library's objects are alive, those that the library holds included.
func liveRustObjects() -> UInt64 {
    liveObjects()
}

/// A request like the library's.
func revokeRequest(at url: URL) -> CognitoSignOut.HTTPRequest {
    .init(
        method: "POST",
        url: url,
        headers: [
            .init(name: "x-amz-target", value: "AWSCognitoIdentityProviderService.RevokeToken"),
            .init(name: "content-type", value: "application/x-amz-json-1.1"),
        ],
        body: Data(#"{"Token":"t","ClientId":"c"}"#.utf8)
    )
}
