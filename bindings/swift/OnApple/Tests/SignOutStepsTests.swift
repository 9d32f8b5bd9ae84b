import Apollo
import CognitoSignOut
@testable import SignOutDemo
import FirebaseAnalytics
import Foundation
import FoundationNetworking
import Testing
import WebKit
import WidgetKit

/// The recipes of docs/app-steps.md.
extension Everything {
    @MainActor @Suite struct SignOutStepsTests {
        @Test func thePushTokenIsForgottenWithATokenThatStillWorks() async throws {
            let fake = try await FakeCognito()
            let tokens = try await fake.signIn("ana")
            let steps = [SignOutSteps.pushToken({ "abc" }, at: AppServer.url, over: AppServer.session)]
            let auth = try Auth(configuration: fake.configuration(), storage: .memory, signOutSteps: steps)
            for (status, result) in [(503, "partial"), (204, "complete"), (404, "complete")] {
                AppServer.reset(answers: status)
                try await auth.storeSession(tokens)
                let outcome = await auth.signOutWithReport()
                #expect(name(outcome.result) == result)
                #expect(AppServer.requests.now.first == "DELETE /push-tokens/abc Bearer \(tokens.accessToken.reveal())")
                guard status == 503 else { continue }
                let failed = outcome.appStepErrors.map(\.errorDescription)
                #expect(failed == ["Refused: the server answered with the status 503"])
                AppServer.reset(answers: 204)
                #expect(await auth.retry(outcome).result == .complete)
            }
        }

        @Test func whatTheAppKeepsIsRemoved() async throws {
            let fake = try await FakeCognito()
            let (group, graphQL) = ("group.cognito-signout.test", ApolloClient(["hero": "Ana's"]))
            let shown = try #require(UserDefaults(suiteName: group))
            let cookies = HTTPCookieStorage.shared
            let steps = [
                SignOutSteps.webViewData(), SignOutSteps.urlCache(), SignOutSteps.widgets(appGroup: group),
                SignOutSteps.analytics(), SignOutSteps.graphQLCache(of: graphQL),
            ]
            let auth = try Auth(configuration: fake.configuration(), storage: .memory, signOutSteps: steps)
            try await auth.storeSession(fake.signIn("ana"))
            guard case let .signedIn(session) = await auth.session() else { throw Thrown() }
            WKWebsiteDataStore.default().stored = ["WKWebsiteDataTypeCookies", "WKWebsiteDataTypeLocalStorage"]
            shown.set(session.sub, forKey: "owner")
            shown.set("Ana", forKey: "name")
            let cookie = HTTPCookie(properties: [.name: "sid", .value: "1", .domain: "api.example.com", .path: "/"])
            cookies.setCookie(try #require(cookie))
            Analytics.calls = []
            let reloads = WidgetCenter.shared.reloads

            #expect(await auth.signOut() == .complete)
            #expect(WKWebsiteDataStore.default().stored.isEmpty)
            #expect(cookies.cookies?.isEmpty != false)
            #expect(shown.string(forKey: "owner") == nil && shown.string(forKey: "name") == nil)
            #expect(WidgetCenter.shared.reloads == reloads + 1)
            #expect(Analytics.calls == ["setUserID nil", "resetAnalyticsData"])
            #expect(graphQL.cached.isEmpty)
        }

        @Test func whatTheNextUserHasShownInWidgetsStays() async throws {
            let fake = try await FakeCognito()
            let group = "group.cognito-signout.test"
            let shown = try #require(UserDefaults(suiteName: group))
            let auth = try Auth(
                configuration: fake.configuration(), storage: .memory, signOutSteps: [SignOutSteps.widgets(appGroup: group)]
            )
            try await auth.storeSession(fake.signIn("ana"))
            shown.set("another user", forKey: "owner")
            #expect(await auth.signOut() == .complete)
            #expect(shown.string(forKey: "owner") == "another user")
            shown.removeObject(forKey: "owner")
        }
    }
}

/// The app's own server, in the app's process.
private final class AppServer: URLProtocol {
    static let url = URL(string: "https://api.example.com")!
    static let requests = Shared<[String]>([])
    private static let status = Shared(204)

    static var session: URLSession {
        let configuration = URLSessionConfiguration.ephemeral
        configuration.protocolClasses = [AppServer.self]
        return URLSession(configuration: configuration)
    }

    static func reset(answers status: Int) {
        self.status.with { $0 = status }
        requests.with { $0 = [] }
    }

    override class func canInit(with _: URLRequest) -> Bool { true }
    override class func canonicalRequest(for request: URLRequest) -> URLRequest { request }
    override func stopLoading() {}

    override func startLoading() {
        let authorization = request.value(forHTTPHeaderField: "Authorization") ?? "nobody"
        Self.requests.with { $0.append("\(request.httpMethod ?? "") \(request.url?.path ?? "") \(authorization)") }
        let response = HTTPURLResponse(url: Self.url, statusCode: Self.status.now, httpVersion: nil, headerFields: nil)!
        client?.urlProtocol(self, didReceive: response, cacheStoragePolicy: .notAllowed)
        client?.urlProtocolDidFinishLoading(self)
    }
}
