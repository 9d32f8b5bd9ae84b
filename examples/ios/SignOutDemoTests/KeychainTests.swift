import CognitoSignOut
import Foundation
import Testing

/// A session and its sign-out in the keychain of this device, with a server that accepts everything. Where the tests have no
/// keychain of an app, the record is in memory.
@Suite struct KeychainTests {
    /// A new one, because a keychain keeps what an interrupted run has left.
    private let clientID = UUID().uuidString.lowercased().filter { $0 != "-" }

    @Test func aSessionIsInTheKeychainUntilItsSignOut() async throws {
        let auth = try auth()
        try await auth.storeSession(tokens(), signedInWith: .api)
        guard case let .signedIn(session) = try await again(auth).session() else {
            Issue.record("nobody is signed in")
            return
        }
        #expect(session.username == "ana")
        #expect(await auth.signOut() == .complete)
        #expect(await auth.session() == .signedOut)
        #expect(try await again(auth).session() == .signedOut)
    }

    private func auth() throws -> Auth {
        try Auth(
            configuration: AuthConfiguration(userPoolID: "eu-central-1_AbCdEf123", clientID: clientID),
            transport: AcceptingServer(),
            storage: storage
        )
    }

    #if os(iOS)
    private let storage = Storage.keychain()

    /// What the app has after a restart: everything but the keychain is new.
    private func again(_: Auth) throws -> Auth { try auth() }
    #else
    private let storage = Storage.memory

    private func again(_ auth: Auth) throws -> Auth { auth }
    #endif

    /// Longer than an item of some keychains.
    private func tokens() throws -> Tokens {
        let expires = Int(Date().timeIntervalSince1970) + 3600
        let common: [String: Any] = ["sub": "1", "exp": expires, "padding": String(repeating: "x", count: 3000)]
        let access: [String: Any] = ["token_use": "access", "client_id": clientID, "username": "ana"]
        let id: [String: Any] = ["token_use": "id", "aud": clientID, "cognito:username": "ana"]
        return Tokens(
            accessToken: try token(common.merging(access) { $1 }),
            idToken: try token(common.merging(id) { $1 }),
            refreshToken: "the-refresh-token"
        )
    }

    /// A JWT whose signature nobody looks at.
    private func token(_ claims: [String: Any]) throws -> String {
        let parts = try [["alg": "none"], claims].map { try JSONSerialization.data(withJSONObject: $0).base64EncodedString() }
        let url = parts.map { $0.replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_") }
        return url.map { $0.filter { $0 != "=" } }.joined(separator: ".") + ".signature"
    }
}

private struct AcceptingServer: HTTPTransport {
    func send(_: HTTPRequest) async throws -> HTTPResponse {
        let headers = [
            HTTPHeader(name: "x-amzn-requestid", value: "1"),
            HTTPHeader(name: "content-type", value: "application/x-amz-json-1.1"),
        ]
        return HTTPResponse(status: 200, headers: headers, body: Data("{}".utf8))
    }
}
