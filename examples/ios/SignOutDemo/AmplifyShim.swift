import CognitoSignOut

/// Amplify's names. With this file in place of `import Amplify`, calls of Amplify's sign-out compile as they are.
/// docs/moving-from-amplify.md has this code: `tests/readme.rs` compares them.
enum Amplify {
    // `amplify_outputs.json` is a part of the app: if it is wrong, that shows at the first call, on the developer's desk.
    static let Auth = try! CognitoSignOut.Auth(
        configuration: AuthConfiguration(amplifyResource: "amplify_outputs"),
        browser: WebAuthenticationBrowser(callbackScheme: "myapp")
    )
}

enum AuthSignOutRequest { typealias Options = SignOutOptions }
typealias AWSCognitoSignOutResult = SignOutResult
typealias AWSCognitoRevokeTokenError = RevokeTokenError
typealias AWSCognitoGlobalSignOutError = GlobalSignOutError
typealias AWSCognitoHostedUIError = HostedUIError

/// Code that was written for Amplify. `result as? AWSCognitoSignOutResult` compiles too, with a warning.
func signOutAsWithAmplify() async -> String {
    let result: AWSCognitoSignOutResult = await Amplify.Auth.signOut(options: .init(globalSignOut: true))
    switch result {
    case .complete:
        return "Signed out successfully"
    case let .partial(revokeTokenError, globalSignOutError, hostedUIError):
        let errors: [(any Error)?] = [revokeTokenError, globalSignOutError, hostedUIError]
        return "Signed out here, but: \(errors.compactMap { $0?.localizedDescription })"
    case let .failed(error):
        return "Still signed in: \(error.localizedDescription)"
    }
}
