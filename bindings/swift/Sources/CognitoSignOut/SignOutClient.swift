/// What a view model asks of an ``Auth``, which conforms to it. Let a view model take `any SignOutClient`: its test and its preview then
/// pass a `FakeSignOutClient` of the module `CognitoSignOutTesting`, and need no server and no keychain.
///
/// For calls that are not here, declare a protocol of your own with the same declarations: `extension Auth: MyClient {}`. Later versions
/// may add requirements, so do not conform to this one in an app.
public protocol SignOutClient: Sendable {
    /// ``Auth/events``
    var events: AsyncStream<AuthEvent> { get }
    /// ``Auth/sessionStates``
    var sessionStates: AsyncStream<SessionState> { get }
    /// ``Auth/session()``
    func session() async -> SessionState
    /// ``Auth/storeSession(_:signedInWith:)``
    func storeSession(_ tokens: Tokens, signedInWith: SignedInWith) async throws(AuthError)
    /// ``Auth/tokens()``
    func tokens() async throws(AuthError) -> Tokens
    /// ``Auth/verify()``
    func verify() async -> Verification
    /// ``Auth/resume()``
    func resume() async throws(AuthError) -> ResumedSignOut
    /// ``Auth/signOut(options:)``
    func signOut(options: SignOutOptions) async -> SignOutResult
    /// ``Auth/signOutWithReport(options:)``
    func signOutWithReport(options: SignOutOptions) async -> SignOutOutcome
    /// ``Auth/retry(_:)``
    func retry(_ outcome: SignOutOutcome) async -> SignOutOutcome
    /// ``Auth/sessions()``
    func sessions() async throws(AuthError) -> [UserSession]
    /// ``Auth/endSession(_:linked:)``
    func endSession(_ id: String, linked: Bool) async throws(AuthError)
    /// ``Auth/signOutOthers()``
    func signOutOthers() async -> SignOutOthersResult
    /// ``Auth/retryOthers(_:)``
    func retryOthers(_ partial: PartialSignOutOthers) async -> SignOutOthersResult
}

extension Auth: SignOutClient {}

/// The defaults of ``Auth``'s calls.
extension SignOutClient {
    /// Stores the session of a user who has signed in through Cognito's API.
    public func storeSession(_ tokens: Tokens) async throws(AuthError) { try await storeSession(tokens, signedInWith: .api) }

    /// Signs out of this device only.
    public func signOut() async -> SignOutResult { await signOut(options: .init()) }

    /// Signs out of this device only, with the outcome of each step.
    public func signOutWithReport() async -> SignOutOutcome { await signOutWithReport(options: .init()) }

    /// Ends this session alone.
    public func endSession(_ id: String) async throws(AuthError) { try await endSession(id, linked: false) }
}
