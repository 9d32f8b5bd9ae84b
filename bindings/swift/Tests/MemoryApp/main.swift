// An app whose memory another process searches: `examples/memory_of_app`. It says each of its stages, and waits there. It wipes what it
// reads, so what it leaves of the tokens comes from its strings, from Foundation, or from this library.
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

/// Sends nothing, and responds as Cognito does.
struct NoNetwork: HTTPTransport {
    func send(_: HTTPRequest) async throws -> HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [HTTPHeader(name: "content-type", value: "application/x-amz-json-1.1")],
            body: Data("{}".utf8)
        )
    }
}

func signInAndOut() async throws {
    var options = AuthConfiguration.Options()
    options.endpoint = URL(string: server)
    let configuration = try AuthConfiguration(
        userPoolID: "eu-central-1_FakeCog01", clientID: "1example2client3of4fake5co", options: options
    )
    let transport: any HTTPTransport = does == "signs out" ? URLSessionTransport() : NoNetwork()
    let auth = try Auth(configuration: configuration, transport: transport, storage: .memory)
    try await store(auth)
    stage("signed in")
    guard case .complete = await auth.signOut() else { fatalError("not complete") }
}

/// The strings live no longer than this.
func store(_ auth: Auth) async throws {
    let tokens = tokens()
    try await auth.storeSession(Tokens(accessToken: tokens[0], idToken: tokens[1], refreshToken: tokens[2]))
}

func haveTokens() async throws {
    let tokens = tokens()
    withExtendedLifetime(tokens) { stage("signed in") }
    if does == "sends a request" {
        try await revoke(tokens[2])
    }
}

if does.hasPrefix("signs out") {
    try await signInAndOut()
} else {
    try await haveTokens()
}
// The threads of URLSession end.
try await Task.sleep(nanoseconds: 300_000_000)
stage("signed out")
#endif
