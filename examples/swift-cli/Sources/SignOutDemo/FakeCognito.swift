import CognitoSignOut
import Foundation

/// The fake user pool, `cargo run --example fake_cognito`: a program that takes orders as lines of JSON.
struct FakeCognito {
    let url: URL
    let userPoolID: String
    let clientID: String
    private let input = Pipe()
    private let output = Pipe()

    init() throws {
        let process = Process()
        let program = ProcessInfo.processInfo.environment["FAKE_COGNITO"] ?? "../../target/debug/examples/fake_cognito"
        process.executableURL = URL(fileURLWithPath: program)
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let hello = try Self.answer(output)
        url = URL(string: hello["url"] as? String ?? "")!
        userPoolID = hello["user_pool_id"] as? String ?? ""
        clientID = hello["client_id"] as? String ?? ""
    }

    @discardableResult
    func order(_ order: [String: Any]) throws -> [String: Any] {
        try input.fileHandleForWriting.write(contentsOf: JSONSerialization.data(withJSONObject: order) + Data("\n".utf8))
        return try Self.answer(output)
    }

    func signIn(_ user: String) throws -> Tokens {
        let tokens = try order(["do": "sign_in", "user": user])
        return Tokens(
            accessToken: tokens["access_token"] as? String ?? "",
            idToken: tokens["id_token"] as? String ?? "",
            refreshToken: tokens["refresh_token"] as? String ?? ""
        )
    }

    /// The program answers each order with one line.
    private static func answer(_ output: Pipe) throws -> [String: Any] {
        var line = Data()
        while line.last != UInt8(ascii: "\n") {
            let more = output.fileHandleForReading.availableData
            if more.isEmpty { throw CocoaError(.fileReadUnknown) }
            line += more
        }
        return try JSONSerialization.jsonObject(with: line) as? [String: Any] ?? [:]
    }
}
