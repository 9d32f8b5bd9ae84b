import CognitoSignOut
import Foundation
import Testing

/// The same against a server that nobody here wrote: ministack, which `cargo xtask swift test` starts.
extension Everything {
    @Suite struct MinistackTests {
        @Test func aLocalSignOutEndsThisSessionAndNoOther() async throws {
            let pool = try await Ministack()
            let (here, elsewhere) = (try await pool.signIn(), try await pool.signIn())
            let auth = try await pool.app(here)
            #expect(try await pool.stillTaken(here) == both)
            let outcome = await auth.signOutWithReport()
            #expect(outcome.result == .complete)
            #expect(outcome.report.steps.revokeToken == .done)
            #expect(name(await auth.session()) == "signed_out")
            #expect(try await pool.stillTaken(here) == [])
            #expect(try await pool.stillTaken(elsewhere) == both)
        }

        @Test func aGlobalSignOutEndsEverySession() async throws {
            let pool = try await Ministack()
            let (here, elsewhere) = (try await pool.signIn(), try await pool.signIn())
            let outcome = await (try pool.app(here)).signOutWithReport(options: .init(globalSignOut: true))
            #expect(outcome.result == .complete)
            #expect(outcome.report.steps.globalSignOut == .done)
            for session in [here, elsewhere] {
                #expect(try await pool.stillTaken(session) == [])
            }
        }

        @Test func whatARefreshHasGivenIsSignedOutToo() async throws {
            let pool = try await Ministack()
            let here = try await pool.signIn()
            let auth = try await pool.app(here)
            let tokens = try await auth.refresh()
            #expect(tokens.accessToken != here.accessToken)
            #expect(try await pool.stillTaken(tokens) == both)
            #expect(await auth.signOut() == .complete)
            #expect(try await pool.stillTaken(tokens) == [])
            #expect(try await pool.stillTaken(here) == [])
        }

        @Test func aSessionThatAnotherDeviceHasEndedHasExpiredUntilItIsSignedOut() async throws {
            let pool = try await Ministack()
            let (here, elsewhere) = (try await pool.signIn(), try await pool.signIn())
            let auth = try await pool.app(here)
            #expect(await (try pool.app(elsewhere)).signOut(options: .init(globalSignOut: true)) == .complete)
            await #expect {
                try await auth.refresh()
            } throws: { error in
                if case .sessionExpired? = error as? AuthError { true } else { false }
            }
            guard case let .signedIn(session) = await auth.session() else { return _ = Issue.record("it was removed") }
            #expect(session.username == "ana" && session.expired)
            let outcome = await auth.signOutWithReport(options: .init(globalSignOut: true))
            // Of the user's other sessions, that this one is dead says nothing.
            guard case let .partial(nil, globalSignOutError?, nil) = outcome.result else {
                return _ = Issue.record("\(outcome.result)")
            }
            #expect(globalSignOutError.error.code == .sessionExpired)
            #expect(!outcome.report.signedOutEverywhere)
            #expect(name(await auth.session()) == "signed_out")
        }
    }
}

private let both = ["refresh", "access"]

/// A user pool of the test's own, with one app client and ana.
private struct Ministack {
    private static let password = "Correct-horse-1"
    private let url: URL
    private let poolID: String
    private let clientID: String

    struct Refused: Error { let answer: JSON }

    init() async throws {
        url = try #require(URL(string: environment("MINISTACK")))
        let pool = try await Self.order(url, "CreateUserPool", ["PoolName": "pool"])
        poolID = try #require(pool["UserPool"]?["Id"]?.string)
        let client = try await Self.order(url, "CreateUserPoolClient", [
            "UserPoolId": .string(poolID),
            "ClientName": "client",
            "ExplicitAuthFlows": .array(["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]),
        ])
        clientID = try #require(client["UserPoolClient"]?["ClientId"]?.string)
        let ana: [String: JSON] = ["UserPoolId": .string(poolID), "Username": "ana"]
        _ = try await Self.order(url, "AdminCreateUser", .object(ana.merging(["MessageAction": "SUPPRESS"]) { $1 }))
        let password: [String: JSON] = ["Password": .string(Self.password), "Permanent": .bool(true)]
        _ = try await Self.order(url, "AdminSetUserPassword", .object(ana.merging(password) { $1 }))
    }

    /// Begins a session of ana's.
    func signIn() async throws -> Tokens {
        let answer = try await initiateAuth("USER_PASSWORD_AUTH", ["USERNAME": "ana", "PASSWORD": .string(Self.password)])
        func token(_ name: String) throws -> String {
            try #require(answer["AuthenticationResult"]?[name]?.string)
        }
        return try Tokens(
            accessToken: token("AccessToken"), idToken: token("IdToken"), refreshToken: token("RefreshToken")
        )
    }

    /// An app in which this session was begun.
    func app(_ tokens: Tokens) async throws -> Auth {
        var options = AuthConfiguration.Options()
        options.endpoint = url
        let configuration = try AuthConfiguration(userPoolID: poolID, clientID: clientID, options: options)
        let auth = try Auth(configuration: configuration, storage: .memory)
        try await auth.storeSession(tokens)
        return auth
    }

    /// Which of a session's tokens the server still takes: to refresh it, and to say who the user is.
    func stillTaken(_ tokens: Tokens) async throws -> [String] {
        let refreshes = try await isTaken {
            try await initiateAuth("REFRESH_TOKEN_AUTH", ["REFRESH_TOKEN": .string(tokens.refreshToken.reveal())])
        }
        let tells = try await isTaken {
            try await ask("GetUser", ["AccessToken": .string(tokens.accessToken.reveal())])
        }
        return (refreshes ? ["refresh"] : []) + (tells ? ["access"] : [])
    }

    private func isTaken(_ call: () async throws -> JSON) async throws -> Bool {
        do {
            _ = try await call()
            return true
        } catch let refused as Refused {
            #expect(refused.answer["__type"] == "NotAuthorizedException")
            return false
        }
    }

    private func initiateAuth(_ flow: JSON, _ parameters: JSON) async throws -> JSON {
        try await ask("InitiateAuth", ["ClientId": .string(clientID), "AuthFlow": flow, "AuthParameters": parameters])
    }

    private func ask(_ operation: String, _ body: JSON) async throws -> JSON {
        try await Self.ask(url, operation, body)
    }

    /// As an administrator. ministack looks at who signs, and not at the signature.
    private static func order(_ url: URL, _ operation: String, _ body: JSON) async throws -> JSON {
        let signed = "AWS4-HMAC-SHA256 Credential=test/20261121/eu-central-1/cognito-idp/aws4_request, "
            + "SignedHeaders=host, Signature=0"
        return try await ask(url, operation, body, [HTTPHeader(name: "authorization", value: signed)])
    }

    private static func ask(
        _ url: URL, _ operation: String, _ body: JSON, _ headers: [HTTPHeader] = []
    ) async throws -> JSON {
        let answer = try await URLSessionTransport().send(HTTPRequest(
            method: "POST",
            url: url,
            headers: headers + [
                HTTPHeader(name: "x-amz-target", value: "AWSCognitoIdentityProviderService.\(operation)"),
                HTTPHeader(name: "content-type", value: "application/x-amz-json-1.1"),
            ],
            body: JSONEncoder().encode(body)
        ))
        let json = answer.body.isEmpty ? JSON.null : try JSONDecoder().decode(JSON.self, from: answer.body)
        guard answer.status == 200 else { throw Refused(answer: json) }
        return json
    }
}
