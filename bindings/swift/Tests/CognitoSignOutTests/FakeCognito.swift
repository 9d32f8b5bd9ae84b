import CognitoSignOut
import Foundation

/// A user pool in its own process: `cargo run --example fake_cognito`, which takes orders as lines of JSON.
final class FakeCognito: Sendable {
    let url: URL
    let userPoolID: String
    let clientID: String
    private let process: Process
    private let input: FileHandle
    private let output: Lines
    private let queue = DispatchQueue(label: "fake-cognito")

    struct Refused: Error { let answer: JSON }

    init(_ options: [String] = []) async throws {
        let process = Process()
        let (input, output) = (Pipe(), Pipe())
        process.executableURL = URL(fileURLWithPath: try environment("FAKE_COGNITO"))
        process.arguments = options
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        self.process = process
        self.input = input.fileHandleForWriting
        self.output = Lines(output.fileHandleForReading)
        let hello = try JSONDecoder().decode([String: String].self, from: self.output.next())
        url = URL(string: hello["url"] ?? "")!
        userPoolID = hello["user_pool_id"] ?? ""
        clientID = hello["client_id"] ?? ""
    }

    deinit {
        // The process ends when its standard input is closed.
        try? input.close()
    }

    @discardableResult
    func order(_ order: JSON) async throws -> JSON {
        let answer: JSON = try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                continuation.resume(with: Result {
                    try input.write(contentsOf: JSONEncoder().encode(order) + Data("\n".utf8))
                    return try JSONDecoder().decode(JSON.self, from: output.next())
                })
            }
        }
        if answer["error"] != nil { throw Refused(answer: answer) }
        return answer
    }

    func signIn(
        _ user: String, scope: String? = nil, through provider: String? = nil, inBrowser: Bool = false
    ) async throws -> Tokens {
        var order: [String: JSON] = ["do": "sign_in", "user": .string(user)]
        if inBrowser { order["browser"] = .bool(true) }
        order["scope"] = scope.map(JSON.string)
        order["through"] = provider.map(JSON.string)
        let tokens = try await self.order(.object(order))
        return Tokens(
            accessToken: tokens["access_token"]?.string ?? "",
            idToken: tokens["id_token"]?.string ?? "",
            refreshToken: tokens["refresh_token"]?.string ?? ""
        )
    }

    /// The operations that the server received, in order.
    func operations() async throws -> [String] {
        guard case let .array(requests)? = try await order(["do": "requests"])["requests"] else { return [] }
        return requests.map { $0["operation"]?.string ?? "none" }
    }

    func liveSessions(of user: String) async throws -> Int {
        Int(try await order(["do": "live_sessions", "user": .string(user)])["live"]?.number ?? -1)
    }

    func issuedTokens() async throws -> [String] {
        try await order(["do": "issued_tokens"])["tokens"]?.strings ?? []
    }

    func refuse(_ operation: String, times: Int = 1) async throws {
        try await order([
            "do": "fault", "operation": .string(operation), "fault": "Refuse(InvalidParameter)", "times": .number(Double(times)),
        ])
    }

    func configuration(_ change: (inout AuthConfiguration.Options) -> Void = { _ in }) throws -> AuthConfiguration {
        var options = AuthConfiguration.Options()
        options.endpoint = url
        change(&options)
        return try AuthConfiguration(userPoolID: userPoolID, clientID: clientID, options: options)
    }

    /// An app at this user pool, with its sessions in memory.
    func app() throws -> Auth {
        try Auth(configuration: configuration(), storage: .memory)
    }
}

/// A variable that `cargo xtask swift` sets.
func environment(_ name: String) throws -> String {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }
    guard let value = ProcessInfo.processInfo.environment[name] else {
        throw Missing(description: "\(name) is not set: run the tests by `cargo xtask swift test`")
    }
    return value
}

/// The lines of a pipe. Used by one thread at a time.
private final class Lines: @unchecked Sendable {
    private let file: FileHandle
    private var rest = Data()

    struct Ended: Error {}

    init(_ file: FileHandle) {
        self.file = file
    }

    func next() throws -> Data {
        while true {
            if let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
                let line = rest[..<end]
                rest = Data(rest[(end + 1)...])
                return Data(line)
            }
            let more = file.availableData
            if more.isEmpty { throw Ended() }
            rest.append(more)
        }
    }
}
