// An app whose memory another process searches: `examples/memory_of_app`. It says each of its stages, and waits there. It wipes what it
// reads. With this library it wipes its strings too, as no real app does: what is left comes from Foundation or from this library.
#if os(Linux)
import CognitoSignOut
import Foundation
import FoundationNetworking

let (server, does) = (environment("MEMORY_TEST_SERVER"), environment("MEMORY_TEST_APP"))

func environment(_ name: String) -> String {
    ProcessInfo.processInfo.environment[name] ?? ""
}

func stage(_ name: String) {
    print(name)
    fflush(nil)
    var byte: UInt8 = 0
    precondition(read(0, &byte, 1) == 1)
}

/// The access token, the ID token and the refresh token.
func tokens() -> [String] {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 16 * 1024) { block in
        var length = 0
        while length < block.count {
            length += read(0, block.baseAddress! + length, block.count - length)
        }
        defer { explicit_bzero(block.baseAddress!, block.count) }
        return block.split(separator: UInt8(ascii: "\n")).prefix(3).map { String(decoding: $0, as: UTF8.self) }
    }
}

/// The request that the library sends in a local sign-out, by the app itself.
func revoke(_ token: String) async throws {
    var request = URLRequest(url: URL(string: server)!)
    request.httpMethod = "POST"
    request.addValue("application/x-amz-json-1.1", forHTTPHeaderField: "content-type")
    request.addValue("AWSCognitoIdentityProviderService.RevokeToken", forHTTPHeaderField: "x-amz-target")
    request.httpBody = Data(#"{"Token":"\#(token)","ClientId":"1example2client3of4fake5co"}"#.utf8)
    let session = URLSession(configuration: .ephemeral)
    let (_, response) = try await session.data(for: request)
    precondition((response as? HTTPURLResponse)?.statusCode == 200)
    session.invalidateAndCancel()
}

/// What the app itself has, where it has it: all copies of a string share one memory.
func wipe(_ strings: [String]) {
    for var string in strings {
        string.withUTF8 { wipe(UnsafeRawBufferPointer($0)) }
    }
}

func wipe(_ bytes: UnsafeRawBufferPointer) {
    explicit_bzero(UnsafeMutableRawPointer(mutating: bytes.baseAddress!), bytes.count)
}

/// Sends nothing, and responds as Cognito does.
struct NoNetwork: HTTPTransport {
    let newTokens: Data

    func send(_ request: HTTPRequest) async throws -> HTTPResponse {
        let refreshes = request.headers.contains { $0.value.hasSuffix("GetTokensFromRefreshToken") }
        return HTTPResponse(
            status: 200,
            headers: [HTTPHeader(name: "content-type", value: "application/x-amz-json-1.1")],
            body: refreshes ? newTokens : Data("{}".utf8)
        )
    }
}

/// Cognito's response to a refresh. These tokens stand for new ones.
func response(with tokens: [String]) -> Data {
    var body = Data(capacity: 16 * 1024)
    body.append(contentsOf: #"{"AuthenticationResult":{"ExpiresIn":3600"#.utf8)
    for (name, token) in zip(["AccessToken", "IdToken", "RefreshToken"], tokens) {
        body.append(contentsOf: #","\#(name)":""#.utf8)
        body.append(contentsOf: token.utf8)
        body.append(contentsOf: #"""#.utf8)
    }
    body.append(contentsOf: "}}".utf8)
    return body
}

/// Keeps the record in memory, and wipes it.
final class AppVault: SessionVault, @unchecked Sendable {
    private var record: Data?

    func read(_: VaultKey) -> Data? { record }

    func write(_ record: Data, for key: VaultKey) {
        delete(key)
        self.record = record
    }

    func delete(_: VaultKey) {
        record?.withUnsafeBytes(wipe)
        record = nil
    }
}

func signInAndOut() async throws {
    var options = AuthConfiguration.Options()
    options.endpoint = URL(string: server)
    options.rotatesRefreshTokens = does == "refreshes"
    let configuration = try AuthConfiguration(
        userPoolID: "eu-central-1_FakeCog01", clientID: "1example2client3of4fake5co", options: options
    )
    let tokens = tokens()
    let newTokens = does == "refreshes" ? response(with: tokens) : Data()
    let auth = try Auth(
        configuration: configuration,
        transport: does == "signs out" ? URLSessionTransport() : NoNetwork(newTokens: newTokens),
        storage: does == "has a vault" ? .custom(AppVault()) : .memory
    )
    try await auth.storeSession(Tokens(accessToken: tokens[0], idToken: tokens[1], refreshToken: tokens[2]))
    wipe(tokens)
    switch does {
    case "reads a token": wipe([try await auth.tokens().refreshToken.reveal()])
    case "refreshes":
        _ = try await auth.refresh()
        newTokens.withUnsafeBytes(wipe)
    default: break
    }
    stage("signed in")
    guard case .complete = await auth.signOut() else { fatalError("not complete") }
}

func haveTokens() async throws {
    let tokens = tokens()
    withExtendedLifetime(tokens) { stage("signed in") }
    if does == "sends a request" {
        try await revoke(tokens[2])
    }
}

switch does {
case "has strings", "sends a request": try await haveTokens()
default: try await signInAndOut()
}
// The threads of URLSession end.
try await Task.sleep(nanoseconds: 300_000_000)
stage("signed out")
#endif
