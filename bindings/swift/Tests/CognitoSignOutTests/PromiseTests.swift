import CognitoSignOut
import Foundation
import Testing

/// What the binding promises beyond the shared scenarios. One after the other: one of them counts what is alive.
@Suite(.serialized) struct PromiseTests {
    @Test func urlSessionStopsReadingAnAnswerThatDoesNotEnd() async throws {
        let fake = try await FakeCognito()
        try await fake.order(["do": "fault", "operation": "RevokeToken", "fault": "EndlessBody"])
        let url = fake.url
        let request = HTTPRequestForTest.revoke(at: url)
        let started = Date()
        await #expect(throws: TransportError.self) { try await URLSessionTransport().send(request) }
        print("took", Date().timeIntervalSince(started))
    }
}
