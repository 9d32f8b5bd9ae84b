import CognitoSignOut

/// The quick start of README.md, word for word: `tests/readme.rs` compares them.
func quickStart() async throws {
    let auth = try Auth(
        configuration: AuthConfiguration(amplifyResource: "amplify_outputs"),
        browser: WebAuthenticationBrowser(callbackScheme: "myapp")
    )
    // When a scene becomes active, until it succeeds once: finishes what earlier sign-outs left.
    let resumed = try await auth.resume()
    for outcome in resumed.settled where !outcome.kept { print(outcome.result) } // not tried again by itself
    if resumed.webStep != nil { print("still signed in: a sign-out waits for the browser") }
    switch await auth.signOut(options: .init(globalSignOut: true)) {
    case .complete: print("signed out")
    case let .partial(revoke, global, browser): print("signed out here, but:", revoke as Any, global as Any, browser as Any)
    case let .failed(error): print("still signed in:", error.message)
    }
}
