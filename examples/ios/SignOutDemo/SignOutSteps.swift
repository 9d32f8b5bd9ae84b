import CognitoSignOut
import Foundation
import WebKit
import WidgetKit
#if canImport(FoundationNetworking)
import FoundationNetworking // On a system without Apple's Foundation.
#endif
#if canImport(Apollo)
@preconcurrency import Apollo
#endif
#if canImport(FirebaseAnalytics)
import FirebaseAnalytics
#endif

/// Steps of the app's own, for `Auth(…, signOutSteps:)`: the recipes of docs/app-steps.md. Each can run twice.
enum SignOutSteps {
    /// The app's server removes this device from the user's devices, so that it gets no more of their notifications.
    static func pushToken(
        _ token: @escaping @Sendable () -> String?, at server: URL, over urls: URLSession = .shared
    ) -> AppStep {
        AppStep("forget_push_token", .whileTokenLives, timeLimit: 2) { session in
            guard let accessToken = session.accessToken, let token = token() else { return }
            var request = URLRequest(url: server.appendingPathComponent("push-tokens").appendingPathComponent(token))
            request.httpMethod = "DELETE"
            request.setValue("Bearer \(accessToken.reveal())", forHTTPHeaderField: "Authorization")
            let status = try await (urls.data(for: request).1 as? HTTPURLResponse)?.statusCode
            // 404: an earlier attempt has removed it.
            guard status == 204 || status == 404 else { throw Refused(status: status ?? 0) }
        }
    }

    struct Refused: LocalizedError {
        let status: Int
        var errorDescription: String? { "the server answered with the status \(status)" }
    }

    /// Cookies and storage of the pages in web views. A user who has signed in since is signed out of these pages too.
    static func webViewData() -> AppStep {
        AppStep("web_view_data", .afterSignOut) { @MainActor _ in
            let everything = WKWebsiteDataStore.allWebsiteDataTypes()
            await WKWebsiteDataStore.default().removeData(ofTypes: everything, modifiedSince: .distantPast)
        }
    }

    /// Responses of the app's API, and its cookies. Name the app's own `URLCache` here if its `URLSession` has one.
    static func urlCache(_ cache: URLCache = .shared, _ cookies: HTTPCookieStorage = .shared) -> AppStep {
        AppStep("url_cache", .afterSignOut) { session in
            cache.removeAllCachedResponses()
            // Cookies can be those of a user who has signed in since. Their sign-in has replaced the others.
            if !session.signedInSince { cookies.removeCookies(since: .distantPast) }
        }
    }

    /// What the app shows in its widgets, if it is of the user who has left.
    static func widgets(appGroup: String) -> AppStep {
        AppStep("widgets", .afterSignOut) { session in
            let shown = UserDefaults(suiteName: appGroup)
            guard let owner = shown?.string(forKey: "owner"), owner == session.sub else { return }
            for key in ["owner", "name", "balance"] { shown?.removeObject(forKey: key) }
            WidgetCenter.shared.reloadAllTimelines()
        }
    }

    #if canImport(FirebaseAnalytics)
    /// The next events belong to nobody. The sign-in of another user has set that user's id already.
    static func analytics() -> AppStep {
        AppStep("analytics", .afterSignOut) { session in
            guard !session.signedInSince else { return }
            Analytics.setUserID(nil)
            Analytics.resetAnalyticsData()
        }
    }
    #endif

    #if canImport(Apollo)
    /// The results of GraphQL queries. What a user who has signed in since has queried is fetched again.
    static func graphQLCache(of client: ApolloClient) -> AppStep {
        AppStep("graphql_cache", .afterSignOut) { _ in
            try await withCheckedThrowingContinuation { cleared in
                client.clearCache(callbackQueue: .global()) { cleared.resume(with: $0) }
            }
        }
    }
    #endif
}
