import CognitoSignOut
import Foundation
import Testing

extension Everything {
    /// A report as JSON has the fields of docs/results.md, which `tests/readme.rs` compares with the Rust library's.
    @Suite struct ReportJSONTests {
        @Test func aReportHasTheFieldsOfTheGuide() async throws {
            let fake = try await FakeCognito()
            let step = AppStep("forget_device", .whileTokenLives) { _ in }
            let auth = try Auth(configuration: fake.configuration(), storage: .memory, signOutSteps: [step])
            try await auth.storeSession(fake.signIn("ana"))
            let report = await auth.signOutWithReport(options: .init(globalSignOut: true)).report
            let real = try json(report)

            let scenarios = URL(fileURLWithPath: try environment("SHARED_SCENARIOS"))
            let guide = scenarios.deletingLastPathComponent().deletingLastPathComponent().appendingPathComponent("docs/results.md")
            let text = try String(contentsOf: guide, encoding: .utf8)
            let parts = text.components(separatedBy: "```json\n")
            let block = parts[1].components(separatedBy: "```")[0]
            let shown = try JSONDecoder().decode(JSON.self, from: Data(block.utf8))
            #expect(real["steps"] == shown["steps"])
            #expect(shape(real) == shape(shown))
            // To the second, in UTC.
            let validUntil = try #require(real["residual"]?.list?.first?["valid_until"]?.string)
            #expect(ISO8601DateFormatter().date(from: validUntil) == report.residual.first?.validUntil)
        }

        @Test func theSessionsInTheBrowserAndEachValueThatCanBeMissingHaveTheirWords() throws {
            let report = SignOutReport(
                steps: .init(web: .requested, app: [.init(name: "cache", phase: nil, status: .owed)]),
                residual: [.init(token: .refresh, validUntil: nil)],
                browserSessions: [
                    .init(holder: .hostedUI, state: .endRequested), .init(holder: .identityProvider("Okta"), state: .mayPersist),
                ],
                logoutURL: URL(string: "https://auth.example.com/logout?a=b"),
                nextSignIn: .selectAccount,
                appReason: "shift_end",
                elapsed: 1.2345
            )
            let found = try json(report)
            #expect(found["steps"]?["web"] == "requested" && found["steps"]?["app"] == ["cache": "owed"])
            #expect(found["residual"] == .array([.object(["token": "refresh", "valid_until": .null])]))
            #expect(found["browser_sessions"] == .array([
                ["holder": "hosted_ui", "state": "end_requested"],
                ["holder": "identity_provider", "provider": "Okta", "state": "may_persist"],
            ]))
            #expect(found["logout_url"] == "https://auth.example.com/logout?a=b")
            #expect(found["next_sign_in"] == "select_account" && found["app_reason"] == "shift_end")
            #expect(found["elapsed_ms"] == 1235)
        }

        private func json(_ report: SignOutReport) throws -> JSON {
            try JSONDecoder().decode(JSON.self, from: JSONEncoder().encode(report))
        }

        /// The names, and the kinds of their values.
        private func shape(_ json: JSON) -> JSON {
            switch json {
            case let .object(fields): .object(fields.mapValues(shape))
            case let .array(values): .array(values.map(shape))
            case .string: "string"
            case .number: "number"
            case .bool: "boolean"
            case .null: .null
            }
        }
    }
}
