import CognitoSignOut

/// The quick start of README.md and docs/ios.md, word for word: `tests/readme.rs` compares them.
func quickStart(tokens: Tokens, request: (Tokens) async throws -> Void) async throws {
    let configuration = try AuthConfiguration(amplifyResource: "amplify_outputs")
    let auth = try Auth(configuration: configuration, browser: WebAuthenticationBrowser(callback: .scheme("myapp")))
    // When a scene becomes active, until it succeeds once: finishes earlier sign-outs. Prints what it does not try again.
    let resumed = try await auth.resume()
    for earlier in resumed.settled where earlier.result != .complete && !earlier.isKept { print(earlier.result) }
    if resumed.webStep != nil { print("still signed in: a sign-out waits for the browser") }
    try await auth.storeSession(tokens, signedInWith: .hostedUI) // after your sign-in; or .api, .hostedUIPrivate
    try await request(auth.tokens()) // before each request of yours; keep no copy of the tokens
    switch await auth.signOut(options: .init(globalSignOut: true)) { // on all devices
    case .complete: print("signed out")
    case let .partial(revoke, global, browser): print("signed out here, but:", revoke as Any, global as Any, browser as Any)
    case let .failed(error): print("still signed in:", error.message)
    }
}
