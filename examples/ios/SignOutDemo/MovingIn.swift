import CognitoSignOut

/// Adopts the session that Amplify or AWSMobileClient has stored. To call at launch, until it succeeds once.
/// docs/moving/swift.md has this code: `tests/readme.rs` compares them.
func moveIn(auth: Auth, configuration: AuthConfiguration) async throws {
    if await auth.session() == .signedOut {
        // Nobody: there is nothing to move.
        guard let found = try AmplifySession.find(configuration: configuration) else { return }
        switch await auth.adopt(found.session) {
        case let .refused(error): throw error
        case .alreadySignedOut: return try await found.forgetSource()
        case .adopted, .alreadySignedIn: break
        }
    }
    // Not before: until a refresh has shown that the session lives here, Amplify has the only one that does.
    _ = try await auth.refresh() // offline: the next launch goes on here
    try await AmplifySession.forgetSource(configuration: configuration)
}
