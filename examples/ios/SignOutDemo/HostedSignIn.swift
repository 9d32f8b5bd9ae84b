import CognitoSignOut
import CryptoKit
import Foundation

/// Signs a user in at the hosted pages, by the authorization code with PKCE, and gives the session to the library.
/// docs/beside-your-sign-in.md has this code: `tests/readme.rs` compares them.
struct HostedSignIn: Sendable {
    /// The user pool's domain, as `https://auth.example.com`.
    let origin: URL
    let clientID: String
    /// One of the app client's callback URLs, as `myapp://signed-in`.
    let callback: String
    let auth: Auth

    struct Refused: Error {}

    /// `browser` is an `ASWebAuthenticationSession`. `prompt` is what the last sign-out's report said: `outcome.report.nextSignIn`.
    @MainActor func signIn(in browser: WebAuthenticationBrowser, prompt: SignOutReport.Prompt? = nil) async throws {
        let (state, verifier) = (random(), random())
        var query = [
            "client_id": clientID, "redirect_uri": callback, "response_type": "code",
            // With the second scope, the access token can sign the user out everywhere.
            "scope": "openid aws.cognito.signin.user.admin", "state": state,
            "code_challenge": base64URL(Data(SHA256.hash(data: Data(verifier.utf8)))), "code_challenge_method": "S256",
        ]
        query["prompt"] = prompt?.rawValue
        let page = URL(string: "oauth2/authorize?" + encoded(query), relativeTo: origin)!
        let end = try await browser.open(page.absoluteURL, redirect: callback)
        let answer = URLComponents(url: end, resolvingAgainstBaseURL: false)?.queryItems ?? []
        func value(_ name: String) -> String? { answer.first { $0.name == name }?.value }
        guard value("state") == state, let code = value("code") else { throw Refused() }
        try await auth.storeSession(tokens(for: code, verifier), signedInWith: .hostedUI)
    }

    private func tokens(for code: String, _ verifier: String) async throws -> Tokens {
        struct Answer: Decodable { let accessToken, idToken, refreshToken: String }
        let form = [
            "grant_type": "authorization_code", "client_id": clientID, "redirect_uri": callback,
            "code": code, "code_verifier": verifier,
        ]
        // The library's own: it caches nothing and follows no redirect.
        let answer = try await URLSessionTransport().send(HTTPRequest(
            method: "POST",
            url: URL(string: "oauth2/token", relativeTo: origin)!.absoluteURL,
            headers: [HTTPHeader(name: "content-type", value: "application/x-www-form-urlencoded")],
            body: Data(encoded(form).utf8)
        ))
        guard answer.status == 200 else { throw Refused() }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        let tokens = try decoder.decode(Answer.self, from: answer.body)
        return Tokens(accessToken: tokens.accessToken, idToken: tokens.idToken, refreshToken: tokens.refreshToken)
    }

    private func encoded(_ fields: [String: String]) -> String {
        var components = URLComponents()
        components.queryItems = fields.map { URLQueryItem(name: $0.key, value: $0.value) }
        return components.percentEncodedQuery!.replacingOccurrences(of: "+", with: "%2B")
    }

    private func random() -> String {
        base64URL(Data((0 ..< 32).map { _ in UInt8.random(in: .min ... .max) }))
    }

    private func base64URL(_ data: Data) -> String {
        data.base64EncodedString().replacingOccurrences(of: "+", with: "-").replacingOccurrences(of: "/", with: "_")
            .replacingOccurrences(of: "=", with: "")
    }
}

/// How an app calls it.
@MainActor
func signInAtTheHostedPages(origin: URL, clientID: String, auth: Auth) async throws {
    let signIn = HostedSignIn(origin: origin, clientID: clientID, callback: "myapp://signed-in", auth: auth)
    try await signIn.signIn(in: WebAuthenticationBrowser(callback: .scheme("myapp")))
}
