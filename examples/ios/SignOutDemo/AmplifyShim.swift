import AuthenticationServices
import CognitoSignOut

/// Amplify's names. With this file in place of `import Amplify` and `import AWSCognitoAuthPlugin`, code that calls Amplify's sign-out
/// compiles as it is. docs/moving/swift.md has this code: `tests/readme.rs` compares them.
enum Amplify {
    /// Set it once, when the app starts: `Amplify.Auth = AmplifyAuth(auth: auth)`.
    nonisolated(unsafe) static var Auth: AmplifyAuth!
    typealias Publisher = AuthPublisher
}

struct AmplifyAuth: Sendable {
    let auth: CognitoSignOut.Auth

    func signOut(options: AuthSignOutRequest.Options = .init()) async -> any AuthSignOutResult {
        let chosen = SignOutOptions(globalSignOut: options.globalSignOut)
        guard let window = options.presentationAnchor else { return await auth.signOut(options: chosen) }
        return await auth.signOut(options: chosen, presentingOver: window)
    }
}

enum AuthSignOutRequest {
    struct Options: Sendable {
        var globalSignOut = false
        var presentationAnchor: ASPresentationAnchor?
    }
}

protocol AuthSignOutResult: Sendable {}
extension SignOutResult: AuthSignOutResult {}
typealias AWSCognitoSignOutResult = SignOutResult
typealias AWSCognitoRevokeTokenError = RevokeTokenError
typealias AWSCognitoGlobalSignOutError = GlobalSignOutError
typealias AWSCognitoHostedUIError = HostedUIError
